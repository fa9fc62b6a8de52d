"""A payment that is under way for days (gameserverapp/Platform#1216: a SEPA debit shown as an incident)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.timestamps import as_text
from paylatch.ports import Index, VoidAnswer, VoidKind
from tests.fakes.scripted_gateway import LONGEST_PROCESSING
from tests.integration.shop import TTL, Shop

HOUR = timedelta(hours=1)


@pytest.fixture
def processing(shop: Shop) -> tuple[str, str]:
    """An order whose payer submitted a payment that the bank has not decided, and its attempt."""
    order_id, attempt_id = shop.locked()
    assert shop.callback(shop.gateway.submit_payment(attempt_id)).status == 204
    return order_id, attempt_id


def payment_of(shop: Shop, order_id: str) -> dict[str, Any]:
    payment: dict[str, Any] = shop.read(order_id).body["payment"]
    return payment


def looks_in(shop: Shop, hours: int) -> list[int]:
    """The hours in which a sweep asked the gateway, of so many."""
    found = []
    for hour in range(1, hours + 1):
        shop.clock.advance(HOUR)
        before = len(shop.gateway.calls("query"))
        shop.sweep()
        found += [hour] if len(shop.gateway.calls("query")) > before else []
    return found


def needing_attention(shop: Shop) -> list[str]:
    now = shop.clock.now()
    return [order_id for source in shop.ports.store.due(Index.ATTENTION, now) for order_id in source.read()]


def test_a_payment_that_the_gateway_reports_as_under_way_is_processing_and_its_link_is_gone(
    shop: Shop, processing: tuple[str, str]
) -> None:
    order_id, attempt_id = processing
    order = shop.read(order_id).body
    assert (order["payment_status"], order["payment"]["status"]) == ("in_payment", "processing")
    assert order["payment"]["pay_url"] is None
    assert order["lock"] == {
        "attempt_id": attempt_id,
        "reason": "in_payment",
        "since": as_text(shop.head(order_id).attempt.since),  # type: ignore[union-attr]
        "until": None,
        "overdue": False,
    }


def test_the_same_payment_request_again_gives_the_attempt_without_a_link(
    shop: Shop, processing: tuple[str, str]
) -> None:
    order_id, attempt_id = processing
    again = shop.pay(order_id)
    assert (again.status, again.body["attempt_id"]) == (201, attempt_id)
    assert (again.body["status"], again.body["pay_url"]) == ("processing", None)


def test_it_cannot_be_cancelled_and_a_stop_and_change_is_refused_too(shop: Shop, processing: tuple[str, str]) -> None:
    order_id, attempt_id = processing
    before = shop.head(order_id)
    cancelled = shop.cancel_payment(order_id, attempt_id)
    assert (cancelled.status, cancelled.code) == (409, "payment-processing")
    stopped = shop.stop_and_change(order_id, attempt_id)
    assert (stopped.status, stopped.code) == (409, "payment-processing")
    assert shop.head(order_id) == before


def test_a_cancellation_that_finds_the_payment_under_way_marks_it_and_is_refused(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.submit_payment(attempt_id)
    assert shop.cancel_payment(order_id, attempt_id).code == "payment-processing"
    assert payment_of(shop, order_id)["status"] == "processing"


def test_a_stop_and_change_that_finds_the_payment_under_way_leaves_no_content(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.submit_payment(attempt_id)
    assert shop.stop_and_change(order_id, attempt_id).code == "payment-processing"
    assert (shop.head(order_id).revision, payment_of(shop, order_id)["status"]) == (1, "processing")


def test_a_void_that_is_merely_refused_for_now_stays_releasing(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    answer = shop.cancel_payment(order_id, attempt_id)
    assert (answer.status, answer.body["payment_status"]) == (202, "releasing")


def test_a_release_that_was_begun_is_processing_once_the_gateway_says_so_and_keeps_its_reason(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    shop.cancel_payment(order_id, attempt_id)
    shop.gateway.submit_payment(attempt_id)
    shop.clock.advance(timedelta(minutes=1))
    shop.sweep()
    assert (shop.status(order_id), payment_of(shop, order_id)["status"]) == ("in_payment", "processing")
    assert needing_attention(shop) == []
    shop.callback(shop.gateway.refuse_payment(attempt_id))
    assert shop.head(order_id).past_attempts[attempt_id].status == "cancelled"


def test_a_deadline_that_passes_while_it_is_under_way_does_not_close_it(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.submit_payment(attempt_id)
    shop.clock.advance(TTL)
    shop.sweep()
    assert payment_of(shop, order_id)["status"] == "processing"


def test_the_gateway_is_asked_after_one_hour_and_then_at_intervals_that_double_to_twelve(
    shop: Shop, processing: tuple[str, str]
) -> None:
    assert looks_in(shop, 64) == [1, 3, 7, 15, 27, 39, 51, 63]


def test_a_person_is_shown_it_once_the_limit_of_its_gateway_has_passed_and_not_before(
    shop: Shop, processing: tuple[str, str]
) -> None:
    order_id, _ = processing
    shop.clock.advance(LONGEST_PROCESSING - HOUR)
    shop.sweep()
    assert needing_attention(shop) == []
    shop.clock.advance(2 * HOUR)
    shop.sweep()
    assert needing_attention(shop) == [order_id]
    assert payment_of(shop, order_id)["status"] == "processing"


def test_its_money_pays_for_the_order_after_days_and_takes_it_out_of_attention(
    shop: Shop, processing: tuple[str, str]
) -> None:
    order_id, attempt_id = processing
    shop.clock.advance(LONGEST_PROCESSING + HOUR)
    shop.sweep()
    assert shop.money(attempt_id).status == 204
    assert shop.status(order_id) == "paid"
    assert needing_attention(shop) == []


def test_its_money_pays_for_the_order_also_where_no_callback_comes(shop: Shop, processing: tuple[str, str]) -> None:
    order_id, attempt_id = processing
    shop.gateway.capture_payment(attempt_id)
    assert looks_in(shop, 2) == [1]
    assert shop.status(order_id) == "paid"


@pytest.mark.parametrize("reported", [True, False])
def test_a_payment_that_fails_unlocks_the_order(shop: Shop, processing: tuple[str, str], reported: bool) -> None:
    order_id, attempt_id = processing
    callback = shop.gateway.refuse_payment(attempt_id)
    if reported:
        shop.callback(callback)
    else:
        shop.clock.advance(HOUR)
        shop.sweep()
    order = shop.head(order_id)
    assert (order.status, order.past_attempts[attempt_id].status) == ("pending_payment", "declined")
    assert (order.last_event.type, (order.last_event.detail or {})["reason"]) == ("OrderUnlocked", "declined")
    assert shop.edit_to_three_packets(order_id, 1).status == 200


def test_a_failed_try_closes_a_session_that_would_stay_open_and_unlocks_the_order(
    shop: Shop, processing: tuple[str, str]
) -> None:
    order_id, attempt_id = processing
    shop.gateway.under_way.discard(attempt_id)
    shop.callback(shop.gateway.signed("payment.failed", attempt_id))
    assert shop.status(order_id) == "pending_payment"
    assert attempt_id in shop.gateway.closed


def test_a_failed_try_of_an_open_payment_still_changes_nothing(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.callback(shop.gateway.signed("payment.failed", attempt_id))
    assert payment_of(shop, order_id)["status"] == "open"
    assert shop.gateway.calls("query") == []


def test_a_late_callback_about_a_payment_that_failed_since_marks_nothing(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    late = shop.gateway.submit_payment(attempt_id)
    shop.gateway.under_way.discard(attempt_id)
    shop.callback(late)
    assert payment_of(shop, order_id)["status"] == "open"


def test_the_callback_again_changes_nothing_and_asks_nothing(shop: Shop, processing: tuple[str, str]) -> None:
    order_id, attempt_id = processing
    before, asked = shop.head(order_id), len(shop.gateway.asked)
    assert shop.callback(shop.gateway.submit_payment(attempt_id)).status == 204
    assert (shop.head(order_id), len(shop.gateway.asked)) == (before, asked)


def test_a_callback_whose_question_gets_no_answer_is_to_be_repeated(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    callback = shop.gateway.submit_payment(attempt_id)
    shop.gateway.answer_with("query", OutcomeUnknown("sandbox", "no answer"))
    assert shop.callback(callback).status == 503
    assert payment_of(shop, order_id)["status"] == "open"
    assert shop.callback(callback).status == 204
    assert payment_of(shop, order_id)["status"] == "processing"


def test_a_silent_gateway_is_asked_again_within_the_hour(shop: Shop, processing: tuple[str, str]) -> None:
    order_id, _ = processing
    shop.clock.advance(HOUR)
    shop.gateway.answer_with("query", OutcomeUnknown("sandbox", "no answer"))
    shop.sweep()
    assert shop.head(order_id).due_at == shop.clock.now() + timedelta(minutes=15)
    assert payment_of(shop, order_id)["status"] == "processing"


def test_it_is_shown_to_a_person_at_once_where_the_stack_no_longer_has_its_gateway(
    shop: Shop, processing: tuple[str, str]
) -> None:
    order_id, _ = processing
    del shop.gateways.made["sandbox"]
    shop.clock.advance(HOUR)
    assert shop.sweep()["failed"] == 0
    assert shop.head(order_id).due_at == shop.clock.now() + timedelta(minutes=15)
    assert needing_attention(shop) == [order_id]
    shop.clock.advance(timedelta(minutes=15))
    assert shop.sweep()["failed"] == 0
    assert payment_of(shop, order_id)["status"] == "processing"


def test_a_recheck_closes_nothing_that_is_under_way_not_even_a_release_that_was_begun(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "no answer"))
    assert shop.cancel_payment(order_id, attempt_id).status == 202
    shop.callback(shop.gateway.submit_payment(attempt_id))
    voids = len(shop.gateway.calls("void"))
    answer = shop.call("recheck", order_id, attempt_id=attempt_id)
    assert (answer.status, answer.body["payment"]["status"]) == (200, "processing")
    assert len(shop.gateway.calls("void")) == voids


def test_every_look_leaves_one_event_that_says_when_the_next_one_is_and_until_when_it_may_last(
    shop: Shop, processing: tuple[str, str]
) -> None:
    order_id, attempt_id = processing
    event, now = shop.head(order_id).last_event, shop.clock.now()
    assert (event.type, event.attempt_id, event.actor) == ("PaymentProcessing", attempt_id, "gateway:sandbox")
    until = as_text(now + LONGEST_PROCESSING)
    assert event.detail == {"next_check": as_text(now + HOUR), "until": until}
    looks_in(shop, 1)
    assert shop.head(order_id).last_event.detail == {"next_check": as_text(now + 3 * HOUR), "until": until}


def test_an_operator_can_release_it_and_late_money_goes_by_the_table(shop: Shop, processing: tuple[str, str]) -> None:
    order_id, attempt_id = processing
    answer = shop.operator("release", order_id, attempt_id)
    assert (answer.status, answer.body["payment_status"]) == (200, "pending_payment")
    shop.money(attempt_id)
    assert shop.status(order_id) == "paid"


def test_other_payments_and_edits_find_the_order_locked_without_an_end(shop: Shop, processing: tuple[str, str]) -> None:
    order_id, _ = processing
    for answer in (shop.edit_to_three_packets(order_id, 1), shop.pay(order_id, "another")):
        assert (answer.status, answer.code, answer.body["locked_until"]) == (409, "order-locked", None)
        assert answer.headers["retry-after"] == "3600"


def by_a_look(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.clock.advance(HOUR)
    shop.sweep()


def by_a_callback(shop: Shop, order_id: str, attempt_id: str) -> None:
    assert shop.callback(shop.gateway.signed("payment.failed", attempt_id)).status == 204


def by_a_recheck(shop: Shop, order_id: str, attempt_id: str) -> None:
    assert shop.call("recheck", order_id, attempt_id=attempt_id).status == 200


def by_a_look_without_an_answer(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.gateway.answer_with("query", OutcomeUnknown("sandbox", "no answer"))
    by_a_look(shop, order_id, attempt_id)
    assert shop.status(order_id) == "in_payment"
    by_a_look(shop, order_id, attempt_id)


def by_a_void_that_is_refused_for_now_again(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    by_a_look(shop, order_id, attempt_id)
    assert shop.status(order_id) == "releasing"
    by_a_look(shop, order_id, attempt_id)


@pytest.mark.parametrize(
    "found",
    [
        by_a_look,
        by_a_callback,
        by_a_recheck,
        by_a_look_without_an_answer,
        by_a_void_that_is_refused_for_now_again,
    ],
)
def test_a_cancellation_that_waited_counts_once_the_payment_is_not_under_way_and_still_open(
    shop: Shop, found: Callable[[Shop, str, str], None]
) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    assert shop.cancel_payment(order_id, attempt_id).status == 202
    shop.gateway.under_way.add(attempt_id)
    shop.clock.advance(timedelta(minutes=1))
    shop.sweep()
    assert payment_of(shop, order_id)["status"] == "processing"
    shop.gateway.under_way.discard(attempt_id)
    found(shop, order_id, attempt_id)
    assert (shop.status(order_id), attempt_id in shop.gateway.closed) == ("pending_payment", True)
    assert dict(shop.head(order_id).last_event.detail or {})["reason"] == "cancelled"
