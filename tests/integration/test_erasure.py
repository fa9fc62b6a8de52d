"""Personal data is erased from an order that is over: from every revision, the head and the history."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from paylatch.domain.errors import OrderUnreadable, Refused, StoreUnavailable
from paylatch.domain.tombstone import tombstone
from paylatch.ports import Heads, Metric
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from paylatch.store.items import item_of
from paylatch.store.keys import HEAD
from paylatch.use_cases.finish_erasure import record_and_erase
from tests.api.handler_transport import client_of as caller
from tests.api.handlers import Context, handler_of
from tests.integration.dynamodb_tap import Tap
from tests.integration.personal_orders import (
    CASH,
    PERSONAL,
    REASON,
    TEXTS,
    cancelled,
    erase,
    items,
    paid_in_cash,
    texts_in,
)
from tests.integration.shop import TTL, Shop
from tests.integration.table_stream import TableStream
from tests.integration.test_free_orders import overtaking
from tests.lambda_events import OPERATOR, SELLER, SERVICE, Person, http_event
from tests.orders_table import client_of
from tests.recorded_events import event_of


@pytest.fixture
def consume(shop: Shop, orders_table: TableConnection, published: list[dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Hands the function every record of the table's stream so far."""

    def consumed() -> dict[str, Any]:
        outcome: dict[str, Any] = handler_of("order_events")(TableStream(orders_table).batch(), Context())
        return outcome

    return consumed


Consume = Callable[[], dict[str, Any]]


def test_personal_data_is_gone_from_every_revision_and_the_order_stays_for_bookkeeping(
    shop: Shop, orders_table: TableConnection
) -> None:
    order_id = cancelled(shop)
    before = shop.read(order_id).body
    assert texts_in(orders_table, order_id)
    answer = erase(shop, order_id)
    assert (answer.status, texts_in(orders_table, order_id)) == (200, [])
    erased = {**before, **dict.fromkeys(PERSONAL)}
    now = answer.body["erased_at"]
    assert answer.body == {**erased, "erased_at": now, "updated_at": now} == shop.read(order_id).body
    contents = [key for key in items(orders_table, order_id) if key.startswith("CONTENT#")]
    head = shop.head(order_id)
    assert (contents, head.previous_content_id) == ([f"CONTENT#{head.content_id}"], None)


def test_what_people_wrote_is_gone_from_the_history_which_stays_whole(
    shop: Shop, orders_table: TableConnection, consume: Consume
) -> None:
    order_id = paid_in_cash(shop)
    shop.call("refund", order_id, person=SELLER, body={"amount": 1250, "reason": REASON})
    consume()
    before = shop.call("order_history", order_id, person=OPERATOR).body["events"]
    assert erase(shop, order_id).status == 200
    assert texts_in(orders_table, order_id) == []
    after = shop.call("order_history", order_id, person=OPERATOR).body["events"]
    assert [event["detail"].get("note") or event["detail"].get("reason") for event in after[1:]] == ["erased"] * 2
    blank = {"note": "erased", "reason": "erased"}
    kept = [{**event, "detail": {**event["detail"], **blank}} if "detail" in event else event for event in before]
    assert [
        {**event, "detail": {**event["detail"], **blank}} if "detail" in event else event for event in after
    ] == kept
    assert shop.read(order_id).body["refunds"][0]["reason"] == "erased"


def test_events_that_the_stream_brings_after_the_erasure_are_erased_too(
    shop: Shop, orders_table: TableConnection, consume: Consume, published: list[dict[str, Any]]
) -> None:
    order_id = paid_in_cash(shop)
    erase(shop, order_id)
    assert consume() == {"batchItemFailures": []}
    assert texts_in(orders_table, order_id) == []
    assert consume() == {"batchItemFailures": []}, "delivered once more"
    assert texts_in(orders_table, order_id) == []
    seqs = [event["seq"] for event in shop.call("order_history", order_id).body["events"]]
    assert seqs == [1, 2, 3]
    last = json.loads(published[2]["Detail"])
    assert (last["type"], last["actor"]) == ("PersonalDataErased", "service")
    assert not [text for text in TEXTS if text in published[2]["Detail"]]


def test_what_is_written_after_the_erasure_is_not_touched_by_its_event(
    shop: Shop, orders_table: TableConnection, consume: Consume
) -> None:
    order_id = paid_in_cash(shop)
    erase(shop, order_id)
    shop.call("refund", order_id, person=SELLER, body={"reason": REASON})
    consume()
    erasure = shop.ports.store.read_history(order_id, 0).events[2]
    assert record_and_erase([erasure], lambda: True, shop.ports) == {}, "delivered once more, alone"
    assert shop.call("order_history", order_id).body["events"][-1]["detail"]["reason"] == REASON
    content_id = shop.head(order_id).content_id
    assert erase(shop, order_id).status == 200, "a second erasure erases what came since"
    assert texts_in(orders_table, order_id) == []
    assert shop.head(order_id).content_id == content_id, "and puts no content: the first one's has no personal data"


def test_a_remark_after_the_erasure_is_erased_by_the_next_one_also_before_the_stream_brings_it(
    shop: Shop, orders_table: TableConnection, consume: Consume
) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.call("order_cancel", order_id)
    erase(shop, order_id)
    shop.money(attempt_id)
    (refund_id,) = shop.head(order_id).refunds
    shop.gateway.answer_with("refund", *[Refused("sandbox", "the account of Lord Byron is closed")] * 2)
    shop.sweep()
    assert caller(OPERATOR).write_off(order_id, refund_id, "Mrs King has it in cash").status == 200
    assert erase(shop, order_id).status == 200
    consume()
    assert texts_in(orders_table, order_id) == []


def test_an_erasure_that_another_one_overtook_leaves_what_came_after_that(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = paid_in_cash(shop)

    def erased_and_refunded() -> None:
        erase(shop, order_id, OPERATOR)
        shop.call("refund", order_id, person=SELLER, body={"reason": REASON})

    overtaking(shop, monkeypatch, "erase", erased_and_refunded)
    assert erase(shop, order_id).status == 200
    (refund,) = shop.head(order_id).refunds.values()
    assert refund.reason == REASON


def test_the_same_erasure_again_writes_nothing(shop: Shop, nothing_written: Callable[[], bool]) -> None:
    order_id = cancelled(shop)
    first = erase(shop, order_id)
    nothing_written()
    shop.clock.advance(TTL)
    assert erase(shop, order_id, OPERATOR).body == first.body
    assert nothing_written()


@pytest.mark.parametrize("person", [SERVICE, OPERATOR])
def test_the_event_names_the_role_of_the_caller(shop: Shop, person: Person, consume: Consume) -> None:
    order_id = cancelled(shop)
    erase(shop, order_id, person)
    consume()
    event = shop.call("order_history", order_id, person=OPERATOR).body["events"][-1]
    assert (event["type"], event["actor"], "detail" in event) == ("PersonalDataErased", person.role, False)
    assert event.get("actor_id") == (OPERATOR.subject if person is OPERATOR else None)


def test_a_payment_link_stops_working(shop: Shop) -> None:
    order_id = shop.create(**PERSONAL)
    shop.call("pay_link", order_id, person=SELLER)
    shop.call("order_cancel", order_id)
    erase(shop, order_id)
    head = shop.head(order_id)
    assert (head.link_id, head.link_return_url, head.has_contact) == (None, None, False)


def test_two_callers_at_once_erase_it_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, orders_table: TableConnection
) -> None:
    order_id = cancelled(shop)
    version = shop.head(order_id).version
    overtaking(shop, monkeypatch, "erase", lambda: erase(shop, order_id, OPERATOR))
    assert erase(shop, order_id).status == 200
    assert (shop.head(order_id).version, texts_in(orders_table, order_id)) == (version + 1, [])
    assert shop.read(order_id).status == 200


STORE_CALLS = ("put_content", "apply", "content_ids", "remove_content", "read_history", "read_content")


@pytest.mark.parametrize("lost", STORE_CALLS)
@pytest.mark.parametrize("executed", [True, False], ids=["response lost", "not executed"])
def test_after_a_crash_between_any_two_requests_the_same_call_finishes_it(
    shop: Shop, orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch, lost: str, executed: bool
) -> None:
    order_id = cancelled(shop)
    whole: Callable[..., Any] = getattr(DynamoOrderStore, lost)

    def fails(*args: Any) -> Any:
        monkeypatch.setattr(DynamoOrderStore, lost, whole)
        if executed:
            whole(*args)
        raise StoreUnavailable("the response was lost")

    monkeypatch.setattr(DynamoOrderStore, lost, fails)
    assert erase(shop, order_id).code == "store-unavailable"
    assert erase(shop, order_id).status == 200
    assert texts_in(orders_table, order_id) == []


def test_the_consumer_finishes_what_a_crash_left(
    shop: Shop, orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch, consume: Consume
) -> None:
    order_id = paid_in_cash(shop)

    def crash(*_: object) -> None:
        raise StoreUnavailable("the function ended")

    with monkeypatch.context() as patch:
        patch.setattr(DynamoOrderStore, "content_ids", crash)
        assert erase(shop, order_id).status == 503
        failed = consume()["batchItemFailures"]
    assert failed, "the record is delivered again"
    assert texts_in(orders_table, order_id), "nothing is erased yet"
    assert consume() == {"batchItemFailures": []}
    assert texts_in(orders_table, order_id) == []


def test_an_erasure_that_the_stream_brings_after_the_order_was_retired_has_nothing_to_finish(
    shop: Shop, orders_table: TableConnection, consume: Consume
) -> None:
    order_id = paid_in_cash(shop)
    erase(shop, order_id)
    left = {"pk": f"ORDER#{order_id}", "sk": HEAD, **tombstone(shop.head(order_id), shop.clock.now())}
    client_of(orders_table).put_item(TableName=orders_table.table, Item=item_of(left))
    assert consume() == {"batchItemFailures": []}


@pytest.fixture
def half_erased(shop: Shop, monkeypatch: pytest.MonkeyPatch, consume: Consume) -> str:
    """An order of whose history an erasure could not write an event, and said so."""
    order_id = paid_in_cash(shop)
    consume()
    with monkeypatch.context() as patch:
        patch.setattr(DynamoOrderStore, "record_events", lambda *_: {order_id: StoreUnavailable("busy")})
        assert erase(shop, order_id).code == "store-unavailable"
    return order_id


def test_after_an_erasure_that_could_not_write_an_event_the_next_one_goes_on(
    shop: Shop, orders_table: TableConnection, half_erased: str
) -> None:
    assert erase(shop, half_erased).status == 200
    assert texts_in(orders_table, half_erased) == []


def test_an_erasure_whose_head_was_not_read_is_delivered_again(
    shop: Shop, orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch, consume: Consume
) -> None:
    order_id = paid_in_cash(shop)
    erase(shop, order_id)
    with monkeypatch.context() as patch:
        patch.setattr(DynamoOrderStore, "read_heads", lambda *_: Heads({}, (order_id,)))
        assert consume()["batchItemFailures"]
    assert consume() == {"batchItemFailures": []}
    assert texts_in(orders_table, order_id) == []


def test_an_erasure_whose_head_was_not_read_fails_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [paid_in_cash(shop), paid_in_cash(shop)]
    assert [erase(shop, order_id).status for order_id in orders] == [200, 200]
    whole = DynamoOrderStore.read_heads
    monkeypatch.setattr(
        DynamoOrderStore, "read_heads", lambda store, ids: Heads({}, ids) if orders[0] in ids else whole(store, ids)
    )
    erasures = [event_of(shop.head(order_id)) for order_id in orders]
    assert record_and_erase(erasures, lambda: True, shop.ports).keys() == {orders[0]}


def test_an_erasure_whose_head_cannot_be_read_is_reported_and_holds_up_no_other_order(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, consume: Consume
) -> None:
    order_id = paid_in_cash(shop)
    erase(shop, order_id)
    unreadable = OrderUnreadable(order_id, "a word of a later release")
    monkeypatch.setattr(DynamoOrderStore, "read_heads", lambda *_: Heads({order_id: unreadable}, ()))
    assert consume() == {"batchItemFailures": []}
    assert shop.metrics.times(Metric.EVENT_UNREADABLE) == 1


def test_an_erasure_out_of_time_is_503_and_the_next_one_continues(shop: Shop, orders_table: TableConnection) -> None:
    order_id = cancelled(shop)
    filled = http_event("erasure", order_id=order_id)
    assert shop.send("erasure", filled, Context(lambda: 1_000)).code == "store-unavailable"
    assert shop.head(order_id).erased_at is not None
    assert erase(shop, order_id).status == 200
    assert texts_in(orders_table, order_id) == []


def test_an_erasure_that_runs_out_of_time_for_the_history_is_503_too(
    shop: Shop, orders_table: TableConnection, half_erased: str
) -> None:
    left = texts_in(orders_table, half_erased)
    filled = http_event("erasure", order_id=half_erased)
    assert shop.send("erasure", filled, Context(lambda: 1_000)).code == "store-unavailable"
    assert texts_in(orders_table, half_erased) == left != []


def test_an_event_that_cannot_be_read_is_named_and_keeps_no_other_from_being_erased(
    shop: Shop, orders_table: TableConnection, consume: Consume
) -> None:
    order_id = paid_in_cash(shop)
    consume()
    damaged = {"pk": f"ORDER#{order_id}", "sk": "EVENT#00000001", "seq": "one"}
    client_of(orders_table).put_item(TableName=orders_table.table, Item=item_of(damaged))
    assert erase(shop, order_id).code == "order-unreadable"
    assert texts_in(orders_table, order_id) == []
    assert consume() == {"batchItemFailures": []}, "it holds up no other order"


def test_an_edit_under_way_brings_nothing_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, orders_table: TableConnection
) -> None:
    """It has read the order, and puts its content after the order was cancelled and erased."""
    order_id = shop.create(**PERSONAL)
    put_content: Callable[..., bool] = DynamoOrderStore.put_content

    def after_an_erasure(*args: Any) -> bool:
        monkeypatch.setattr(DynamoOrderStore, "put_content", put_content)
        shop.call("order_cancel", order_id)
        assert erase(shop, order_id).status == 200
        return put_content(*args)

    monkeypatch.setattr(DynamoOrderStore, "put_content", after_an_erasure)
    assert shop.edit(order_id, 1, note="Mrs King is at home").code == "order-cancelled"
    assert texts_in(orders_table, order_id) == []


def test_a_creation_that_is_repeated_slowly_brings_nothing_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, orders_table: TableConnection
) -> None:
    body = {"reference": "2026-77", "unique_reference": True, **PERSONAL}
    put_content: Callable[..., bool] = DynamoOrderStore.put_content

    def after_an_erasure(*args: Any) -> bool:
        monkeypatch.setattr(DynamoOrderStore, "put_content", put_content)
        order_id = shop.create(**body)
        shop.call("order_cancel", order_id)
        assert erase(shop, order_id).status == 200
        return put_content(*args)

    monkeypatch.setattr(DynamoOrderStore, "put_content", after_an_erasure)
    order_id = shop.create(**body)
    assert shop.read(order_id).body["erased_at"]
    assert texts_in(orders_table, order_id) == []


@pytest.mark.parametrize("name", ["order_read", "order_cancel"])
def test_a_call_that_an_erasure_overtakes_gives_the_erased_order(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    order_id = cancelled(shop)
    read_content: Callable[..., Any] = DynamoOrderStore.read_content

    def after_an_erasure(*args: Any) -> Any:
        monkeypatch.setattr(DynamoOrderStore, "read_content", read_content)
        erase(shop, order_id)
        return read_content(*args)

    monkeypatch.setattr(DynamoOrderStore, "read_content", after_an_erasure)
    answer = shop.call(name, order_id)
    assert (answer.status, answer.body["email"]) == (200, None)


def test_a_creation_and_a_refund_are_repeated_after_an_erasure_as_before(shop: Shop) -> None:
    body = {"reference": "2026-78", "unique_reference": True, **PERSONAL}
    order_id, key = shop.create(**body), {"idempotency-key": "return-1"}
    shop.call("settlement", order_id, person=SELLER, body=CASH)
    first = shop.call("refund", order_id, person=SELLER, body={"reason": REASON}, headers=key).body
    erase(shop, order_id)
    assert shop.create(**body) == order_id
    again = shop.call("refund", order_id, person=SELLER, body={"reason": REASON}, headers=key)
    assert again.body == {**first, "reason": "erased"}
    assert shop.call("settlement", order_id, person=SELLER, body=CASH).status == 200


def test_erasing_costs_a_write_of_content_and_head_and_a_delete_of_each_old_content(
    shop: Shop, orders_table: TableConnection
) -> None:
    order_id = cancelled(shop)
    with Tap(orders_table).attached() as tap:
        erase(shop, order_id)
    assert tap.sent == [
        *("GetItem", "GetItem", "PutItem", "UpdateItem"),
        *("Query", *["DeleteItem"] * 3, "Query", "Query", "GetItem"),
    ]
