"""Another caller's actions on the order, each at a fixed moment of a call."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from local.api_client import ApiResponse
from paylatch.domain.caller import Caller, Role
from paylatch.domain.errors import GatewayError, PaymentCompleted, PaymentProcessing
from paylatch.domain.order import Content, PaymentStatus
from paylatch.use_cases.cancel_payment import cancel_payment
from paylatch.use_cases.edit_order import edit_order
from paylatch.use_cases.payment_request import PaymentRequest
from paylatch.use_cases.request_payment import request_payment
from paylatch.use_cases.sweep_timeouts import sweep_timeouts
from tests.faults.call_sites import call_site
from tests.faults.fault_proxy import NetworkFault, Seen
from tests.faults.proxied_shop import ProxiedShop
from tests.lambda_events import SELLER

TTL = timedelta(minutes=15)


def overtaken_edit(shop: ProxiedShop) -> ApiResponse:
    """The seller's edit comes between the buyer's read of the order and the buyer's write."""

    def noted(content: Content) -> Content:
        return replace(content, note="from the seller")

    def seller_edits() -> None:
        if shop.stored().revision == 1:
            edit_order(shop.order_id, noted, 1, _caller(SELLER.subject, Role.SELLER), shop.connections.others)

    return _while_writing("OrderEdited", seller_edits, shop, shop.edit)


def payment_cancelled_meanwhile(shop: ProxiedShop) -> ApiResponse:
    """The buyer cancels in another window while the first one waits for its session."""

    return _while_writing("PaymentOpened", lambda: _cancel_payment(shop), shop, shop.pay)


def edit_locked_meanwhile(shop: ProxiedShop) -> ApiResponse:
    """The buyer pays in another window between the read of the order and the write of their edit."""
    return _while_writing("OrderEdited", lambda: _pays(shop), shop, shop.edit)


def cancellation_locked_meanwhile(shop: ProxiedShop) -> ApiResponse:
    """The buyer pays in another window while they cancel the order in the first one."""
    return _while_writing("OrderCancelled", lambda: _pays(shop), shop, shop.cancel_order)


def payment_locked_meanwhile(shop: ProxiedShop) -> ApiResponse:
    """The buyer pays in another window while they ask for the payment in the first one."""
    return _while_writing("OrderLocked", lambda: _pays(shop), shop, shop.pay)


def run_other_callers(shop: ProxiedShop) -> None:
    """Further actions of other callers: one payment is cancelled, another begun and cancelled, and a sweep runs."""
    if shop.is_retired():
        return
    if shop.stored().status in (PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING):
        _cancel_payment(shop)
    if shop.stored().status is PaymentStatus.PENDING_PAYMENT:
        _pays(shop)
        _cancel_payment(shop)
    sweep_timeouts(lambda: True, shop.connections.others)


def _pays(shop: ProxiedShop) -> None:
    if shop.stored().status is not PaymentStatus.PENDING_PAYMENT:
        return
    request = PaymentRequest(
        order_id=shop.order_id,
        idempotency_key="in another window",
        return_url="https://shop.example/thanks",
        expires_in=TTL,
        gateway=None,
        revision=None,
        callback_base="https://api.example",
    )
    # The gateway may be set to give no session.
    with suppress(GatewayError):
        request_payment(request, _caller(shop.stored().buyer_id, Role.BUYER), shop.connections.others)


def _cancel_payment(shop: ProxiedShop) -> None:
    attempt = shop.stored().attempt
    if attempt is not None:
        with suppress(PaymentCompleted, PaymentProcessing):
            cancel_payment(
                shop.order_id, attempt.attempt_id, _caller(shop.stored().buyer_id, Role.BUYER), shop.connections.others
            )


def _while_writing(
    event: str, action: Callable[[], None], shop: ProxiedShop, act: Callable[[], ApiResponse]
) -> ApiResponse:
    """Run the action after the write is sent and before it is applied."""
    decide = shop.connections.table.decide

    def interrupted(seen: Seen) -> NetworkFault | None:
        if call_site(seen) == f"table: UpdateItem {event}":
            action()
        return decide(seen)

    shop.connections.table.decide = interrupted
    try:
        return act()
    finally:
        shop.connections.table.decide = decide


def _caller(subject: str, role: Role) -> Caller:
    return Caller(subject, frozenset({role}))
