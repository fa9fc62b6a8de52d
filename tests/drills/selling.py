"""Buyers who order and pay all the time, beside whatever else happens."""

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from local.api_client import NoResponse, UnexpectedResponse
from tests.drills.shop import Attempt, Shop

BUYERS = 2
PAUSE_SECONDS = 0.5
T = TypeVar("T")


@dataclass
class Selling:
    """What the buyers paid, and how often a call broke off and was made again, as when a function begins anew."""

    shop: Shop
    paid: list[Attempt] = field(default_factory=list)
    repeated: int = 0
    _is_over: threading.Event = field(default_factory=threading.Event)
    _counting: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
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
        # A purchase that is under way at the end ends with its first call that breaks off.
        with contextlib.suppress(NoResponse, UnexpectedResponse):
            while not self._is_over.is_set():
                self._buy_once(uuid.uuid4().hex)

    def _buy_once(self, key: str) -> None:
        order_id = self._done(partial(self.shop.place, key))
        attempt = self._done(partial(self.shop.lock, order_id, key=key))
        self._done(partial(self._pay, attempt))
        with self._counting:
            self.paid.append(attempt)

    def _pay(self, attempt: Attempt) -> None:
        """Pay once: a page that broke off may have taken the money."""
        if self.shop.ledger(attempt)[0] == 0:
            self.shop.pay(attempt)

    def _done(self, call: Callable[[], T]) -> T:
        """The call's result, however often it has to be made. Raises what it raises once the end has come."""
        while True:
            try:
                return call()
            except (NoResponse, UnexpectedResponse):
                if self._is_over.is_set():
                    raise
                with self._counting:
                    self.repeated += 1
                time.sleep(PAUSE_SECONDS)
