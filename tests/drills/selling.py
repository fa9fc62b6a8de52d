"""Buyers who order and pay all the time, beside whatever else happens."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from local.api_client import NoResponse, UnexpectedResponse
from tests.drills.shop import Attempt, Shop

BUYERS = 2


@dataclass
class Selling:
    """What the buyers paid, and the calls that failed and were given up, as a restarting function makes them."""

    shop: Shop
    paid: list[Attempt] = field(default_factory=list)
    failed: int = 0
    _is_over: threading.Event = field(default_factory=threading.Event)
    _counting: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Within this context, the buyers buy."""
        buyers = [threading.Thread(target=self._buy) for _ in range(BUYERS)]
        for buyer in buyers:
            buyer.start()
        try:
            yield
        finally:
            self._is_over.set()
            for buyer in buyers:
                buyer.join()

    def _buy(self) -> None:
        while not self._is_over.is_set():
            try:
                attempt = self.shop.lock(self.shop.place())
                self.shop.pay(attempt)
            except (NoResponse, UnexpectedResponse):
                with self._counting:
                    self.failed += 1
                time.sleep(0.5)
            else:
                with self._counting:
                    self.paid.append(attempt)
