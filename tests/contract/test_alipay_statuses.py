"""Every status that Alipay documents, and the adapter's result for it in each call."""

from collections.abc import Iterator

import pytest

from paylatch.ports import GatewayEventKind, RefundState, SessionState
from tests.contract.gateway_drivers.alipay_driver import AlipayDriver
from tests.contract.provider_statuses import ENDS, LATER, only, refund_at, unknown


@pytest.fixture
def alipay() -> Iterator[AlipayDriver]:
    with AlipayDriver() as driver:
        yield driver


ALIPAY_TRADES = {
    "WAIT_BUYER_PAY": (SessionState.OPEN, None),
    "TRADE_SUCCESS": (SessionState.PAID, GatewayEventKind.PAID),
    "TRADE_FINISHED": (SessionState.PAID, GatewayEventKind.PAID),
    "TRADE_CLOSED": (SessionState.CLOSED, GatewayEventKind.CLOSED),
    LATER: (None, GatewayEventKind.UNKNOWN),
}


@pytest.mark.parametrize("status", ALIPAY_TRADES)
def test_alipay_trade(alipay: AlipayDriver, status: str) -> None:
    attempt = alipay.attempt_in("scanned")
    trade = alipay.peer.trade_of(attempt.attempt_id)
    trade["trade_status"] = status
    state, kind = ALIPAY_TRADES[status]
    gateway_events = alipay.gateway.parse_callback(alipay.peer.notification(trade))
    assert only(gateway_events) is kind
    assert all(
        (status in gateway_event.cause) is (kind is GatewayEventKind.UNKNOWN) for gateway_event in gateway_events
    )
    with unknown(status, state):
        assert alipay.gateway.query(attempt).state is state
    with unknown(status, state):
        assert alipay.gateway.void(attempt).kind is ENDS.get(state or SessionState.UNKNOWN)


@pytest.mark.parametrize("status", ["TRADE_SUCCESS", "TRADE_FINISHED", "TRADE_CLOSED", LATER])
def test_alipay_trade_with_a_refund_fee(alipay: AlipayDriver, status: str) -> None:
    """Whatever the trade is, the fee says how much went back of it."""
    trade = alipay.peer.scan(alipay.opened().pay_url or "") | {"trade_status": status, "refund_fee": "2.00"}
    (event,) = alipay.gateway.parse_callback(alipay.peer.notification(trade))
    assert event.kind is (GatewayEventKind.UNKNOWN if status == LATER else GatewayEventKind.MONEY_RETURNED)


@pytest.mark.parametrize(("paid", "state"), [(True, SessionState.PAID), (False, SessionState.CLOSED)])
def test_alipay_closed_trade_was_paid_where_it_says_when(alipay: AlipayDriver, paid: bool, state: SessionState) -> None:
    attempt = alipay.attempt_in("scanned")
    alipay.peer.trade_of(attempt.attempt_id).update(
        trade_status="TRADE_CLOSED", **({"send_pay_date": "2026-11-24 20:00:00"} if paid else {})
    )
    assert alipay.gateway.query(attempt).state is state


ALIPAY_REFUNDS = {"REFUND_SUCCESS": RefundState.DONE, "": RefundState.UNKNOWN, LATER: None}


@pytest.mark.parametrize("status", ALIPAY_REFUNDS)
def test_alipay_refund(alipay: AlipayDriver, status: str) -> None:
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
