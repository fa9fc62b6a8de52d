"""A circuit breaker: after repeated failures a gateway gets no more calls for a while."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, cast

from paylatch.domain.errors import Misconfigured, NotAsked, OutcomeUnknown, RateLimited, Refused, Transient
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.ports import CALLS_OF_A_SWEEP, Clock, Gateway, Gateways, ReleasePolicy

MOST_FAILURES = 3
# A gateway's name, and the kind of call where not all kinds count together.
Failing = tuple[str, str]


class Failures:
    """Counts consecutive failures, for several threads.

    With a clock, a full count lets calls pass again once `lasts` has passed since its last failure; one more failure
    fills it again. Counting from zero would have a gateway that stays silent take up the process three times as long.
    """

    def __init__(self, clock: Clock | None = None, lasts: timedelta = timedelta(0)) -> None:
        self._clock = clock
        self._lasts = lasts
        self._counts: Counter[Failing] = Counter()
        self._last: dict[Failing, datetime] = {}
        self._counting = Lock()

    def are_too_many(self, failing: Failing) -> bool:
        """Whether the count is full."""
        with self._counting:
            if self._counts[failing] < MOST_FAILURES:
                return False
            if self._clock is not None and self._clock.now() - self._last[failing] >= self._lasts:
                self._counts[failing] = MOST_FAILURES - 1
                return False
            return True

    def add(self, failing: Failing) -> None:
        """Count one more failure."""
        with self._counting:
            self._counts[failing] += 1
            if self._clock is not None:
                self._last[failing] = self._clock.now()

    def end(self, *failing: Failing) -> None:
        """Reset the count of these."""
        with self._counting:
            for each in failing:
                self._counts.pop(each, None)


def _counts_of(name: str, question: str) -> tuple[Failing, Failing]:
    """The counts of missing answers and of misconfigurations."""
    # Credentials can be valid for one kind of call and not for another.
    return (name, ""), (name, question)


class CircuitBreaker:
    """Implements `Gateways` around the real gateways, for one run or as long as `failures` say.

    It counts consecutive failures by gateway. Missing answers end all calls to a gateway. A secret that cannot be
    read takes as long as a missing answer: `Misconfigured` ends calls of that kind.
    """

    def __init__(self, gateways: Gateways, failures: Failures | None = None) -> None:
        self.default = ""
        self._gateways = gateways
        self.failures = failures or Failures()

    def takes_payments(self, name: str) -> bool:
        """The answer of the real gateways."""
        return self._gateways.takes_payments(name)

    def policy(self, name: str) -> ReleasePolicy:
        """The answer of the real gateways."""
        return self._gateways.policy(name)

    def named(self, name: str) -> Gateway:
        """The real gateway; after too many failures its calls raise `Transient` or `Misconfigured` at once."""
        return cast("Gateway", _GuardedGateway(name, self._gateways.named(name), self.failures))

    def refuses(self, name: str, question: str) -> bool:
        """Whether that call of the gateway would be refused at once."""
        return any(self.failures.are_too_many(failing) for failing in _counts_of(name, question))


@dataclass(frozen=True, slots=True)
class _GuardedGateway:
    configured_as: str
    gateway: Gateway
    failures: Failures

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.gateway, name)
        return self._guarded(attribute, name) if name in CALLS_OF_A_SWEEP else attribute

    def _guarded(self, question: Callable[..., Any], asked: str) -> Callable[..., Any]:
        name, failures = self.configured_as, self.failures
        silence, misconfigured = _counts_of(name, asked)

        def ask(*subject: Any) -> Any:
            if failures.are_too_many(silence):
                raise NotAsked(name, f"not asked: silent {MOST_FAILURES} times in this run")
            if failures.are_too_many(misconfigured):
                raise Misconfigured(name, f"not asked: misconfigured {MOST_FAILURES} times in this run")
            try:
                answer = question(*subject)
            except NotAsked:
                # Neither a missing answer nor an answer.
                raise
            except Misconfigured:
                failures.add(misconfigured)
                raise
            except (RateLimited, Refused):
                # A gateway that answers 429 is reachable.
                failures.end(silence)
                raise
            except (OutcomeUnknown, Transient):
                failures.add(silence)
                raise
            failures.end(silence, misconfigured)
            return answer

        return ask
