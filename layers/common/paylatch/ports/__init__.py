"""The protocols that the use cases depend on. Adapters implement them; `runtime/wiring.py` connects them."""

from dataclasses import replace
from datetime import timedelta

from paylatch.domain.actors import LINK, ActorRole
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import WRITE_ID_LENGTH
from paylatch.domain.limits import DEFAULT_LOCK, LONGEST_LOCK
from paylatch.domain.payment_terms import LateMoney
from paylatch.domain.transitions import WriteContext
from paylatch.ports.callbacks import Acknowledgement, Callback, ForeignPayment, GatewayEvent, GatewayEventKind
from paylatch.ports.clock_and_ids import Clock, HasTime, IdGenerator
from paylatch.ports.gateway import CALLS_OF_A_SWEEP, Capabilities, Gateway, Gateways, ReleasePolicy
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
from paylatch.ports.statements import (
    LARGEST_STATEMENT_PAGE,
    ReadFindings,
    ReconciliationStore,
    StatementPage,
    StatementProgress,
    StatementSource,
    StatementWindow,
)
from paylatch.ports.store import (
    LARGEST_PAGE,
    LARGEST_WRITE,
    LAST_SEQ,
    Applied,
    ContentKey,
    Contents,
    DueSource,
    Heads,
    HistoryPage,
    Index,
    ListingPage,
    OrderStore,
    Rejected,
    TimerSource,
    heads_of,
)
from paylatch.ports.timers import LARGEST_BATCH, Timer, Timers, batches_of

__all__ = [
    "CALLS_OF_A_SWEEP",
    "LARGEST_BATCH",
    "LARGEST_PAGE",
    "LARGEST_STATEMENT_PAGE",
    "LARGEST_WRITE",
    "LAST_SEQ",
    "Acknowledgement",
    "Applied",
    "Callback",
    "Capabilities",
    "Clock",
    "ContentKey",
    "Contents",
    "DueSource",
    "ForeignPayment",
    "FoundAttempt",
    "Gateway",
    "GatewayEvent",
    "GatewayEventKind",
    "Gateways",
    "HasTime",
    "Heads",
    "HistoryPage",
    "IdGenerator",
    "Index",
    "ListingPage",
    "Metric",
    "Metrics",
    "OrderStore",
    "Ports",
    "ReadFindings",
    "ReconciliationStore",
    "RefundState",
    "Rejected",
    "ReleasePolicy",
    "Rules",
    "Session",
    "SessionReport",
    "SessionRequest",
    "SessionState",
    "StatementPage",
    "StatementProgress",
    "StatementSource",
    "StatementWindow",
    "Timer",
    "TimerSource",
    "Timers",
    "VoidAnswer",
    "VoidKind",
    "batches_of",
    "heads_of",
    "metric_of",
]


@dataclass(frozen=True, slots=True)
class Rules:
    """The policies that a stack configures.

    `four_eyes`: no caller decides about the money of an order that they sell. `return_origins`: the allowed origins
    of return addresses, any where empty. `return_by_https`: return addresses must use https. `default_lock`: how long
    a lock lasts where the payment request has no `expires_in`. `longest_lock`: the longest that a payment request may
    ask for. `late_money`: what is done with late money where the order has no rule of its own. `keep`: how long a
    finished order is kept after its last event, without limit where it is None.
    """

    four_eyes: bool = True
    return_origins: frozenset[str] = frozenset()
    return_by_https: bool = False
    default_lock: timedelta = DEFAULT_LOCK
    longest_lock: timedelta = LONGEST_LOCK
    late_money: LateMoney = LateMoney.ACCEPT
    keep: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Ports:
    """All ports, as the one value that every use case receives.

    `operator` is the subject of the operator whose request is handled, where it is one: what is written in their name
    says so. `by_link`: the request came by an order's payment link, and what is written in its name says so.
    """

    store: OrderStore
    gateways: Gateways
    clock: Clock
    ids: IdGenerator
    metrics: Metrics
    rules: Rules = Rules()
    operator: str | None = None
    by_link: bool = False

    def for_operator(self, subject: str) -> "Ports":
        """The ports for a request of that operator."""
        return replace(self, operator=subject)

    def for_link(self) -> "Ports":
        """The ports for a request by a payment link."""
        return replace(self, by_link=True)

    def write_context(self, actor: str) -> WriteContext:
        """A new context for one write."""
        return WriteContext(self.ids.new_id(WRITE_ID_LENGTH), self.clock.now(), actor, self._role_of(actor))

    def _role_of(self, actor: str) -> str | None:
        if self.by_link and actor == LINK:
            return ActorRole.PAYMENT_LINK.value
        return ActorRole.OPERATOR.value if actor == self.operator else None
