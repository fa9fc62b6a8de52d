"""Money that a gateway reports of a retired order is acknowledged, raises an alarm, and is a finding; none vanishes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paylatch.domain.errors import StoreUnavailable
from paylatch.domain.ids import ATTEMPT_SUFFIX_LENGTH
from paylatch.domain.payment import Capture
from paylatch.domain.retention import SHORTEST_KEEP
from paylatch.ports import Metric
from paylatch.store.dynamodb import DynamoOrderStore
from tests.fakes.memory_gateway import MemoryGateway
from tests.integration.personal_orders import paid_in_cash
from tests.integration.retiring import Retiring
from tests.integration.test_foreign_payments import SAYINGS, counted, said
from tests.integration.test_reconciliation import again, found, gateway, reconcile, shop_request, store
from tests.integration.test_reconciliation import paid as paid_at
from tests.integration.test_retention import DAYS, paid, stack

__all__ = ["gateway", "stack", "store"]

OF_NO_MONEY = ("payment.failed", "payment.processing", "session.expired", "session.closed", "session.declined")
OF_MONEY = [saying for saying in SAYINGS if saying not in OF_NO_MONEY]
THIS_STACK = "paylatch"


def retired(stack: Retiring) -> str:
    """The only payment attempt of an order that is retired."""
    order_id = paid(stack.shop)
    attempt_id = stack.shop.holder(order_id)
    retire(stack, order_id)
    stack.shop.gateway.money[attempt_id] = Capture("pay_1", 2500, "EUR", returned=100)
    return attempt_id


def retire(stack: Retiring, order_id: str) -> None:
    stack.consume()
    stack.shop.clock.advance(DAYS)
    stack.expire(order_id)
    assert stack.items(order_id) == ["EXPIRY", "HEAD"]
    stack.shop.metrics.counted.clear()


@pytest.mark.parametrize("named", [THIS_STACK, ""])
@pytest.mark.parametrize("saying", OF_MONEY)
def test_its_callback_is_acknowledged_and_counted_with_all_that_is_known_of_it(
    stack: Retiring, saying: str, named: str
) -> None:
    attempt_id = retired(stack)
    assert stack.shop.callback(said(stack.shop, saying, attempt_id, named)).status == 204
    (details,) = counted(stack.shop, Metric.UNKNOWN_PAYMENT)
    known = {"attempt_id": attempt_id, "gateway": "sandbox", "payment_id": "pay_1", "currency": "EUR"}
    assert details == {**known, "amount": 2500, "retired": True}
    assert counted(stack.shop, Metric.FOREIGN_PAYMENT) == []


@pytest.mark.parametrize("saying", OF_NO_MONEY)
def test_a_callback_about_no_money_is_acknowledged_and_raises_no_alarm(stack: Retiring, saying: str) -> None:
    attempt_id = retired(stack)
    assert stack.shop.callback(said(stack.shop, saying, attempt_id, THIS_STACK)).status == 204
    assert stack.shop.metrics.counted == []


def test_where_the_database_does_not_say_whether_it_was_retired_the_gateway_repeats(
    stack: Retiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> bool:
        raise StoreUnavailable("GetItem: no answer")

    attempt_id = retired(stack)
    monkeypatch.setattr(DynamoOrderStore, "is_retired", silent)
    assert stack.shop.callback(said(stack.shop, "payment.succeeded", attempt_id, THIS_STACK)).status == 503
    assert counted(stack.shop, Metric.UNKNOWN_PAYMENT) == []


def test_a_late_payment_is_a_finding_for_a_person(stack: Retiring, gateway: MemoryGateway) -> None:
    order_id = paid_in_cash(stack.shop)
    retire(stack, order_id)
    late = f"{order_id}_{'7' * ATTEMPT_SUFFIX_LENGTH}"
    _, other = stack.shop.locked()
    gateway.open(replace(shop_request(gateway, other), attempt_id=late))
    gateway.pay(late)
    assert found(reconcile(stack.shop)) == [("unknown_order", False)]
    (details,) = counted(stack.shop, Metric.UNKNOWN_PAYMENT)
    assert (details["attempt_id"], details["retired"]) == (late, True)


def test_money_that_was_settled_before_it_was_retired_is_no_finding(stack: Retiring, gateway: MemoryGateway) -> None:
    order_id, _ = paid_at(stack.shop, gateway)
    day = stack.shop.clock.now().date().isoformat()
    retire(stack, order_id)
    assert again(day)["findings"] == []
    assert counted(stack.shop, Metric.UNKNOWN_PAYMENT) == []


def test_what_came_when_the_order_was_already_due_to_be_kept_no_longer_is_a_finding(
    stack: Retiring, gateway: MemoryGateway
) -> None:
    order_id, attempt_id = paid_at(stack.shop, gateway)
    stack.consume()
    stack.shop.clock.advance(timedelta(seconds=1))
    gateway.refund_by_hand(attempt_id, 500)
    day = stack.shop.clock.now().date().isoformat()
    stack.shop.clock.advance(SHORTEST_KEEP - timedelta(seconds=1))
    stack.expire(order_id)
    assert stack.items(order_id) == ["EXPIRY", "HEAD"]
    assert found(again(day)) == [("unknown_order", False)]
