"""A page in each state, by the name of its picture."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pay_page.order_view import Visit, view_of
from pay_page.page_view import ChangedFrom, ErrorKind, ErrorPage, Notice, OrderPage, PageAddresses, PageView

from paylatch.domain.cancellation import CancellationReason
from paylatch.domain.order import Content, Line, Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus, PaymentPlace
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions.attempt_changes import MOST_ATTEMPTS
from tests.pages import sample_orders as samples
from tests.pages.sample_orders import CONTENT, FREE_CONTENT, NOW, TOTAL

ADDRESSES = PageAddresses(
    page=f"/pay/{samples.ORDER_ID}/01ARZ3NDEKTSV4RRFFQ69G5FAV",
    state=f"/pay/{samples.ORDER_ID}/01ARZ3NDEKTSV4RRFFQ69G5FAV/state",
    assets="/assets",
    shop="https://shop.example/orders/2026-1001?from=payment&lang=en",
)
SEEN = ChangedFrom(
    6640,
    (
        Line("TEA-01", "Green tea, loose leaves", 1, 1250),
        Line("CUP-07", "Cup with a lid", 1, 3900),
        Line("SHIP", "Shipping", 1, 990, CONTENT.lines[2].kind),
        Line("SPOON", "Measuring spoon", 1, 500),
    ),
)
# The longest names and the largest sum that an order can have.
LARGE = Content(
    (
        Line("L1", "W" * 200, 1_000_000, 999_999_999),
        Line("L2", "شاي أخضر, 绿茶, чай", 3, 1),
        Line("L3", "<script>alert('1')</script> & \"quoted\"", 1, 0),
    )
)


def page(order: Order, content: Content = CONTENT, **visit: Any) -> OrderPage:
    return view_of(order, content, Visit(now=NOW, addresses=ADDRESSES, **visit))


def pages() -> Mapping[str, PageView]:
    """Every state, and what differs within one."""
    return {**_before_payment(), **_during_payment(), **_after_payment(), **_errors()}


def _before_payment() -> Mapping[str, PageView]:
    late = samples.payment(PaymentPlace.CLAIMED, payment_id="pay-late")
    return {
        "owed": page(samples.order(pay_by=NOW + timedelta(days=2))),
        "owed-free": page(samples.order(total=0), FREE_CONTENT),
        "owed-declined": page(samples.unlocked(ReleaseReason.DECLINED)),
        "owed-stopped": page(samples.unlocked(ReleaseReason.CANCELLED)),
        "owed-refused": page(samples.order(), notice=Notice.GATEWAY_REFUSED),
        "owed-claimed": page(samples.with_money(samples.order(), late)),
        "owed-large": page(samples.order(total=LARGE.total, reference="R" * 100, currency="IDR"), LARGE),
        "changed": page(samples.order(revision=2), changed_from=SEEN),
        "changed-claimed": page(samples.with_money(samples.order(revision=2), late), changed_from=SEEN),
        "changed-unknown": page(samples.order(revision=2), changed_from=ChangedFrom()),
        "changed-details": page(samples.order(revision=2), changed_from=ChangedFrom(TOTAL, CONTENT.lines)),
        "not-payable": page(samples.order(payable=False)),
        "too-many-attempts": page(samples.order(attempts_made=MOST_ATTEMPTS)),
        "expired": page(samples.ended(CancellationReason.EXPIRED)),
        "cancelled": page(samples.ended()),
    }


def _during_payment() -> Mapping[str, PageView]:
    return {
        "opening": page(samples.in_payment(AttemptStatus.OPENING)),
        "being-paid": page(samples.in_payment(AttemptStatus.OPEN)),
        "being-paid-already": page(samples.in_payment(AttemptStatus.OPEN), notice=Notice.ALREADY_BEING_PAID),
        "stopping": page(
            samples.order(PaymentStatus.RELEASING, attempt=samples.attempt(AttemptStatus.CLOSING), attempts_made=1)
        ),
        "processing": page(samples.in_payment(AttemptStatus.PROCESSING)),
        "under-review": page(samples.in_review()),
    }


def _after_payment() -> Mapping[str, PageView]:
    late = samples.payment(PaymentPlace.REFUND, payment_id="pay-late")
    coming_back = samples.refund(TOTAL, payment_id="pay-late")
    return {
        "just-paid": page(samples.paid()),
        "just-paid-free": page(samples.paid_free(), FREE_CONTENT),
        "paid-free": page(samples.paid_free(NOW - timedelta(days=2)), FREE_CONTENT),
        "paid": page(samples.paid(at=NOW - timedelta(days=2))),
        "paid-returning": page(samples.paid(at=NOW - timedelta(days=2), refunds=(samples.refund(1250),))),
        "partly-refunded": page(samples.paid(returned=1250)),
        "refunded": page(samples.paid(returned=TOTAL)),
        "cancelled-late-money": page(samples.with_money(samples.ended(), late, refunds=(coming_back,))),
    }


def _errors() -> Mapping[str, PageView]:
    assets, back = ADDRESSES.assets, ADDRESSES.page
    return {
        "not-found": ErrorPage(kind=ErrorKind.NOT_FOUND, assets=assets),
        "not-found-after-payment": ErrorPage(kind=ErrorKind.NOT_FOUND_AFTER_PAYMENT, assets=assets),
        "temporary": ErrorPage(kind=ErrorKind.TEMPORARY, assets=assets, page=back),
        "invalid-form": ErrorPage(kind=ErrorKind.INVALID_FORM, assets=assets, page=back, fields=("revision",)),
        "method-not-allowed": ErrorPage(kind=ErrorKind.NOT_ALLOWED, assets=assets, page=back),
    }


def without_shop(view: OrderPage) -> OrderPage:
    """The page of an order whose shop gave no URL to return to."""
    return replace(view, addresses=replace(view.addresses, shop=None))
