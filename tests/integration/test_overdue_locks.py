"""An overdue lock ends as soon as somebody asks for the order: nobody waits for the sweep."""

from datetime import timedelta

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.limits import OPENING_LASTS
from paylatch.ports import VoidAnswer, VoidKind
from tests.integration.shop import TTL, Shop
from tests.lambda_events import BUYER, OPERATOR, OTHER_CALLER, SELLER, Person

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
