"""Gateways whose requests keep a rate: each process takes an equal share of it, and spaces its requests."""

import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, cast

from paylatch.domain.errors import CallPostponed
from paylatch.gateways.gateway_http import time_allows, turns_taken_by
from paylatch.ports import CALLS_OF_A_SWEEP, Gateway, Gateways, ReleasePolicy

# Work whose first turn comes later is postponed: waiting for it would hold up the other orders of its batch.
LONGEST_WAIT_SECONDS = 2.0
# More calls are postponed to a time than have turns then: a call comes back to any process, perhaps to a busy one.
TURNS_OF_A_POSTPONED_CALL = 0.6
Sleep = Callable[[float], None]
Seconds = Callable[[], float]
# Whether a call of that gateway, by the call's name, would be refused without a request.
Refuses = Callable[[str, str], bool]


class Pace:
    """The spacing of one process's requests, which several threads keep together.

    `rate` is in requests a second for `shares` processes. A share of one request a second or more is rounded down to
    whole requests, so that no second holds more than the rate; a smaller one is one request in several seconds.
    """

    def __init__(self, rate: int, shares: int, sleep: Sleep = time.sleep, now: Seconds = time.monotonic) -> None:
        self.spacing = 1 / (rate // shares) if rate >= shares else shares / rate
        self._sleep = sleep
        self._now = now
        self._next = now()
        self._promised = now()
        self._begun = self._made = 1
        self._taking = Lock()

    def begin(self, gateway: str) -> None:
        """Wait for the turn of a call's first request.

        Raises `CallPostponed` at once where it comes in more than two seconds, or too late for this invocation. Calls
        are postponed to times that are about as far apart as this process begins calls.
        """
        with self._taking:
            now = self._now()
            turn = max(now, self._next)
            if turn > now and not self._can_wait(turn - now):
                self._promised = self._promise(now, turn)
                raise CallPostponed(gateway, self._promised - now)
            self._begun += 1
            self._take(turn)
        self._wait(turn - now)

    def go_on(self) -> None:
        """Wait for the turn of a further request of a call.

        Where it comes too late for this invocation, the request is made at once, and the next turns come later for it:
        a call that begins again each time would never end.
        """
        with self._taking:
            now = self._now()
            turn = max(now, self._next)
            self._take(turn)
        if time_allows(turn - now):
            self._wait(turn - now)

    def _can_wait(self, seconds: float) -> bool:
        return seconds <= LONGEST_WAIT_SECONDS and time_allows(seconds)

    def _take(self, turn: float) -> None:
        self._next = turn + self.spacing
        self._made += 1

    def _promise(self, now: float, turn: float) -> float:
        """The time for one more postponed call: behind those postponed before it, by what a call's requests take."""
        behind = self._promised + TURNS_OF_A_POSTPONED_CALL * self.spacing * self._made / self._begun
        return turn if self._promised <= now else max(turn, behind)

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._sleep(seconds)


class PacedGateways:
    """Implements `Gateways` around the real ones; a gateway without a rate is not paced.

    The rate covers the requests that sweeps and timers make, of which `shares` processes run at the same time. A call
    that `refuses` names takes no turn.
    """

    def __init__(self, gateways: Gateways, rates: Mapping[str, int], shares: int, refuses: Refuses) -> None:
        self.default = gateways.default
        self._gateways = gateways
        self._paces = {name: Pace(rate, shares) for name, rate in rates.items()}
        self._refuses = refuses

    def takes_payments(self, name: str) -> bool:
        """The answer of the real gateways."""
        return self._gateways.takes_payments(name)

    def policy(self, name: str) -> ReleasePolicy:
        """The answer of the real gateways."""
        return self._gateways.policy(name)

    def named(self, name: str) -> Gateway:
        """The real gateway for one piece of work: its first call may raise `CallPostponed`, before any request."""
        gateway = self._gateways.named(name)
        if name not in self._paces:
            return gateway
        return cast("Gateway", _PacedGateway(name, gateway, self._paces[name], self._refuses))


class _PacedGateway:
    def __init__(self, name: str, gateway: Gateway, pace: Pace, refuses: Refuses) -> None:
        self._configured_as = name
        self._gateway = gateway
        self._pace = pace
        self._refuses = refuses
        self._begun = False
        # A turn that was waited for, and of which no request has been made.
        self._in_hand = False

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._gateway, name)
        return self._paced(attribute, name) if name in CALLS_OF_A_SWEEP else attribute

    def _paced(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def paced(*subject: Any) -> Any:
            if not self._begun and not self._refuses(self._configured_as, name):
                self._pace.begin(self._configured_as)
                self._begun = self._in_hand = True
            with turns_taken_by(self._take_turn):
                return call(*subject)

        return paced

    def _take_turn(self) -> None:
        if self._in_hand:
            self._in_hand = False
        else:
            self._pace.go_on()
