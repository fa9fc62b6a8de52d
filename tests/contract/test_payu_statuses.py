"""Every status that PayU documents, and the adapter's result for it in each call."""

from collections.abc import Iterator

import pytest

from paylatch.ports import GatewayEventKind, RefundState, SessionState, VoidKind
from tests.contract.gateway_drivers.payu_driver import SECOND_KEYS, PayuDriver
from tests.contract.provider_statuses import LATER, only, refund_at, unknown


@pytest.fixture
def payu() -> Iterator[PayuDriver]:
    with PayuDriver() as driver:
        yield driver


PAYU_ORDERS = {
    "NEW": (SessionState.OPEN, None, VoidKind.VOIDED),
    "PENDING": (SessionState.IN_PROGRESS, GatewayEventKind.IN_PROGRESS, VoidKind.VOIDED),
    "WAITING_FOR_CONFIRMATION": (SessionState.IN_PROGRESS, GatewayEventKind.IN_PROGRESS, VoidKind.VOIDED),
    "COMPLETED": (SessionState.PAID, GatewayEventKind.PAID, VoidKind.ALREADY_PAID),
    "CANCELED": (SessionState.CLOSED, GatewayEventKind.CLOSED, VoidKind.ALREADY_CLOSED),
    "REJECTED": (SessionState.CLOSED, GatewayEventKind.DECLINED, VoidKind.ALREADY_CLOSED),
    LATER: (None, GatewayEventKind.UNKNOWN, None),
}


@pytest.mark.parametrize("status", PAYU_ORDERS)
def test_payu_order(payu: PayuDriver, status: str) -> None:
    attempt = payu.attempt_in(status)
    state, kind, end = PAYU_ORDERS[status]
    order = payu.peer.order_of(attempt.attempt_id)
    gateway_events = payu.gateway.parse_callback(payu.peer.notification(order, SECOND_KEYS[0]))
    assert only(gateway_events) is kind
    uncollected = status == "WAITING_FOR_CONFIRMATION"
    assert [gateway_event.misconfiguration != "" for gateway_event in gateway_events] in ([], [uncollected])
    with unknown(status, state):
        report = payu.gateway.query(attempt)
        assert (report.state, report.misconfiguration != "") == (state, uncollected)
    payu.server.asked.clear()
    with unknown(status, end):
        answer = payu.gateway.void(attempt)
        assert (answer.kind, answer.misconfiguration != "") == (end, uncollected)
    assert ("DELETE" in [asked.method for asked in payu.server.asked]) is (end is VoidKind.VOIDED)


PAYU_REFUNDS = {
    "FINALIZED": (RefundState.DONE, GatewayEventKind.REFUNDED),
    "PENDING": (RefundState.PENDING, None),
    "CANCELED": (RefundState.FAILED, GatewayEventKind.REFUND_FAILED),
    LATER: (None, GatewayEventKind.UNKNOWN),
}


@pytest.mark.parametrize("status", PAYU_REFUNDS)
def test_payu_refund(payu: PayuDriver, status: str) -> None:
    attempt, refund = refund_at(payu)
    state, kind = PAYU_REFUNDS[status]
    payu.gateway.refund(refund)
    (made,) = payu.peer.refunds[refund.payment_id]
    made["status"] = status
    order = payu.peer.order_of(attempt.attempt_id)
    fields = {"orderId": order["orderId"], "extOrderId": order["extOrderId"], "refund": made}
    assert only(payu.gateway.parse_callback(payu.peer.signed(fields, SECOND_KEYS[0]))) is kind
    with unknown(status, state):
        assert payu.gateway.query_refund(refund) is state
    with unknown(status, state):
        # What counts as returned is not known either.
        assert payu.gateway.query(attempt).state is SessionState.PAID
    with unknown(status, state):
        assert payu.gateway.refund(refund) is (RefundState.DONE if state is RefundState.FAILED else state)
    assert len(payu.peer.refunds[refund.payment_id]) == (2 if state is RefundState.FAILED else 1)
