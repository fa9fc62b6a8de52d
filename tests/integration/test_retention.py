"""A finished order is retired once it was kept for the stack's time: its items go, and its id is never used again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.errors import Refused
from paylatch.ports import Metric
from paylatch.runtime import wiring
from paylatch.store.connection import TableConnection
from paylatch.store.items import item_of
from tests.api.handler_transport import client_of as client_of_api
from tests.api.handlers import Context, handler_of
from tests.integration.dynamodb_tap import Tap
from tests.integration.personal_orders import CASH, PERSONAL, cancelled, erase, items, paid_in_cash
from tests.integration.retiring import Retiring
from tests.integration.shop import Shop
from tests.lambda_events import BUYER, SELLER, SERVICE, event, sample_body
from tests.orders_table import client_of

DAYS = timedelta(days=30)
SECOND = timedelta(seconds=1)


@pytest.fixture
def stack(
    shop: Shop, orders_table: TableConnection, published: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> Retiring:
    monkeypatch.setattr(wiring, "make_ports", wiring.make_ports)
    stack = Retiring(shop, orders_table)
    stack.keep(DAYS)
    return stack


def paid(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    return order_id


FINISHED: dict[str, Callable[[Shop], str]] = {"cancelled": cancelled, "paid": paid, "in cash": paid_in_cash}


@pytest.mark.parametrize("name", FINISHED)
def test_an_order_is_deleted_with_its_contents_and_history_once_its_time_is_over(stack: Retiring, name: str) -> None:
    order_id = FINISHED[name](stack.shop)
    stack.consume()
    assert stack.expiry(order_id) == stack.shop.clock.now() + DAYS
    stack.shop.clock.advance(DAYS)
    assert stack.expire(order_id) == {"batchItemFailures": []}
    assert stack.items(order_id) == ["EXPIRY", "HEAD"]
    assert stack.shop.read(order_id).status == 404
    assert stack.shop.call("order_history", order_id).status == 404
    assert stack.shop.metrics.times(Metric.ORDER_RETIRED) == 1
    stack.expire(order_id)
    assert stack.items(order_id) == ["HEAD"], "its last expiry finds nothing left to do"


def test_a_tombstone_has_no_data_of_the_order(stack: Retiring) -> None:
    order_id = cancelled(stack.shop)
    version = stack.shop.head(order_id).version
    stack.consume()
    stack.shop.clock.advance(DAYS)
    stack.expire(order_id)
    keys = {"pk": f"ORDER#{order_id}", "sk": "HEAD"}
    at = stack.shop.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert items(stack.table, order_id)["HEAD"] == {**keys, "version": version + 1, "retired_at": at}


def test_a_retirement_is_no_event(stack: Retiring, published: list[dict[str, Any]]) -> None:
    order_id = cancelled(stack.shop)
    stack.consume()
    known = len(published)
    stack.shop.clock.advance(DAYS)
    stack.expire(order_id)
    assert stack.consume() == {"batchItemFailures": []}
    assert len(published) == known
    assert stack.shop.metrics.times(Metric.EVENT_UNREADABLE) == 0


def test_each_event_of_a_finished_order_begins_the_time_anew(stack: Retiring) -> None:
    order_id = paid_in_cash(stack.shop)
    stack.consume()
    stack.shop.clock.advance(DAYS - SECOND)
    stack.shop.call("refund", order_id, person=SELLER, body={"amount": 1250, "reason": "One packet was wet."})
    stack.consume()
    assert stack.expiry(order_id) == stack.shop.clock.now() + DAYS
    stack.expire(order_id)
    assert stack.shop.read(order_id).status == 200
    assert stack.expiry(order_id) == stack.shop.clock.now() + DAYS


def test_an_expiry_that_comes_early_is_put_again(stack: Retiring) -> None:
    order_id = cancelled(stack.shop)
    stack.consume()
    end = stack.expiry(order_id)
    stack.shop.clock.advance(DAYS - SECOND)
    stack.expire(order_id)
    assert (stack.shop.read(order_id).status, stack.expiry(order_id)) == (200, end)


def test_an_order_that_is_not_finished_is_never_scheduled(stack: Retiring) -> None:
    order_id, _ = stack.shop.locked()
    stack.consume()
    assert "EXPIRY" not in stack.items(order_id)


def owing(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.call("order_cancel", order_id)
    shop.gateway.answer_with("refund", *[Refused("sandbox", "the account is closed")] * 4)
    shop.money(attempt_id)
    shop.sweep()
    return order_id


def linked(shop: Shop) -> str:
    order_id, _ = shop.with_live_links(1)
    shop.call("order_cancel", order_id)
    return order_id


OPEN: dict[str, Callable[[Shop], str]] = {"a refund is owed": owing, "a link is live": linked}


@pytest.mark.parametrize("name", OPEN)
def test_an_order_whose_money_is_open_is_kept_for_another_time(stack: Retiring, name: str) -> None:
    order_id = OPEN[name](stack.shop)
    stack.consume()
    stack.shop.clock.advance(DAYS)
    stack.expire(order_id)
    assert stack.shop.read(order_id).status == 200
    assert stack.expiry(order_id) == stack.shop.clock.now() + DAYS


def test_an_erased_order_is_retired_too(stack: Retiring) -> None:
    order_id = cancelled(stack.shop)
    erase(stack.shop, order_id)
    stack.consume()
    stack.shop.clock.advance(DAYS)
    stack.expire(order_id)
    assert stack.items(order_id) == ["EXPIRY", "HEAD"]


def test_without_the_parameter_nothing_is_scheduled_and_nothing_deleted(stack: Retiring) -> None:
    first, second = cancelled(stack.shop), paid_in_cash(stack.shop)
    stack.consume()
    stack.keep(None)
    third = cancelled(stack.shop)
    stack.consume()
    stack.shop.clock.advance(DAYS)
    for order_id in (first, second, third):
        stack.expire(order_id)
        assert stack.shop.read(order_id).status == 200
        assert "EXPIRY" not in stack.items(order_id)


def test_a_longer_time_holds_for_orders_that_were_scheduled_before(stack: Retiring) -> None:
    order_id = cancelled(stack.shop)
    stack.consume()
    stack.keep(2 * DAYS)
    stack.shop.clock.advance(DAYS)
    stack.expire(order_id)
    assert (stack.shop.read(order_id).status, stack.expiry(order_id)) == (200, stack.shop.clock.now() + DAYS)


def test_what_an_unknown_release_wrote_in_the_order_s_partition_goes_too(stack: Retiring) -> None:
    order_id = cancelled(stack.shop)
    stack.consume()
    many = [{"pk": f"ORDER#{order_id}", "sk": f"NOTE#{number:03d}", "text": "Mrs King"} for number in range(60)]
    for item in many:
        client_of(stack.table).put_item(TableName=stack.table.table, Item=item_of(item))
    stack.shop.clock.advance(DAYS)
    stack.expire(order_id)
    assert stack.items(order_id) == ["EXPIRY", "HEAD"]


def test_the_record_of_a_deletion_by_dynamodb_is_understood(stack: Retiring) -> None:
    sample = event("order_expiry")
    (record,) = sample["Records"]
    order_id = cancelled(stack.shop)
    stack.consume()
    stack.shop.clock.advance(DAYS)
    keys = item_of({"pk": f"ORDER#{order_id}", "sk": "EXPIRY"})
    batch = {"Records": [{**record, "dynamodb": {**record["dynamodb"], "Keys": keys}}]}
    assert handler_of("order_events")(batch, Context()) == {"batchItemFailures": []}
    assert stack.items(order_id) == ["EXPIRY", "HEAD"]
    assert handler_of("order_events")(sample, Context()) == {"batchItemFailures": []}


def test_an_expiry_of_no_order_does_nothing(stack: Retiring) -> None:
    order_id = "7777777777777777"
    client_of(stack.table).put_item(
        TableName=stack.table.table, Item=item_of({"pk": f"ORDER#{order_id}", "sk": "EXPIRY", "ttl": 1})
    )
    stack.consume()
    assert stack.expire(order_id) == {"batchItemFailures": []}
    assert stack.items(order_id) == []


def test_the_same_creation_again_makes_no_second_order(stack: Retiring) -> None:
    body = {"reference": "2026-77", "unique_reference": True, **PERSONAL}
    order_id = stack.shop.create(**body)
    stack.shop.call("settlement", order_id, person=SELLER, body=CASH)
    stack.consume()
    stack.shop.clock.advance(DAYS)
    stack.expire(order_id)
    answer = client_of_api(SERVICE).create_order(sample_body("order_create") | body)
    assert (answer.status, answer.code) == (409, "reference-taken")
    assert stack.items(order_id) == ["EXPIRY", "HEAD"], "its content was removed again"


def test_the_same_key_again_makes_no_second_order(stack: Retiring) -> None:
    order_id = str(stack.shop.call("order_create", "").body["order_id"])
    stack.shop.call("order_cancel", order_id)
    stack.consume()
    stack.shop.clock.advance(DAYS)
    stack.expire(order_id)
    answer = stack.shop.call("order_create", "")
    assert (answer.status, answer.code) == (422, "idempotency-key-reused")


def test_every_call_about_a_retired_order_finds_none(stack: Retiring) -> None:
    order_id, attempt_id = stack.shop.locked()
    stack.shop.money(attempt_id)
    stack.consume()
    stack.shop.clock.advance(DAYS)
    stack.expire(order_id)
    assert stack.shop.pay(order_id).status == 404
    assert stack.shop.edit(order_id, 1, note="Ring twice").status == 404
    assert stack.shop.cancel_payment(order_id, attempt_id).status == 404
    for name in ("order_cancel", "refund", "pay_link", "payment_read"):
        assert stack.shop.call(name, order_id, attempt_id=attempt_id).status == 404, name
    assert erase(stack.shop, order_id).status == 404
    assert stack.shop.operator("recheck", order_id, attempt_id).status == 404
    listed = stack.shop.call("order_list", order_id, person=BUYER, query={"buyer_id": BUYER.subject})
    assert listed.body["orders"] == []


def test_retiring_costs_a_put_of_the_expiry_the_tombstone_and_a_batch_of_deletes(stack: Retiring) -> None:
    order_id = cancelled(stack.shop)
    stack.consume()
    stack.shop.clock.advance(DAYS)
    stack.remove_expiry(order_id)
    with Tap(stack.table).attached() as tap:
        stack.consume()
    assert tap.sent[1:] == ["BatchGetItem", "BatchWriteItem", "PutItem", "Query", "BatchWriteItem", "Query"]


def test_an_event_of_a_finished_order_costs_one_request_more(stack: Retiring) -> None:
    cancelled(stack.shop)
    with Tap(stack.table).attached() as tap:
        stack.consume()
    # Two edits are described; each of the four events is stored alone, and the last one finishes the order.
    assert tap.count("BatchWriteItem") == 5


def test_an_operator_finds_the_order_in_the_log(stack: Retiring) -> None:
    order_id = cancelled(stack.shop)
    stack.consume()
    stack.shop.clock.advance(DAYS)
    stack.expire(order_id)
    assert (Metric.ORDER_RETIRED, 1, {"order_id": order_id}) in stack.shop.metrics.counted
