"""The calls that are disturbed: how each is prepared, what is called, and what is true of its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from paylatch.domain.order import PaymentStatus
from paylatch.runtime.representations import attempt_representation, order_representation
from paylatch.use_cases.read_order import WholeOrder, attempt_of
from tests.faults.wired_shop import Told, WiredShop

Check = Callable[[WiredShop, Told], bool]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`act` runs between the faults, after `arrange`. `true` compares a good answer with the table."""

    name: str
    arrange: Callable[[WiredShop], None]
    act: Callable[[WiredShop], Told]
    true: Check


def _nothing(shop: WiredShop) -> None:
    pass


def _ordered(shop: WiredShop) -> None:
    shop.create()


def _locked(shop: WiredShop) -> None:
    shop.create()
    shop.pay()


def _paid_at_the_gateway(shop: WiredShop) -> None:
    _locked(shop)
    shop.payer_pays()


def _paid(shop: WiredShop) -> None:
    _paid_at_the_gateway(shop)
    shop.callback()


def _expired(shop: WiredShop) -> None:
    _locked(shop)
    shop.wires.clock.advance(timedelta(minutes=20))


def _expired_at_the_gateway(shop: WiredShop) -> None:
    _locked(shop)
    shop.wires.clock.advance(timedelta(minutes=15))
    shop.gateways_minute()


def _with_a_record(shop: WiredShop) -> None:
    shop.create()
    shop.take_record()


def _late_money(shop: WiredShop) -> None:
    """A void that did not void, an edit, and then the money for what the order was before."""
    _locked(shop)
    pay_url = shop.pay_url()
    shop.gateway_pretends_to_void()
    shop.cancel_payment()
    shop.edit()
    shop.payer_pays(pay_url)


def _money_owed(shop: WiredShop) -> None:
    _late_money(shop)
    shop.callback()


def _order_as_told(shop: WiredShop, told: Told) -> bool:
    order = shop.truth()
    whole = WholeOrder(order, shop.wires.truth.read_content(order.order_id, order.content_id))
    return bool(told.document == order_representation(whole))


def _attempt_as_told(shop: WiredShop, told: Told) -> bool:
    order = shop.truth()
    attempt = attempt_of(order, told.document["attempt_id"])
    return bool(told.document == attempt_representation(attempt, order.order_id)) and order.locked


def _is(status: PaymentStatus) -> Check:
    return lambda shop, told: shop.truth().status is status


def _nothing_owed(shop: WiredShop, told: Told) -> bool:
    return not shop.truth().refunds_due and shop.books() == 0


def _event_is_kept(shop: WiredShop, told: Told) -> bool:
    return [event.seq for event in shop.wires.truth.read_history(shop.order_id)] == [shop.truth().version]


def _swept(check: Check) -> Check:
    """A sweep that reports no failure has seen to everything, or has set a time to go on."""
    return lambda shop, told: check(shop, told) or _goes_on(shop)


def _goes_on(shop: WiredShop) -> bool:
    order = shop.truth()
    moments = [moment for moment in (order.due_at, order.owed_at) if moment is not None]
    return bool(moments) and min(moments) > shop.wires.clock.now()


def _refund_recorded(shop: WiredShop, told: Told) -> bool:
    return len(shop.truth().refunds) == 1


UNLOCKED = _is(PaymentStatus.PENDING_PAYMENT)
SCENARIOS = (
    Scenario("create", _nothing, WiredShop.create, _order_as_told),
    Scenario("payment request", _ordered, WiredShop.pay, _attempt_as_told),
    Scenario("edit", _ordered, WiredShop.edit, _order_as_told),
    Scenario("cancel payment", _locked, WiredShop.cancel_payment, _order_as_told),
    Scenario("cancel order", _ordered, WiredShop.cancel_order, _order_as_told),
    Scenario("callback: paid", _paid_at_the_gateway, WiredShop.callback, _is(PaymentStatus.PAID)),
    Scenario("callback: paid again", _paid, WiredShop.callback, _is(PaymentStatus.PAID)),
    Scenario("callback: late money", _late_money, WiredShop.callback, _refund_recorded),
    Scenario(
        "callback: expired", _expired_at_the_gateway, WiredShop.callback, _swept(_is(PaymentStatus.PENDING_PAYMENT))
    ),
    Scenario("sweep: timeout", _expired, WiredShop.sweep, _swept(UNLOCKED)),
    Scenario("sweep: refund", _money_owed, WiredShop.sweep, _swept(_nothing_owed)),
    Scenario("order events", _with_a_record, WiredShop.record_events, _event_is_kept),
)
