"""The JSON objects in responses: each member with its type and meaning.

`response_models.py` makes them; `openapi/` makes the contract from them at build time, where a class's docstring is its
description. They are typed dictionaries: the type checker compares names and types of the members, the value is the
JSON, and a class takes 0.02 ms of a function's start, a dataclass 0.6 ms.
"""

from typing import Annotated, Literal, NotRequired, TypedDict

from paylatch.domain.actors import ActorRole
from paylatch.domain.listing import LARGEST_LISTING
from paylatch.domain.manual_settlement import ManualMethod
from paylatch.domain.order import LOCKED, LineKind, PaymentStatus
from paylatch.domain.payment import AttemptStatus, DisputeStatus, PaymentPlace, RefundStatus
from paylatch.domain.transitions import EventType
from paylatch.ports import LARGEST_PAGE
from paylatch.runtime.response_fields import (
    Amount,
    AttemptId,
    Count,
    Currency,
    GatewayName,
    Keyword,
    OrderId,
    RefundId,
    Timestamp,
    Total,
    Uri,
)

_LOCK_REASONS = tuple(status for status in PaymentStatus if status in LOCKED)
_UNAPPLIED_STATUSES = (*RefundStatus, PaymentPlace.CLAIMED, PaymentPlace.RETURNED)
_PAYMENT_ID = "The gateway's name for the money that it took"
_RETURNED = "How much of it went back by now, in minor units"


class Capture(TypedDict):
    """Money that a gateway took: not always what was agreed"""

    payment_id: Annotated[str, _PAYMENT_ID]
    amount: Amount
    currency: str
    returned: Annotated[Amount, _RETURNED]


class Attempt(TypedDict):
    """One try to pay an order"""

    attempt_id: AttemptId
    order_id: OrderId
    revision: Annotated[Count, "The order's revision that this attempt pays for"]
    status: AttemptStatus
    gateway: GatewayName
    amount: Total
    currency: Currency
    captured: Capture | None
    pay_url: Annotated[Uri, "Where the buyer pays; null while or once there is no such place"] | None
    expires_at: Annotated[Timestamp, "When the lock ends"]


class Lock(TypedDict):
    """Why an order cannot be edited now"""

    attempt_id: AttemptId
    reason: Annotated[PaymentStatus, Keyword("enum", _LOCK_REASONS)]
    since: Timestamp
    until: Annotated[Timestamp, "When it ends at the latest; null while that is not known"] | None
    overdue: Annotated[bool, "Its time has passed, and it may end any moment"]


class UnappliedPayment(TypedDict):
    """Captured money that does not pay for the order"""

    payment_id: Annotated[str, _PAYMENT_ID]
    attempt_id: str
    amount: Amount
    currency: str
    returned: Annotated[Amount, _RETURNED]
    status: Annotated[
        RefundStatus | PaymentPlace,
        Keyword("enum", _UNAPPLIED_STATUSES),
        "Of its refund. claimed: its gateway does not answer whether it still holds it; returned: it went back without "
        "a refund of ours",
    ]
    refund_id: RefundId | None
    reason: Annotated[str, "Why this money does not pay for the order"] | None
    since: Timestamp


class OrderHead(TypedDict):
    """An order without its content"""

    order_id: OrderId
    reference: Annotated[str, "The shop's own number"]
    buyer_id: Annotated[str, "The `sub` of the buyer's token"]
    seller_id: Annotated[str, "The `sub` of the seller's token"]
    revision: Annotated[Count, "Counts edits; the first part of the ETag"]
    payment_status: Annotated[PaymentStatus, "Only pending_payment can be edited and paid"]
    currency: Currency
    total: Total
    lock: Lock | None
    payment: Attempt | None
    unapplied: list[UnappliedPayment]
    created_at: Timestamp
    updated_at: Timestamp


class Orders(TypedDict):
    """One page of a list of orders, the newest first"""

    orders: Annotated[list[OrderHead], Keyword("maxItems", LARGEST_LISTING)]
    next_cursor: Annotated[str, "The `cursor` of the next page; null where there is no more"] | None


class EventDetail(TypedDict, total=False):
    """What is particular to this type of event"""

    gateway: GatewayName
    until: Timestamp
    revision: Count
    total: Total
    payment_id: str
    amount: Amount
    currency: str
    returned: Annotated[Amount, "How much of the payment went back by now"]
    refund_id: RefundId
    dispute_id: str
    status: Annotated[DisputeStatus, "Of the dispute"]
    evidence_due: Timestamp
    forced: Annotated[Literal[1], "An operator unlocked the order without the gateway's word"]
    late: Annotated[Literal[1], "The money came after the attempt had ended, and still paid for the order"]
    reason: str
    remark: Annotated[str, "What an operator said of a decision; only operators read it"]
    method: Annotated[ManualMethod, "How money came that no gateway took"]
    note: Annotated[str, "What was said of a settlement without a gateway; buyers do not read it"]
    next_check: Timestamp
    check_at: Timestamp
    attempt_ids: Annotated[list[AttemptId], "Where the event concerns several attempts; `attempt_id` is absent then"]
    next_at: Timestamp
    cause: str


# `from` is a keyword of Python, so that these two have no class.
ChangedNumber = TypedDict("ChangedNumber", {"from": int | None, "to": int | None})
ChangedText = TypedDict("ChangedText", {"from": str, "to": str})
ChangedFlag = TypedDict("ChangedFlag", {"from": bool, "to": bool})


class EventLine(TypedDict):
    """A line that an edit added or took out"""

    sku: str
    name: str
    quantity: Count
    unit_price: int
    kind: NotRequired[Annotated[LineKind, "Where it is no item"]]


class ChangedLine(TypedDict):
    """What an edit changed of a line"""

    sku: str
    name: NotRequired[ChangedText]
    quantity: NotRequired[ChangedNumber]
    unit_price: NotRequired[ChangedNumber]
    kind: NotRequired[ChangedText]
    fixed: NotRequired[ChangedFlag]
    max_quantity: NotRequired[ChangedNumber]


class LineChanges(TypedDict, total=False):
    """The lines that an edit changed"""

    added: list[EventLine]
    removed: list[EventLine]
    changed: list[ChangedLine]


class Changes(TypedDict, total=False):
    """What an edit changed"""

    lines: LineChanges
    total: ChangedNumber
    fields: Annotated[list[str], "Fields of the order that changed, by name alone; `lines` too where they are too many"]


class Event(TypedDict):
    """One thing that happened to an order"""

    order_id: OrderId
    seq: Annotated[Count, "1, 2, 3 … without a gap"]
    type: EventType
    at: Timestamp
    actor: Annotated[ActorRole, "Who made the change. `system`: a timer or the sweep"]
    actor_id: NotRequired[
        Annotated[
            str,
            "The gateway's name; or, for all but buyers, the `sub` of an operator or of whoever declared an order paid",
        ]
    ]
    attempt_id: NotRequired[str]
    payment_status: Annotated[PaymentStatus, "What the order was after the event"]
    revision: Count
    reference: NotRequired[str]
    buyer_id: NotRequired[str]
    seller_id: NotRequired[str]
    detail: NotRequired[EventDetail]
    changes: NotRequired[Changes]


class History(TypedDict):
    """One page of an order's events"""

    events: Annotated[list[Event], Keyword("maxItems", LARGEST_PAGE)]
    next_after: Annotated[Count, "The `after` of the next page; null where there is no more"] | None


class Unread(TypedDict):
    """What could not be read now, and may name further orders"""

    orders: list[OrderId]
    sources: list[Annotated[str, "An index and its shard, as in `attention/3`"]]


class Attention(TypedDict):
    """What operators must look at"""

    orders: Annotated[list[OrderHead], Keyword("maxItems", 100)]
    unread: Unread
