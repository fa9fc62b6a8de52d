"""One order in several moments, for the document's examples."""

from typing import Any

from openapi.reconciliation_examples import FINDING
from openapi.reconciliation_examples import HANDLED_FINDING as HANDLED_FINDING
from openapi.reconciliation_examples import RECONCILED_DAY as RECONCILED_DAY
from openapi.reconciliation_examples import RECONCILIATION as RECONCILIATION
from paylatch.domain.attention import Cause, Group, GroupPosition, cursor_after
from paylatch.domain.listing import Listing, ListingIndex, Position, cursor_of
from paylatch.domain.timestamps import from_text
from paylatch.runtime import replay_models
from paylatch.runtime.response_types import OrderHead

ORDER_ID = "0K3VJ8Q5ZB6T1W2X"
ATTEMPT_ID = f"{ORDER_ID}_7H2M9QRT"
MANUAL_ATTEMPT_ID = f"{ORDER_ID}_4D9TWZ6N"
REFUND_ID = f"{ORDER_ID}_R4G8XK2M5N7QW"

_LINES = [{"sku": "TEA-01", "name": "Green tea", "quantity": 2, "unit_price": 1250}]
NEW_ORDER: dict[str, Any] = {
    "reference": "2026-0042",
    "buyer_id": "buyer-7",
    "seller_id": "seller-1",
    "unique_reference": True,
    "currency": "EUR",
    "lines": _LINES,
    "shipping_address": {
        "recipient": "Ada Ek",
        "line1": "Storgatan 1",
        "city": "Uppsala",
        "postal_code": "753 31",
        "country": "SE",
    },
    "note": "Ring twice.",
    "buyer_may": ["quantities", "address", "note"],
    "email": "ada@example.com",
    "locale": "sv-SE",
    "billing_address": {"recipient": "Ek & Ek AB", "line1": "Box 12", "country": "SE"},
    "metadata": {"channel": "web"},
    "payable": False,
    "pay_by": "2026-05-11T22:00:00.000Z",
    "late_money": "refund",
}
ORDER_PATCH = {"lines": [{**_LINES[0], "quantity": 3}], "note": None}
STOP_AND_CHANGE = {"edit": ORDER_PATCH}
PAYMENT_REQUEST = {"return_url": "https://shop.example/thanks", "expires_in": 900}
REASON = {"reason": "The gateway has closed our account."}
SETTLEMENT = {"method": "cash", "amount": 2500, "note": "Paid at the counter, receipt 4711."}
PAY_LINK_REQUEST = {"return_url": "https://shop.example/thanks"}
PAY_LINK = {"url": f"https://pages.example/pay/{ORDER_ID}/7Q2ZC4N8XW1KT5RVB0HJ6M3D9P"}
REFUND_REQUEST = {"amount": 1250, "reason": "One packet came back."}
RESOLUTION = {"action": "refund", "reason": "The buyer paid in the wrong currency."}

ATTEMPT = {
    "attempt_id": ATTEMPT_ID,
    "order_id": ORDER_ID,
    "revision": 1,
    "status": "open",
    "gateway": "sandbox",
    "amount": 2500,
    "currency": "EUR",
    "captured": None,
    "pay_url": f"https://pay.example/{ATTEMPT_ID}",
    "expires_at": "2026-05-04T09:45:00.000Z",
}
_NO_MONEY = {
    "agreed": 2500,
    "captured": 0,
    "refunded": 0,
    "returned": 0,
    "owed": 0,
    "written_off": 0,
    "kept": 0,
    "disputed": 0,
}
REFUND = {
    "refund_id": REFUND_ID,
    "amount": 1250,
    "currency": "EUR",
    "status": "due",
    "reason": "One packet came back.",
    "requested_at": "2026-05-06T10:00:00.000Z",
}
MADE_REFUND = {**REFUND, "status": "refunded"}
OPENAPI = {"openapi": "3.1.0"}
ENDED_ATTEMPT = {**ATTEMPT, "status": "timed_out", "pay_url": None}
ORDER = {
    "order_id": ORDER_ID,
    **{name: value for name, value in NEW_ORDER.items() if name != "unique_reference"},
    "revision": 1,
    "payment_status": "pending_payment",
    "total": 2500,
    "lock": None,
    "payment": None,
    "unapplied": [],
    "refunds": [],
    "refunded": 0,
    "refund_status": "none",
    "disputed": False,
    "disputes": [],
    "ledger": _NO_MONEY,
    "created_at": "2026-05-04T09:25:00.000Z",
    "updated_at": "2026-05-04T09:25:00.000Z",
    "paid_at": None,
    "cancelled": None,
    "erased_at": None,
}
EDITED_ORDER = {
    **ORDER,
    "lines": ORDER_PATCH["lines"],
    "note": None,
    "revision": 2,
    "total": 3750,
    "ledger": {**_NO_MONEY, "agreed": 3750},
    "updated_at": "2026-05-04T09:50:00.000Z",
}
_ENDED = {"at": "2026-05-04T09:50:00.000Z", "reason": "requested"}
CANCELLED_ORDER = {**ORDER, "payment_status": "cancelled", "updated_at": _ENDED["at"], "cancelled": _ENDED}
_ERASED = dict.fromkeys(("shipping_address", "billing_address", "email", "locale", "note", "metadata"))
ERASED_ORDER = {**CANCELLED_ORDER, **_ERASED, "erased_at": "2026-05-04T09:50:00.000Z"}
RELEASING_ORDER = {
    **ORDER,
    "payment_status": "releasing",
    "lock": {
        "attempt_id": ATTEMPT_ID,
        "reason": "releasing",
        "since": "2026-05-04T09:30:00.000Z",
        "until": None,
        "overdue": False,
    },
    "payment": {**ATTEMPT, "status": "closing"},
}
_CAPTURED = {"payment_id": "pay_83H2", "amount": 2500, "currency": "EUR", "returned": 0}
PAID_ORDER = {
    **ORDER,
    "payment_status": "paid",
    "payment": {**ATTEMPT, "status": "succeeded", "captured": _CAPTURED, "pay_url": None},
    "ledger": {**_NO_MONEY, "captured": 2500, "kept": 2500},
}
MANUALLY_PAID_ORDER = {
    **PAID_ORDER,
    "payment": {
        **PAID_ORDER["payment"],
        "attempt_id": MANUAL_ATTEMPT_ID,
        "gateway": "manual",
        "captured": {**_CAPTURED, "payment_id": MANUAL_ATTEMPT_ID},
    },
}
WRITTEN_OFF_ORDER = {
    **ORDER,
    "unapplied": [
        {
            **_CAPTURED,
            "attempt_id": ATTEMPT_ID,
            "status": "written_off",
            "refund_id": REFUND_ID,
            "reason": "pending payment, edited since",
            "since": "2026-05-04T09:40:00.000Z",
        }
    ],
    "ledger": {**_NO_MONEY, "captured": 2500, "written_off": 2500},
}
_MISMATCHED = {
    **ORDER,
    "payment_status": "review",
    "lock": {
        "attempt_id": ATTEMPT_ID,
        "reason": "review",
        "since": "2026-05-04T09:30:00.000Z",
        "until": None,
        "overdue": False,
    },
    "payment": {**ATTEMPT, "status": "mismatched", "captured": {**_CAPTURED, "amount": 1000}, "pay_url": None},
    "ledger": {**_NO_MONEY, "captured": 1000, "kept": 1000},
}
ATTENTION = {
    "orders": [{name: value for name, value in _MISMATCHED.items() if name in OrderHead.__annotations__}],
    "findings": [FINDING],
    "unread": {"orders": [], "sources": ["follow_up/3"]},
}
ATTENTION_GROUPS = {
    "groups": [
        {
            "gateway": "sandbox",
            "cause": "release_unconfirmed",
            "count": 1,
            "oldest": "2026-05-04T09:30:00.000Z",
            "sums": [{"currency": "EUR", "amount": 2500}],
            "order_ids": [ORDER_ID],
        }
    ],
    "findings": [{"gateway": "sandbox", "discrepancy": "unknown_order", "count": 1}],
    "complete": True,
    "unread": {"orders": [], "sources": []},
}
_GROUP = Group("sandbox", Cause.RELEASE_UNCONFIRMED)
_GROUP_CURSOR = cursor_after(GroupPosition(3, from_text("2026-05-04T09:30:00.000Z"), ORDER_ID), _GROUP)
GROUP_RECHECK = {"cursor": _GROUP_CURSOR}
GROUP_RELEASE = {"reason": "The gateway has been down since Friday.", "cursor": _GROUP_CURSOR}
GROUP_PROGRESS = {
    "done": [ORDER_ID],
    "waiting": [],
    "refused": [{"order_id": "5N2R8VKQ1C9T4XWZ", "code": "payment-completed"}],
    "unread": [],
    "next_cursor": _GROUP_CURSOR,
    "retry_after": None,
}
REPLAY = {"from": "2026-11-24T12:00:00Z", "to": "2026-11-24T13:00:00Z"}
_SPAN = replay_models.span_of(replay_models.ReplayBody.model_validate(REPLAY))
_SPAN_CURSOR = replay_models.cursor_of((f"ORDER#{ORDER_ID}", "HEAD"), replay_models.check_of(None, _SPAN))
REPLAYED = {"published": 512, "skipped": [], "next_cursor": _SPAN_CURSOR}
ORDERS: dict[str, Any] = {
    "orders": [{name: value for name, value in ORDER.items() if name in OrderHead.__annotations__}],
    "next_cursor": cursor_of(
        Position(from_text(str(ORDER["created_at"])), ORDER_ID), Listing(ListingIndex.BY_SELLER, "seller-1")
    ),
}
HISTORY = {
    "events": [
        {
            "order_id": ORDER_ID,
            "seq": 1,
            "type": "OrderCreated",
            "at": "2026-05-04T09:25:00.000Z",
            "actor": "seller",
            "reference": "2026-0042",
            "buyer_id": "buyer-7",
            "seller_id": "seller-1",
            "payment_status": "pending_payment",
            "revision": 1,
        },
        {
            "order_id": ORDER_ID,
            "seq": 2,
            "type": "OrderLocked",
            "at": "2026-05-04T09:30:00.000Z",
            "actor": "buyer",
            "reference": "2026-0042",
            "buyer_id": "buyer-7",
            "seller_id": "seller-1",
            "attempt_id": ATTEMPT_ID,
            "payment_status": "in_payment",
            "revision": 1,
            "detail": {"gateway": "sandbox", "until": "2026-05-04T09:45:00.000Z"},
        },
    ],
    "next_after": None,
}
