"""The actors (buyer, seller, operator, unauthorised caller), the one order, and their requests."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from paylatch.domain.caller import Caller, Role, payer_with
from paylatch.domain.documents import content_document
from paylatch.domain.ids import derived_attempt_id, derived_order_id, derived_refund_id, fingerprint_of
from paylatch.domain.manual_settlement import ManualMethod, ManualSettlement
from paylatch.domain.order import Content, Line, LineKind
from paylatch.domain.payment import Capture
from paylatch.domain.refund_request import RefundRequest
from paylatch.domain.timestamps import as_text
from paylatch.ports import GatewayEvent, GatewayEventKind
from paylatch.use_cases.create_order import OrderRequest
from paylatch.use_cases.edit_order import Edit
from paylatch.use_cases.pay_by_link import LinkPayment, PayLink
from paylatch.use_cases.payment_request import PaymentRequest
from paylatch.use_cases.stop_and_change import StopAndChange
from tests.model_checker.spec_limits import EXPIRES_IN

# The Idempotency-Key that the order is placed with.
ORDER_KEY = "order-1"
ORDER = derived_order_id("sam", ORDER_KEY)
UNKNOWN_ORDER = "0RDERAAAAAAAAAA2"
UNKNOWN_REVISION = 7
UNKNOWN_ATTEMPT = f"{ORDER}_NEVERWAS"
BUYER = Caller("bo", frozenset({Role.BUYER}))
SELLER = Caller("sam", frozenset({Role.SELLER}))
SERVICE = Caller("shop", frozenset({Role.SERVICE}))
OTHER_CALLER = Caller("eve", frozenset({Role.BUYER, Role.SELLER}))
# The order's buyer and seller, in each other's roles.
SWAPPED_ROLES = (Caller("bo", frozenset({Role.SELLER})), Caller("sam", frozenset({Role.BUYER})))
# To whom a service hands the order over.
NEXT_BUYER = "nia"
OPERATOR = Caller("olga", frozenset({Role.OPERATOR}))
# The next buyer, who is an operator too, and may decide nothing about an order of their own.
NEXT_OPERATOR = Caller(NEXT_BUYER, frozenset({Role.OPERATOR}))
FIRST_ATTEMPT = derived_attempt_id(ORDER, BUYER.subject, "first")
PUBLIC_URL, PAGES_URL = "https://api.example", "https://pages.example"
# The payment link that is asked for before a schedule; its id is the first that the process draws.
LINK = PayLink(ORDER, "earlier-issue-link-1")
PAYER = payer_with(LINK.link_id)
# By the form of a page that showed the first revision, before any attempt.
LINK_PAYMENT = LinkPayment(
    payment_key="link:1:0",
    revision=1,
    page_url=f"{PAGES_URL}/pay/{ORDER}/{LINK.link_id}",
    callback_base=PUBLIC_URL,
)
LINK_ATTEMPT = derived_attempt_id(ORDER, PAYER.subject, LINK_PAYMENT.payment_key)
UNRELATED_ATTEMPT = derived_attempt_id(ORDER, "another system", "first")
SECOND_ATTEMPT = derived_attempt_id(ORDER, BUYER.subject, "second")
# The refund of the first attempt's capture, where it is owed.
FIRST_REFUND = derived_refund_id(FIRST_ATTEMPT, f"pay_{FIRST_ATTEMPT}")
# 860 seconds after the schedules' noon: before the deadline of a lock.
SOON = datetime(2026, 11, 24, 12, 14, 20, tzinfo=UTC)
CONTENT = Content((Line("tea-01", "Green tea", 2, 1250),))
# The money for the first revision, at the counter.
CASH = ManualSettlement(ManualMethod.CASH, CONTENT.total, "receipt 4711")
# A part of the payment comes back, and then what is left.
PART_BACK = RefundRequest(ORDER, 1000, "one packet came back", "return-1")
REST_BACK = RefundRequest(ORDER, None, "the other one too", "return-2")
DECISION_REASON = "as agreed by phone"
TOO_LONG_A_LOCK = timedelta(days=2)
UNKNOWN_CAPTURE = Capture("pay_odd", 2500, "EUR")
UNKNOWN_PAYMENT_EVENT = GatewayEvent(GatewayEventKind.PAID, "no attempt of ours", capture=UNKNOWN_CAPTURE)


def order_body(content: Content) -> dict[str, object]:
    """The body that places the order."""
    people = {"buyer_id": BUYER.subject, "seller_id": SELLER.subject}
    return {"reference": "demo-1", **people, "currency": "EUR", "lines": content_document(content)["lines"]}


def order_request(content: Content) -> OrderRequest:
    """The request to place the order with that content, always with the same key."""
    body = order_body(content)
    return OrderRequest(
        reference=str(body["reference"]),
        buyer_id=BUYER.subject,
        seller_id=SELLER.subject,
        currency=str(body["currency"]),
        content=content,
        fingerprint=fingerprint_of(json.dumps(body, sort_keys=True, separators=(",", ":"))),
        idempotency_key=ORDER_KEY,
    )


def edit_body(content: Content) -> dict[str, object]:
    """The merge patch that leads to that content: its `pay_by` or note, or its lines where it has neither."""
    if content.pay_by is not None:
        return {"pay_by": as_text(content.pay_by)}
    return {"note": content.note} if content.note else {"lines": content_document(content)["lines"]}


def edit_fingerprint(content: Content) -> str:
    """The fingerprint of the edit that leads to that content."""
    return fingerprint_of(json.dumps(edit_body(content), sort_keys=True, separators=(",", ":")))


def stop_request(change: Edit, revision: int | None = 1, attempt_id: str = FIRST_ATTEMPT) -> StopAndChange:
    """The request to stop that attempt and make that edit."""
    return StopAndChange(
        order_id=ORDER,
        attempt_id=attempt_id,
        change=change,
        fingerprint=edit_fingerprint(change(CONTENT)),
        revision=revision,
    )


def payment_body(page: str) -> dict[str, object]:
    """The body of a payment request whose `return_url` is that page."""
    return {"return_url": f"https://shop.example/{page}", "expires_in": int(EXPIRES_IN.total_seconds())}


def payment_request(key: str, revision: int | None = None, page: str = "thanks") -> PaymentRequest:
    body = payment_body(page)
    return PaymentRequest(
        order_id=ORDER,
        idempotency_key=key,
        return_url=str(body["return_url"]),
        expires_in=EXPIRES_IN,
        gateway=None,
        revision=revision,
        callback_base=PUBLIC_URL,
    )


def more_tea(content: Content) -> Content:
    return replace(content, lines=tuple(replace(line, quantity=line.quantity + 1) for line in content.lines))


def much_more_tea(content: Content) -> Content:
    return replace(content, lines=tuple(replace(line, quantity=line.quantity + 5) for line in content.lines))


def as_it_is(content: Content) -> Content:
    return content


def more_lines(content: Content) -> Content:
    return replace(content, lines=(*content.lines, *content.lines))


def no_lines(content: Content) -> Content:
    return replace(content, lines=())


def dearer_tea(content: Content) -> Content:
    return replace(content, lines=tuple(replace(line, unit_price=line.unit_price + 100) for line in content.lines))


def for_nothing(content: Content) -> Content:
    """A coupon pays for all of it."""
    return replace(content, lines=(*content.lines, Line("coupon", "Coupon", 1, -content.total, LineKind.DISCOUNT)))


def to_be_paid_soon(content: Content) -> Content:
    return replace(content, pay_by=SOON)


def to_be_paid_later(content: Content) -> Content:
    return replace(content, pay_by=SOON + timedelta(hours=1))


def with_note(content: Content) -> Content:
    return replace(content, note="after six")


PLACED = order_request(CONTENT)
OTHERWISE = order_request(much_more_tea(CONTENT))
