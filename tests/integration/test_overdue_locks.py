"""An overdue lock ends as soon as somebody asks for the order: nobody waits for the sweep."""

from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.limits import OPENING_LASTS
from paylatch.ports import Metric, Timer, VoidAnswer, VoidKind
from paylatch.runtime import timer_queue, wiring
from paylatch.runtime.timer_queue import message_of
from tests.api.handlers import Context, handler_of
from tests.fakes.memory_timers import MemoryTimers
from tests.integration.shop import TTL, Shop
from tests.lambda_events import BUYER, OPERATOR, OTHER_CALLER, SELLER, Person, event

MOMENT = timedelta(milliseconds=1)


def overdue(shop: Shop) -> tuple[str, str]:
    order_id, attempt_id = shop.locked("old")
    shop.clock.advance(TTL)
    return order_id, attempt_id


def test_a_payment_request_releases_an_overdue_lock_and_locks_anew(shop: Shop) -> None:
    order_id, old = overdue(shop)
    answer = shop.pay(order_id, "new")
    assert (answer.status, answer.body["status"]) == (201, "open")
    head = shop.head(order_id)
    assert head.held_by(answer.body["attempt_id"])
    assert head.past_attempts[old].status == "timed_out"
    assert [attempt.attempt_id for attempt in shop.gateway.calls("void")] == [old]
    assert answer.body["expires_at"] == "2026-11-24T12:30:00.000Z", "its time begins when it locks"


def test_a_lock_that_is_not_overdue_is_left_alone(shop: Shop) -> None:
    order_id, old = shop.locked("old")
    shop.clock.advance(TTL - MOMENT)
    answer = shop.pay(order_id, "new")
    assert (answer.status, answer.code, answer.body["overdue"]) == (409, "order-locked", False)
    assert (shop.gateway.calls("void"), shop.holder(order_id)) == ([], old)


def test_an_attempt_that_nobody_opened_is_released_after_two_minutes(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", OutcomeUnknown("sandbox", "no answer"))
    shop.pay(order_id, "dies")
    shop.clock.advance(OPENING_LASTS)
    assert shop.pay(order_id, "new").status == 201


def test_an_overdue_lock_that_the_gateway_does_not_confirm_stays_and_says_when_it_is_checked(shop: Shop) -> None:
    order_id, old = overdue(shop)
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    answer = shop.pay(order_id, "new")
    assert (answer.status, answer.code, answer.body["attempt_id"]) == (409, "order-locked", old)
    assert (answer.body["overdue"], answer.headers["retry-after"]) == (False, "30")
    assert shop.status(order_id) == "releasing"
    assert shop.pay(order_id, "new").headers["retry-after"] == "30"
    assert len(shop.gateway.calls("void")) == 1, "the gateway is not asked before its time"
    shop.clock.advance(timedelta(seconds=30))
    assert shop.pay(order_id, "new").status == 201


def test_an_overdue_lock_that_was_paid_settles_the_order(shop: Shop) -> None:
    order_id, old = overdue(shop)
    shop.gateway.capture_payment(old)
    answer = shop.pay(order_id, "new")
    assert (answer.status, answer.code) == (409, "order-paid")
    assert (shop.status(order_id), shop.holder(order_id)) == ("paid", old)


def test_the_same_key_finds_its_own_overdue_attempt_and_does_not_end_it(shop: Shop) -> None:
    order_id, old = overdue(shop)
    answer = shop.pay(order_id, "old")
    assert (answer.status, answer.body["attempt_id"], shop.gateway.calls("void")) == (201, old, [])


@pytest.mark.parametrize("person", [OTHER_CALLER, OPERATOR])
def test_nobody_else_ends_an_overdue_lock(shop: Shop, person: Person) -> None:
    order_id, old = overdue(shop)
    assert shop.pay(order_id, "new", person).status in (403, 404)
    assert (shop.gateway.calls("void"), shop.holder(order_id)) == ([], old)


def test_another_caller_who_locks_first_keeps_the_order(shop: Shop) -> None:
    order_id, _ = overdue(shop)

    def meanwhile() -> None:
        shop.sweep()
        shop.pay(order_id, "first", SELLER)

    shop.gateway.during("void", meanwhile)
    answer = shop.pay(order_id, "new")
    assert (answer.status, answer.code, answer.body["overdue"]) == (409, "order-locked", False)
    assert answer.body["attempt_id"] == shop.holder(order_id)


def test_a_cancellation_of_an_earlier_attempt_ends_the_overdue_lock_of_a_later_one(shop: Shop) -> None:
    order_id, earlier = shop.locked("earlier")
    shop.cancel_payment(order_id, earlier)
    later = shop.pay(order_id, "later").body["attempt_id"]
    assert shop.cancel_payment(order_id, earlier).body["lock"]["attempt_id"] == later
    shop.clock.advance(TTL)
    answer = shop.cancel_payment(order_id, earlier)
    assert (answer.status, answer.body["payment_status"], answer.body["lock"]) == (200, "pending_payment", None)
    head = shop.head(order_id)
    assert head.past_attempts[later].status == "timed_out"
    event = head.last_event
    assert (event.type, event.attempt_id, event.actor) == ("OrderUnlocked", later, BUYER.subject)
    assert event.detail == {"reason": "timed_out"}, "nobody cancelled this one"


def test_an_attempt_that_the_order_never_had_ends_no_overdue_lock(shop: Shop) -> None:
    order_id, _ = overdue(shop)
    assert shop.cancel_payment(order_id, f"{order_id}_77777777").code == "attempt-not-found"
    assert shop.gateway.calls("void") == []


def test_an_edit_for_a_past_attempt_ends_the_overdue_lock_of_a_later_one(shop: Shop) -> None:
    order_id, earlier = shop.locked("earlier")
    shop.cancel_payment(order_id, earlier)
    shop.pay(order_id, "later")
    shop.clock.advance(TTL)
    answer = shop.stop_and_change(order_id, earlier)
    assert (answer.status, answer.body["revision"]) == (200, 2)


@pytest.mark.parametrize("name", ["order_edit", "order_cancel"])
def test_an_edit_of_an_overdue_order_is_told_to_come_back_at_once(shop: Shop, name: str) -> None:
    order_id, attempt_id = overdue(shop)
    answer = shop.call(name, order_id)
    assert (answer.status, answer.code, answer.body["attempt_id"]) == (409, "order-locked", attempt_id)
    assert (answer.body["overdue"], answer.headers["retry-after"]) == (True, "1")
    assert shop.gateway.calls("void") == [], "this function calls no gateway"


@pytest.mark.parametrize("name", ["order_edit", "order_cancel"])
def test_an_edit_before_the_deadline_is_told_how_long_the_lock_lasts(shop: Shop, name: str) -> None:
    order_id, _ = shop.locked()
    answer = shop.call(name, order_id)
    assert (answer.body["overdue"], answer.headers["retry-after"]) == (False, "900")


def test_an_edit_of_an_attempt_that_nobody_opened_is_told_when_it_ends(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", OutcomeUnknown("sandbox", "no answer"))
    shop.pay(order_id)
    assert shop.edit_to_three_packets(order_id, 1).headers["retry-after"] == "120"
    shop.clock.advance(OPENING_LASTS)
    answer = shop.edit_to_three_packets(order_id, 1)
    assert (answer.body["overdue"], answer.headers["retry-after"]) == (True, "1")


@pytest.mark.parametrize("name", ["order_edit", "order_cancel"])
def test_an_edit_of_an_overdue_order_sends_its_timer_once(shop: Shop, timers: MemoryTimers, name: str) -> None:
    order_id, _ = overdue(shop)
    shop.clock.advance(timedelta(seconds=5))
    shop.call(name, order_id)
    assert timers.sent == [Timer(order_id, shop.clock.now() - timedelta(seconds=5))], "the time at which it was due"


def test_the_timer_of_a_refused_edit_ends_the_lock_before_the_edit_comes_again(
    shop: Shop, timers: MemoryTimers
) -> None:
    order_id, old = overdue(shop)
    assert shop.edit_to_three_packets(order_id, 1).code == "order-locked"
    (record,) = event("timer")["Records"]
    handler_of("timers")({"Records": [{**record, "body": message_of(timers.sent.pop())}]}, Context())
    assert shop.head(order_id).past_attempts[old].status == "timed_out"
    answer = shop.edit_to_three_packets(order_id, 1)
    assert (answer.status, answer.body["revision"], timers.sent) == (200, 2, [])


def test_an_edit_of_an_attempt_that_nobody_opened_sends_its_timer_too(shop: Shop, timers: MemoryTimers) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", OutcomeUnknown("sandbox", "no answer"))
    shop.pay(order_id)
    shop.clock.advance(OPENING_LASTS)
    shop.edit_to_three_packets(order_id, 1)
    assert timers.sent == [Timer(order_id, shop.clock.now())]


@pytest.mark.parametrize("name", ["order_edit", "order_cancel"])
def test_an_edit_of_an_overdue_release_sends_its_timer_too(shop: Shop, timers: MemoryTimers, name: str) -> None:
    order_id, old = overdue(shop)
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    shop.cancel_payment(order_id, old)
    shop.call(name, order_id)
    assert timers.sent == [], "its next check is still to come"
    shop.clock.advance(timedelta(seconds=30))
    shop.call(name, order_id)
    assert timers.sent == [Timer(order_id, shop.clock.now())]


@pytest.mark.parametrize("error", [None, ValueError("Invalid endpoint: https://sqs.test here")])
@pytest.mark.parametrize("name", ["order_edit", "order_cancel"])
def test_a_queue_that_fails_does_not_change_the_answer(
    shop: Shop, timers: MemoryTimers, monkeypatch: pytest.MonkeyPatch, name: str, error: Exception | None
) -> None:
    order_id, _ = overdue(shop)
    answer = shop.call(name, order_id)
    timers.failing = error or True
    assert shop.call(name, order_id) == answer
    assert (answer.status, len(timers.sent)) == (409, 1)
    metric = Metric.UNEXPECTED_ERROR if error else Metric.TIMERS_NOT_SENT
    (reported,) = [fields for failed, fields in shop.metrics.failed if failed is metric]
    assert reported["order_id"] == order_id


@pytest.mark.parametrize("name", ["order_edit", "order_cancel"])
def test_an_edit_of_an_order_that_is_not_overdue_sends_no_timer(shop: Shop, timers: MemoryTimers, name: str) -> None:
    order_id, attempt_id = shop.locked()
    shop.clock.advance(TTL - MOMENT)
    assert shop.call(name, order_id).code == "order-locked"
    shop.money(attempt_id)
    shop.clock.advance(TTL)
    assert shop.call(name, order_id).code == "order-paid"
    assert shop.call(name, shop.create()).status == 200
    assert timers.sent == []


@pytest.mark.parametrize("name", ["order_edit", "order_cancel"])
@pytest.mark.parametrize("person", [OTHER_CALLER, OPERATOR])
def test_nobody_else_sends_a_timer(shop: Shop, timers: MemoryTimers, name: str, person: Person) -> None:
    order_id, _ = overdue(shop)
    assert shop.call(name, order_id, person=person).status in (403, 404)
    assert timers.sent == []


def test_an_edit_that_could_never_be_made_sends_no_timer(shop: Shop, timers: MemoryTimers) -> None:
    order_id, _ = overdue(shop)
    assert shop.call("order_edit", order_id, headers={"if-match": None}).status == 428
    assert shop.call("order_edit", order_id, body=b"{").status == 400
    assert timers.sent == []


@pytest.mark.usefixtures("timers")
def test_only_a_timer_that_is_sent_makes_the_client_of_the_queue(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setenv("PAYLATCH_TIMER_QUEUE", "https://sqs.test/timers")
    monkeypatch.setattr(wiring, "make_timers", wiring.timers_from_environment)
    monkeypatch.setattr(timer_queue, "botocore_session_for", made.append)
    shop.edit_to_three_packets(shop.create(), 1)
    order_id, _ = shop.locked()
    assert (shop.edit_to_three_packets(order_id, 1).code, made) == ("order-locked", [])
    shop.clock.advance(TTL)
    answer = shop.edit_to_three_packets(order_id, 1)
    assert (answer.code, answer.headers["retry-after"], made) == ("order-locked", "1", ["sqs"])


@pytest.mark.usefixtures("timers")
def test_a_function_without_a_queue_gives_the_same_answer(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id, _ = overdue(shop)
    answer = shop.edit_to_three_packets(order_id, 1)
    monkeypatch.setattr(wiring, "make_timers", lambda: None)
    wiring.timers.cache_clear()
    assert shop.edit_to_three_packets(order_id, 1) == answer
    assert (answer.status, shop.metrics.failed[-1][0]) == (409, None)


def test_a_lock_that_falls_due_between_the_read_and_the_write_sends_its_timer(
    shop: Shop, timers: MemoryTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, put_content = shop.create(), shop.ports.store.put_content

    def after_a_lock_that_ran_out(*content: Any) -> None:
        shop.pay(order_id)
        shop.clock.advance(TTL)
        put_content(*content)

    monkeypatch.setattr(shop.ports.store, "put_content", after_a_lock_that_ran_out)
    assert shop.edit_to_three_packets(order_id, 1).body["overdue"] is True
    assert timers.sent == [Timer(order_id, shop.clock.now())]


def test_a_read_says_whether_the_lock_is_overdue(shop: Shop) -> None:
    order_id, _ = shop.locked()
    shop.clock.advance(TTL - MOMENT)
    assert shop.read(order_id).body["lock"]["overdue"] is False
    shop.clock.advance(MOMENT)
    assert shop.read(order_id).body["lock"]["overdue"] is True


def test_late_money_for_the_earlier_attempt_is_not_hidden_by_the_end_of_a_later_one(shop: Shop) -> None:
    order_id, earlier = shop.locked("earlier")
    shop.cancel_payment(order_id, earlier)
    shop.pay(order_id, "later")
    shop.clock.advance(TTL)

    def meanwhile() -> None:
        shop.sweep()
        shop.money(earlier)

    shop.gateway.during("void", meanwhile)
    answer = shop.cancel_payment(order_id, earlier)
    assert (answer.status, answer.code) == (409, "payment-completed")
    assert (shop.status(order_id), shop.holder(order_id)) == ("paid", earlier)
