"""Every status that a provider documents, and what the adapter makes of it in each of its calls.

What is not documented leaves the outcome unknown, by name: nothing is unlocked, settled, or refunded twice on it.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from inspect import get_annotations
from itertools import product
from typing import Any, get_args

import pytest
import stripe

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.payment import Attempt, DisputeStatus, Refund
from paylatch.ports import Notice, NoticeKind, RefundState, SessionState, VoidKind
from tests.contract.benches.alipay_bench import AlipayBench
from tests.contract.benches.bench import Bench
from tests.contract.benches.payu_bench import SECOND_KEYS, PayuBench
from tests.contract.benches.sandbox_bench import SandboxBench
from tests.contract.benches.stripe_bench import SECRETS, StripeBench
from tests.fakes.loopback import Asked, Reply, json_reply

LATER = "INVENTED_LATER"
ENDS = {
    SessionState.PAID: VoidKind.ALREADY_PAID,
    SessionState.CLOSED: VoidKind.ALREADY_CLOSED,
    SessionState.IN_PROGRESS: VoidKind.IN_PROGRESS,
    SessionState.OPEN: VoidKind.VOIDED,
}


def documented(kind: type, name: str) -> set[str]:
    """The values of a field, as Stripe's own library lists them."""

    def words(annotation: Any) -> set[str]:
        arguments = get_args(annotation)
        return {one for one in arguments if isinstance(one, str)}.union(*map(words, arguments))

    return words(get_annotations(kind)[name])


def unknown(status: object, expected: object) -> AbstractContextManager[object]:
    """What a call of an unexpected status ends with: its name is in the error."""
    return pytest.raises(OutcomeUnknown, match=str(status)) if expected is None else nullcontext()


def refund_at(bench: Bench) -> tuple[Attempt, Refund]:
    attempt = bench.paid()
    capture = bench.gateway.query(attempt).capture
    assert capture
    return attempt, bench.refund_of(attempt, capture)


def only(notices: tuple[Notice, ...]) -> NoticeKind | None:
    """The kind of the one notice, None where the callback says nothing."""
    return next(iter([notice.kind for notice in notices]), None)


# ---- Stripe


@pytest.fixture
def stripes() -> Iterator[StripeBench]:
    with StripeBench() as bench:
        yield bench


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
def test_stripe_session(stripes: StripeBench, status: str, payment_status: str, intent: str) -> None:
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
        ("paid", NoticeKind.PAID),
        ("no_payment_required", NoticeKind.PAID),
        ("unpaid", NoticeKind.IN_PROGRESS),
        (LATER, NoticeKind.UNKNOWN),
    ],
)
def test_stripe_session_in_an_event(stripes: StripeBench, payment_status: str, kind: NoticeKind) -> None:
    session = stripes.peer.pay(stripes.opened().attempt_id)
    session.update(payment_status=payment_status)
    callback = stripes.peer.callback("checkout.session.completed", session, SECRETS[0])
    (heard,) = stripes.gateway.parse_callback(callback)
    assert heard.kind is kind
    assert (LATER in heard.cause) is (kind is NoticeKind.UNKNOWN)


@pytest.mark.parametrize("intent", INTENTS)
def test_stripe_payment_intent(stripes: StripeBench, intent: str) -> None:
    attempt = stripes.paid()
    found = stripes.peer.session_of(attempt.attempt_id)["payment_intent"]
    found["status"] = intent
    with unknown(LATER, None if intent == LATER else intent):
        capture = stripes.gateway.query_payment(found["id"])
        assert (capture is not None) is (intent == "succeeded")


@pytest.mark.parametrize("status", ["succeeded", "pending", "failed", LATER])
def test_stripe_charge_whose_status_adds_nothing_to_its_intents(stripes: StripeBench, status: str) -> None:
    attempt = stripes.paid()
    charge = stripes.peer.refund_by_hand(attempt.attempt_id, 200) | {"status": status}
    stripes.peer.session_of(attempt.attempt_id)["payment_intent"]["latest_charge"]["status"] = status
    (heard,) = stripes.gateway.parse_callback(stripes.peer.callback("charge.refunded", charge, SECRETS[0]))
    capture = stripes.gateway.query(attempt).capture
    assert heard.capture == capture
    assert capture
    assert capture.returned == 200


STRIPE_REFUNDS = {
    "succeeded": (RefundState.DONE, NoticeKind.REFUNDED),
    "pending": (RefundState.PENDING, None),
    "requires_action": (RefundState.PENDING, None),
    "failed": (RefundState.FAILED, NoticeKind.REFUND_FAILED),
    "canceled": (RefundState.FAILED, NoticeKind.REFUND_FAILED),
    LATER: (None, NoticeKind.UNKNOWN),
}


@pytest.mark.parametrize("status", STRIPE_REFUNDS)
def test_stripe_refund(stripes: StripeBench, status: str) -> None:
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
def test_stripe_dispute(stripes: StripeBench, status: str) -> None:
    attempt, means = stripes.paid(), STRIPE_DISPUTES[status]
    (heard,) = stripes.gateway.parse_callback(stripes.tell(f"charge.dispute.updated, {status}", attempt))
    assert heard.kind is (NoticeKind.DISPUTED if means else NoticeKind.UNKNOWN)
    assert (heard.dispute.status if heard.dispute else None) is means
    assert (status in heard.cause) is (means is None)
    with unknown(status, means):
        capture = stripes.gateway.query(attempt).capture
        assert capture
        assert (capture.returned == attempt.amount) is (means is DisputeStatus.LOST)


# ---- PayU


@pytest.fixture
def payu() -> Iterator[PayuBench]:
    with PayuBench() as bench:
        yield bench


PAYU_ORDERS = {
    "NEW": (SessionState.OPEN, None, VoidKind.VOIDED),
    "PENDING": (SessionState.IN_PROGRESS, NoticeKind.IN_PROGRESS, VoidKind.VOIDED),
    "WAITING_FOR_CONFIRMATION": (SessionState.IN_PROGRESS, NoticeKind.IN_PROGRESS, VoidKind.VOIDED),
    "COMPLETED": (SessionState.PAID, NoticeKind.PAID, VoidKind.ALREADY_PAID),
    "CANCELED": (SessionState.CLOSED, NoticeKind.CLOSED, VoidKind.ALREADY_CLOSED),
    "REJECTED": (SessionState.CLOSED, NoticeKind.DECLINED, VoidKind.ALREADY_CLOSED),
    LATER: (None, NoticeKind.UNKNOWN, None),
}


@pytest.mark.parametrize("status", PAYU_ORDERS)
def test_payu_order(payu: PayuBench, status: str) -> None:
    attempt = payu.bring(status)
    state, kind, end = PAYU_ORDERS[status]
    order = payu.peer.order_of(attempt.attempt_id)
    notices = payu.gateway.parse_callback(payu.peer.notification(order, SECOND_KEYS[0]))
    assert only(notices) is kind
    uncollected = status == "WAITING_FOR_CONFIRMATION"
    assert [notice.misconfiguration != "" for notice in notices] in ([], [uncollected])
    with unknown(status, state):
        report = payu.gateway.query(attempt)
        assert (report.state, report.misconfiguration != "") == (state, uncollected)
    payu.server.asked.clear()
    with unknown(status, end):
        answer = payu.gateway.void(attempt)
        assert (answer.kind, answer.misconfiguration != "") == (end, uncollected)
    assert ("DELETE" in [asked.method for asked in payu.server.asked]) is (end is VoidKind.VOIDED)


PAYU_REFUNDS = {
    "FINALIZED": (RefundState.DONE, NoticeKind.REFUNDED),
    "PENDING": (RefundState.PENDING, None),
    "CANCELED": (RefundState.FAILED, NoticeKind.REFUND_FAILED),
    LATER: (None, NoticeKind.UNKNOWN),
}


@pytest.mark.parametrize("status", PAYU_REFUNDS)
def test_payu_refund(payu: PayuBench, status: str) -> None:
    attempt, refund = refund_at(payu)
    state, kind = PAYU_REFUNDS[status]
    payu.gateway.refund(refund)
    (made,) = payu.peer.refunds[refund.payment_id]
    made["status"] = status
    order = payu.peer.order_of(attempt.attempt_id)
    told = {"orderId": order["orderId"], "extOrderId": order["extOrderId"], "refund": made}
    assert only(payu.gateway.parse_callback(payu.peer.signed(told, SECOND_KEYS[0]))) is kind
    with unknown(status, state):
        assert payu.gateway.query_refund(refund) is state
    with unknown(status, state):
        # What counts as returned is not known either.
        assert payu.gateway.query(attempt).state is SessionState.PAID
    with unknown(status, state):
        assert payu.gateway.refund(refund) is (RefundState.DONE if state is RefundState.FAILED else state)
    assert len(payu.peer.refunds[refund.payment_id]) == (2 if state is RefundState.FAILED else 1)


# ---- Alipay


@pytest.fixture
def alipay() -> Iterator[AlipayBench]:
    with AlipayBench() as bench:
        yield bench


ALIPAY_TRADES = {
    "WAIT_BUYER_PAY": (SessionState.OPEN, None),
    "TRADE_SUCCESS": (SessionState.PAID, NoticeKind.PAID),
    "TRADE_FINISHED": (SessionState.PAID, NoticeKind.PAID),
    "TRADE_CLOSED": (SessionState.CLOSED, NoticeKind.CLOSED),
    LATER: (None, NoticeKind.UNKNOWN),
}


@pytest.mark.parametrize("status", ALIPAY_TRADES)
def test_alipay_trade(alipay: AlipayBench, status: str) -> None:
    attempt = alipay.bring("scanned")
    trade = alipay.peer.trade_of(attempt.attempt_id)
    trade["trade_status"] = status
    state, kind = ALIPAY_TRADES[status]
    notices = alipay.gateway.parse_callback(alipay.peer.notification(trade))
    assert only(notices) is kind
    assert all((status in notice.cause) is (kind is NoticeKind.UNKNOWN) for notice in notices)
    with unknown(status, state):
        assert alipay.gateway.query(attempt).state is state
    with unknown(status, state):
        assert alipay.gateway.void(attempt).kind is ENDS.get(state or SessionState.UNKNOWN)


@pytest.mark.parametrize("status", ["TRADE_SUCCESS", "TRADE_FINISHED", "TRADE_CLOSED", LATER])
def test_alipay_trade_with_a_refund_fee(alipay: AlipayBench, status: str) -> None:
    """Whatever the trade is, the fee says how much went back of it."""
    trade = alipay.peer.scan(alipay.opened().pay_url or "") | {"trade_status": status, "refund_fee": "2.00"}
    (heard,) = alipay.gateway.parse_callback(alipay.peer.notification(trade))
    assert heard.kind is (NoticeKind.UNKNOWN if status == LATER else NoticeKind.MONEY_RETURNED)


@pytest.mark.parametrize(("paid", "state"), [(True, SessionState.PAID), (False, SessionState.CLOSED)])
def test_alipay_closed_trade_was_paid_where_it_says_when(alipay: AlipayBench, paid: bool, state: SessionState) -> None:
    attempt = alipay.bring("scanned")
    alipay.peer.trade_of(attempt.attempt_id).update(
        trade_status="TRADE_CLOSED", **({"send_pay_date": "2026-11-24 20:00:00"} if paid else {})
    )
    assert alipay.gateway.query(attempt).state is state


ALIPAY_REFUNDS = {"REFUND_SUCCESS": RefundState.DONE, "": RefundState.UNKNOWN, LATER: None}


@pytest.mark.parametrize("status", ALIPAY_REFUNDS)
def test_alipay_refund(alipay: AlipayBench, status: str) -> None:
    _, refund = refund_at(alipay)
    state = ALIPAY_REFUNDS[status]
    node = {"code": "10000", "msg": "Success", **({"refund_status": status} if status else {})}
    alipay.server.answers = lambda asked: (
        alipay.peer._reply(asked.form["method"], node)
        if asked.form["method"].endswith("refund.query")
        else alipay.peer.answer(asked)
    )
    with unknown(status, state):
        assert alipay.gateway.query_refund(refund) is state


# ---- sandbox


@pytest.fixture
def sandbox() -> Iterator[SandboxBench]:
    with SandboxBench() as bench:
        yield bench


Answer = Callable[[Asked], Reply]


def saying(bench: SandboxBench, **fields: object) -> Answer:
    """The sandbox's answers, with these fields in place of its own."""

    def answer(asked: Asked) -> Reply:
        own = bench._answer(asked)
        return json_reply(json.loads(own.body) | fields, own.status)

    return answer


SANDBOX_SESSIONS = {
    "open": SessionState.OPEN,
    "in_progress": SessionState.IN_PROGRESS,
    "paid": SessionState.PAID,
    "closed": SessionState.CLOSED,
    "expired": SessionState.CLOSED,
    LATER: None,
}


@pytest.mark.parametrize("status", SANDBOX_SESSIONS)
def test_sandbox_session(sandbox: SandboxBench, status: str) -> None:
    attempt = sandbox.paid()
    sandbox.server.answers = saying(sandbox, status=status)
    with unknown(status, SANDBOX_SESSIONS[status]):
        assert sandbox.gateway.query(attempt).state is SANDBOX_SESSIONS[status]


@pytest.mark.parametrize("result", [*VoidKind, LATER])
def test_sandbox_void(sandbox: SandboxBench, result: str) -> None:
    attempt = sandbox.paid()
    sandbox.server.answers = saying(sandbox, result=result, until="2026-11-24T12:15:00.000Z")
    with unknown(result, None if result == LATER else result):
        assert sandbox.gateway.void(attempt).kind == result


SANDBOX_REFUNDS = {"done": RefundState.DONE, "pending": RefundState.PENDING, "failed": RefundState.FAILED, LATER: None}


@pytest.mark.parametrize("status", SANDBOX_REFUNDS)
def test_sandbox_refund(sandbox: SandboxBench, status: str) -> None:
    _, refund = refund_at(sandbox)
    sandbox.gateway.refund(refund)
    sandbox.server.answers = saying(sandbox, status=status)
    for question in (sandbox.gateway.query_refund, sandbox.gateway.refund):
        with unknown(status, SANDBOX_REFUNDS[status]):
            assert question(refund) is SANDBOX_REFUNDS[status]


@pytest.mark.parametrize("status", [*DisputeStatus, LATER])
def test_sandbox_dispute(sandbox: SandboxBench, status: str) -> None:
    event = json.loads(sandbox.tell("dispute.opened", sandbox.opened()).body)
    event["data"]["dispute"]["status"] = status
    (heard,) = sandbox.gateway.parse_callback(sandbox._signed(event))
    assert heard.kind is (NoticeKind.UNKNOWN if status == LATER else NoticeKind.DISPUTED)
    assert (LATER in heard.cause) is (status == LATER)
