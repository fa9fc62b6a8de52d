"""A gateway that does not answer must not use up a sweep: after a few silences it is not asked again in that run."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from paylatch.domain.errors import OutcomeUnknown, RateLimited, Transient
from paylatch.ports import Gateway, Gateways, ReleasePolicy

MOST_SILENCES = 3
_QUESTIONS = frozenset({"void", "query", "query_payment", "refund", "query_refund"})


@dataclass(slots=True)
class CircuitBreaker:
    """Implements `Gateways` for one run, over the real ones. Silences are counted for each gateway by its name."""

    gateways: Gateways
    default: str = ""
    silences: Counter[str] = field(default_factory=Counter)

    def takes_payments(self, name: str) -> bool:
        """As the real ones."""
        return self.gateways.takes_payments(name)

    def policy(self, name: str) -> ReleasePolicy:
        """As the real ones."""
        return self.gateways.policy(name)

    def named(self, name: str) -> Gateway:
        """The real gateway, whose questions raise `Transient` unasked once it was silent too often in a row."""
        return cast("Gateway", _GuardedGateway(name, self.gateways.named(name), self.silences))


@dataclass(frozen=True, slots=True)
class _GuardedGateway:
    configured_as: str
    gateway: Gateway
    silences: Counter[str]

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.gateway, name)
        return self._guarded(attribute) if name in _QUESTIONS else attribute

    def _guarded(self, question: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*subject: Any) -> Any:
            name = self.configured_as
            if self.silences[name] >= MOST_SILENCES:
                raise Transient(name, f"not asked: silent {MOST_SILENCES} times in this run")
            try:
                answer = question(*subject)
            except (OutcomeUnknown, Transient) as error:
                # A 429 comes from a gateway that is there.
                self.silences[name] = 0 if isinstance(error, RateLimited) else self.silences[name] + 1
                raise
            self.silences[name] = 0
            return answer

        return ask
