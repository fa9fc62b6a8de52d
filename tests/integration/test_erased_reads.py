"""Reading or replaying the history of an erased order gives no text of before, whatever the stream has yet to bring."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from paylatch.runtime import wiring
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from paylatch.store.event_scan import DynamoEventScan
from tests.api.handlers import Context, handler_of
from tests.integration.personal_orders import CASH, REASON, TEXTS, erase, paid_in_cash
from tests.integration.shop import Shop
from tests.integration.table_stream import TableStream
from tests.lambda_events import OPERATOR, SELLER, SERVICE, Person, http_event

Published = list[dict[str, Any]]
SPAN = {"from": "2026-11-24T00:00:00Z", "to": "2026-11-25T00:00:00Z"}


@pytest.fixture
def record(orders_table: TableConnection, published: Published) -> Callable[[int], None]:
    """Hands the function the stream's records of heads but for the last ones; what it publishes does not count."""

    def recorded(but: int) -> None:
        records = TableStream(orders_table).batch()["Records"]
        heads = [record for record in records if record["dynamodb"]["Keys"]["sk"]["S"] == "HEAD"]
        outcome = handler_of("order_events")({"Records": heads[: len(heads) - but]}, Context())
        assert outcome == {"batchItemFailures": []}
        published.clear()

    return recorded


Record = Callable[[int], None]


@pytest.fixture
def erased(shop: Shop) -> str:
    """An erased order of which people had said things, in the same millisecond."""
    order_id = said_of(shop)
    assert erase(shop, order_id).status == 200
    return order_id


def said_of(shop: Shop) -> str:
    order_id = paid_in_cash(shop)
    shop.call("refund", order_id, person=SELLER, body={"amount": 1250, "reason": REASON})
    return order_id


def replay(shop: Shop, **body: Any) -> int:
    answer = shop.send("replay", http_event("replay", person=OPERATOR, body=body))
    published: int = answer.expect(200)["published"]
    return published


def texts_in(document: object) -> list[str]:
    return [text for text in TEXTS if text in json.dumps(document, default=str)]


@pytest.mark.parametrize("person", [SELLER, SERVICE, OPERATOR])
def test_nobody_reads_them_in_the_history(shop: Shop, record: Record, erased: str, person: Person) -> None:
    record(1)
    events = shop.call("order_history", erased, person=person).body["events"]
    assert [event["seq"] for event in events] == [1, 2, 3]
    assert (events[1]["detail"]["note"], events[2]["detail"]["reason"], texts_in(events)) == ("erased", "erased", [])


@pytest.mark.parametrize("of", ["order", "span"])
def test_no_replay_publishes_them(
    shop: Shop,
    record: Record,
    orders_table: TableConnection,
    published: Published,
    monkeypatch: pytest.MonkeyPatch,
    erased: str,
    of: str,
) -> None:
    monkeypatch.setattr(wiring, "make_event_scan", lambda: DynamoEventScan(orders_table))
    record(1)
    assert replay(shop, **({"order_id": erased} if of == "order" else SPAN)) == 3
    assert (len(published), texts_in(published)) == (3, [])


def test_no_replay_publishes_what_is_erased_once_it_was_read(
    shop: Shop, record: Record, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = said_of(shop)
    record(0)
    read = DynamoOrderStore.read_history

    def erased_behind(*page: Any) -> Any:
        found = read(*page)
        monkeypatch.setattr(DynamoOrderStore, "read_history", read)
        assert erase(shop, order_id).status == 200
        return found

    monkeypatch.setattr(DynamoOrderStore, "read_history", erased_behind)
    assert replay(shop, order_id=order_id) == 3
    assert (len(published), texts_in(published)) == (3, [])


def test_what_is_written_after_the_erasure_is_read(shop: Shop, record: Record, erased: str) -> None:
    shop.clock.advance(timedelta(seconds=1))
    shop.call(
        "refund", erased, person=SELLER, body={"amount": 5, "reason": "a cup broke"}, headers={"idempotency-key": "5"}
    )
    record(0)
    events = shop.call("order_history", erased, person=SELLER).body["events"]
    assert (events[-1]["detail"]["reason"], texts_in(events)) == ("a cup broke", [])


def test_what_is_from_before_is_not_read_either_while_the_stream_is_behind_what_came_after(
    shop: Shop, record: Record
) -> None:
    order_id = said_of(shop)
    shop.clock.advance(timedelta(milliseconds=1))
    erase(shop, order_id)
    shop.call("pay_link", order_id, person=SELLER)
    record(2)
    assert texts_in(shop.call("order_history", order_id, person=SELLER).body) == []


def test_an_order_that_nobody_erased_is_read_as_it_was_written(shop: Shop, record: Record) -> None:
    order_id = paid_in_cash(shop)
    record(0)
    assert shop.call("order_history", order_id, person=SELLER).body["events"][1]["detail"]["note"] == CASH["note"]
