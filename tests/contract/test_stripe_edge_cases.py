"""Edge cases of Stripe, known from reports of other integrations."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.errors import Misconfigured, OutcomeUnknown, Refused
from paylatch.domain.limits import GRACE
from paylatch.gateways.stripe.checkout import BACKSTOP
from paylatch.gateways.stripe.money import from_stripe, to_stripe
from paylatch.ports import ForeignPayment, RefundState, SessionRequest, SessionState, VoidKind
from tests.attempts import LOCK
from tests.contract.gateway_drivers.gateway_driver import superseded
from tests.contract.gateway_drivers.stripe_driver import SECRETS, StripeDriver
from tests.fakes.loopback_server import json_reply

OURS = {"attempt_id": "0RDER00000000001_8K3V9QZ1", "stack": "paylatch"}
OUR_REFUND = "0RDER00000000001_R0123456789AB"


@pytest.fixture
def stripe() -> Iterator[StripeDriver]:
    with StripeDriver() as driver:
        yield driver


def test_a_short_lock_passes_a_later_expiry_as_a_backstop(stripe: StripeDriver) -> None:
    attempt = stripe.opened()
    expires_at = stripe.peer.session_of(attempt.attempt_id)["expires_at"]
    assert expires_at == (attempt.deadline + timedelta(minutes=31)).timestamp()


def test_opening_again_at_the_deadline_is_still_the_same_request(stripe: StripeDriver) -> None:
    request = stripe.request()
    session = stripe.gateway.open(request)
    stripe.clock.advance(LOCK)
    assert stripe.gateway.open(request) == session
    assert len(stripe.peer.sessions) == 1


def test_the_longest_lock_is_within_what_stripe_allows(stripe: StripeDriver) -> None:
    longest = stripe.gateway.capabilities.longest_session
    stripe.gateway.open(replace(stripe.request(), expires_at=stripe.clock.now() + longest))


def test_the_attempt_is_named_wherever_an_event_may_come_from(stripe: StripeDriver) -> None:
    attempt = stripe.opened()
    form = stripe.server.asked[-1].form
    named = ("client_reference_id", "metadata[attempt_id]", "payment_intent_data[metadata][attempt_id]")
    assert {form[name] for name in named} == {attempt.attempt_id}
    # Charges, and what is refunded and disputed of them, have the metadata of the payment intent.
    assert {form[name] for name in ("metadata[stack]", "payment_intent_data[metadata][stack]")} == {"paylatch"}


def test_the_payer_is_not_offered_another_currency(stripe: StripeDriver) -> None:
    stripe.opened()
    assert stripe.server.asked[-1].form["adaptive_pricing[enabled]"] == "false"


def test_an_opening_whose_answer_was_lost_is_voided_by_claiming_it(stripe: StripeDriver) -> None:
    attempt = stripe.attempt_in("opened, answer lost")
    assert stripe.gateway.void(attempt).kind is VoidKind.VOIDED
    assert len(stripe.peer.sessions) == 1
    # The delayed request arrives after all, and gets a session that can no longer be paid.
    assert stripe.peer.session_of(attempt.attempt_id)["status"] == "expired"


def request_with_contact(stripe: StripeDriver) -> SessionRequest:
    return replace(stripe.request(), email="ada@example.com", locale="sv-SE")


def test_the_payers_address_and_language_are_stripe_s_customer_email_and_locale(stripe: StripeDriver) -> None:
    request = request_with_contact(stripe)
    session = stripe.gateway.open(request)
    form = stripe.server.asked[-1].form
    assert (form["customer_email"], form["locale"]) == ("ada@example.com", "sv")
    assert stripe.gateway.open(request) == session


def test_an_opening_with_contact_whose_answer_was_lost_is_found_and_voided(stripe: StripeDriver) -> None:
    request = request_with_contact(stripe)
    stripe.gateway.open(request)
    assert stripe.gateway.void(stripe.attempt(request)).kind is VoidKind.VOIDED
    assert [session["status"] for session in stripe.peer.sessions.values()] == ["expired"]


def test_an_opening_with_contact_that_arrives_after_its_void_opens_nothing(stripe: StripeDriver) -> None:
    request = request_with_contact(stripe)
    assert stripe.gateway.void(stripe.attempt(request)).kind is VoidKind.VOIDED
    with pytest.raises(OutcomeUnknown):
        stripe.gateway.open(request)
    assert [session["status"] for session in stripe.peer.sessions.values()] == ["expired"]


def test_an_opening_with_contact_that_is_not_listed_yet_leaves_the_outcome_unknown(stripe: StripeDriver) -> None:
    request = request_with_contact(stripe)
    stripe.gateway.open(request)
    stripe.peer.sessions.clear()
    with pytest.raises(OutcomeUnknown):
        stripe.gateway.void(stripe.attempt(request))


def test_an_opening_with_contact_that_is_not_found_is_closed_once_its_session_has_expired(stripe: StripeDriver) -> None:
    request = request_with_contact(stripe)
    stripe.gateway.open(request)
    attempt = stripe.attempt(request)
    stripe.peer.sessions.clear()
    stripe.clock.advance(LOCK + BACKSTOP + GRACE)
    with pytest.raises(OutcomeUnknown):
        stripe.gateway.void(attempt)
    stripe.clock.advance(timedelta(seconds=1))
    assert stripe.gateway.void(attempt).kind is VoidKind.ALREADY_CLOSED


def test_an_unreported_payment_is_found_long_after_the_key_expired_at_stripe(stripe: StripeDriver) -> None:
    attempt = stripe.attempt_in("opened, answer lost")
    stripe.peer.pay(attempt.attempt_id)
    stripe.clock.advance(timedelta(days=2))
    stripe.peer.expire_keys()
    assert stripe.gateway.void(attempt).kind is VoidKind.ALREADY_PAID


def test_too_late_to_open_is_as_good_as_closed(stripe: StripeDriver) -> None:
    attempt = stripe.attempt_in("never opened")
    stripe.clock.advance(timedelta(hours=1))
    assert stripe.gateway.void(attempt).kind is VoidKind.ALREADY_CLOSED


def test_a_session_is_found_although_stripe_s_clock_is_a_minute_behind(stripe: StripeDriver) -> None:
    attempt = stripe.attempt_in("opened, answer lost")
    stripe.peer.session_of(attempt.attempt_id)["created"] = int(attempt.since.timestamp()) - 60
    assert stripe.gateway.query(attempt).state is SessionState.OPEN


def test_a_session_is_found_among_hundreds(stripe: StripeDriver) -> None:
    attempt = stripe.attempt_in("opened, answer lost")
    session = stripe.peer.session_of(attempt.attempt_id)
    for number in range(2, 260):
        other = {**session, "id": f"cs_test_{number}", "client_reference_id": "another", "metadata": {}}
        stripe.peer.sessions[other["id"]] = other
    assert stripe.gateway.query(attempt).state is SessionState.OPEN


def test_a_lost_opening_on_a_busy_account_is_closed_once_its_session_has_expired(stripe: StripeDriver) -> None:
    attempt = stripe.attempt_in("opened, answer lost")
    session = stripe.peer.session_of(attempt.attempt_id)
    for number in range(2, 1050):
        other = {**session, "id": f"cs_test_{number}", "client_reference_id": "another", "metadata": {}}
        stripe.peer.sessions[other["id"]] = other
    stripe.peer.expire_keys()
    stripe.clock.advance(LOCK + BACKSTOP + GRACE)
    for known in (attempt, superseded(attempt)):
        with pytest.raises(OutcomeUnknown):
            stripe.gateway.void(known)
    stripe.clock.advance(timedelta(seconds=1))
    for known in (attempt, superseded(attempt)):
        assert stripe.gateway.void(known).kind is VoidKind.ALREADY_CLOSED
    with pytest.raises(OutcomeUnknown):
        stripe.gateway.query(attempt)


def test_a_session_that_stripe_does_not_know_means_the_wrong_account(stripe: StripeDriver) -> None:
    attempt = replace(stripe.opened(), session_id="cs_test_of_another_account")
    with pytest.raises(Misconfigured):
        stripe.gateway.void(attempt)
    with pytest.raises(Misconfigured):
        stripe.gateway.query(attempt)


def test_a_session_that_stripe_will_not_expire_though_it_is_open_is_in_progress(stripe: StripeDriver) -> None:
    attempt = stripe.opened()
    stripe.server.answers = lambda asked: (
        json_reply({"error": {"type": "invalid_request_error", "message": "not now"}}, 400)
        if asked.path.endswith("/expire")
        else stripe.peer.answer(asked)
    )
    assert stripe.gateway.void(attempt).kind is VoidKind.IN_PROGRESS


def test_a_manual_refund_is_a_refund(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    capture = stripe.gateway.query(attempt).capture
    assert capture
    stripe.peer.refund_by_hand(attempt.attempt_id, attempt.amount)
    assert stripe.gateway.refund(stripe.refund_of(attempt, capture)) is RefundState.DONE
    assert stripe.money(attempt) == (attempt.amount, attempt.amount)


def test_a_refund_that_failed_is_asked_for_anew_under_a_new_key(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    capture = stripe.gateway.query(attempt).capture
    assert capture
    refund = stripe.refund_of(attempt, capture)
    stripe.peer.next_refund_status = "pending"
    assert stripe.gateway.refund(refund) is RefundState.PENDING
    assert stripe.gateway.refund(refund) is RefundState.PENDING
    stripe.peer.fail(stripe.peer.refunds[0])
    assert stripe.gateway.query_refund(refund) is RefundState.FAILED
    stripe.peer.next_refund_status = "succeeded"
    assert stripe.gateway.refund(refund) is RefundState.DONE
    assert [made["status"] for made in stripe.peer.refunds] == ["failed", "succeeded"]
    assert stripe.money(attempt) == (attempt.amount, attempt.amount)


def test_one_try_refused_under_a_key_used_for_something_else_leaves_the_outcome_unknown(stripe: StripeDriver) -> None:
    request = stripe.request()
    stripe.gateway.open(request)
    with pytest.raises(OutcomeUnknown):
        stripe.gateway.open(replace(request, amount=request.amount + 1))


@pytest.mark.parametrize(
    "foreign",
    [
        ("checkout.session.completed", {"id": "cs_1", "payment_status": "paid", "metadata": {}}),
        ("checkout.session.completed", {"id": "cs_1", "payment_status": "paid", "client_reference_id": "shop #7"}),
        ("checkout.session.completed", {"id": "cs_1", "payment_status": "paid", "client_reference_id": "cart_123"}),
    ],
)
def test_sessions_of_others_are_foreign(stripe: StripeDriver, foreign: tuple[str, dict[str, Any]]) -> None:
    (event,) = stripe.gateway.parse_callback(stripe.peer.callback(*foreign, SECRETS[0]))
    assert event.foreign == ForeignPayment("checkout.session.completed", "it names no attempt", "cs_1")


def test_events_about_other_things_say_nothing(stripe: StripeDriver) -> None:
    assert stripe.gateway.parse_callback(stripe.peer.callback("customer.created", {"id": "cus_1"}, SECRETS[0])) == ()


@pytest.mark.parametrize("status", ["pending", "requires_action", None])
def test_a_refund_that_is_still_under_way_confirms_nothing(stripe: StripeDriver, status: str | None) -> None:
    money = {"amount": 1234, "currency": "eur", "payment_intent": "pi_1"}
    refund = {"id": "re_1", "status": status, "metadata": OURS | {"refund_id": OUR_REFUND}, **money}
    for kind in ("refund.created", "refund.updated"):
        assert stripe.gateway.parse_callback(stripe.peer.callback(kind, refund, SECRETS[0])) == ()


def test_a_paid_session_without_an_amount_is_left_to_a_person(stripe: StripeDriver) -> None:
    document = {"id": "cs_1", "payment_status": "paid", "metadata": OURS}
    (gateway_event,) = stripe.gateway.parse_callback(
        stripe.peer.callback("checkout.session.completed", document, SECRETS[0])
    )
    assert gateway_event.capture is not None
    assert (gateway_event.capture.payment_id, gateway_event.capture.amount) == ("cs_1", 0)


def test_a_payment_without_an_intent_is_asked_for_by_its_session(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    session = stripe.peer.session_of(attempt.attempt_id)
    session["payment_intent"] = None
    capture = stripe.gateway.query_payment(session["id"])
    assert capture is not None
    assert (capture.payment_id, capture.amount) == (session["id"], attempt.amount)


def test_a_status_that_does_not_exist_yet_leaves_the_outcome_unknown(stripe: StripeDriver) -> None:
    attempt = stripe.opened()
    stripe.peer.session_of(attempt.attempt_id)["status"] = "frozen"
    with pytest.raises(OutcomeUnknown):
        stripe.gateway.query(attempt)


@pytest.mark.parametrize(
    ("status", "error"), [(409, OutcomeUnknown), (500, OutcomeUnknown), (402, Refused), (403, Misconfigured)]
)
def test_failures_fall_into_their_classes(stripe: StripeDriver, status: int, error: type[Exception]) -> None:
    stripe.server.failing = status
    with pytest.raises(error):
        stripe.gateway.open(stripe.request())


def test_an_answer_that_is_not_json_leaves_the_outcome_unknown(stripe: StripeDriver) -> None:
    attempt = stripe.opened()
    stripe.server.answers = lambda asked: replace(json_reply({}), body=b"<html>\xff")
    with pytest.raises(OutcomeUnknown):
        stripe.gateway.query(attempt)


@pytest.mark.parametrize(
    ("amount", "currency", "theirs"),
    [
        (1234, "EUR", 1234),
        (500, "JPY", 500),
        (500, "KRW", 500),
        (5, "ISK", 500),
        (5, "UGX", 500),
        (500, "MGA", 5),
        (1230, "KWD", 1230),
    ],
)
def test_minor_units(amount: int, currency: str, theirs: int) -> None:
    assert to_stripe(amount, currency) == theirs
    assert from_stripe(theirs, currency) == amount


@pytest.mark.parametrize(("amount", "currency"), [(1234, "KWD"), (501, "MGA")])
def test_amounts_that_stripe_cannot_express_are_refused(amount: int, currency: str) -> None:
    with pytest.raises(Refused):
        to_stripe(amount, currency)
