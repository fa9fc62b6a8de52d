"""PayU against `python-getpaid-simulator`: tokens, orders, the hosted page, signed notifications, cancels, refunds."""

import logging
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from paylatch.domain.errors import CallbackRejected, OutcomeUnknown
from paylatch.domain.payment import Attempt
from paylatch.gateways.gateway_http import GatewayHttp
from paylatch.gateways.payu.gateway import PayUGateway
from paylatch.ports import FoundAttempt, GatewayEventKind, RefundState, Session, SessionRequest, SessionState, VoidKind
from tests.peers.attempts import AMOUNT, after, attempt_of, new_request, refund_of
from tests.peers.callbacks_received import CallbacksReceived
from tests.peers.payu_lookup_sender import PayuLookupSender
from tests.peers.real_clock import RealClock
from tests.peers.simulated_payu import SECRET, act, running_peer, states_on_the_dashboard

LOG = logging.getLogger(__name__)


class PayuShop:
    """One point of sale at the peer."""

    def __init__(self, address: str, received: CallbacksReceived) -> None:
        self.address = address
        self.received = received
        self.secret: dict[str, object] = {**SECRET, "api_base": f"{address}/payu"}
        self.gateway = PayUGateway(lambda: self.secret, RealClock(), GatewayHttp("payu", PayuLookupSender()))

    def open(self) -> tuple[SessionRequest, Session, Attempt]:
        request = new_request("PLN", self.received.url)
        session = self.gateway.open(request)
        return request, session, attempt_of("payu", request, session)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PayuShop]:
    received = CallbacksReceived()
    with received.server, running_peer(tmp_path_factory.mktemp("payu")) as address:
        yield PayuShop(address, received)


def test_a_payment_is_made_reported_and_refunded(shop: PayuShop) -> None:
    request, session, attempt = shop.open()
    assert act(session.pay_url, "approve").status in (302, 303)
    (gateway_event,) = shop.gateway.parse_callback(shop.received.next())
    assert (gateway_event.kind, gateway_event.attempt_id) == (GatewayEventKind.PAID, request.attempt_id)
    report = shop.gateway.query(attempt)
    assert (report.state, report.capture) == (SessionState.PAID, gateway_event.capture)
    assert gateway_event.capture
    assert gateway_event.capture.payment_id == session.session_id
    assert (gateway_event.capture.amount, gateway_event.capture.currency) == (AMOUNT, "PLN")
    assert shop.gateway.void(attempt).capture == gateway_event.capture
    refund = refund_of(attempt, gateway_event.capture)
    assert shop.gateway.query_refund(refund) is RefundState.UNKNOWN
    assert [shop.gateway.refund(refund) for _ in range(3)] == [RefundState.DONE] * 3
    assert shop.gateway.query_refund(refund) is RefundState.DONE
    returned = replace(gateway_event.capture, returned=AMOUNT)
    assert shop.gateway.query(attempt).capture == returned
    assert shop.gateway.query_payment(session.session_id) == returned
    assert shop.gateway.find_attempt(session.session_id) == FoundAttempt(request.attempt_id)


def test_a_refused_payment_closes_the_order(shop: PayuShop) -> None:
    request, session, attempt = shop.open()
    act(session.pay_url, "reject")
    (gateway_event,) = shop.gateway.parse_callback(shop.received.next())
    assert (gateway_event.kind, gateway_event.attempt_id) == (GatewayEventKind.CLOSED, request.attempt_id)
    assert shop.gateway.query(attempt).state is SessionState.CLOSED
    assert shop.gateway.void(attempt).kind is VoidKind.ALREADY_CLOSED


def test_a_voided_order_cannot_be_paid(shop: PayuShop) -> None:
    _, session, attempt = shop.open()
    assert shop.gateway.void(attempt).kind is VoidKind.VOIDED
    assert act(session.pay_url, "approve").status == 400
    assert shop.gateway.query(attempt).state is SessionState.CLOSED
    shop.received.next()


def test_an_order_whose_opening_was_not_answered_is_found_and_voided(shop: PayuShop) -> None:
    request, _, _ = shop.open()
    with pytest.raises(OutcomeUnknown):
        shop.gateway.open(request)
    unanswered = attempt_of("payu", request, None)
    assert shop.gateway.query(unanswered).state is SessionState.IN_PROGRESS
    assert shop.gateway.void(unanswered).kind is VoidKind.VOIDED
    shop.received.next()


def test_a_notification_under_another_key_is_rejected(shop: PayuShop) -> None:
    _, session, _ = shop.open()
    act(session.pay_url, "approve")
    callback = shop.received.next()
    shop.secret["second_keys"] = ["another"]
    try:
        with pytest.raises(CallbackRejected):
            shop.gateway.parse_callback(callback)
    finally:
        shop.secret["second_keys"] = SECRET["second_keys"]


def test_a_hundred_races_between_payer_and_void_have_one_result_each(shop: PayuShop) -> None:
    shop.received.all()
    ends: dict[str, tuple[VoidKind, SessionState]] = {}
    attempts: dict[str, str] = {}
    with ThreadPoolExecutor(1) as threads:
        for number in range(100):
            _, session, attempt = shop.open()
            attempts[session.session_id] = attempt.attempt_id
            voiding = threads.submit(after, number % 10 / 1000, shop.gateway.void, attempt)
            act(session.pay_url, "approve")
            ends[session.session_id] = (voiding.result().kind, shop.gateway.query(attempt).state)
    assert set(ends.values()) <= {(VoidKind.VOIDED, SessionState.CLOSED), (VoidKind.ALREADY_PAID, SessionState.PAID)}
    states = states_on_the_dashboard(shop.address)
    for order_id, (_, state) in ends.items():
        assert states[order_id] == ("COMPLETED" if state is SessionState.PAID else "CANCELED")
    events = [
        gateway_event for callback in shop.received.all() for gateway_event in shop.gateway.parse_callback(callback)
    ]
    kinds = {gateway_event.attempt_id: gateway_event.kind for gateway_event in events}
    assert kinds == {
        attempts[order_id]: GatewayEventKind.PAID if state is SessionState.PAID else GatewayEventKind.CLOSED
        for order_id, (_, state) in ends.items()
    }
    LOG.info("%s", Counter(kind for kind, _ in ends.values()))
