"""The clauses that guards are made of, each declared once: what it means, and how it compares a plan's values.

A row of the state table lists them; the docs print their descriptions.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypedDict

from paylatch.domain.caller import Caller, Role
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.guards import Clause, Comparison, Operator, Path, past_attempt_path
from paylatch.domain.ids import attempt_suffix
from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import AttemptStatus, DisputeStatus, PaymentPlace, RefundStatus
from paylatch.domain.stored_fields import STORAGE_FORMAT
from paylatch.domain.timestamps import as_text

Comparisons = tuple[Comparison, ...]


class ClauseValues(TypedDict, total=False):
    """The values that clauses compare with. A plan gives those of its own clauses."""

    caller: Caller
    version: int
    revision: int
    attempt_id: str
    attempt_status: AttemptStatus
    most_attempts: int
    gateway: str
    amount: int
    currency: str
    payment_id: str
    returned: int
    refund_id: str
    dispute_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ClauseTemplate:
    """A clause whose values are not known yet.

    `description` is its meaning for readers. `compare` raises `KeyError` where the plan does not give its value.
    """

    description: str
    compare: Callable[[ClauseValues], Comparisons]

    def clause(self, values: ClauseValues) -> Clause:
        """The clause for the values of one plan."""
        return Clause(self.description, self.compare(values))


def _equal(path: Path, *values: str | int) -> Comparisons:
    return tuple(Comparison(path, Operator.EQUALS, value) for value in values)


def _missing(*path: str) -> Comparisons:
    return (Comparison(path, Operator.MISSING),)


def _words(statuses: Collection[str]) -> list[str]:
    return sorted(str(status) for status in statuses)


def _one_of(names: Collection[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def _owned_by(caller: Caller) -> Comparisons:
    if Role.SERVICE in caller.roles:
        return (Comparison(("version",), Operator.EXISTS),)
    owners = [
        Comparison((f"{role}_id",), Operator.EQUALS, caller.subject)
        for role in (Role.BUYER, Role.SELLER)
        if role in caller.roles
    ]
    # A clause must compare something. An order without a version does not exist: an operator owns none.
    return tuple(owners) or _missing("version")


def _pays_for_it(caller: Caller) -> Comparisons:
    return _owned_by(caller) if caller.link_id is None else _equal(("link_id",), caller.link_id)


def status_is_one_of(statuses: Collection[PaymentStatus]) -> ClauseTemplate:
    """The order has one of these statuses."""
    names = _words(statuses)
    return ClauseTemplate(f"the order is {_one_of(names)}", lambda _: _equal(("payment_status",), *names))


def attempt_status_is(status: AttemptStatus) -> ClauseTemplate:
    """The attempt that holds the order has this status."""
    return ClauseTemplate(f"the attempt is `{status}`", lambda _: _equal(("attempt", "status"), status.value))


def refund_is_one_of(statuses: Collection[RefundStatus]) -> ClauseTemplate:
    """The refund is recorded, with one of these statuses."""
    names = _words(statuses)
    return ClauseTemplate(
        f"the refund is {_one_of(names)}", lambda values: _equal(("refunds", values["refund_id"], "status"), *names)
    )


def attempts_made_below(most: int) -> ClauseTemplate:
    """The order has had fewer attempts than the plan's `most_attempts`; `most` is that number for readers."""
    return ClauseTemplate(
        f"fewer than {most} attempts were made",
        lambda values: (Comparison(("attempts_made",), Operator.LESS_THAN, values["most_attempts"]),),
    )


def revision_is(description: str) -> ClauseTemplate:
    """The order is at the plan's revision; the description says which one that is."""
    return ClauseTemplate(description, lambda values: _equal(("revision",), values["revision"]))


NO_SUCH_ORDER = ClauseTemplate("no order has this id", lambda _: _missing("version"))
FORMAT_IS_KNOWN = ClauseTemplate(
    f"its storage format is {STORAGE_FORMAT}", lambda _: _equal(("format",), STORAGE_FORMAT)
)
CALLER_OWNS_IT = ClauseTemplate(
    "the caller is the order's buyer or seller, or a service", lambda values: _owned_by(values["caller"])
)
CALLER_PAYS_FOR_IT = ClauseTemplate(
    "the caller is the order's buyer or seller, a service, or has its payment link",
    lambda values: _pays_for_it(values["caller"]),
)
VERSION_CHECK = ClauseTemplate("version check", lambda values: _equal(("version",), values["version"]))

ORDER_IS_PAYABLE = ClauseTemplate(
    "`payable` is not false", lambda _: (*_missing("payable"), *_equal(("payable",), True))
)
PAY_BY_IS_AHEAD = ClauseTemplate(
    "`pay_by` is missing, or after now",
    lambda values: (
        *_missing("pay_by"),
        Comparison(("pay_by",), Operator.GREATER_THAN, as_text(values["now"])),
    ),
)
ORDER_HAS_NO_PAY_BY = ClauseTemplate("`pay_by` is missing", lambda _: _missing("pay_by"))

ATTEMPT_HOLDS_IT = ClauseTemplate(
    "this attempt holds the order", lambda values: _equal(("attempt", "id"), values["attempt_id"])
)
ATTEMPT_STATUS_AS_READ = ClauseTemplate(
    "the attempt's status is the one that was read",
    lambda values: _equal(("attempt", "status"), values["attempt_status"].value),
)
ATTEMPT_WAS_NEVER_PROCESSING = ClauseTemplate(
    "the attempt was never `processing`", lambda _: _missing("attempt", "processing_until")
)
ATTEMPT_IS_AT_GATEWAY = ClauseTemplate(
    "the attempt is at this gateway", lambda values: _equal(("attempt", "gateway"), values["gateway"])
)
ATTEMPT_IS_NOT_PAST = ClauseTemplate(
    "no past attempt has this attempt's id", lambda values: _missing(*past_attempt_path(values["attempt_id"]))
)
ATTEMPT_IS_NOT_EVICTED = ClauseTemplate(
    "no evicted attempt has this attempt's id",
    lambda values: (Comparison(("evicted_attempts",), Operator.LACKS, attempt_suffix(values["attempt_id"])),),
)

AMOUNT_IS_AGREED = ClauseTemplate("the amount is the agreed one", lambda values: _equal(("total",), values["amount"]))
ORDER_COSTS_MONEY = ClauseTemplate(
    "the total is more than 0", lambda _: (Comparison(("total",), Operator.GREATER_THAN, 0),)
)
ORDER_IS_FREE = ClauseTemplate("the total is 0", lambda _: _equal(("total",), 0))
CURRENCY_IS_AGREED = ClauseTemplate(
    "the currency is the agreed one", lambda values: _equal(("currency",), values["currency"])
)
PAYMENT_IS_NOT_RECORDED = ClauseTemplate(
    "the payment is not recorded", lambda values: _missing("payments", values["payment_id"])
)
PAYMENT_HAS_NO_PLACE = ClauseTemplate(
    "the payment is not recorded, or only as `claimed`",
    lambda values: (
        *_missing("payments", values["payment_id"]),
        *_equal(("payments", values["payment_id"], "place"), PaymentPlace.CLAIMED.value),
    ),
)
PAYMENT_IS_SETTLED = ClauseTemplate(
    "the payment pays for the order",
    lambda values: _equal(("payments", values["payment_id"], "place"), PaymentPlace.SETTLED.value),
)
REFUND_IS_NOT_RECORDED = ClauseTemplate(
    "the refund is not recorded", lambda values: _missing("refunds", values["refund_id"])
)
LESS_WAS_RETURNED = ClauseTemplate(
    "the new total returned is larger than the recorded one",
    lambda values: (
        Comparison(("payments", values["payment_id"], "returned"), Operator.LESS_THAN, values["returned"]),
    ),
)
DISPUTE_IS_NOT_RECORDED = ClauseTemplate(
    "the dispute is not recorded", lambda values: _missing("disputes", values["dispute_id"])
)
DISPUTE_IS_NOT_CLOSED = ClauseTemplate(
    "the dispute is not recorded, or is `open`",
    lambda values: (
        *_missing("disputes", values["dispute_id"]),
        *_equal(("disputes", values["dispute_id"], "status"), DisputeStatus.OPEN.value),
    ),
)
