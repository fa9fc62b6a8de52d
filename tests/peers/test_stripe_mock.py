"""Stripe's own stripe-mock judges the shape of every call we make against Stripe's OpenAPI description.

It keeps no state: what it answers are fixtures, so only its verdict on the requests counts here.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.payment import Capture
from paylatch.domain.statement import StatementKind
from paylatch.gateways.gateway_http import GatewayHttp, HttpSender, Request, Response
from paylatch.gateways.stripe.calls import StripeCalls
from paylatch.gateways.stripe.gateway import StripeGateway
from paylatch.gateways.stripe.payments import StripePayments
from paylatch.ports import StatementWindow
from tests.peers.attempts import attempt_of, new_request, refund_of
from tests.peers.programs import free_port, installed, running
from tests.peers.real_clock import RealClock

A_DAY = StatementWindow(datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC) + timedelta(days=1))
DISPUTED = {"id": "pi_123", "currency": "usd", "amount": 1, "latest_charge": {"disputed": True}}


class Recorder:
    """Sends, and keeps what was asked and how it was judged."""

    def __init__(self) -> None:
        self.judged: list[tuple[str, int, bytes]] = []
        self._send = HttpSender()

    def __call__(self, request: Request) -> Response:
        response = self._send(request)
        self.judged.append((f"{request.method} {urlsplit(request.url).path}", response.status, response.body))
        return response


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command = [str(installed("bin/stripe-mock")), "-http-addr", f"127.0.0.1:{port}"]
    with running(command, port, tmp_path / "stripe-mock.log", {}) as address:
        yield address


def test_stripe_accepts_the_shape_of_every_call(address: str) -> None:
    recorder = Recorder()
    secret = {"api_key": "sk_test_123", "api_base": address}
    gateway = StripeGateway(lambda: secret, RealClock(), GatewayHttp("stripe", recorder))
    request = new_request("EUR", "https://pay.example/callbacks")
    attempt = attempt_of("stripe", request, None)
    known = replace(attempt, session_id="cs_test_123")
    refund = refund_of(known, Capture("pi_123", request.amount, "EUR"))
    calls = (
        lambda: gateway.open(request),
        lambda: gateway.query(known),
        lambda: gateway.query(attempt),
        lambda: gateway.query_payment("pi_123"),
        lambda: gateway.find_attempt("pi_123"),
        lambda: StripePayments(StripeCalls(lambda: secret, GatewayHttp("stripe", recorder)), "paylatch").lost(DISPUTED),
        lambda: gateway.void(known),
        lambda: gateway.void(attempt),
        lambda: gateway.refund(refund),
        lambda: gateway.query_refund(refund),
        lambda: gateway.list_statement(StatementKind.CAPTURES, A_DAY, "ch_123"),
        lambda: gateway.list_statement(StatementKind.REFUNDS, A_DAY, None),
        lambda: gateway.list_statement(StatementKind.DISPUTES, A_DAY, None),
        lambda: gateway.list_statement(StatementKind.CHANGES, A_DAY, None),
    )
    for call in calls:
        # A fixture may be of a session that is neither of ours nor in a state that it could be in.
        with suppress(OutcomeUnknown):
            call()
    assert {status for _, status, _ in recorder.judged} == {200}, recorder.judged
    assert {asked for asked, _, _ in recorder.judged} >= {
        "POST /v1/checkout/sessions",
        "GET /v1/checkout/sessions",
        "GET /v1/checkout/sessions/cs_test_123",
        "POST /v1/checkout/sessions/cs_test_123/expire",
        "GET /v1/payment_intents/pi_123",
        "GET /v1/disputes",
        "POST /v1/refunds",
        "GET /v1/refunds",
        "GET /v1/charges",
        "GET /v1/events",
    }
