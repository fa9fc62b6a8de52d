"""Every status that Alipay documents, and what the adapter makes of it in each of its calls."""

from collections.abc import Iterator

import pytest

from paylatch.ports import NoticeKind, RefundState, SessionState
from tests.contract.benches.alipay_bench import AlipayBench
from tests.contract.provider_statuses import ENDS, LATER, only, refund_at, unknown


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
