"""What clients are told: orders, attempts and events, exactly as `runtime/response_models.py` makes them."""

from openapi import fields
from openapi.fields import Schema, component, exactly, one_of, or_null
from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import AttemptStatus, DisputeStatus, PaymentPlace, RefundStatus
from paylatch.domain.transitions import EventType
from paylatch.ports import LARGEST_PAGE
from paylatch.runtime.text_rules import NOTE_PATTERN

_ATTEMPT = {
    "attempt_id": fields.ATTEMPT_ID,
    "order_id": fields.ORDER_ID,
    "revision": {**fields.COUNT, "description": "The order's revision that this attempt pays for"},
    "status": one_of(AttemptStatus),
    "gateway": fields.GATEWAY,
    "amount": fields.TOTAL,
    "currency": component("Currency"),
    "captured": or_null(component("Capture")),
    "pay_url": or_null(
        {
            "type": "string",
            "format": "uri",
            "description": "Where the buyer pays; null while or once there is no such place",
        }
    ),
    "expires_at": {**fields.TIMESTAMP, "description": "When the lock ends"},
}

_CAPTURE = {
    "payment_id": {**fields.TEXT, "description": "The gateway's name for the money that it took"},
    "amount": fields.AMOUNT,
    "currency": fields.TEXT,
    "returned": {**fields.AMOUNT, "description": "How much of it went back by now, in minor units"},
}

_LOCK = {
    "attempt_id": fields.ATTEMPT_ID,
    "reason": {
        "type": "string",
        "enum": [PaymentStatus.IN_PAYMENT.value, PaymentStatus.RELEASING.value, PaymentStatus.REVIEW.value],
    },
    "since": fields.TIMESTAMP,
    "until": or_null({**fields.TIMESTAMP, "description": "When it ends at the latest; null while that is not known"}),
}

_UNAPPLIED = {
    "payment_id": {**fields.TEXT, "description": "The gateway's name for the money that it took"},
    "attempt_id": fields.TEXT,
    "amount": fields.AMOUNT,
    "currency": fields.TEXT,
    "returned": {**fields.AMOUNT, "description": "How much of it went back by now, in minor units"},
    "status": {
        "type": "string",
        "enum": [*(status.value for status in RefundStatus), PaymentPlace.CLAIMED.value, PaymentPlace.RETURNED.value],
        "description": (
            "Of its refund. claimed: its gateway does not answer whether it still holds it; returned: it went back "
            "without a refund of ours"
        ),
    },
    "refund_id": or_null(fields.REFUND_ID),
    "reason": or_null({**fields.TEXT, "description": "Why this money does not pay for the order"}),
    "since": fields.TIMESTAMP,
}

_HEAD = {
    "order_id": fields.ORDER_ID,
    "reference": {**fields.TEXT, "description": "The shop's own number"},
    "buyer_id": {**fields.TEXT, "description": "The `sub` of the buyer's token"},
    "seller_id": {**fields.TEXT, "description": "The `sub` of the seller's token"},
    "revision": {**fields.COUNT, "description": "Counts edits; the first part of the ETag"},
    "payment_status": {**one_of(PaymentStatus), "description": "Only pending_payment can be edited and paid"},
    "currency": component("Currency"),
    "total": fields.TOTAL,
    "lock": or_null(component("Lock")),
    "payment": or_null(component("Attempt")),
    "unapplied": {"type": "array", "items": component("UnappliedPayment")},
    "created_at": fields.TIMESTAMP,
    "updated_at": fields.TIMESTAMP,
}

_CONTENT = {
    "lines": {"type": "array", "items": component("Line"), "minItems": 1, "maxItems": 200},
    "shipping_address": or_null(component("Address")),
    "note": or_null({"type": "string", "maxLength": 2000, "pattern": NOTE_PATTERN}),
}

_EVENT_DETAIL = {
    "gateway": fields.GATEWAY,
    "until": fields.TIMESTAMP,
    "revision": fields.COUNT,
    "total": fields.TOTAL,
    "payment_id": fields.TEXT,
    "amount": fields.AMOUNT,
    "currency": fields.TEXT,
    "returned": {**fields.AMOUNT, "description": "How much of the payment went back by now"},
    "refund_id": fields.REFUND_ID,
    "dispute_id": fields.TEXT,
    "status": {**one_of(DisputeStatus), "description": "Of the dispute"},
    "evidence_due": fields.TIMESTAMP,
    "forced": {"const": 1, "description": "An operator unlocked the order without the gateway's word"},
    "late": {"const": 1, "description": "The money came after the attempt had ended, and still paid for the order"},
    "reason": fields.TEXT,
    "remark": {**fields.TEXT, "description": "What an operator said of a decision; only operators read it"},
    "next_check": fields.TIMESTAMP,
    "check_at": fields.TIMESTAMP,
    "next_at": fields.TIMESTAMP,
    "cause": fields.TEXT,
}

_EVENT = {
    "order_id": fields.ORDER_ID,
    "seq": {**fields.COUNT, "description": "1, 2, 3 … without a gap"},
    "type": one_of(EventType),
    "at": fields.TIMESTAMP,
    "actor": {**fields.TEXT, "description": "A token's subject, `sweep`, or `gateway:` and its name"},
    "attempt_id": fields.TEXT,
    "payment_status": {**one_of(PaymentStatus), "description": "What the order was after the event"},
    "revision": fields.COUNT,
    "detail": exactly(_EVENT_DETAIL, optional=_EVENT_DETAIL, description="What is particular to this type of event"),
}


_HISTORY = {
    "events": {"type": "array", "items": component("Event"), "maxItems": LARGEST_PAGE},
    "next_after": or_null({**fields.COUNT, "description": "The `after` of the next page; null where there is no more"}),
}

_UNREAD = {
    "orders": {"type": "array", "items": fields.ORDER_ID},
    "sources": {
        "type": "array",
        "items": {**fields.TEXT, "description": "An index and its shard, as in `attention/3`"},
    },
}

_ATTENTION = {
    "orders": {"type": "array", "items": component("OrderHead"), "maxItems": 100},
    "unread": exactly(_UNREAD, description="What could not be read now, and may name further orders"),
}


def response_schemas() -> dict[str, Schema]:
    """The components for answers, by name."""
    return {
        "Currency": fields.CURRENCY,
        "Attempt": exactly(_ATTEMPT, description="One try to pay an order"),
        "Capture": exactly(_CAPTURE, description="Money that a gateway took: not always what was agreed"),
        "Lock": exactly(_LOCK, description="Why an order cannot be edited now"),
        "UnappliedPayment": exactly(_UNAPPLIED, description="Captured money that does not pay for the order"),
        "OrderHead": exactly(_HEAD, description="An order without its content"),
        "Order": exactly(_HEAD | _CONTENT, description="An order"),
        "Event": exactly(_EVENT, optional=("attempt_id", "detail"), description="One thing that happened to an order"),
        "History": exactly(_HISTORY),
        "Attention": exactly(_ATTENTION),
        "OpenApi": {"type": "object", "properties": {"openapi": fields.TEXT}, "required": ["openapi"]},
        "Message": exactly({"message": fields.TEXT}, description="An answer of API Gateway itself"),
    }
