"""Every status that PayU documents, and what the adapter makes of it in each of its calls."""

from collections.abc import Iterator

import pytest

from paylatch.ports import NoticeKind, RefundState, SessionState, VoidKind
from tests.contract.benches.payu_bench import SECOND_KEYS, PayuBench
from tests.contract.provider_statuses import LATER, only, refund_at, unknown


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
