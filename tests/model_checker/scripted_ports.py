"""Ports at which a use case stops: each call is answered from a script, and the first unanswered one suspends it.

A use case is a function of what its ports answered (time and tokens included), so running it again with the same
answers brings it to the same next call. That is how a process is moved on by one call, cloned, or left for dead.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from paylatch.domain.errors import Misconfigured, OrderContended, PaylatchError, StoreUnavailable
from paylatch.domain.guards import Document
from paylatch.domain.listing import Listing, Position
from paylatch.domain.order import Content, Order
from paylatch.domain.payment import Attempt, Capture, PastAttempt, Refund
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.transitions import Transition
from paylatch.ports import (
    LARGEST_PAGE,
    Acknowledgement,
    Applied,
    Callback,
    Capabilities,
    ContentKey,
    Contents,
    DueSource,
    FoundAttempt,
    GatewayEvent,
    Heads,
    HistoryPage,
    Index,
    ListingPage,
    Metric,
    Ports,
    RefundState,
    Rejected,
    ReleasePolicy,
    Session,
    SessionReport,
    SessionRequest,
    TimerSource,
    VoidAnswer,
    metric_of,
)
from tests.model_checker.simulated_gateway import NAME, GatewayProfile
from tests.model_checker.spec_limits import LONGEST_PROCESSING
from tests.model_checker.unrelated_callbacks import OTHER_GATEWAY

GATEWAY_CALLS = frozenset({"open", "void", "query", "query_payment", "refund", "query_refund"})
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
# The errors that a sweep may skip without a fault of the program.
_SKIP_METRICS = frozenset(
    {Metric.SWEEP_FAILED, Metric.READ_FAILED, Metric.ORDER_UNREADABLE, Metric.STORE_REFUSED, Metric.UNEXPECTED_ERROR}
)
_EXPECTED_FAILURES = (StoreUnavailable, OrderContended)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a port: the place where processes take turns and where faults strike.

    `of_gateway` says that it goes to the gateway; the others go to the database.
    """

    method: str
    args: tuple[Any, ...]
    of_gateway: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "of_gateway", self.method in GATEWAY_CALLS)


@dataclass(frozen=True, slots=True)
class Raised:
    """An answer that is an error; a fresh one each time it is given."""

    make: Callable[[], Exception]


class Suspended(BaseException):
    """The use case waits for the answer to `call`. No `except Exception` of a use case may take it."""

    def __init__(self, call: Call) -> None:
        super().__init__(call.method)
        self.call = call


@dataclass(slots=True)
class Script:
    """What a process has seen so far, and when; `crash` is an unexpected error that a sweep caught."""

    process: str
    skew: int
    responses: list[tuple[object, int]]
    position: int = 0
    clock_time: int = 0
    reads_clock: bool = False
    ids_drawn: int = 0
    crash: str | None = None

    def ask(self, method: str, *args: object) -> object:
        """The next scripted answer, or a suspension."""
        if self.position == len(self.responses):
            raise Suspended(Call(method, args))
        response, self.clock_time = self.responses[self.position]
        self.position += 1
        self.reads_clock = False
        if isinstance(response, Raised):
            raise response.make()
        return response


@dataclass(slots=True)
class SuspendingStore:
    """Implements `OrderStore`, and what the stream's consumer asks for beside it."""

    script: Script

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        return self.script.ask("apply", order_id, transition)  # type: ignore[return-value]

    def read_head(self, order_id: str) -> Order | None:
        return self.script.ask("read_head", order_id)  # type: ignore[return-value]

    def is_retired(self, order_id: str) -> bool:
        return self.script.ask("is_retired", order_id)  # type: ignore[return-value]

    def put_content(self, order_id: str, content_id: str, content: Content) -> bool:
        return self.script.ask("put_content", order_id, content_id, content)  # type: ignore[return-value]

    def read_content(self, order_id: str, content_id: str) -> Content:
        return self.script.ask("read_content", order_id, content_id)  # type: ignore[return-value]

    def remove_content(self, order_id: str, content_id: str) -> None:
        self.script.ask("remove_content", order_id, content_id)

    def content_ids(self, order_id: str, after: str = "") -> tuple[str, ...]:
        return self.script.ask("content_ids", order_id, after)  # type: ignore[return-value]

    def claim_question(self, order_id: str, now: datetime, lasts: timedelta) -> bool:
        """Always, which includes all that may happen: the bound only leaves questions out."""
        return True

    def read_history(self, order_id: str, after: int = 0, limit: int = LARGEST_PAGE) -> HistoryPage:
        return self.script.ask("read_history", order_id, after, limit)  # type: ignore[return-value]

    def record_events(self, events: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        return self.script.ask("record_events", tuple(events))  # type: ignore[return-value]

    def read_stream(self) -> tuple[Document, ...]:
        return self.script.ask("read_stream")  # type: ignore[return-value]

    def publish(self, events: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        return self.script.ask("publish", tuple(events))  # type: ignore[return-value]

    def checkpoint(self, done: int) -> None:
        self.script.ask("checkpoint", done)

    def list_entries(self, listing: Listing, after: Position | None, limit: int) -> ListingPage:
        """Never asked here: a list reads heads as any reader does, and decides nothing."""
        raise AssertionError(listing)

    def find_reference(self, seller_id: str, reference: str, limit: int) -> tuple[str, ...]:
        """Never asked here."""
        raise AssertionError(seller_id, reference, limit)

    def read_heads(self, order_ids: Sequence[str]) -> Heads:
        return self.script.ask("read_heads", tuple(order_ids))  # type: ignore[return-value]

    def read_contents(self, keys: Sequence[ContentKey]) -> Contents:
        return self.script.ask("read_contents", tuple(keys))  # type: ignore[return-value]

    def due(self, index: Index, until: datetime) -> tuple[DueSource, ...]:
        # One source: there is one order, and in memory no shard fails alone.
        return (DueSource(index.value, lambda: self.script.ask("due", index, until)),)  # type: ignore[arg-type,return-value]

    def timers_in(self, index: Index) -> tuple[TimerSource, ...]:
        """Never asked here: a timer may start at any moment, whether or not a sweep has sent it."""
        raise AssertionError(index)


@dataclass(slots=True)
class SuspendingGateway:
    """Implements `Gateway`. A callback's body is ignored: `gateway_event` is its meaning."""

    script: Script
    profile: GatewayProfile
    gateway_event: GatewayEvent | None = None
    name: str = NAME
    capabilities: Capabilities = field(init=False)

    def __post_init__(self) -> None:
        self.capabilities = capabilities_of(self.profile)

    def open(self, request: SessionRequest) -> Session:
        return self.script.ask("open", request)  # type: ignore[return-value]

    def query(self, attempt: Attempt | PastAttempt) -> SessionReport:
        return self.script.ask("query", attempt.attempt_id)  # type: ignore[return-value]

    def query_payment(self, payment_id: str) -> Capture | None:
        return self.script.ask("query_payment", payment_id)  # type: ignore[return-value]

    def find_attempt(self, payment_id: str) -> FoundAttempt | None:
        raise AssertionError(f"a callback of this gateway names the attempt of {payment_id}")

    def void(self, attempt: Attempt | PastAttempt) -> VoidAnswer:
        return self.script.ask("void", attempt.attempt_id)  # type: ignore[return-value]

    def refund(self, refund: Refund) -> RefundState:
        return self.script.ask("refund", refund)  # type: ignore[return-value]

    def query_refund(self, refund: Refund) -> RefundState:
        return self.script.ask("query_refund", refund.refund_id)  # type: ignore[return-value]

    def parse_callback(self, callback: Callback) -> tuple[GatewayEvent, ...]:
        return (self.gateway_event,) if self.gateway_event else ()

    def acknowledge(self) -> Acknowledgement:
        return Acknowledgement("heard", "text/x-heard", 202)


@dataclass(slots=True)
class ScriptedClock:
    """Implements `Clock`: the moment at which the last answer came, on a clock that may go wrong by `skew`."""

    script: Script

    def now(self) -> datetime:
        self.script.reads_clock = True
        return NOON + timedelta(seconds=self.script.clock_time + self.script.skew)


@dataclass(slots=True)
class NumberedIdGenerator:
    """Implements `IdGenerator`: never the same twice, and the same again when the process is run again."""

    script: Script

    def new_id(self, length: int) -> str:
        self.script.ids_drawn += 1
        return f"{self.script.process}-{self.script.ids_drawn}"


@dataclass(slots=True)
class OneGateway:
    """Implements `Gateways`."""

    gateway: SuspendingGateway
    profile: GatewayProfile
    default: str = NAME

    def takes_payments(self, name: str) -> bool:
        return name == NAME

    def named(self, name: str) -> SuspendingGateway:
        if name not in (NAME, OTHER_GATEWAY):
            raise Misconfigured(name, "unheard of")
        return self.gateway

    def policy(self, name: str) -> ReleasePolicy:
        return self.profile.policy


@dataclass(slots=True)
class CrashDetectingMetrics:
    """Implements `Metrics`: a sweep goes on after an error at one order; only expected errors are accepted here."""

    script: Script

    def count(self, metric: Metric, value: int = 1, **details: str | int) -> None:
        """Count nothing."""

    def fail(self, error: Exception, metric: Metric | None = None, **details: str) -> None:
        if (metric or metric_of(error)) in _SKIP_METRICS and not isinstance(error, _EXPECTED_FAILURES):
            self.script.crash = repr(error)


def capabilities_of(profile: GatewayProfile) -> Capabilities:
    """The capabilities of a gateway of that profile."""
    return Capabilities(
        void_is_final=profile.void_is_final,
        shortest_session=profile.shortest_session,
        longest_session=timedelta(days=1),
        reports_disputes=True,
        longest_processing=LONGEST_PROCESSING,
    )


def scripted_ports(script: Script, profile: GatewayProfile, gateway_event: GatewayEvent | None) -> Ports:
    """All ports of one process."""
    gateways = OneGateway(SuspendingGateway(script, profile, gateway_event), profile)
    return Ports(
        SuspendingStore(script),
        gateways,
        ScriptedClock(script),
        NumberedIdGenerator(script),
        CrashDetectingMetrics(script),
    )
