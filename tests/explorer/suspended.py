"""Ports at which a use case stops: each call is answered from a script, and the first unanswered one suspends it.

A use case is a function of what its ports answered (time and tokens included), so running it again with the same
answers brings it to the same next call. That is how a process is moved on by one call, cloned, or left for dead.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from paylatch.domain.errors import Misconfigured, OrderContended, PaylatchError, StoreUnavailable
from paylatch.domain.order import Content, Order
from paylatch.domain.payment import Attempt, Capture, Refund, SupersededAttempt
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.transitions import Transition
from paylatch.ports import (
    LARGEST_PAGE,
    Acknowledgement,
    Applied,
    Callback,
    Capabilities,
    DueSource,
    HistoryPage,
    Index,
    Metric,
    Notice,
    Ports,
    RefundState,
    Rejected,
    ReleasePolicy,
    Session,
    SessionReport,
    SessionRequest,
    VoidAnswer,
    metric_of,
)
from tests.explorer.foreign_news import ELSEWHERE
from tests.explorer.hosted_gateway import NAME, Temper

GATEWAY_CALLS = frozenset({"open", "void", "query", "query_payment", "refund", "query_refund"})
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
# What a sweep passes over, and why it may do so without anything being wrong with the program.
_PASSED_OVER = frozenset(
    {Metric.SWEEP_FAILED, Metric.READ_FAILED, Metric.ORDER_UNREADABLE, Metric.STORE_REFUSED, Metric.UNEXPECTED_ERROR}
)
_EXPECTED_FAILURES = (StoreUnavailable, OrderContended)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a port: the place where processes take turns and where faults strike."""

    method: str
    args: tuple[Any, ...]

    @property
    def of_gateway(self) -> bool:
        """Whether this goes to the gateway; the others go to the database."""
        return self.method in GATEWAY_CALLS


@dataclass(frozen=True, slots=True)
class Raised:
    """An answer that is an error; a fresh one each time it is given."""

    make: Callable[[], PaylatchError]


class Suspended(BaseException):
    """The use case waits for the answer to `call`. No `except Exception` of a use case may take it."""

    def __init__(self, call: Call) -> None:
        super().__init__(call.method)
        self.call = call


@dataclass(slots=True)
class Script:
    """What a process has seen so far, and when; `crash` is what a sweep swallowed and should not have met."""

    process: str
    skew: int
    answers: list[tuple[object, int]]
    position: int = 0
    moment: int = 0
    reads_clock: bool = False
    drawn: int = 0
    crash: str | None = None

    def ask(self, method: str, *args: object) -> object:
        """The next scripted answer, or a suspension."""
        if self.position == len(self.answers):
            raise Suspended(Call(method, args))
        answer, self.moment = self.answers[self.position]
        self.position += 1
        self.reads_clock = False
        if isinstance(answer, Raised):
            raise answer.make()
        return answer


@dataclass(slots=True)
class ScriptedStore:
    """Implements `OrderStore`."""

    script: Script

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        return self.script.ask("apply", order_id, transition)  # type: ignore[return-value]

    def read_head(self, order_id: str) -> Order | None:
        return self.script.ask("read_head", order_id)  # type: ignore[return-value]

    def put_content(self, order_id: str, content_id: str, content: Content) -> None:
        self.script.ask("put_content", order_id, content_id, content)

    def read_content(self, order_id: str, content_id: str) -> Content:
        return self.script.ask("read_content", order_id, content_id)  # type: ignore[return-value]

    def remove_content(self, order_id: str, content_id: str) -> None:
        self.script.ask("remove_content", order_id, content_id)

    def read_history(self, order_id: str, after: int = 0, limit: int = LARGEST_PAGE) -> HistoryPage:
        return self.script.ask("read_history", order_id, after, limit)  # type: ignore[return-value]

    def record_event(self, event: RecordedEvent) -> None:
        self.script.ask("record_event", event)

    def due(self, index: Index, until: datetime) -> tuple[DueSource, ...]:
        # One source: there is one order, and in memory no shard fails alone.
        return (DueSource(index.value, lambda: self.script.ask("due", index, until)),)  # type: ignore[arg-type,return-value]


@dataclass(slots=True)
class ScriptedGateway:
    """Implements `Gateway`. A callback's body is of no interest here: `notice` is what it says."""

    script: Script
    temper: Temper
    notice: Notice | None = None
    name: str = NAME
    capabilities: Capabilities = field(init=False)

    def __post_init__(self) -> None:
        self.capabilities = capabilities_of(self.temper)

    def open(self, request: SessionRequest) -> Session:
        return self.script.ask("open", request)  # type: ignore[return-value]

    def query(self, attempt: Attempt | SupersededAttempt) -> SessionReport:
        return self.script.ask("query", attempt.attempt_id)  # type: ignore[return-value]

    def query_payment(self, payment_id: str) -> Capture | None:
        return self.script.ask("query_payment", payment_id)  # type: ignore[return-value]

    def find_attempt(self, payment_id: str) -> str | None:
        raise AssertionError(f"a callback of this gateway names the attempt of {payment_id}")

    def void(self, attempt: Attempt | SupersededAttempt) -> VoidAnswer:
        return self.script.ask("void", attempt.attempt_id)  # type: ignore[return-value]

    def refund(self, refund: Refund) -> RefundState:
        return self.script.ask("refund", refund)  # type: ignore[return-value]

    def query_refund(self, refund: Refund) -> RefundState:
        return self.script.ask("query_refund", refund.refund_id)  # type: ignore[return-value]

    def parse_callback(self, callback: Callback) -> tuple[Notice, ...]:
        return (self.notice,) if self.notice else ()

    def acknowledge(self) -> Acknowledgement:
        return Acknowledgement("heard", "text/x-heard", 202)


@dataclass(slots=True)
class ScriptedClock:
    """Implements `Clock`: the moment at which the last answer came, on a clock that may go wrong by `skew`."""

    script: Script

    def now(self) -> datetime:
        self.script.reads_clock = True
        return NOON + timedelta(seconds=self.script.moment + self.script.skew)


@dataclass(slots=True)
class NumberedTokens:
    """Implements `Tokens`: never the same twice, and the same again when the process is run again."""

    script: Script

    def token(self, length: int) -> str:
        self.script.drawn += 1
        return f"{self.script.process}-{self.script.drawn}"


@dataclass(slots=True)
class OneGateway:
    """Implements `Gateways`."""

    gateway: ScriptedGateway
    temper: Temper
    default: str = NAME

    def takes_payments(self, name: str) -> bool:
        return name == NAME

    def named(self, name: str) -> ScriptedGateway:
        if name not in (NAME, ELSEWHERE):
            raise Misconfigured(name, "unheard of")
        return self.gateway

    def policy(self, name: str) -> ReleasePolicy:
        return self.temper.policy


@dataclass(slots=True)
class CrashWatch:
    """Implements `Watch`: a sweep goes on after an error at one order; here only expected ones are forgiven."""

    script: Script

    def count(self, metric: Metric, value: int = 1, **details: str | int) -> None:
        """Of no interest here."""

    def fail(self, error: Exception, metric: Metric | None = None, **details: str) -> None:
        if (metric or metric_of(error)) in _PASSED_OVER and not isinstance(error, _EXPECTED_FAILURES):
            self.script.crash = repr(error)


def capabilities_of(temper: Temper) -> Capabilities:
    """What a gateway of that temper says about itself."""
    return Capabilities(
        void_is_final=temper.void_is_final,
        shortest_session=temper.shortest_session,
        longest_session=timedelta(days=1),
        tells_of_disputes=True,
    )


def scripted_ports(script: Script, temper: Temper, notice: Notice | None) -> Ports:
    """The whole outside of one process."""
    gateways = OneGateway(ScriptedGateway(script, temper, notice), temper)
    return Ports(ScriptedStore(script), gateways, ScriptedClock(script), NumberedTokens(script), CrashWatch(script))
