"""The fault plan of a session, which produces every answer of a gateway on purpose.

A fault plan is one JSON object; every member is optional:

| field | value | what it does |
|---|---|---|
| `open`, `query`, `void`, `refund`, `query_refund` | `{"fault": ..., "times": n, "seconds": s}` | how that call |
| | | answers: so many `times`, or every time |
| `payment` | `{"amount": n}`, `{"currency": "SEK"}` | the captured amount or currency differs from the requested one |
| | `{"seconds": s}` | the payment is in progress for so long before it succeeds, 14 days at most |
| | `{"fails": true}` | the payment fails, after `seconds` where they are given |
| | `{"final": true}` | a failed payment ends the session instead of leaving it open |
| `callbacks` | `{"lost": true}` | not sent |
| | `{"delay": s}` | late: the first try comes after so many seconds |
| | `{"copies": n}` | sent so many times, under one id |
| | `{"reversed": true}` | every second one is sent before the one that it follows |
| | `{"forged": true}` | signed with a secret that is not the shop's |
| `link_outlives` | seconds | the payer's link can still be paid so long after `expires_at` |

Faults of any call:

| fault | done? | answer |
|---|---|---|
| `refuse` | no | 422, final |
| `deny` | no | 401, as for a wrong key |
| `busy` | no | 429 |
| `unavailable` | no | 503 |
| `no_answer` | yes | 504 |
| `hang` | yes | the true answer, but only after `seconds` (6 when left out, 10 at most) |

Faults of `void`: `in_progress` (not done; says that a payment is under way), `not_voidable` (not done; says until when
the payer's link stays live), `pretend` (not done, but says voided), `announce` (done, and reported by a callback
`session.closed` too, as some gateways do). Faults of `refund`: `pending` (done after `seconds`, 60 when left out),
`fail` (pending, then failed), `no_balance` (not done; 409, and a later try may succeed).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, ConfigDict, Field

LONGEST_HANG_SECONDS = 10
A_DAY = 86_400

Seconds = Annotated[int, Field(ge=0, le=A_DAY)]
# As long as a SEPA debit.
SecondsOfPayment = Annotated[int, Field(ge=0, le=14 * A_DAY)]


class Call(StrEnum):
    """The calls of the sessions API that can have faults."""

    OPEN = "open"
    QUERY = "query"
    VOID = "void"
    REFUND = "refund"
    QUERY_REFUND = "query_refund"


class FaultKind(StrEnum):
    """The faults in the table above."""

    REFUSE = "refuse"
    DENY = "deny"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    NO_ANSWER = "no_answer"
    HANG = "hang"
    IN_PROGRESS = "in_progress"
    NOT_VOIDABLE = "not_voidable"
    PRETEND = "pretend"
    ANNOUNCE = "announce"
    PENDING = "pending"
    FAIL = "fail"
    NO_BALANCE = "no_balance"


OF_ANY_CALL = frozenset(
    {
        FaultKind.REFUSE,
        FaultKind.DENY,
        FaultKind.BUSY,
        FaultKind.UNAVAILABLE,
        FaultKind.NO_ANSWER,
        FaultKind.HANG,
    }
)
OF_VOID = frozenset({FaultKind.IN_PROGRESS, FaultKind.NOT_VOIDABLE, FaultKind.PRETEND, FaultKind.ANNOUNCE})
OF_REFUND = frozenset({FaultKind.PENDING, FaultKind.FAIL, FaultKind.NO_BALANCE})


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a call, and how often it occurs."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    fault: FaultKind
    times: Annotated[int, Field(ge=1, le=1000)] | None = None
    seconds: Seconds | None = None

    def pause(self) -> int:
        """The delay of the response, in seconds."""
        asked = 6 if self.seconds is None else self.seconds
        return min(asked, LONGEST_HANG_SECONDS) if self.fault is FaultKind.HANG else 0


def _any_call(fault: Fault | None) -> Fault | None:
    return _allow(fault, ())


def _void(fault: Fault | None) -> Fault | None:
    return _allow(fault, OF_VOID)


def _refund(fault: Fault | None) -> Fault | None:
    return _allow(fault, OF_REFUND)


def _allow(fault: Fault | None, own: Iterable[FaultKind]) -> Fault | None:
    known = {*OF_ANY_CALL, *own}
    if fault and fault.fault not in known:
        raise ValueError(f"this call knows the faults {', '.join(sorted(known))}")
    return fault


@dataclass(frozen=True, slots=True)
class PaymentFault:
    """The faults of a payment."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    amount: Annotated[int, Field(ge=1, le=10**15)] | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    seconds: SecondsOfPayment = 0
    fails: bool = False
    final: bool = False


@dataclass(frozen=True, slots=True)
class CallbackFault:
    """The faults of callbacks."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    lost: bool = False
    delay: Seconds = 0
    copies: Annotated[int, Field(ge=1, le=3)] = 1
    reversed: bool = False
    forged: bool = False


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """The fault plan of a session; by default it has no faults."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    open: Annotated[Fault | None, AfterValidator(_any_call)] = None
    query: Annotated[Fault | None, AfterValidator(_any_call)] = None
    void: Annotated[Fault | None, AfterValidator(_void)] = None
    refund: Annotated[Fault | None, AfterValidator(_refund)] = None
    query_refund: Annotated[Fault | None, AfterValidator(_any_call)] = None
    payment: PaymentFault = PaymentFault()
    callbacks: CallbackFault = CallbackFault()
    link_outlives: Seconds = 0

    def fault_of(self, call: Call) -> Fault | None:
        """The fault of that call, None without one."""
        fault: Fault | None = getattr(self, call.value)
        return fault

    def without_one(self, call: Call) -> "FaultPlan":
        """The plan after the call's fault occurred once."""
        fault = self.fault_of(call)
        if fault is None or fault.times is None:
            return self
        left = replace(fault, times=fault.times - 1) if fault.times > 1 else None
        changes: dict[str, Any] = {call.value: left}
        return replace(self, **changes)
