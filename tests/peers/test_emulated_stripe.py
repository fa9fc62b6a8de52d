"""The real `stripe` library against npm's `emulate`: sessions, its hosted page, its signed webhooks.

The peer shows no amount, currency or payment intent in its sessions. What was paid then cannot be judged: the adapter
reports it as nothing captured, which the product leaves to a person; it is not made more lenient for the peer's sake.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from paylatch.domain.errors import CallbackRejected
from paylatch.gateways.gateway_http import GatewayHttp
from paylatch.gateways.stripe.gateway import StripeGateway
from paylatch.ports import GatewayEventKind, Session, SessionRequest, SessionState, VoidKind
from tests.peers.attempts import after, attempt_of, new_request
from tests.peers.callbacks_received import CallbacksReceived
from tests.peers.emulated_stripe import SECRET, complete, pay, running_peer
from tests.peers.price_creating_sender import PriceCreatingSender
from tests.peers.real_clock import RealClock

LOG = logging.getLogger(__name__)


class StripeShop:
    """One shop at the peer."""

    def __init__(self, address: str, received: CallbacksReceived) -> None:
        self.address = address
        self.received = received
        self.secret: dict[str, object] = {**SECRET, "api_base": address}
        self.gateway = StripeGateway(lambda: self.secret, RealClock(), GatewayHttp("stripe", PriceCreatingSender()))

    def open(self) -> tuple[SessionRequest, Session]:
        request = new_request("EUR", self.received.url)
        return request, self.gateway.open(request)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeShop]:
    received = CallbacksReceived()
    with received.server, running_peer(tmp_path_factory.mktemp("emulate"), received.url) as address:
        yield StripeShop(address, received)


def test_a_session_is_opened_and_voided(shop: StripeShop) -> None:
    request, session = shop.open()
    attempt = attempt_of("stripe", request, session)
    assert shop.gateway.query(attempt).state is SessionState.OPEN
    assert shop.gateway.void(attempt).kind is VoidKind.VOIDED
    assert shop.gateway.void(attempt).kind is VoidKind.ALREADY_CLOSED
    (gateway_event,) = shop.gateway.parse_callback(shop.received.next())
    # Long before its time ran out: it was our own call that ended it.
    assert (gateway_event.kind, gateway_event.attempt_id) == (GatewayEventKind.CLOSED, request.attempt_id)


def test_a_session_is_paid_on_the_hosted_page_and_reported_in_a_signed_callback(shop: StripeShop) -> None:
    request, session = shop.open()
    pay(session.pay_url)
    callback = shop.received.next()
    (gateway_event,) = shop.gateway.parse_callback(callback)
    assert (gateway_event.kind, gateway_event.attempt_id) == (GatewayEventKind.PAID, request.attempt_id)
    assert gateway_event.capture
    assert gateway_event.capture.amount == 0
    answer = shop.gateway.void(attempt_of("stripe", request, session))
    assert (answer.kind, answer.capture) == (VoidKind.ALREADY_PAID, gateway_event.capture)


def test_a_session_whose_opening_was_not_answered_is_found(shop: StripeShop) -> None:
    request, _ = shop.open()
    assert shop.gateway.query(attempt_of("stripe", request, None)).state is SessionState.OPEN


def test_a_callback_under_another_secret_is_rejected(shop: StripeShop) -> None:
    _, session = shop.open()
    pay(session.pay_url)
    callback = shop.received.next()
    shop.secret["webhook_secrets"] = ["whsec_another"]
    try:
        with pytest.raises(CallbackRejected):
            shop.gateway.parse_callback(callback)
    finally:
        shop.secret["webhook_secrets"] = SECRET["webhook_secrets"]


def test_a_hundred_races_between_payer_and_void_have_one_result_each(shop: StripeShop) -> None:
    ends = []
    with ThreadPoolExecutor(1) as threads:
        for number in range(100):
            request, session = shop.open()
            attempt = attempt_of("stripe", request, session)
            voiding = threads.submit(after, number % 10 / 1000, shop.gateway.void, attempt)
            complete(session.pay_url)
            ends.append((voiding.result().kind, shop.gateway.query(attempt).state))
    assert set(ends) <= {(VoidKind.VOIDED, SessionState.CLOSED), (VoidKind.ALREADY_PAID, SessionState.PAID)}
    LOG.info("%s", Counter(kind for kind, _ in ends))
    shop.received.all()
