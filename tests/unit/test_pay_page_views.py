"""Which state a payment page is in, what it offers there, and what it says about money."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pay_page.locales import locales
from pay_page.order_view import JUST_PAID_LASTS, Visit, payment_key_of, polled_state, state_of, view_of
from pay_page.page_view import ChangedFrom, Money, Notice, OrderPage, PageState, PayForm
from pay_page.rendering import rendered

from paylatch.domain.attempt_edit import AttemptEdit
from paylatch.domain.cancellation import CancellationReason
from paylatch.domain.documents import order_from_document
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus, PaymentPlace, RefundStatus
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions.attempt_changes import MOST_ATTEMPTS
from paylatch.domain.transitions.rule import EventType
from tests import transition_cases
from tests.pages import sample_orders as samples
from tests.pages.sample_orders import ATTEMPT_ID, CONTENT, DEADLINE, NOW, ORDER_ID, PAY_URL, TOTAL
from tests.pages.sample_pages import ADDRESSES

S = PageState
RELEASING = samples.order(PaymentStatus.RELEASING, attempt=samples.attempt(AttemptStatus.CLOSING))
STATES = {
    "unpaid": (samples.order(), S.OWED),
    "unpaid, payable until later": (samples.order(pay_by=NOW + timedelta(seconds=1)), S.OWED),
    "unpaid, too late to begin": (samples.order(pay_by=NOW), S.EXPIRED),
    "unpaid, not payable": (samples.order(payable=False), S.NOT_PAYABLE),
    "unpaid, the most attempts but one": (samples.order(attempts_made=MOST_ATTEMPTS - 1), S.OWED),
    "unpaid, the most attempts": (samples.order(attempts_made=MOST_ATTEMPTS), S.TOO_MANY_ATTEMPTS),
    "locked, no session yet": (samples.in_payment(AttemptStatus.OPENING), S.OPENING),
    "locked, at the gateway": (samples.in_payment(AttemptStatus.OPEN), S.BEING_PAID),
    "locked, submitted": (samples.in_payment(AttemptStatus.PROCESSING), S.PROCESSING),
    "locked, overdue": (samples.in_payment(AttemptStatus.OPEN, due_at=NOW), S.STOPPING),
    "locked, opening overdue": (samples.in_payment(AttemptStatus.OPENING, due_at=NOW), S.STOPPING),
    "submitted, looked at again now": (samples.in_payment(AttemptStatus.PROCESSING, due_at=NOW), S.PROCESSING),
    "releasing": (RELEASING, S.STOPPING),
    "in review": (samples.in_review(), S.UNDER_REVIEW),
    "paid now": (samples.paid(), S.JUST_PAID),
    "paid almost too long ago": (samples.paid(at=NOW - JUST_PAID_LASTS + timedelta(seconds=1)), S.JUST_PAID),
    "paid before": (samples.paid(at=NOW - JUST_PAID_LASTS), S.PAID),
    "paid now, then a dispute": (
        replace(samples.paid(), last_event=samples.event(EventType.DISPUTE_OPENED)),
        S.JUST_PAID,
    ),
    "a part went back": (samples.paid(returned=1), S.PARTLY_REFUNDED),
    "all went back": (samples.paid(returned=TOTAL), S.REFUNDED),
    "cancelled": (samples.ended(), S.CANCELLED),
    "expired": (samples.ended(CancellationReason.EXPIRED), S.EXPIRED),
}


def shown(order: Order, **visit: Any) -> OrderPage:
    return view_of(order, CONTENT, Visit(now=NOW, addresses=ADDRESSES, **visit))


@pytest.mark.parametrize(("order", "state"), STATES.values(), ids=STATES)
def test_an_order_is_shown_in_its_state(order: Order, state: PageState) -> None:
    assert shown(order).state is state
    assert state_of(order, NOW) is state


@pytest.mark.parametrize("state", sorted(set(transition_cases.STATES) - {"missing"}))
def test_every_order_that_the_transitions_make_has_a_page(state: str) -> None:
    order = order_from_document(transition_cases.head_of(state))
    view = view_of(order, CONTENT, Visit(now=transition_cases.START, addresses=ADDRESSES))
    assert view.summary.total == order.total
    assert view.state in PageState
    payable = order.status is PaymentStatus.PENDING_PAYMENT and order.payable
    assert (view.offer is not None) == payable


@pytest.mark.parametrize(("order", "state"), STATES.values(), ids=STATES)
def test_a_payment_is_offered_only_where_the_order_can_be_paid(order: Order, state: PageState) -> None:
    assert (shown(order).offer is not None) == (state is S.OWED)


def test_the_offer_is_for_the_revision_and_attempt_that_the_reader_sees() -> None:
    order = samples.order(revision=4, attempts_made=2)
    assert shown(order).offer == PayForm(4, "link:4:2")
    assert payment_key_of(replace(order, attempts_made=3)) == "link:4:3"


def test_a_reader_of_an_earlier_revision_sees_that_the_order_changed() -> None:
    seen = ChangedFrom(total=6640)
    view = shown(samples.order(revision=2), changed_from=seen)
    assert (view.state, view.changed_from, view.offer) == (S.CHANGED, seen, PayForm(2, "link:2:0"))


@pytest.mark.parametrize(("order", "state"), [case for case in STATES.values() if case[1] is not S.OWED])
def test_what_changed_is_not_shown_where_the_order_cannot_be_paid(order: Order, state: PageState) -> None:
    view = shown(order, changed_from=ChangedFrom())
    assert (view.state, view.changed_from) == (state, None)


def test_a_payment_at_the_gateway_can_be_continued_and_stopped_until_its_deadline() -> None:
    payment = shown(samples.in_payment(AttemptStatus.OPEN)).payment
    assert payment is not None
    assert (payment.attempt_id, payment.until, payment.continue_url) == (ATTEMPT_ID, DEADLINE, PAY_URL)
    assert payment.may_stop


@pytest.mark.parametrize("name", ["locked, overdue", "submitted, looked at again now", "releasing", "in review"])
def test_a_payment_that_others_decide_about_is_neither_continued_nor_stopped(name: str) -> None:
    payment = shown(STATES[name][0]).payment
    assert payment is not None
    assert (payment.until, payment.continue_url, payment.may_stop) == (None, None, False)


def test_a_page_that_may_not_stop_a_payment_does_not_offer_it() -> None:
    payment = shown(samples.in_payment(AttemptStatus.OPEN), may_stop=False).payment
    assert payment is not None
    assert not payment.may_stop


@pytest.mark.parametrize("order", [samples.order(), samples.paid(), samples.ended()])
def test_no_payment_is_shown_where_none_holds_the_order(order: Order) -> None:
    assert shown(order).payment is None


@pytest.mark.parametrize(
    ("reason", "notice"),
    [
        (ReleaseReason.DECLINED, Notice.DECLINED),
        (ReleaseReason.TIMED_OUT, Notice.TIMED_OUT),
        (ReleaseReason.CANCELLED, Notice.STOPPED),
    ],
)
def test_the_end_of_the_last_payment_is_shown_above_the_offer(reason: ReleaseReason, notice: Notice) -> None:
    assert shown(samples.unlocked(reason)).notice is notice


def test_the_end_of_a_payment_for_an_earlier_revision_is_not_shown() -> None:
    assert shown(samples.unlocked(ReleaseReason.DECLINED, revision=2)).notice is None


def test_a_payment_that_was_stopped_for_an_edit_is_shown_as_stopped() -> None:
    order = samples.unlocked(ReleaseReason.CANCELLED, revision=2)
    (stopped,) = order.past_attempts.values()
    changed = replace(stopped, edit=AttemptEdit("9YX7W5VT3SRQ", 2))
    assert shown(replace(order, past_attempts={changed.attempt_id: changed})).notice is Notice.STOPPED


def test_only_the_last_payment_s_end_is_shown() -> None:
    order = samples.unlocked(ReleaseReason.DECLINED)
    (first,) = order.past_attempts.values()
    later = replace(first, attempt_id=f"{ORDER_ID}_0AAAAAAA", since=NOW + timedelta(1), status=AttemptStatus.TIMED_OUT)
    past = {later.attempt_id: later, first.attempt_id: first}
    assert shown(replace(order, past_attempts=past)).notice is Notice.TIMED_OUT


def test_the_result_of_the_readers_own_request_comes_first() -> None:
    order = samples.unlocked(ReleaseReason.TIMED_OUT)
    assert shown(order, notice=Notice.GATEWAY_REFUSED).notice is Notice.GATEWAY_REFUSED
    assert shown(samples.order()).notice is None


def test_money_that_went_back_and_money_that_goes_back_are_apart() -> None:
    money = shown(samples.paid(returned=1250, refunds=(samples.refund(1000),))).money
    assert money == Money(received=TOTAL, returned=1250, returning=1000)


def test_a_refund_that_was_refused_or_made_is_not_on_its_way() -> None:
    for status in (RefundStatus.REFUSED, RefundStatus.REFUNDED, RefundStatus.WRITTEN_OFF):
        assert shown(samples.paid(refunds=(samples.refund(1000, status),))).money == Money(received=TOTAL)


def test_what_is_on_its_way_back_is_never_more_than_the_gateway_holds() -> None:
    money = shown(samples.paid(returned=TOTAL - 100, refunds=(samples.refund(1000),))).money
    assert money.returning == 100


def test_a_payment_that_came_late_is_shown_apart_from_the_one_that_paid() -> None:
    late = samples.payment(PaymentPlace.REFUND, payment_id="pay-late")
    due = samples.refund(TOTAL, payment_id="pay-late")
    order = samples.with_money(samples.ended(), late, refunds=(due,))
    assert shown(order).money == Money(late_returning=TOTAL)
    back = samples.with_money(samples.ended(), replace(late, returned=TOTAL))
    assert shown(back).money == Money(late_returned=TOTAL)


def test_a_payment_that_is_not_confirmed_is_not_shown_as_received() -> None:
    claimed = samples.with_money(samples.order(), samples.payment(PaymentPlace.CLAIMED, returned=90))
    assert shown(claimed).money == Money(claimed=TOTAL - 90)


def test_money_under_review_is_shown_as_received() -> None:
    assert shown(samples.in_review()).money == Money(received=TOTAL - 390)


def test_a_sum_in_another_currency_is_not_added_up() -> None:
    other = samples.payment(PaymentPlace.REVIEW, currency="USD")
    assert shown(samples.with_money(samples.in_review(), other)).money == Money()


def test_an_order_that_was_paid_in_another_currency_shows_no_sum_as_paid() -> None:
    view = shown(samples.with_money(samples.paid(), samples.payment(PaymentPlace.SETTLED, currency="USD")))
    assert view.money == Money(other_currency=True)
    assert "Amount paid" not in rendered(view, locales()["en"])


def test_the_script_is_answered_with_what_the_page_shows() -> None:
    order = samples.in_payment(AttemptStatus.OPEN)
    answer = polled_state(order, NOW)
    assert (answer.state, answer.version, answer.until) == (shown(order).state, shown(order).version, DEADLINE)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", ""])
def test_only_web_addresses_are_linked(address: str) -> None:
    open_attempt = samples.attempt(AttemptStatus.OPEN, pay_url=address)
    order = samples.in_payment(AttemptStatus.OPEN, attempt=open_attempt)
    view = view_of(order, CONTENT, Visit(now=NOW, addresses=replace(ADDRESSES, shop=address)))
    assert view.addresses.shop is None
    assert view.payment is not None
    assert view.payment.continue_url is None
