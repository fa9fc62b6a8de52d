"""Orders in each state that the order desk shows, made by the real handlers on a store in memory."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from paylatch.domain.errors import OutcomeUnknown, Refused
from paylatch.domain.payment import Dispute, DisputeStatus
from paylatch.ports import Ports, RefundState, Rules
from paylatch.runtime import wiring
from paylatch.use_cases.record_dispute import record_dispute
from tests.api.handler_transport import client_of
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.integration.shop import PAGES_URL, TTL, Shop
from tests.lambda_events import OPERATOR, SELLER

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
_SILENCE = OutcomeUnknown("sandbox", "no answer")


@contextmanager
def memory_shop(*, four_eyes: bool = True) -> Iterator[Shop]:
    """A shop whose handlers use a store in memory, until the context ends."""
    clock = SettableClock(NOW)
    gateway = ScriptedGateway(clock)
    gateways, metrics = FixedGateways({"sandbox": gateway}), RecordedMetrics()
    ports = Ports(MemoryOrderStore(), gateways, clock, SequentialIdGenerator(), metrics, Rules(four_eyes=four_eyes))
    surroundings = {"PAYLATCH_TABLE": "orders", "PAYLATCH_PAGES_URL": PAGES_URL}
    with patch.dict(os.environ, surroundings), patch.object(wiring, "make_ports", lambda: ports):
        wiring.ports.cache_clear()
        yield Shop(ports, gateway, gateways, clock, metrics)
    wiring.ports.cache_clear()


def _opening(shop: Shop) -> str:
    order_id = shop.create()
    shop.gateway.answer_with("open", _SILENCE)
    shop.pay(order_id)
    return order_id


def _overdue(shop: Shop) -> str:
    order_id, _ = shop.locked()
    shop.clock.advance(TTL)
    return order_id


def _processing(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.callback(shop.gateway.submit_payment(attempt_id))
    return order_id


def _releasing(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", _SILENCE)
    shop.cancel_payment(order_id, attempt_id)
    return order_id


def _review(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=2000)
    return order_id


def _review_without_money(shop: Shop) -> str:
    order_id = _review(shop)
    attempt_id = shop.holder(order_id)
    shop.gateway.money[attempt_id] = replace(shop.gateway.money[attempt_id], returned=2000)
    client_of(OPERATOR).recheck(order_id, attempt_id)
    return order_id


def _paid(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    return order_id


def _refunded(shop: Shop, amount: int | None, *answers: Any) -> str:
    order_id = _paid(shop)
    client_of(SELLER).refund(order_id, "return-1", amount)
    if answers:
        shop.gateway.answer_with("refund", *answers)
        shop.sweep()
    return order_id


def _disputed(shop: Shop) -> str:
    order_id = _paid(shop)
    attempt_id = shop.holder(order_id)
    payment_id = shop.gateway.money[attempt_id].payment_id
    dispute = Dispute("dp_1", payment_id, 2500, "EUR", DisputeStatus.OPEN, NOW + TTL)
    record_dispute(order_id, attempt_id, dispute, "sandbox", shop.ports)
    return order_id


def _by_hand(shop: Shop) -> str:
    order_id = shop.create()
    client_of(SELLER).settle_manually(order_id, 2500)
    return order_id


def _free(shop: Shop, *, paid: bool) -> str:
    order_id = shop.create(lines=[{"sku": "sample", "name": "A sample", "quantity": 1, "unit_price": 0}])
    if paid:
        shop.pay(order_id)
    return order_id


def _cancelled(shop: Shop) -> str:
    order_id = shop.create()
    client_of(SELLER).cancel_order(order_id)
    return order_id


def _late_refund(shop: Shop, *answers: Any) -> str:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    if answers:
        shop.gateway.answer_with("refund", *answers)
        shop.sweep()
    return order_id


def _claimed(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    capture = shop.gateway.capture_payment(attempt_id)
    shop.gateway.answer_with("query_payment", _SILENCE)
    shop.money(attempt_id, capture)
    return order_id


_REFUSED = Refused("sandbox", "charge_disputed")
STATES: dict[str, Callable[[Shop], str]] = {
    "unlocked": lambda shop: shop.create(),
    "unlocked, costs nothing": lambda shop: _free(shop, paid=False),
    "unlocked, not payable": lambda shop: shop.create(payable=False),
    "unlocked, late money to be refunded": _late_refund,
    "unlocked, late money that its gateway will not refund": lambda shop: _late_refund(shop, _REFUSED),
    "unlocked, money reported and not confirmed": _claimed,
    "locked, being opened": _opening,
    "locked, being paid": lambda shop: shop.locked()[0],
    "locked, overdue": _overdue,
    "locked, processing": _processing,
    "releasing": _releasing,
    "review": _review,
    "review, all of it went back": _review_without_money,
    "paid": _paid,
    "paid, a part is being refunded": lambda shop: _refunded(shop, 1000),
    "paid, a part is refunded": lambda shop: _refunded(shop, 1000, RefundState.DONE),
    "paid, a refund is refused": lambda shop: _refunded(shop, 1000, _REFUSED),
    "paid, all is refunded": lambda shop: _refunded(shop, None, RefundState.DONE),
    "paid, disputed": _disputed,
    "paid by hand": _by_hand,
    "paid, costs nothing": lambda shop: _free(shop, paid=True),
    "cancelled": _cancelled,
}
