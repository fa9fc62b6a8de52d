"""What is due before a sweep would see it coming gets its timer from the table's stream."""

import json
from collections.abc import Sequence
from copy import deepcopy
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from paylatch.domain.errors import OutcomeUnknown, TimersNotSent
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


def locked_for_a_minute(shop: Shop, count: int) -> list[str]:
    return [shop.locked(f"key-{number}", expires_in=60)[0] for number in range(count)]


def due_records(orders_table: TableConnection) -> dict[str, Any]:
    """The records that the function's filter passes: those whose event set a time."""
    records = TableStream(orders_table).batch()["Records"]
    return {"Records": [each for each in records if "due_at" in _last_event(each)]}


def _last_event(record: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = record["dynamodb"].get("NewImage", {}).get("last_event", {"M": {}})["M"]
    return found


def order_of(record: dict[str, Any]) -> str:
    return str(record["dynamodb"]["Keys"]["pk"]["S"]).removeprefix("ORDER#")


def test_ten_timers_are_one_request_and_an_order_is_named_once_for_one_time(
    shop: Shop, orders_table: TableConnection, timers: MemoryTimers
) -> None:
    orders = locked_for_a_minute(shop, 23)
    batch = due_records(orders_table)
    assert len(batch["Records"]) == 2 * 23, "a lock and its session"
    handler_of("due_events")(batch, Context())
    assert timers.batches == [10, 10, 3]
    assert sorted(timer.order_id for timer in timers.sent) == sorted(orders)


def test_a_request_that_fails_keeps_back_no_other_timers(
    shop: Shop, orders_table: TableConnection, timers: MemoryTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = locked_for_a_minute(shop, 25)
    batch, send, asked = due_records(orders_table), timers.send, count(1)

    def fail_second(some: Sequence[Timer]) -> None:
        if next(asked) == 2:
            raise TimersNotSent("1 of 10 were not taken")
        send(some)

    monkeypatch.setattr(timers, "send", fail_second)
    (failure,) = handler_of("due_events")(batch, Context())["batchItemFailures"]
    assert timers.batches == [10, 5]
    number = failure["itemIdentifier"]
    first = next(each for each in batch["Records"] if each["dynamodb"]["SequenceNumber"] == number)
    assert order_of(first) == orders[10], "what comes again begins with the first that was not sent"


def test_what_there_is_no_time_to_send_comes_again(
    shop: Shop, orders_table: TableConnection, timers: MemoryTimers
) -> None:
    locked_for_a_minute(shop, 11)
    batch = due_records(orders_table)
    left = iter([30_000, 1_000])
    (failure,) = handler_of("due_events")(batch, Context(lambda: next(left)))["batchItemFailures"]
    assert timers.batches == [10]
    assert failure["itemIdentifier"] == batch["Records"][20]["dynamodb"]["SequenceNumber"]


def test_a_record_of_no_table_keeps_back_no_timer_of_its_batch(
    shop: Shop, orders_table: TableConnection, timers: MemoryTimers
) -> None:
    orders = locked_for_a_minute(shop, 3)
    batch = due_records(orders_table)
    poisoned = deepcopy(batch["Records"][0])
    del poisoned["dynamodb"]["Keys"]
    batch["Records"].insert(0, poisoned)
    assert len(handler_of("due_events")(batch, Context())["batchItemFailures"]) == 1
    assert timers.order_ids == set(orders)


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
