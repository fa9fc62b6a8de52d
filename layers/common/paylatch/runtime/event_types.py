"""The JSON objects in responses about the events of an order; see `response_types.py`."""

from typing import Annotated, NotRequired, TypedDict

from paylatch.domain.actors import ActorRole
from paylatch.domain.manual_settlement import ManualMethod
from paylatch.domain.order import LineKind, PaymentStatus
from paylatch.domain.payment import DisputeStatus
from paylatch.domain.transitions import EventType
from paylatch.ports import LARGEST_PAGE
from paylatch.runtime.response_fields import (
    Amount,
    AttemptId,
    Count,
    GatewayName,
    Keyword,
    OrderId,
    RefundId,
    Timestamp,
    Total,
)

# Not a `Literal`: generators of clients write code for the schema of one that Python warns about.
One = Annotated[int, Keyword("minimum", 1), Keyword("maximum", 1)]


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
    forced: Annotated[One, "An operator unlocked the order without the gateway's confirmation"]
    late: Annotated[One, "The money arrived after the attempt had ended, and still paid for the order"]
    reason: str
    remark: Annotated[str, "An operator's reason for a decision; only operators see it"]
    method: Annotated[ManualMethod, "How money arrived that no gateway took"]
    note: Annotated[str, "The note on a settlement without a gateway; buyers do not see it"]
    next_check: Timestamp
    check_at: Timestamp
    attempt_ids: Annotated[list[AttemptId], "Where the event concerns several attempts; `attempt_id` is absent then"]
    next_at: Timestamp
    cause: str
    previous_buyer_id: Annotated[str, "The buyer before the hand-over; buyers do not see it"]
    buyer_id: Annotated[str, "The buyer after the hand-over; buyers do not see it"]


# `from` is a keyword of Python, so that these two have no class.
ChangedNumber = TypedDict("ChangedNumber", {"from": int | None, "to": int | None})
ChangedText = TypedDict("ChangedText", {"from": str, "to": str})
ChangedFlag = TypedDict("ChangedFlag", {"from": bool, "to": bool})


class EventLine(TypedDict):
    """A line that an edit added or removed"""

    sku: str
    name: str
    quantity: Count
    unit_price: int
    kind: NotRequired[Annotated[LineKind, "Missing where it is an item"]]


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
    fields: Annotated[
        list[str], "Other fields that changed, by name only; also `lines` where their changes are too large"
    ]


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
            "The gateway's name. For all readers but buyers also the `sub` of an operator, and of the caller that "
            "declared the order paid or refunded it",
        ]
    ]
    attempt_id: NotRequired[str]
    payment_status: Annotated[PaymentStatus, "The order's status after the event"]
    revision: Count
    reference: NotRequired[str]
    buyer_id: NotRequired[str]
    seller_id: NotRequired[str]
    detail: NotRequired[EventDetail]
    changes: NotRequired[Changes]


class History(TypedDict):
    """One page of an order's events"""

    events: Annotated[list[Event], Keyword("maxItems", LARGEST_PAGE)]
    next_after: Annotated[Count, "The `after` of the next page; null where there are no more events yet"] | None
