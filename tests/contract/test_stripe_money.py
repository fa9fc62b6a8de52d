"""Edge cases of money that leaves Stripe: dashboard refunds, disputes, and their attempts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.errors import Misconfigured, Refused
from paylatch.domain.payment import Attempt, Capture, DisputeStatus
from paylatch.ports import FoundAttempt, GatewayEvent, GatewayEventKind, RefundState, SessionState
from tests.contract.gateway_drivers.gateway_driver import EVIDENCE_DUE
from tests.contract.gateway_drivers.stripe_driver import SECRETS, StripeDriver

OURS = {"attempt_id": "0RDER00000000001_8K3V9QZ1", "stack": "paylatch"}
OUR_REFUND = "0RDER00000000001_R0123456789AB"
MONEY = {"amount": 1234, "currency": "eur", "payment_intent": "pi_1"}


@pytest.fixture
def stripe() -> Iterator[StripeDriver]:
    with StripeDriver() as driver:
        yield driver


def events_of(stripe: StripeDriver, kind: str, document: dict[str, Any], **event: object) -> tuple[GatewayEvent, ...]:
    return stripe.gateway.parse_callback(stripe.peer.callback(kind, document, SECRETS[0], **event))


def captured(stripe: StripeDriver, attempt: Attempt) -> Capture:
    capture = stripe.gateway.query(attempt).capture
    assert capture
    return capture


def test_a_dashboard_refund_reports_the_total_returned(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    stripe.peer.refund_by_hand(attempt.attempt_id, 200)
    charge = stripe.peer.refund_by_hand(attempt.attempt_id, 34)
    (gateway_event,) = events_of(stripe, "charge.refunded", charge, request={"id": None, "idempotency_key": None})
    assert (gateway_event.kind, gateway_event.attempt_id) == (GatewayEventKind.MONEY_RETURNED, attempt.attempt_id)
    assert gateway_event.capture == Capture(charge["payment_intent"], attempt.amount, "EUR", returned=234)


@pytest.mark.parametrize("key", [OUR_REFUND, f"{OUR_REFUND}_1", f"{OUR_REFUND}_of_1034"])
def test_a_charge_that_we_refunded_gives_no_event(stripe: StripeDriver, key: str) -> None:
    charge = {"id": "ch_1", "amount_refunded": 1234, "metadata": OURS, **MONEY}
    assert events_of(stripe, "charge.refunded", charge, request={"id": "req_1", "idempotency_key": key}) == ()


@pytest.mark.parametrize("request_", ["req_1", None, {}, {"idempotency_key": "0RDER00000000002_R0123456789AB"}, [1]])
def test_a_charge_that_was_refunded_by_hand_is_returned_money(stripe: StripeDriver, request_: object) -> None:
    charge = {"id": "ch_1", "amount_refunded": 1234, "metadata": OURS, **MONEY}
    (gateway_event,) = events_of(stripe, "charge.refunded", charge, request=request_)
    assert gateway_event.kind is GatewayEventKind.MONEY_RETURNED


@pytest.mark.parametrize("name", [None, "r_1", "0RDER00000000002_R0123456789AB", OURS["attempt_id"]])
@pytest.mark.parametrize("status", ["succeeded", "failed", "canceled"])
def test_a_refund_under_a_name_that_is_not_ours_is_returned_money(
    stripe: StripeDriver, status: str, name: str | None
) -> None:
    refund = {"id": "re_1", "status": status, "metadata": OURS | {"refund_id": name}, **MONEY}
    (gateway_event,) = events_of(stripe, "refund.updated", refund)
    assert (gateway_event.kind, gateway_event.attempt_id) == (GatewayEventKind.MONEY_RETURNED, OURS["attempt_id"])
    assert gateway_event.capture
    assert gateway_event.capture.payment_id == "pi_1"


def test_a_dashboard_refund_is_reported_by_its_charge_alone(stripe: StripeDriver) -> None:
    refund = {"id": "re_1", "status": "succeeded", "metadata": {}, **MONEY}
    assert events_of(stripe, "refund.created", refund) == ()


@pytest.mark.parametrize("kind", ["charge.refunded", "refund.failed", "charge.dispute.created"])
def test_money_of_a_charge_without_a_payment_intent_is_none_of_a_checkouts(stripe: StripeDriver, kind: str) -> None:
    document = {"id": "x_1", "status": "failed", "metadata": OURS, **MONEY, "payment_intent": None}
    assert events_of(stripe, kind, document) == ()


def test_a_payment_of_another_shop_on_the_account_has_no_attempt(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    intent = stripe.peer.session_of(attempt.attempt_id)["payment_intent"]
    intent["metadata"] = {"attempt_id": "cart_123"}
    assert stripe.gateway.find_attempt(intent["id"]) is None


@pytest.mark.parametrize(
    ("status", "means"),
    [
        ("warning_needs_response", DisputeStatus.OPEN),
        ("warning_under_review", DisputeStatus.OPEN),
        ("warning_closed", DisputeStatus.WON),
        ("needs_response", DisputeStatus.OPEN),
        ("under_review", DisputeStatus.OPEN),
        ("appeal_under_review", DisputeStatus.OPEN),
        ("prevented", DisputeStatus.WON),
        ("charge_refunded", DisputeStatus.WON),
        ("won", DisputeStatus.WON),
        ("lost", DisputeStatus.LOST),
    ],
)
def test_a_dispute_event_has_its_amount_and_evidence_date(
    stripe: StripeDriver, status: str, means: DisputeStatus
) -> None:
    attempt = stripe.paid()
    (gateway_event,) = stripe.gateway.parse_callback(stripe.callback_for(f"charge.dispute.updated, {status}", attempt))
    assert gateway_event.dispute
    assert (gateway_event.dispute.status, gateway_event.dispute.evidence_due) == (means, EVIDENCE_DUE)
    assert (gateway_event.dispute.amount, gateway_event.dispute.currency) == (attempt.amount, "EUR")
    assert stripe.gateway.find_attempt(gateway_event.dispute.payment_id) == FoundAttempt(attempt.attempt_id)


@pytest.mark.parametrize("evidence", [None, {}, {"due_by": None}, {"due_by": "soon"}, []])
def test_a_dispute_without_an_evidence_date_gives_an_event(stripe: StripeDriver, evidence: object) -> None:
    dispute = {"id": "du_1", "status": "needs_response", "evidence_details": evidence, **MONEY}
    (gateway_event,) = events_of(stripe, "charge.dispute.created", dispute)
    assert gateway_event.dispute
    assert gateway_event.dispute.evidence_due is None


@pytest.mark.parametrize(("status", "returned"), [("needs_response", 0), ("won", 0), ("lost", 1000)])
def test_a_dispute_counts_as_returned_once_it_is_lost(stripe: StripeDriver, status: str, returned: int) -> None:
    attempt = stripe.paid()
    capture = captured(stripe, attempt)
    stripe.peer.dispute(attempt.attempt_id, status, 1000)
    assert captured(stripe, attempt) == replace(capture, returned=returned)
    assert stripe.gateway.query_payment(capture.payment_id) == replace(capture, returned=returned)


def test_a_lost_dispute_in_another_currency_counts_as_the_whole_payment(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    stripe.peer.dispute(attempt.attempt_id, "lost", 7, currency="usd")
    assert captured(stripe, attempt).held == 0


def test_what_was_refunded_and_lost_was_returned_twice(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    stripe.peer.refund_by_hand(attempt.attempt_id, attempt.amount)
    stripe.peer.dispute(attempt.attempt_id, "lost", attempt.amount)
    capture = captured(stripe, attempt)
    assert (capture.returned, capture.held) == (2 * attempt.amount, 0)


def test_a_refund_of_what_a_dispute_took_is_done_and_moves_nothing(stripe: StripeDriver) -> None:
    attempt = stripe.paid()
    capture = captured(stripe, attempt)
    stripe.peer.dispute(attempt.attempt_id, "lost", attempt.amount)
    assert stripe.gateway.refund(stripe.refund_of(attempt, capture)) is RefundState.DONE
    assert stripe.money(attempt) == (attempt.amount, 0)


def test_a_payment_that_is_under_way_holds_nothing(stripe: StripeDriver) -> None:
    attempt = stripe.attempt_in("delayed payment under way")
    intent = stripe.peer.session_of(attempt.attempt_id)["payment_intent"]
    assert stripe.gateway.query_payment(intent["id"]) is None


@pytest.mark.parametrize(
    ("early", "kind"),
    [
        (timedelta(), GatewayEventKind.EXPIRED),
        (timedelta(seconds=1), GatewayEventKind.CLOSED),
        (None, GatewayEventKind.CLOSED),
    ],
)
def test_a_session_is_reported_as_expired_only_after_its_own_expiry(
    stripe: StripeDriver, early: timedelta | None, kind: GatewayEventKind
) -> None:
    limit = None if early is None else int((stripe.clock.now() + early).timestamp())
    session = {"id": "cs_1", "metadata": OURS, "expires_at": limit}
    assert [gateway_event.kind for gateway_event in events_of(stripe, "checkout.session.expired", session)] == [kind]


def test_a_session_that_only_the_payer_names_is_not_found(stripe: StripeDriver) -> None:
    attempt = stripe.attempt_in("opened, answer lost")
    stripe.peer.session_of(attempt.attempt_id)["metadata"] = {}
    assert stripe.gateway.query(attempt).state is SessionState.UNKNOWN


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("kind", ["sk", "rk"])
def test_events_of_the_mode_of_the_key_are_accepted(stripe: StripeDriver, kind: str, live: bool) -> None:
    stripe.secret["api_key"] = f"{kind}_{'live' if live else 'test'}_51Abc"
    session = {"id": "cs_1", "payment_status": "paid", "metadata": OURS}
    assert events_of(stripe, "checkout.session.completed", session, livemode=live)
    (other,) = events_of(stripe, "checkout.session.completed", session, livemode=not live)
    assert other.foreign


@pytest.mark.parametrize("live", [False, True])
def test_an_event_that_leaves_its_mode_to_its_object_is_of_that_mode(stripe: StripeDriver, live: bool) -> None:
    session = {"id": "cs_1", "payment_status": "paid", "metadata": OURS, "livemode": live}
    event = {"type": "checkout.session.completed", "data": {"object": session}}
    (fields,) = stripe.gateway.parse_callback(stripe.peer.signed(event, SECRETS[0]))
    assert bool(fields.foreign) is live


@pytest.mark.parametrize("key", [None, "", 7])
def test_an_event_is_not_acknowledged_while_our_own_mode_is_not_known(stripe: StripeDriver, key: object) -> None:
    stripe.secret["api_key"] = key
    with pytest.raises(Misconfigured):
        events_of(stripe, "checkout.session.completed", {"id": "cs_1", "payment_status": "paid", "metadata": OURS})


def test_a_refund_refused_without_a_code_is_refused_finally(stripe: StripeDriver) -> None:
    """Without a code it may be permanent: an operator decides, instead of a retry every quarter of an hour."""
    attempt = stripe.paid()
    capture = stripe.gateway.query(attempt).capture
    assert capture
    stripe.peer.refuse("")
    with pytest.raises(Refused):
        stripe.gateway.refund(stripe.refund_of(attempt, capture))
