"""What is due before a sweep would see it coming gets its timer from the table's stream."""

import json
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.limits import DUE_SOON, LOOK_AHEAD
from paylatch.ports import Timer
from paylatch.store.connection import TableConnection
from tests.api.handlers import Context, handler_of
from tests.fakes.memory_timers import MemoryTimers
from tests.integration.head_edits import edit_head, unreadable
from tests.integration.shop import Shop
from tests.integration.table_stream import TableStream
from tests.lambda_events import SAMPLE_ORDER, event
from tests.template import transformed

A_MINUTE = timedelta(minutes=1)


def follow(orders_table: TableConnection) -> dict[str, Any]:
    """The function is given every record of the stream."""
    answer: dict[str, Any] = handler_of("due_events")(TableStream(orders_table).batch(), Context())
    return answer


def test_a_lock_shorter_than_the_look_ahead_has_its_timer_from_the_start(
    shop: Shop, orders_table: TableConnection, timers: MemoryTimers
) -> None:
    order_id, _ = shop.locked(expires_in=60)
    assert follow(orders_table) == {"batchItemFailures": []}
    assert set(timers.sent) == {Timer(order_id, shop.clock.now() + A_MINUTE)}


def test_a_longer_lock_is_left_to_the_look_ahead(
    shop: Shop, orders_table: TableConnection, timers: MemoryTimers
) -> None:
    shop.locked(expires_in=int(DUE_SOON.total_seconds()))
    follow(orders_table)
    assert timers.sent == []


def test_every_time_is_seen_by_a_sweep_or_sent_from_the_stream() -> None:
    """A sweep runs each minute; one that starts up to a quarter of a minute late still sees what is due next."""
    assert A_MINUTE + timedelta(seconds=15) <= LOOK_AHEAD
    assert LOOK_AHEAD + timedelta(seconds=15) <= DUE_SOON


def test_the_next_question_about_a_release_has_its_timer(
    shop: Shop, orders_table: TableConnection, timers: MemoryTimers
) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "no answer"))
    shop.cancel_payment(order_id, attempt_id)
    follow(orders_table)
    assert timers.sent == [Timer(order_id, shop.clock.now() + timedelta(seconds=30))]


def test_a_refund_that_is_owed_at_once_has_its_timer(
    shop: Shop, orders_table: TableConnection, timers: MemoryTimers
) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    follow(orders_table)
    assert Timer(order_id, shop.clock.now()) in timers.sent


def test_a_timer_that_is_not_sent_is_tried_again_with_what_follows(
    shop: Shop, orders_table: TableConnection, timers: MemoryTimers
) -> None:
    shop.locked(expires_in=60)
    timers.failing = True
    batch = TableStream(orders_table).batch()
    answer = handler_of("due_events")(batch, Context())
    (failure,) = answer["batchItemFailures"]
    failed = next(each for each in batch["Records"] if each["dynamodb"]["SequenceNumber"] == failure["itemIdentifier"])
    assert "due_at" in failed["dynamodb"]["NewImage"]["last_event"]["M"]


def test_an_event_that_cannot_be_read_holds_up_no_other(
    shop: Shop, orders_table: TableConnection, timers: MemoryTimers
) -> None:
    broken, _ = shop.locked("broken", expires_in=60)
    good, _ = shop.locked("good", expires_in=60)
    batch = TableStream(orders_table).batch()
    for record in batch["Records"]:
        image = record["dynamodb"].get("NewImage", {})
        if "last_event" in image and image["pk"]["S"].endswith(broken):
            image["last_event"]["M"]["due_at"] = {"S": "soon"}
    assert handler_of("due_events")(batch, Context()) == {"batchItemFailures": []}
    assert timers.order_ids == {good}


def test_the_rest_of_the_head_need_not_be_readable(
    shop: Shop, orders_table: TableConnection, timers: MemoryTimers
) -> None:
    order_id, _ = shop.locked(expires_in=60)
    edit_head(orders_table, order_id, unreadable)
    assert follow(orders_table) == {"batchItemFailures": []}
    assert timers.order_ids == {order_id}


def test_the_sample_event_is_a_lock_of_one_minute(shop: Shop, timers: MemoryTimers) -> None:
    handler_of("due_events")(event("due_events"), Context())
    assert timers.order_ids == {SAMPLE_ORDER}


def test_the_function_is_called_for_records_that_set_a_time_and_for_no_others(
    shop: Shop, orders_table: TableConnection
) -> None:
    """By the filter of its own event source mapping."""
    mapping = transformed.of_type("Lambda::EventSourceMapping")["DueEventsSource"]
    ((pattern,),) = [filters.values() for filters in mapping["FilterCriteria"]["Filters"]]
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    records = TableStream(orders_table).batch()["Records"]
    passed = [record for record in records if passes(record, json.loads(pattern))]
    types = [record["dynamodb"]["NewImage"]["last_event"]["M"]["type"]["S"] for record in passed]
    assert types == ["OrderLocked", "PaymentOpened"]
    assert {record["dynamodb"]["Keys"]["pk"]["S"] for record in passed} == {f"ORDER#{order_id}"}


def passes(record: Any, pattern: Any) -> bool:
    """Lambda's rule for the patterns that the template uses: words, and whether there is a value."""
    if isinstance(pattern, dict):
        return isinstance(record, dict) and all(passes(record.get(key), inner) for key, inner in pattern.items())
    return (record is not None) if pattern == [{"exists": True}] else record in pattern


@pytest.mark.parametrize("missing", ["Keys", "SequenceNumber"])
def test_a_record_of_another_shape_fails(shop: Shop, timers: MemoryTimers, missing: str) -> None:
    batch = deepcopy(event("due_events"))
    del batch["Records"][0]["dynamodb"][missing]
    if missing == "SequenceNumber":
        with pytest.raises(KeyError):
            handler_of("due_events")(batch, Context())
    else:
        assert len(handler_of("due_events")(batch, Context())["batchItemFailures"]) == 1
    assert timers.sent == []
