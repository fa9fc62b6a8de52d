"""What the use cases need from the outside, as protocols. Adapters implement them; `runtime/wiring.py` joins them."""

from dataclasses import dataclass

from paylatch.domain.transitions import Stamp
from paylatch.ports.callbacks import Acknowledgement, Callback, Notice, NoticeKind
from paylatch.ports.clock_and_ids import Clock, Tokens
from paylatch.ports.gateway import Capabilities, Gateway, Gateways, ReleasePolicy
from paylatch.ports.metrics import Metric, Watch, metric_of
from paylatch.ports.sessions import (
    RefundState,
    Session,
    SessionReport,
    SessionRequest,
    SessionState,
    VoidAnswer,
    VoidKind,
)
from paylatch.ports.store import LARGEST_PAGE, LAST_SEQ, Applied, DueSource, HistoryPage, Index, OrderStore, Rejected

__all__ = [
    "LARGEST_PAGE",
    "LAST_SEQ",
    "Acknowledgement",
    "Applied",
    "Callback",
    "Capabilities",
    "Clock",
    "DueSource",
    "Gateway",
    "Gateways",
    "HistoryPage",
    "Index",
    "Metric",
    "Notice",
    "NoticeKind",
    "OrderStore",
    "Ports",
    "RefundState",
    "Rejected",
    "ReleasePolicy",
    "Rules",
    "Session",
    "SessionReport",
    "SessionRequest",
    "SessionState",
    "Tokens",
    "VoidAnswer",
    "VoidKind",
    "Watch",
    "metric_of",
]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a stack has decided for itself.

    `four_eyes`: nobody decides about the money of an order that they sell. `return_origins`: where payers may come back
    to, any origin where empty. `return_by_https`: only by https.
    """

    four_eyes: bool = True
    return_origins: frozenset[str] = frozenset()
    return_by_https: bool = False


@dataclass(frozen=True, slots=True)
class Ports:
    """The whole outside, as one value that every use case is handed."""

    store: OrderStore
    gateways: Gateways
    clock: Clock
    tokens: Tokens
    watch: Watch
    rules: Rules = Rules()

    def stamp(self, actor: str) -> Stamp:
        """A fresh stamp for one write."""
        return Stamp(self.tokens.token(16), self.clock.now(), actor)
