"""The adapter and the sandbox's handler over a real connection, with callbacks over another."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from local.sandbox_client import SandboxClient, submit_hosted_page
from paylatch.domain.errors import CallbackRejected, GatewayError, Misconfigured, OutcomeUnknown, RateLimited, Refused
from paylatch.gateways.gateway_http import GatewayHttp, HttpSender
from paylatch.gateways.sandbox.gateway import SandboxGateway
from paylatch.ports import Callback, GatewayEvent, GatewayEventKind, RefundState, SessionState, VoidKind
from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply
from tests.fakes.sandbox_samples import ATTEMPT_ID, attempt, refund_of, session_request
from tests.integration.sandbox_harness import API_KEY, SandboxHarness, sandbox_harness


@dataclass
class SandboxOverHttp:
    """A shop with the adapter at one end, the sandbox at the other."""

    harness: SandboxHarness
    server: LoopbackServer
    shop: LoopbackServer
    gateway: SandboxGateway
    gateway_events: list[GatewayEvent]

    def open(self) -> str:
        return self.gateway.open(session_request(callback_url=f"{self.shop.url}/callbacks")).pay_url

    def set_faults(self, **fault_plan: Any) -> None:
        SandboxClient(self.server.url).set_faults(ATTEMPT_ID, fault_plan).expect(200)

    def submit(self, pay_url: str, action: str) -> int:
        return submit_hosted_page(pay_url, action).status


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxOverHttp]:
    with ExitStack() as stack:
        harness = stack.enter_context(sandbox_harness(monkeypatch, HttpSender(connect=1, read=2)))
        server = stack.enter_context(LoopbackServer(lambda asked: _served(harness, asked)))
        gateway_events: list[GatewayEvent] = []
        shop = stack.enter_context(LoopbackServer(lambda asked: _accepted(gateway, gateway_events, asked)))
        monkeypatch.setenv("PAYLATCH_SANDBOX_URL", server.url)
        gateway_http = GatewayHttp("sandbox", HttpSender(connect=1, read=2))
        gateway = SandboxGateway(server.url, lambda: {"api_key": API_KEY}, harness.clock, gateway_http)
        yield SandboxOverHttp(harness, server, shop, gateway, gateway_events)


def _served(harness: SandboxHarness, asked: ReceivedRequest) -> Reply:
    query = "&".join(f"{name}={value}" for name, value in asked.query.items())
    response = harness.respond(asked.method, asked.path, asked.body.decode(), dict(asked.headers), query)
    return Reply(response.status, response.content, response.headers)


def _accepted(gateway: SandboxGateway, gateway_events: list[GatewayEvent], asked: ReceivedRequest) -> Reply:
    try:
        gateway_events += gateway.parse_callback(Callback(asked.headers, asked.body))
    except CallbackRejected:
        return Reply(401)
    return Reply(204)


def test_a_payment_from_opening_to_refund(sandbox: SandboxOverHttp) -> None:
    pay_url = sandbox.open()
    assert sandbox.open() == pay_url
    assert sandbox.gateway.query(attempt()).state is SessionState.OPEN
    assert sandbox.submit(pay_url, "decline") == 303
    assert sandbox.submit(pay_url, "pay") == 303
    assert [gateway_event.kind for gateway_event in sandbox.gateway_events] == [
        GatewayEventKind.TRY_FAILED,
        GatewayEventKind.PAID,
    ]
    report = sandbox.gateway.query(attempt())
    assert report.state is SessionState.PAID
    assert report.capture is not None
    assert report.capture == sandbox.gateway_events[1].capture
    answer = sandbox.gateway.void(attempt())
    assert (answer.kind, answer.capture) == (VoidKind.ALREADY_PAID, report.capture)
    refund = refund_of(report.capture.payment_id)
    assert sandbox.gateway.query_refund(refund) is RefundState.UNKNOWN
    assert sandbox.gateway.refund(refund) is RefundState.DONE
    assert sandbox.gateway.query_refund(refund) is RefundState.DONE


def test_a_session_that_was_never_opened(sandbox: SandboxOverHttp) -> None:
    assert sandbox.gateway.query(attempt()).state is SessionState.UNKNOWN
    assert sandbox.gateway.void(attempt()).kind is VoidKind.VOIDED
    with pytest.raises(Refused):
        sandbox.open()


def test_an_expiry_is_pushed(sandbox: SandboxOverHttp) -> None:
    sandbox.open()
    sandbox.harness.clock.advance(timedelta(minutes=15))
    sandbox.harness.run_schedule()
    assert [gateway_event.kind for gateway_event in sandbox.gateway_events] == [GatewayEventKind.EXPIRED]
    assert sandbox.gateway.query(attempt()).state is SessionState.CLOSED


def test_an_old_link_can_be_paid_after_a_void_that_did_not_close_it(sandbox: SandboxOverHttp) -> None:
    pay_url = sandbox.open()
    sandbox.set_faults(void={"fault": "not_voidable"}, link_outlives=60)
    answer = sandbox.gateway.void(attempt())
    assert answer.kind is VoidKind.NOT_VOIDABLE
    assert answer.until == session_request().expires_at + timedelta(seconds=60)
    sandbox.harness.clock.advance(timedelta(minutes=15, seconds=59))
    assert sandbox.submit(pay_url, "pay") == 303
    assert [gateway_event.kind for gateway_event in sandbox.gateway_events] == [GatewayEventKind.PAID]


def test_a_payment_in_progress_cannot_be_voided_and_arrives(sandbox: SandboxOverHttp) -> None:
    pay_url = sandbox.open()
    sandbox.set_faults(payment={"seconds": 60})
    sandbox.submit(pay_url, "pay")
    assert sandbox.gateway.void(attempt()).kind is VoidKind.PROCESSING
    assert sandbox.gateway.query(attempt()).state is SessionState.IN_PROGRESS
    sandbox.harness.clock.advance(timedelta(seconds=60))
    sandbox.harness.run_schedule()
    assert [gateway_event.kind for gateway_event in sandbox.gateway_events] == [
        GatewayEventKind.IN_PROGRESS,
        GatewayEventKind.PAID,
    ]


FAULTS: list[tuple[str, type[GatewayError], bool]] = [
    ("refuse", Refused, False),
    ("deny", Misconfigured, False),
    ("busy", RateLimited, False),
    ("unavailable", OutcomeUnknown, False),
    ("no_answer", OutcomeUnknown, True),
    ("hang", OutcomeUnknown, True),
]


@pytest.mark.parametrize(("fault", "failure", "done"), FAULTS)
def test_each_fault_raises_its_error_and_has_its_effect(
    sandbox: SandboxOverHttp, fault: str, failure: type[GatewayError], done: bool
) -> None:
    sandbox.open()
    sandbox.set_faults(void={"fault": fault, "times": 1, "seconds": 3})
    with pytest.raises(failure) as raised:
        sandbox.gateway.void(attempt())
    assert type(raised.value) is failure
    assert sandbox.gateway.void(attempt()).kind is (VoidKind.ALREADY_CLOSED if done else VoidKind.VOIDED)


def test_wrong_money_is_reported_as_it_is(sandbox: SandboxOverHttp) -> None:
    pay_url = sandbox.open()
    sandbox.set_faults(payment={"amount": 1, "currency": "USD"})
    sandbox.submit(pay_url, "pay")
    (gateway_event,) = sandbox.gateway_events
    assert gateway_event.capture is not None
    assert (gateway_event.capture.amount, gateway_event.capture.currency) == (1, "USD")


def test_a_forged_callback_is_not_accepted_and_the_true_one_is_later(sandbox: SandboxOverHttp) -> None:
    pay_url = sandbox.open()
    sandbox.set_faults(callbacks={"forged": True})
    sandbox.submit(pay_url, "pay")
    assert sandbox.gateway_events == []
    assert len(sandbox.shop.asked) == 1


def test_reversed_and_repeated_callbacks(sandbox: SandboxOverHttp) -> None:
    pay_url = sandbox.open()
    sandbox.set_faults(callbacks={"reversed": True, "copies": 2})
    sandbox.submit(pay_url, "decline")
    sandbox.submit(pay_url, "pay")
    kinds = [gateway_event.kind for gateway_event in sandbox.gateway_events]
    assert kinds == [
        GatewayEventKind.PAID,
        GatewayEventKind.PAID,
        GatewayEventKind.TRY_FAILED,
        GatewayEventKind.TRY_FAILED,
    ]


def test_a_wrong_key_and_a_wrong_address_are_our_own_fault(sandbox: SandboxOverHttp) -> None:
    sandbox.open()
    gateway_http = GatewayHttp("sandbox", HttpSender(connect=1, read=2))
    with_wrong_key = SandboxGateway(
        sandbox.server.url, lambda: {"api_key": "wrong"}, sandbox.harness.clock, gateway_http
    )
    with pytest.raises(Misconfigured):
        with_wrong_key.void(attempt())
    with_wrong_address = SandboxGateway(
        f"{sandbox.server.url}/v2", lambda: {"api_key": API_KEY}, sandbox.harness.clock, gateway_http
    )
    with pytest.raises(Misconfigured):
        with_wrong_address.query(attempt())
    assert sandbox.gateway.query(attempt()).state is SessionState.OPEN
