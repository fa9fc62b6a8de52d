"""Money for an attempt that no longer holds the order: every row of the late-money table, without any loss."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from paylatch.domain.errors import Transient
from paylatch.domain.late_money import DECISIONS, Decision, Holding, Situation
from paylatch.domain.limits import FIRST_WAIT
from paylatch.domain.payment import Capture
from paylatch.ports import Metric, RefundState
from tests.integration.shop import Shop

Arrange = Callable[[Shop], tuple[str, str, Capture]]


def released(shop: Shop) -> tuple[str, str, Capture]:
    """An order whose attempt was cancelled, and money for that attempt."""
    order_id, attempt_id = shop.locked("old")
    shop.cancel_payment(order_id, attempt_id)
    return order_id, attempt_id, shop.gateway.capture_payment(attempt_id)


def same_revision(shop: Shop) -> tuple[str, str, Capture]:
    return released(shop)


def late_goes_back(shop: Shop) -> tuple[str, str, Capture]:
    order_id = shop.create(late_money="refund")
    attempt_id: str = shop.pay(order_id, "old").body["attempt_id"]
    shop.cancel_payment(order_id, attempt_id)
    return order_id, attempt_id, shop.gateway.capture_payment(attempt_id)


def edited_since(shop: Shop) -> tuple[str, str, Capture]:
    order_id, attempt_id, capture = released(shop)
    shop.edit_to_three_packets(order_id, 1)
    return order_id, attempt_id, capture


def late_differs(shop: Shop) -> tuple[str, str, Capture]:
    order_id, attempt_id, _ = released(shop)
    return order_id, attempt_id, shop.gateway.capture_payment(attempt_id, amount=2499)


def unknown_attempt(shop: Shop) -> tuple[str, str, Capture]:
    order_id, _, _ = released(shop)
    return order_id, f"{order_id}_77777777", Capture("pay_unknown", 2500, "EUR")


def newer_attempt(shop: Shop) -> tuple[str, str, Capture]:
    order_id, attempt_id, capture = released(shop)
    shop.pay(order_id, "new")
    return order_id, attempt_id, capture


def paid_already(shop: Shop) -> tuple[str, str, Capture]:
    order_id, attempt_id, capture = newer_attempt(shop)
    shop.money(shop.holder(order_id))
    return order_id, attempt_id, capture


def order_cancelled(shop: Shop) -> tuple[str, str, Capture]:
    order_id, attempt_id, capture = released(shop)
    shop.call("order_cancel", order_id)
    return order_id, attempt_id, capture


def under_review(shop: Shop) -> tuple[str, str, Capture]:
    order_id, attempt_id, capture = newer_attempt(shop)
    shop.money(shop.holder(order_id), amount=1)
    return order_id, attempt_id, capture


def holder_exact(shop: Shop) -> tuple[str, str, Capture]:
    order_id, attempt_id = shop.locked()
    return order_id, attempt_id, shop.gateway.capture_payment(attempt_id)


def holder_differs(shop: Shop) -> tuple[str, str, Capture]:
    order_id, attempt_id = shop.locked()
    return order_id, attempt_id, shop.gateway.capture_payment(attempt_id, currency="USD")


def recorded(shop: Shop) -> tuple[str, str, Capture]:
    order_id, attempt_id, capture = paid_already(shop)
    shop.money(attempt_id, capture)
    return order_id, attempt_id, capture


ROWS: dict[Situation, Arrange] = {
    Situation.RECORDED: recorded,
    Situation.HOLDER_EXACT: holder_exact,
    Situation.HOLDER_DIFFERS: holder_differs,
    Situation.SAME_REVISION: same_revision,
    Situation.LATE_GOES_BACK: late_goes_back,
    Situation.EDITED_SINCE: edited_since,
    Situation.LATE_DIFFERS: late_differs,
    Situation.UNKNOWN_ATTEMPT: unknown_attempt,
    Situation.NEWER_ATTEMPT: newer_attempt,
    Situation.PAID_ALREADY: paid_already,
    Situation.ORDER_CANCELLED: order_cancelled,
    Situation.UNDER_REVIEW: under_review,
}


@pytest.mark.parametrize("situation", DECISIONS, ids=lambda situation: situation.name.lower())
def test_the_table_is_carried_out(shop: Shop, situation: Situation) -> None:
    order_id, attempt_id, capture = ROWS[situation](shop)
    before = shop.head(order_id)
    assert shop.money(attempt_id, capture).status == 204
    after = shop.head(order_id)
    # The gateway still holds all of it, and says so where it is asked.
    match DECISIONS[situation][Holding.ALL]:
        case Decision.NOTHING:
            assert after == before
        case Decision.SETTLE | Decision.ACCEPT_LATE:
            assert after.status == "paid"
            assert after.attempt is not None
            assert (after.attempt.attempt_id, after.attempt.captured) == (attempt_id, capture)
            assert (after.attempt.amount, after.attempt.revision) == (after.total, after.revision)
        case Decision.QUARANTINE:
            assert after.status == "review"
        case Decision.OWE_REFUND:
            assert (after.status, after.attempt, after.revision) == (before.status, before.attempt, before.revision)
            (due,) = (refund for refund in after.refunds.values() if refund.payment_id == capture.payment_id)
            assert (due.attempt_id, due.amount, due.currency) == (attempt_id, capture.amount, capture.currency)
            assert due in after.refunds_due
            assert due.reason == situation.value
        case other:
            pytest.fail(f"nothing is said here of {other}")


@pytest.mark.parametrize("situation", DECISIONS, ids=lambda situation: situation.name.lower())
def test_every_sum_ends_as_the_settlement_under_review_or_as_a_refund(shop: Shop, situation: Situation) -> None:
    order_id, attempt_id, capture = ROWS[situation](shop)
    shop.money(attempt_id, capture)
    shop.money(attempt_id, capture)
    shop.sweep()
    head = shop.head(order_id)
    kept = head.attempt is not None and head.attempt.captured == capture
    given_back = [refund for refund in shop.gateway.calls("refund") if refund.payment_id == capture.payment_id]
    assert len(given_back) == (0 if kept else 1)
    assert head.refunds_due == ()
    assert head.follow_up_at is None


def test_late_money_for_the_same_revision_is_counted_and_marked_late(shop: Shop) -> None:
    order_id, attempt_id, capture = released(shop)
    shop.money(attempt_id, capture)
    last = shop.head(order_id).last_event
    assert (last.type, dict(last.detail or {})["late"]) == ("OrderPaid", 1)
    assert shop.metrics.times(Metric.LATE_MONEY) == 1
    order = shop.read(order_id).body
    assert (order["payment"]["attempt_id"], order["payment"]["status"]) == (attempt_id, "succeeded")


def test_money_owed_back_is_shown_on_the_order(shop: Shop) -> None:
    order_id, attempt_id, capture = edited_since(shop)
    shop.money(attempt_id, capture)
    shown = shop.read(order_id).body["unapplied"]
    assert [(each["payment_id"], each["status"], each["amount"]) for each in shown] == [
        (capture.payment_id, "due", 2500)
    ]
    attempt = shop.call("payment_read", order_id, attempt_id=attempt_id).body
    assert (attempt["status"], attempt["pay_url"]) == ("refund_due", None)
    shop.sweep()
    assert shop.read(order_id).body["unapplied"][0]["status"] == "refunded"
    assert shop.call("payment_read", order_id, attempt_id=attempt_id).body["status"] == "refunded"


def test_an_attempt_that_was_paid_twice_is_owed_for_until_both_payments_went_back(shop: Shop) -> None:
    order_id, attempt_id, capture = edited_since(shop)
    shop.money(attempt_id, capture)
    shop.money(attempt_id, payment_id="pay_again")
    shop.gateway.answer_with("refund", RefundState.DONE, Transient("sandbox", "busy"))
    shop.sweep()
    assert sorted(refund.status for refund in shop.head(order_id).refunds.values()) == ["due", "refunded"]
    assert shop.call("payment_read", order_id, attempt_id=attempt_id).body["status"] == "refund_due"
    shop.clock.advance(FIRST_WAIT)
    shop.sweep()
    assert shop.call("payment_read", order_id, attempt_id=attempt_id).body["status"] == "refunded"


def test_the_newer_attempt_is_still_paid_after_the_older_ones_money_went_back(shop: Shop) -> None:
    order_id, old, capture = newer_attempt(shop)
    new = shop.holder(order_id)
    shop.money(old, capture)
    shop.sweep()
    assert shop.status(order_id) == "in_payment"
    shop.money(new)
    head = shop.head(order_id)
    assert (head.status, head.held_by(new), len(shop.gateway.refunds)) == ("paid", True, 1)


def test_two_payments_of_one_attempt_are_one_settlement_and_one_refund(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, payment_id="first")
    shop.money(attempt_id, payment_id="second")
    shop.clock.advance(timedelta(minutes=1))
    shop.sweep()
    head = shop.head(order_id)
    assert head.attempt is not None
    assert head.attempt.captured == Capture("first", 2500, "EUR")
    assert [refund.payment_id for refund in shop.gateway.calls("refund")] == ["second"]
