"""An operator has events published again: as they were, each with its own `seq`, and a call goes on where one ended."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from local.api_client import ApiResponse
from paylatch.domain.cursors import encoded
from paylatch.domain.errors import EventNotPublished, EventRefused, PaylatchError
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.timestamps import as_text, from_text
from paylatch.domain.tombstone import tombstone
from paylatch.domain.webhooks import webhook_of
from paylatch.ports import Metric
from paylatch.runtime import event_bus, wiring
from paylatch.runtime.replay_models import check_of
from paylatch.store import event_scan
from paylatch.store.connection import TableConnection
from paylatch.store.event_scan import DynamoEventScan
from paylatch.store.items import item_of
from paylatch.store.keys import head_key
from paylatch.use_cases import replay_events
from tests.api.handlers import Context, handler_of
from tests.integration.head_edits import edit_head, unreadable
from tests.integration.shop import Shop
from tests.integration.table_stream import TableStream
from tests.lambda_events import OPERATOR, http_event
from tests.orders_table import client_of

Published = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def scan(orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "make_event_scan", lambda: DynamoEventScan(orders_table))


def record(orders_table: TableConnection) -> None:
    assert handler_of("order_events")(TableStream(orders_table).batch(), Context()) == {"batchItemFailures": []}


def replay(shop: Shop, context: Context | None = None, **body: Any) -> ApiResponse:
    return shop.send("replay", http_event("replay", person=OPERATOR, body=body), context)


def whole(shop: Shop, **body: Any) -> list[Mapping[str, Any]]:
    """The answers of all calls until all is done."""
    answers = [replay(shop, **body).expect(200)]
    while answers[-1]["next_cursor"]:
        answers.append(replay(shop, **body, cursor=answers[-1]["next_cursor"]).expect(200))
    return answers


def details(published: Published) -> list[dict[str, Any]]:
    return [json.loads(entry["Detail"]) for entry in published]


def edited_order(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    return order_id


@pytest.fixture
def order_id(shop: Shop, orders_table: TableConnection, published: Published) -> str:
    """An order whose five events were published before the test."""
    order_id = edited_order(shop)
    record(orders_table)
    published.clear()
    return order_id


def test_an_order_s_events_come_again_exactly_as_they_were(
    shop: Shop, orders_table: TableConnection, published: Published
) -> None:
    order_id = edited_order(shop)
    shop.create(reference="another")
    record(orders_table)
    before = [event for event in details(published) if event["order_id"] == order_id]
    published.clear()

    assert replay(shop, order_id=order_id).body == {"published": 5, "skipped": [], "next_cursor": None}
    assert details(published) == before
    assert [webhook_of(event) for event in details(published)] == [webhook_of(event) for event in before]


def test_a_span_of_time_has_the_events_of_all_orders_in_it_and_no_others(
    shop: Shop, orders_table: TableConnection, published: Published
) -> None:
    shop.create(reference="too early")
    shop.clock.advance(timedelta(seconds=1))
    first = shop.clock.now()
    orders = [edited_order(shop), shop.create(reference="second")]
    shop.clock.advance(timedelta(seconds=1))
    until = shop.clock.now()
    shop.create(reference="too late")
    record(orders_table)
    before = [event for event in details(published) if event["order_id"] in orders]
    published.clear()

    answers = whole(shop, **{"from": as_text(first), "to": as_text(until)})

    assert sum(each["published"] for each in answers) == len(before) == 6
    by_order = {order_id: [event for event in before if event["order_id"] == order_id] for order_id in orders}
    again = {order_id: [event for event in details(published) if event["order_id"] == order_id] for order_id in orders}
    assert again == by_order


def test_a_call_ends_after_so_many_events_and_the_next_goes_on(
    shop: Shop, published: Published, monkeypatch: pytest.MonkeyPatch, order_id: str
) -> None:
    monkeypatch.setattr(replay_events, "OF_AN_ORDER", 2)
    monkeypatch.setattr(replay_events, "MOST_REPLAYED", 2)

    assert [each["published"] for each in whole(shop, order_id=order_id)] == [2, 2, 1]
    assert [event["seq"] for event in details(published)] == [1, 2, 3, 4, 5]


def test_a_span_goes_on_behind_the_item_where_a_call_ended(
    shop: Shop, orders_table: TableConnection, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = {edited_order(shop), shop.create(reference="second"), shop.create(reference="third")}
    record(orders_table)
    before = details(published)
    published.clear()
    monkeypatch.setattr(event_scan, "LARGEST_SCAN", 3)
    monkeypatch.setattr(replay_events, "MOST_REPLAYED", 1)

    now = shop.clock.now()
    answers = whole(shop, **{"from": as_text(now - timedelta(hours=1)), "to": as_text(now + timedelta(hours=1))})

    assert len(answers) > 2
    again = details(published)
    assert {event["order_id"] for event in again} == orders
    assert sorted(again, key=repr) == sorted(before, key=repr), "each once"


def test_a_call_whose_time_runs_out_says_where_the_next_goes_on(
    shop: Shop, published: Published, monkeypatch: pytest.MonkeyPatch, order_id: str
) -> None:
    monkeypatch.setattr(replay_events, "OF_AN_ORDER", 2)
    # Enough for the first page's two events, each of which asks before its request; then none.
    left = iter([60_000] * 2 + [0] * 10)
    answer = replay(shop, Context(lambda: next(left)), order_id=order_id).expect(200)

    assert (answer["published"], [event["seq"] for event in details(published)]) == (2, [1, 2])
    assert replay(shop, order_id=order_id, cursor=answer["next_cursor"]).body["published"] == 3


def test_a_bus_that_takes_nothing_is_an_error_and_the_same_call_does_it_all_later(
    shop: Shop, published: Published, monkeypatch: pytest.MonkeyPatch, order_id: str
) -> None:
    def fails(events: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        raise EventNotPublished("ThrottlingException of arn:aws:events")

    with monkeypatch.context() as patch:
        patch.setattr(event_bus, "publish", fails)
        answer = replay(shop, order_id=order_id)
    assert (answer.status, answer.code) == (503, "event-not-published")
    assert "arn:aws" not in json.dumps(answer.document)
    assert replay(shop, order_id=order_id).body["published"] == 5


def test_a_page_that_fails_later_is_for_the_next_call(
    shop: Shop, published: Published, monkeypatch: pytest.MonkeyPatch, order_id: str
) -> None:
    monkeypatch.setattr(replay_events, "OF_AN_ORDER", 2)
    publish = event_bus.publish

    def fails_at_the_fourth(events: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        if events[0].seq == 4:
            raise EventNotPublished("InternalFailure")
        return publish(events)

    with monkeypatch.context() as patch:
        patch.setattr(event_bus, "publish", fails_at_the_fourth)
        answer = replay(shop, order_id=order_id).expect(200)
    assert answer["published"] == 2
    whole(shop, order_id=order_id, cursor=answer["next_cursor"])
    assert [event["seq"] for event in details(published)] == [1, 2, 3, 3, 4, 5], "one twice, none missing"


def test_an_event_that_the_bus_refuses_for_good_holds_up_no_other(
    shop: Shop, published: Published, monkeypatch: pytest.MonkeyPatch, order_id: str
) -> None:
    publish = event_bus.publish

    def refuses_the_second(events: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        refused = {event.order_id: EventRefused("MalformedDetail") for event in events if event.seq == 2}
        return refused or publish(events)

    monkeypatch.setattr(event_bus, "publish", refuses_the_second)
    assert replay(shop, order_id=order_id).body == {"published": 4, "skipped": [order_id], "next_cursor": None}


def test_what_cannot_be_read_is_named_and_holds_up_nothing(
    shop: Shop, orders_table: TableConnection, published: Published
) -> None:
    odd, order_id = shop.create(reference="odd"), shop.create(reference="even")
    record(orders_table)
    published.clear()
    edit_head(orders_table, order_id, unreadable)
    client_of(orders_table).update_item(
        TableName=orders_table.table,
        Key={"pk": {"S": f"ORDER#{odd}"}, "sk": {"S": "EVENT#00000001"}},
        UpdateExpression="REMOVE payment_status",
    )
    now = shop.clock.now()
    (answer,) = whole(shop, **{"from": as_text(now), "to": as_text(now + timedelta(hours=1))})

    assert answer == {"published": 1, "skipped": [odd], "next_cursor": None}
    (event,) = details(published)
    assert event["order_id"] == order_id


def test_the_events_of_a_retired_order_do_not_come_again_where_some_are_left(
    shop: Shop, orders_table: TableConnection, published: Published, order_id: str
) -> None:
    other = shop.create(reference="another")
    record(orders_table)
    published.clear()
    gone = item_of({**head_key(order_id), **tombstone(shop.head(order_id), shop.clock.now())})
    client_of(orders_table).put_item(TableName=orders_table.table, Item=gone)
    now = shop.clock.now()
    span: dict[str, Any] = {"from": as_text(now), "to": as_text(now + timedelta(hours=1))}

    assert replay(shop, **span).body["published"] == 1
    assert [event["order_id"] for event in details(published)] == [other]


def test_an_event_of_the_order_that_cannot_be_read_is_named_and_the_others_are_published(
    shop: Shop, orders_table: TableConnection, published: Published, order_id: str
) -> None:
    client_of(orders_table).update_item(
        TableName=orders_table.table,
        Key={"pk": {"S": f"ORDER#{order_id}"}, "sk": {"S": "EVENT#00000002"}},
        UpdateExpression="REMOVE payment_status",
    )

    assert replay(shop, order_id=order_id).body == {"published": 4, "skipped": [order_id], "next_cursor": None}
    assert [event["seq"] for event in details(published)] == [1, 3, 4, 5]
    assert shop.metrics.times(Metric.EVENT_UNREADABLE) == 1
    assert shop.call("order_history", order_id).code == "order-unreadable"


def test_a_page_that_ends_with_an_unreadable_event_is_followed_by_the_next_one(
    shop: Shop, orders_table: TableConnection, published: Published, monkeypatch: pytest.MonkeyPatch, order_id: str
) -> None:
    monkeypatch.setattr(replay_events, "OF_AN_ORDER", 2)
    client_of(orders_table).update_item(
        TableName=orders_table.table,
        Key={"pk": {"S": f"ORDER#{order_id}"}, "sk": {"S": "EVENT#00000002"}},
        UpdateExpression="REMOVE payment_status",
    )

    assert replay(shop, order_id=order_id).body["published"] == 4
    assert [event["seq"] for event in details(published)] == [1, 3, 4, 5]


NOON, LATER = "2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "from"),
        ({"from": NOON}, "to"),
        ({"to": NOON}, "from"),
        ({"order_id": "Q89683FB7M1E9QR4", "from": NOON, "to": LATER}, "order_id"),
        ({"order_id": "Q89683FB7M1E9QR4", "to": LATER}, "order_id"),
        ({"order_id": "q8"}, "order_id"),
        ({"order_id": 7}, "order_id"),
        ({"from": LATER, "to": NOON}, "to"),
        ({"from": NOON, "to": NOON}, "to"),
        ({"from": "yesterday", "to": NOON}, "from"),
        ({"from": "2026-11-24T12:00:00", "to": LATER}, "from"),
        ({"from": NOON, "to": LATER, "until": LATER}, "until"),
        ({"first": NOON, "until": LATER}, "first"),
        ({"from": NOON, "to": LATER, "cursor": ""}, "cursor"),
        ({"from": NOON, "to": LATER, "cursor": "%%%"}, "cursor"),
    ],
)
def test_a_request_that_names_no_events_is_refused_by_its_field(
    shop: Shop, published: Published, body: dict[str, Any], field: str
) -> None:
    answer = replay(shop, **body)

    assert (answer.status, answer.code) == (400, "invalid-request")
    assert field in [error["field"] for error in answer.document["errors"]]
    assert published == []


def test_an_order_that_does_not_exist_is_not_found(shop: Shop) -> None:
    assert replay(shop, order_id="7777777777777777").code == "order-not-found"


# A place that no call gives: below and above each `seq`, of another kind, and keys that are none.
PLACES: list[tuple[dict[str, Any], list[object]]] = [
    ({"order_id": "Q89683FB7M1E9QR4"}, [-1, 99999999 + 1, True, 1.0, None, "1", ["a", "b"], [[[[]]]]]),
    (
        {"from": NOON, "to": LATER},
        [7, None, "HEAD", ["", "HEAD"], ["a", ""], ["a"], ["a", "b", "c"], ["\ud800", "HEAD"]],
    ),
]


@pytest.mark.parametrize(("request_", "place"), [(request, place) for request, places in PLACES for place in places])
def test_a_cursor_with_a_place_that_no_call_gives_is_refused(
    shop: Shop, published: Published, request_: dict[str, Any], place: object
) -> None:
    span = (from_text("2026-11-24T12:00:00.000Z"), from_text("2026-11-24T13:00:00.000Z"))
    check = check_of(request_.get("order_id"), None if "order_id" in request_ else span)
    answer = replay(shop, **request_, cursor=encoded(json.dumps([check, place])))
    assert [error["field"] for error in answer.body["errors"]] == ["cursor"]
    assert published == []


def test_a_cursor_is_for_its_own_request_alone(
    shop: Shop, orders_table: TableConnection, published: Published, monkeypatch: pytest.MonkeyPatch, order_id: str
) -> None:
    monkeypatch.setattr(replay_events, "OF_AN_ORDER", 2)
    monkeypatch.setattr(replay_events, "MOST_REPLAYED", 1)
    monkeypatch.setattr(event_scan, "LARGEST_SCAN", 3)
    other = edited_order(shop)
    span: dict[str, Any] = {"from": NOON, "to": LATER}
    record(orders_table)
    of_order = replay(shop, order_id=order_id).body["next_cursor"]
    of_span = replay(shop, **span).body["next_cursor"]
    assert None not in (of_order, of_span)
    published.clear()
    others: list[tuple[str, dict[str, Any]]] = [
        (of_order, {"order_id": other}),
        (of_order, span),
        (of_span, {"order_id": order_id}),
        (of_span, {"from": NOON, "to": "2026-11-24T13:00:00.001Z"}),
        (of_span, {"from": "2026-11-24T11:59:59.999Z", "to": LATER}),
    ]
    for cursor, request in others:
        answer = replay(shop, **request, cursor=cursor)
        assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (400, ["cursor"])
    assert published == []
    assert replay(shop, order_id=order_id, cursor=of_order).status == 200
    same: dict[str, Any] = {"from": "2026-11-24T13:00:00+01:00", "to": "2026-11-24T13:00:00.000Z"}
    assert replay(shop, **same, cursor=of_span).status == 200, "the same span, written in another way"
