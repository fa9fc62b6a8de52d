"""Whoever keeps books by an order's events alone, as `docs/money.md` says, has what its ledger has."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from paylatch.domain.ledger import ledger_of
from paylatch.domain.order import Order
from paylatch.domain.transitions import Transition
from paylatch.ports import Applied, Ports, RefundState, Rejected
from paylatch.runtime import wiring
from tests.api.handler_transport import client_of
from tests.bookkeeping import BOOKINGS, accounts_of, balance_of
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.integration.shop import Shop
from tests.lambda_events import OPERATOR, SELLER
from tests.orders_table import ROOT, TABLE

WHY = "agreed by phone"


class CheckedStore(MemoryOrderStore):
    """After each write, what the events say is held against the head's ledger; `differences` has each type of event
    after which they differ.
    """

    def __init__(self) -> None:
        super().__init__()
        self.differences: list[str] = []

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        outcome = super().apply(order_id, transition)
        if isinstance(outcome, Applied) and books_of(self) != ledger_in(outcome.order):
            self.differences.append(str(transition.event.type))
        return outcome


def books_of(store: MemoryOrderStore) -> tuple[int, int]:
    return balance_of(accounts_of(store.outbox).values(), "EUR")


def ledger_in(order: Order) -> tuple[int, int]:
    ledger = ledger_of(order)
    return ledger.captured - ledger.refunded - ledger.returned, ledger.owed


@pytest.fixture
def store() -> CheckedStore:
    return CheckedStore()


@pytest.fixture
def books(
    store: CheckedStore, clock: SettableClock, tokens: SequentialIdGenerator, monkeypatch: pytest.MonkeyPatch
) -> Shop:
    """A shop whose events are all at hand."""
    gateway, metrics = ScriptedGateway(clock), RecordedMetrics()
    gateways = FixedGateways({"sandbox": gateway})
    ports = Ports(store, gateways, clock, tokens, metrics)
    monkeypatch.setenv("PAYLATCH_TABLE", TABLE)
    monkeypatch.setattr(wiring, "make_ports", lambda: ports)
    wiring.ports.cache_clear()
    wiring.timers.cache_clear()
    return Shop(ports, gateway, gateways, clock, metrics)


def under_review(shop: Shop, amount: int = 3000) -> tuple[str, str]:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=amount)
    assert shop.status(order_id) == "review"
    return order_id, attempt_id


def went_back_by_hand(shop: Shop, attempt_id: str, returned: int) -> None:
    capture = shop.gateway.money[attempt_id] = replace(shop.gateway.money[attempt_id], returned=returned)
    assert shop.callback(shop.gateway.signed("payment.refunded", attempt_id, capture)).status == 204


def paid(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    return order_id


def review_refunded(shop: Shop) -> str:
    order_id, attempt_id = under_review(shop)
    client_of(OPERATOR).resolve(order_id, attempt_id, "refund", WHY).expect(200)
    shop.sweep()
    return order_id


def review_settled_after_a_part_went_back(shop: Shop) -> str:
    order_id, attempt_id = under_review(shop)
    went_back_by_hand(shop, attempt_id, 400)
    client_of(OPERATOR).resolve(order_id, attempt_id, "settle", WHY).expect(200)
    return order_id


def came_and_went_before_the_callback(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id, returned=2500)
    shop.cancel_payment(order_id, attempt_id)
    return order_id


def came_late_and_had_gone_back(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.money(attempt_id, shop.gateway.capture_payment(attempt_id, returned=2500))
    return order_id


def a_part_went_back_before_it_came(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.money(attempt_id, shop.gateway.capture_payment(attempt_id, returned=900))
    shop.sweep()
    return order_id


def refunded_by_us_and_by_hand(shop: Shop) -> str:
    order_id = paid(shop)
    client_of(SELLER).refund(order_id, "half", 2000).expect(201)
    went_back_by_hand(shop, shop.holder(order_id), 1000)
    shop.sweep()
    return order_id


def a_refund_failed_after_it_was_made(shop: Shop) -> str:
    order_id = paid(shop)
    refund_id = client_of(SELLER).refund(order_id, "all").expect(201)["refund_id"]
    shop.sweep()
    shop.gateway.answer_with("query_refund", RefundState.FAILED)
    refund = shop.gateway.refunds[refund_id]
    capture = replace(shop.gateway.money[refund.attempt_id], returned=0)
    shop.callback(shop.gateway.signed("refund.failed", refund.attempt_id, capture))
    return order_id


def paid_and_refunded_by_hand(shop: Shop) -> str:
    order_id = shop.create()
    client_of(SELLER).settle_manually(order_id, 2500).expect(200)
    client_of(SELLER).refund(order_id, "part", 700).expect(201)
    return order_id


def written_off(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    (refund_id,) = shop.head(order_id).refunds
    client_of(OPERATOR).write_off(order_id, refund_id, WHY).expect(200)
    return order_id


def costs_nothing(shop: Shop) -> str:
    line = {"sku": "sample", "name": "Sample", "quantity": 1, "unit_price": 0}
    order_id = shop.create(lines=[line])
    shop.pay(order_id).expect(201)
    return order_id


WAYS = (
    review_refunded,
    review_settled_after_a_part_went_back,
    came_and_went_before_the_callback,
    came_late_and_had_gone_back,
    a_part_went_back_before_it_came,
    refunded_by_us_and_by_hand,
    a_refund_failed_after_it_was_made,
    paid_and_refunded_by_hand,
    written_off,
    costs_nothing,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_the_books_agree_with_the_ledger(way: Callable[[Shop], str], books: Shop, store: CheckedStore) -> None:
    way(books)
    assert store.differences == []


def test_the_page_names_the_events_that_are_booked() -> None:
    page = (ROOT / "docs" / "money.md").read_text()
    table = page.partition("## Events for bookkeeping")[2].partition("- A payment")[0]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == {str(kind) for kind in BOOKINGS}
