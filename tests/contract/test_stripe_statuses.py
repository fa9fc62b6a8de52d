"""Every status that Stripe documents, and the adapter's result for it in each call."""

from collections.abc import Iterator
from inspect import get_annotations
from itertools import product
from typing import Any, get_args

import pytest
import stripe

from paylatch.domain.payment import DisputeStatus
from paylatch.ports import GatewayEventKind, RefundState, SessionState
from tests.contract.gateway_drivers.stripe_driver import SECRETS, StripeDriver
from tests.contract.provider_statuses import ENDS, LATER, only, refund_at, unknown


def documented(kind: type, name: str) -> set[str]:
    """The values of a field, as Stripe's own library lists them."""

    def words(annotation: Any) -> set[str]:
        arguments = get_args(annotation)
        return {one for one in arguments if isinstance(one, str)}.union(*map(words, arguments))

    return words(get_annotations(kind)[name])


@pytest.fixture
def stripes() -> Iterator[StripeDriver]:
    with StripeDriver() as driver:
        yield driver


INTENTS = {
    "requires_payment_method": SessionState.CLOSED,
    "canceled": SessionState.CLOSED,
    "requires_confirmation": SessionState.IN_PROGRESS,
    "requires_action": SessionState.IN_PROGRESS,
    "requires_capture": SessionState.IN_PROGRESS,
    "processing": SessionState.IN_PROGRESS,
    "succeeded": SessionState.IN_PROGRESS,
    LATER: None,
}
SESSIONS = {
    ("open", "unpaid"): SessionState.OPEN,
    ("expired", "unpaid"): SessionState.CLOSED,
    ("complete", "paid"): SessionState.PAID,
    ("complete", "no_payment_required"): SessionState.PAID,
}


def stripe_means(status: str, payment_status: str, intent: str) -> SessionState | None:
    delayed = (status, payment_status) == ("complete", "unpaid")
    return INTENTS[intent] if delayed else SESSIONS.get((status, payment_status))


STRIPE_SESSIONS = list(
    product(("open", "expired", "complete", LATER), ("unpaid", "paid", "no_payment_required", LATER), INTENTS)
)


def test_stripes_library_documents_no_other_status() -> None:
    assert documented(stripe.checkout.Session, "status") == {"open", "expired", "complete"}
    assert documented(stripe.checkout.Session, "payment_status") == {"unpaid", "paid", "no_payment_required"}
    assert documented(stripe.PaymentIntent, "status") == INTENTS.keys() - {LATER}
    assert documented(stripe.Charge, "status") == {"succeeded", "pending", "failed"}
    # Stripe ended a dispute like that which a refund answered, before it had a word for those it prevented.
    assert documented(stripe.Dispute, "status") == STRIPE_DISPUTES.keys() - {LATER, "charge_refunded"}


@pytest.mark.parametrize(("status", "payment_status", "intent"), STRIPE_SESSIONS)
def test_stripe_session(stripes: StripeDriver, status: str, payment_status: str, intent: str) -> None:
    attempt, expected = stripes.opened(), stripe_means(status, payment_status, intent)
    session = stripes.peer.pay(attempt.attempt_id, intent)
    session.update(status=status, payment_status=payment_status)
    delayed = (status, payment_status) == ("complete", "unpaid")
    with unknown(intent if delayed else f"{status} and {payment_status}", expected):
        assert stripes.gateway.query(attempt).state is expected
    # An open session is asked to expire before it is read.
    with unknown(intent if delayed else payment_status, expected):
        assert stripes.gateway.void(attempt).kind is ENDS.get(expected or SessionState.UNKNOWN)


@pytest.mark.parametrize(
    ("payment_status", "kind"),
    [
        ("paid", GatewayEventKind.PAID),
        ("no_payment_required", GatewayEventKind.PAID),
        ("unpaid", GatewayEventKind.IN_PROGRESS),
        (LATER, GatewayEventKind.UNKNOWN),
    ],
)
def test_stripe_session_in_an_event(stripes: StripeDriver, payment_status: str, kind: GatewayEventKind) -> None:
    session = stripes.peer.pay(stripes.opened().attempt_id)
    session.update(payment_status=payment_status)
    callback = stripes.peer.callback("checkout.session.completed", session, SECRETS[0])
    (event,) = stripes.gateway.parse_callback(callback)
    assert event.kind is kind
    assert (LATER in event.cause) is (kind is GatewayEventKind.UNKNOWN)


@pytest.mark.parametrize("intent", INTENTS)
def test_stripe_payment_intent(stripes: StripeDriver, intent: str) -> None:
    attempt = stripes.paid()
    found = stripes.peer.session_of(attempt.attempt_id)["payment_intent"]
    found["status"] = intent
    with unknown(LATER, None if intent == LATER else intent):
        capture = stripes.gateway.query_payment(found["id"])
        assert (capture is not None) is (intent == "succeeded")


@pytest.mark.parametrize("status", ["succeeded", "pending", "failed", LATER])
def test_stripe_charge_whose_status_adds_nothing_to_its_intents(stripes: StripeDriver, status: str) -> None:
    attempt = stripes.paid()
    charge = stripes.peer.refund_by_hand(attempt.attempt_id, 200) | {"status": status}
    stripes.peer.session_of(attempt.attempt_id)["payment_intent"]["latest_charge"]["status"] = status
    (event,) = stripes.gateway.parse_callback(stripes.peer.callback("charge.refunded", charge, SECRETS[0]))
    capture = stripes.gateway.query(attempt).capture
    assert event.capture == capture
    assert capture
    assert capture.returned == 200


STRIPE_REFUNDS = {
    "succeeded": (RefundState.DONE, GatewayEventKind.REFUNDED),
    "pending": (RefundState.PENDING, None),
    "requires_action": (RefundState.PENDING, None),
    "failed": (RefundState.FAILED, GatewayEventKind.REFUND_FAILED),
    "canceled": (RefundState.FAILED, GatewayEventKind.REFUND_FAILED),
    LATER: (None, GatewayEventKind.UNKNOWN),
}


@pytest.mark.parametrize("status", STRIPE_REFUNDS)
def test_stripe_refund(stripes: StripeDriver, status: str) -> None:
    _, refund = refund_at(stripes)
    stripes.gateway.refund(refund)
    stripes.peer.refunds[0]["status"] = status
    state, kind = STRIPE_REFUNDS[status]
    with unknown(status, state):
        assert stripes.gateway.query_refund(refund) is state
    with unknown(status, state):
        # One that failed is asked for anew; here Stripe still counts it as refunded.
        assert stripes.gateway.refund(refund) is (RefundState.DONE if state is RefundState.FAILED else state)
    assert len(stripes.peer.refunds) == 1
    callback = stripes.peer.callback("refund.updated", stripes.peer.refunds[0], SECRETS[0])
    assert only(stripes.gateway.parse_callback(callback)) is kind


STRIPE_DISPUTES = {
    "warning_needs_response": DisputeStatus.OPEN,
    "warning_under_review": DisputeStatus.OPEN,
    "warning_closed": DisputeStatus.WON,
    "needs_response": DisputeStatus.OPEN,
    "under_review": DisputeStatus.OPEN,
    "appeal_needs_response": DisputeStatus.OPEN,
    "appeal_under_review": DisputeStatus.OPEN,
    "prevented": DisputeStatus.WON,
    "charge_refunded": DisputeStatus.WON,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
    LATER: None,
}


@pytest.mark.parametrize("status", STRIPE_DISPUTES)
def test_stripe_dispute(stripes: StripeDriver, status: str) -> None:
    attempt, means = stripes.paid(), STRIPE_DISPUTES[status]
    (event,) = stripes.gateway.parse_callback(stripes.callback_for(f"charge.dispute.updated, {status}", attempt))
    assert event.kind is (GatewayEventKind.DISPUTED if means else GatewayEventKind.UNKNOWN)
    assert (event.dispute.status if event.dispute else None) is means
    assert (status in event.cause) is (means is None)
    with unknown(status, means):
        capture = stripes.gateway.query(attempt).capture
        assert capture
        assert (capture.returned == attempt.amount) is (means is DisputeStatus.LOST)
