"""Gateways whose calls keep a rate: each process takes an equal share of it, and spaces its calls."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, cast

from paylatch.domain.errors import RateLimited
from paylatch.gateways.gateway_http import time_allows
from paylatch.ports import CALLS_OF_A_SWEEP, Gateway, Gateways, ReleasePolicy

Sleep = Callable[[float], None]
Seconds = Callable[[], float]


class Pace:
    """The spacing of one process's calls, which several threads keep together.

    `rate` is in calls a second for `shares` processes. A share of one call a second or more is rounded down to whole
    calls, so that no second holds more than the rate; a smaller one is one call in several seconds.
    """

    def __init__(self, rate: int, shares: int, sleep: Sleep = time.sleep, now: Seconds = time.monotonic) -> None:
        self.spacing = 1 / (rate // shares) if rate >= shares else shares / rate
        self._sleep = sleep
        self._now = now
        self._next = now()
        self._taking = Lock()

    def wait(self, gateway: str) -> None:
        """Wait for the next turn. Raises `RateLimited` at once where it comes too late for this invocation."""
        with self._taking:
            now = self._now()
            turn = max(now, self._next)
            if turn > now and not time_allows(turn - now):
                raise RateLimited(gateway, "not asked: its rate leaves no call to this invocation")
            self._next = turn + self.spacing
        if turn > now:
            self._sleep(turn - now)


class PacedGateways:
    """Implements `Gateways` around the real ones; a gateway without a rate is not paced.

    The rate covers the calls that sweeps and timers make, of which `shares` processes run at the same time.
    """

    def __init__(self, gateways: Gateways, rates: Mapping[str, int], shares: int) -> None:
        self.default = gateways.default
        self._gateways = gateways
        self._paces = {name: Pace(rate, shares) for name, rate in rates.items()}

    def takes_payments(self, name: str) -> bool:
        """The answer of the real gateways."""
        return self._gateways.takes_payments(name)

    def policy(self, name: str) -> ReleasePolicy:
        """The answer of the real gateways."""
        return self._gateways.policy(name)

    def named(self, name: str) -> Gateway:
        """The real gateway, whose calls wait for their turn."""
        gateway = self._gateways.named(name)
        return cast("Gateway", _PacedGateway(name, gateway, self._paces[name])) if name in self._paces else gateway


@dataclass(frozen=True, slots=True)
class _PacedGateway:
    configured_as: str
    gateway: Gateway
    pace: Pace

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.gateway, name)
        return self._paced(attribute) if name in CALLS_OF_A_SWEEP else attribute

    def _paced(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def paced(*subject: Any) -> Any:
            self.pace.wait(self.configured_as)
            return call(*subject)

        return paced
