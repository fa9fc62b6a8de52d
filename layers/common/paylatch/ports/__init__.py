"""What the use cases need from the outside, as protocols. Adapters implement them; `runtime/wiring.py` joins them."""

from dataclasses import dataclass

from paylatch.domain.transitions import WriteContext
from paylatch.ports.callbacks import Acknowledgement, Callback, ForeignPayment, GatewayEvent, GatewayEventKind
from paylatch.ports.clock_and_ids import Clock, IdGenerator
from paylatch.ports.gateway import Capabilities, Gateway, Gateways, ReleasePolicy
from paylatch.ports.metrics import Metric, Metrics, metric_of
from paylatch.ports.sessions import (
    FoundAttempt,
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
    "ForeignPayment",
    "FoundAttempt",
    "Gateway",
    "GatewayEvent",
    "GatewayEventKind",
    "Gateways",
    "HistoryPage",
    "IdGenerator",
    "Index",
    "Metric",
    "Metrics",
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
    "VoidAnswer",
    "VoidKind",
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
    ids: IdGenerator
    metrics: Metrics
    rules: Rules = Rules()

    def write_context(self, actor: str) -> WriteContext:
        """A fresh stamp for one write."""
        return WriteContext(self.ids.new_id(16), self.clock.now(), actor)
