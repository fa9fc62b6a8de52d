"""A gateway that does not answer must not use up a sweep: after a few failures it is not asked again in that run."""

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
    """Implements `Gateways` for one run, over the real ones. Failures in a row are counted for each gateway by name.

    Silence ends all questions to it. A secret that cannot be read takes as long as a silence: `Misconfigured` ends that
    question.
    """

    gateways: Gateways
    default: str = ""
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)

    def takes_payments(self, name: str) -> bool:
        """As the real ones."""
        return self.gateways.takes_payments(name)

    def policy(self, name: str) -> ReleasePolicy:
        """As the real ones."""
        return self.gateways.policy(name)

    def named(self, name: str) -> Gateway:
        """The real gateway, whose questions raise `Transient` or `Misconfigured` unasked once they failed too often."""
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
        # Credentials may be good for one question and not for another.
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
                # A 429 comes from a gateway that is there.
                failures[silence] = 0
                raise
            except (OutcomeUnknown, Transient):
                failures[silence] += 1
                raise
            failures[silence] = failures[misconfigured] = 0
            return answer

        return ask
