"""A circuit breaker: after repeated failures a gateway gets no more calls in the same sweep."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from paylatch.domain.errors import Misconfigured, OutcomeUnknown, RateLimited, Refused, Transient
from paylatch.ports import Gateway, Gateways, ReleasePolicy

MOST_FAILURES = 3
_QUESTIONS = frozenset({"void", "query", "query_payment", "find_attempt", "refund", "query_refund"})


@dataclass(slots=True)
class CircuitBreaker:
    """Implements `Gateways` for one run, around the real gateways.

    It counts consecutive failures by gateway. Missing answers end all calls to a gateway. A secret that cannot be
    read takes as long as a missing answer: `Misconfigured` ends calls of that kind.
    """

    gateways: Gateways
    default: str = ""
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)

    def takes_payments(self, name: str) -> bool:
        """The answer of the real gateways."""
        return self.gateways.takes_payments(name)

    def policy(self, name: str) -> ReleasePolicy:
        """The answer of the real gateways."""
        return self.gateways.policy(name)

    def named(self, name: str) -> Gateway:
        """The real gateway; after too many failures its calls raise `Transient` or `Misconfigured` at once."""
        return cast("Gateway", _GuardedGateway(name, self.gateways.named(name), self.failures))


@dataclass(frozen=True, slots=True)
class _GuardedGateway:
    configured_as: str
    gateway: Gateway
    failures: Counter[tuple[str, str]]

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.gateway, name)
        return self._guarded(attribute, name) if name in _QUESTIONS else attribute

    def _guarded(self, question: Callable[..., Any], asked: str) -> Callable[..., Any]:
        name, failures = self.configured_as, self.failures
        # Credentials can be valid for one kind of call and not for another.
        silence, misconfigured = (name, ""), (name, asked)

        def ask(*subject: Any) -> Any:
            if failures[silence] >= MOST_FAILURES:
                raise Transient(name, f"not asked: silent {MOST_FAILURES} times in this run")
            if failures[misconfigured] >= MOST_FAILURES:
                raise Misconfigured(name, f"not asked: misconfigured {MOST_FAILURES} times in this run")
            try:
                answer = question(*subject)
            except Misconfigured:
                failures[misconfigured] += 1
                raise
            except (RateLimited, Refused):
                # A gateway that answers 429 is reachable.
                failures[silence] = 0
                raise
            except (OutcomeUnknown, Transient):
                failures[silence] += 1
                raise
            failures[silence] = failures[misconfigured] = 0
            return answer

        return ask
