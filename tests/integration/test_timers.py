"""A timer does the sweep's work on one order, at its moment; whatever becomes of its message does no harm."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from paylatch.domain.errors import OutcomeUnknown, StoreUnavailable
from paylatch.domain.order import Order
from paylatch.ports import Timer
from paylatch.runtime import wiring
from paylatch.runtime.timer_queue import message_of
from tests.api.handlers import Context, handler_of
from tests.fakes.memory_timers import MemoryTimers
from tests.integration.shop import TTL, Shop
from tests.lambda_events import event

NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}


def batch_of(*bodies: str) -> dict[str, Any]:
    (record,) = event("timer")["Records"]
    return {"Records": [{**record, "messageId": f"message-{place}", "body": body} for place, body in enumerate(bodies)]}


def deliver(*timers: Timer, milliseconds: Callable[[], int] = lambda: 60_000) -> dict[str, Any]:
    """SQS hands these messages to the function."""
    batch = batch_of(*map(message_of, timers))
    answer: dict[str, Any] = handler_of("timers")(batch, Context(milliseconds))
    return answer


def due_at(shop: Shop, order_id: str) -> datetime:
    time = shop.head(order_id).due_at
    assert time is not None
    return time


def test_the_order_is_unlocked_at_its_deadline(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _ = shop.locked()
    timer = Timer(order_id, due_at(shop, order_id))
    shop.clock.advance(TTL)
    assert deliver(timer) == NOTHING_FAILED
    assert shop.status(order_id) == "pending_payment"
    assert timers.sent == []


def test_the_buyer_who_has_just_paid_has_paid(shop: Shop, timers: MemoryTimers) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id)
    shop.clock.advance(TTL)
    deliver(Timer(order_id, shop.clock.now()))
    assert shop.status(order_id) == "paid"


def test_a_refund_that_is_due_is_made(shop: Shop, timers: MemoryTimers) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    follow_up_at = shop.head(order_id).follow_up_at
    assert follow_up_at is not None
    assert deliver(Timer(order_id, follow_up_at)) == NOTHING_FAILED
    assert shop.head(order_id).refunds_due == ()


def test_an_early_message_is_sent_again_and_asks_nobody(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _ = shop.locked()
    early = Timer(order_id, due_at(shop, order_id))
    before = shop.head(order_id)
    assert deliver(early) == NOTHING_FAILED
    assert timers.sent == [early]
    assert shop.head(order_id) == before
    assert shop.gateway.calls("void") == []


def test_an_early_message_that_cannot_be_sent_again_is_delivered_again(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _ = shop.locked()
    timers.failing = True
    assert deliver(Timer(order_id, due_at(shop, order_id))) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}


def test_a_message_for_which_no_time_is_left_is_sent_again(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _ = shop.locked()
    shop.clock.advance(TTL)
    timer = Timer(order_id, shop.clock.now())
    assert deliver(timer, milliseconds=lambda: 10_000) == NOTHING_FAILED
    assert timers.sent == [timer]
    assert shop.status(order_id) == "in_payment"


def paid(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    return order_id


def released(shop: Shop) -> str:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    return order_id


def locked_anew(shop: Shop) -> str:
    """Under an attempt whose deadline is later than the one that the message is about."""
    order_id = released(shop)
    shop.clock.advance(timedelta(minutes=5))
    shop.pay(order_id, "later")
    shop.clock.advance(-timedelta(minutes=5))
    return order_id


def none_at_all(_: Shop) -> str:
    return "7777777777777777"


@pytest.mark.parametrize("made", [paid, released, locked_anew, none_at_all])
def test_a_stale_message_changes_nothing(shop: Shop, timers: MemoryTimers, made: Callable[[Shop], str]) -> None:
    order_id = made(shop)
    shop.clock.advance(TTL)
    before = shop.ports.store.read_head(order_id)
    shop.gateway.asked.clear()
    assert deliver(Timer(order_id, shop.clock.now())) == NOTHING_FAILED
    assert shop.ports.store.read_head(order_id) == before
    assert shop.gateway.asked == []


def test_a_doubled_message_unlocks_once(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _ = shop.locked()
    shop.clock.advance(TTL)
    timer = Timer(order_id, shop.clock.now())
    assert deliver(timer, timer, timer) == NOTHING_FAILED
    assert deliver(timer) == NOTHING_FAILED
    assert (shop.status(order_id), shop.head(order_id).version) == ("pending_payment", 4), "one unlock"


def test_doubled_messages_of_a_batch_ask_the_gateway_once(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _ = shop.locked()
    shop.clock.advance(TTL)
    shop.gateway.answer_with("void", *[OutcomeUnknown("sandbox", "no answer")] * 3)
    timer = Timer(order_id, shop.clock.now())
    assert deliver(timer, timer, timer) == NOTHING_FAILED
    assert len(shop.gateway.calls("void")) == 1


def test_doubled_messages_of_a_batch_are_all_delivered_again_where_their_work_failed(
    shop: Shop, timers: MemoryTimers
) -> None:
    order_id, other = shop.locked()[0], shop.locked("other")[0]
    shop.clock.advance(TTL)
    early = Timer(order_id, shop.clock.now() + timedelta(seconds=9))
    timers.failing = True
    answer = deliver(early, Timer(other, shop.clock.now()), early)
    assert answer == {"batchItemFailures": [{"itemIdentifier": f"message-{place}"} for place in (0, 2)]}
    assert shop.status(other) == "pending_payment"


def test_a_timer_and_a_sweep_at_once_unlock_once(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _ = shop.locked()
    shop.clock.advance(TTL + timedelta(minutes=2))
    shop.gateway.during("void", lambda: shop.sweep())
    assert deliver(Timer(order_id, shop.clock.now())) == NOTHING_FAILED
    assert (shop.status(order_id), shop.head(order_id).version) == ("pending_payment", 4)


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", "7", "{}", '{"order_id": 7}', '{"order_id": "../x", "due_at": "2026-11-24T12:00:00.000Z"}']
    + [f'{{"order_id": "Q89683FB7M1E9QR4", "due_at": {time}}}' for time in ("7", "null", '"noon"', '""')],
)
def test_a_malformed_message_fails_alone_and_is_named_in_the_log(shop: Shop, timers: MemoryTimers, body: str) -> None:
    order_id, _ = shop.locked()
    shop.clock.advance(TTL)
    good = message_of(Timer(order_id, shop.clock.now()))
    answer = handler_of("timers")(batch_of(body, good), Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    assert shop.status(order_id) == "pending_payment"
    ((_, fields),) = shop.metrics.failed
    assert fields["message_id"] == "message-0"


def test_one_failing_order_fails_alone_and_its_message_comes_again(
    shop: Shop, timers: MemoryTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [shop.locked(f"key-{number}")[0] for number in range(10)]
    shop.clock.advance(TTL)
    read = shop.ports.store.read_head

    def read_or_fail(order_id: str) -> Order | None:
        if order_id == orders[3]:
            raise StoreUnavailable("this one cannot be read")
        return read(order_id)

    monkeypatch.setattr(shop.ports.store, "read_head", read_or_fail)
    answer = deliver(*(Timer(order_id, shop.clock.now()) for order_id in orders))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-3"}]}
    monkeypatch.undo()
    assert [shop.status(order_id) for order_id in orders].count("pending_payment") == 9
    ((_, fields),) = shop.metrics.failed
    assert fields["order_id"] == orders[3]


def test_a_gateway_that_does_not_answer_leaves_the_order_visibly_releasing(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _ = shop.locked()
    shop.clock.advance(TTL)
    shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "no answer"))
    assert deliver(Timer(order_id, shop.clock.now())) == NOTHING_FAILED
    assert shop.status(order_id) == "releasing"


def test_an_event_without_records_fails_as_a_whole(shop: Shop, timers: MemoryTimers) -> None:
    with pytest.raises(KeyError):
        handler_of("timers")({}, Context())


def test_the_message_names_order_and_time_and_nothing_else(shop: Shop) -> None:
    order_id, _ = shop.locked()
    assert json.loads(message_of(Timer(order_id, due_at(shop, order_id)))) == {
        "order_id": order_id,
        "due_at": "2026-11-24T12:15:00.000Z",
    }


def test_a_function_without_its_queue_says_which_setting_is_missing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "make_timers", lambda: None)
    wiring.timers.cache_clear()
    with pytest.raises(KeyError, match="PAYLATCH_TIMER_QUEUE"):
        wiring.timer_queue()
