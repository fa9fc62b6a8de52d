"""The adapter and the sandbox's handler on two ends of a real connection, callbacks coming back over another."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3

from paylatch.domain.errors import CallbackRejected, GatewayError, Misconfigured, OutcomeUnknown, RateLimited, Refused
from paylatch.gateways.sandbox import SandboxGateway
from paylatch.gateways.wire import HttpSender, Wire
from paylatch.ports import Callback, Notice, NoticeKind, RefundState, SessionState, VoidKind
from tests.fakes.loopback import Asked, Loopback, Reply
from tests.fakes.sandbox_terms import ATTEMPT_ID, attempt, refund_of, session_request
from tests.integration.sandbox_stage import API_KEY, SandboxStage, sandbox_stage


@dataclass
class Street:
    """A shop with the adapter at one end, the sandbox at the other."""

    stage: SandboxStage
    server: Loopback
    back: Loopback
    gateway: SandboxGateway
    notices: list[Notice]

    def open(self) -> str:
        return self.gateway.open(session_request(callback_url=f"{self.back.url}/callbacks")).pay_url

    def misbehave(self, **misbehaviour: Any) -> None:
        address = f"{self.server.url}/sessions/{ATTEMPT_ID}/misbehaviour"
        assert urllib3.request("POST", address, body=json.dumps(misbehaviour), retries=False).status == 200

    def press(self, pay_url: str, action: str) -> int:
        form = urlencode({"action": action})
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return urllib3.request("POST", pay_url, body=form, headers=headers, redirect=False, retries=False).status


@pytest.fixture
def street(monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    with ExitStack() as stack:
        stage = stack.enter_context(sandbox_stage(monkeypatch, HttpSender(connect=1, read=2)))
        server = stack.enter_context(Loopback(lambda asked: _served(stage, asked)))
        notices: list[Notice] = []
        back = stack.enter_context(Loopback(lambda asked: _accepted(gateway, notices, asked)))
        monkeypatch.setenv("PAYLATCH_SANDBOX_URL", server.url)
        wire = Wire("sandbox", HttpSender(connect=1, read=2))
        gateway = SandboxGateway(server.url, lambda: {"api_key": API_KEY}, stage.clock, wire)
        yield Street(stage, server, back, gateway, notices)


def _served(stage: SandboxStage, asked: Asked) -> Reply:
    query = "&".join(f"{name}={value}" for name, value in asked.query.items())
    heard = stage.send(asked.method, asked.path, asked.body.decode(), dict(asked.headers), query)
    return Reply(heard.status, heard.text.encode(), heard.headers)


def _accepted(gateway: SandboxGateway, notices: list[Notice], asked: Asked) -> Reply:
    try:
        notices += gateway.parse_callback(Callback(asked.headers, asked.body))
    except CallbackRejected:
        return Reply(401)
    return Reply(204)


def test_the_whole_story_of_a_payment(street: Street) -> None:
    pay_url = street.open()
    assert street.open() == pay_url
    assert street.gateway.query(attempt()).state is SessionState.OPEN
    assert street.press(pay_url, "decline") == 303
    assert street.press(pay_url, "pay") == 303
    assert [notice.kind for notice in street.notices] == [NoticeKind.TRY_FAILED, NoticeKind.PAID]
    report = street.gateway.query(attempt())
    assert report.state is SessionState.PAID
    assert report.capture is not None
    assert report.capture == street.notices[1].capture
    answer = street.gateway.void(attempt())
    assert (answer.kind, answer.capture) == (VoidKind.ALREADY_PAID, report.capture)
    refund = refund_of(report.capture.payment_id)
    assert street.gateway.query_refund(refund) is RefundState.UNKNOWN
    assert street.gateway.refund(refund) is RefundState.DONE
    assert street.gateway.query_refund(refund) is RefundState.DONE


def test_a_session_that_was_never_opened(street: Street) -> None:
    assert street.gateway.query(attempt()).state is SessionState.UNKNOWN
    assert street.gateway.void(attempt()).kind is VoidKind.VOIDED
    with pytest.raises(Refused):
        street.open()


def test_an_expiry_is_pushed(street: Street) -> None:
    street.open()
    street.stage.clock.advance(timedelta(minutes=15))
    street.stage.minute()
    assert [notice.kind for notice in street.notices] == [NoticeKind.EXPIRED]
    assert street.gateway.query(attempt()).state is SessionState.CLOSED


def test_an_old_link_can_be_paid_after_a_void_that_did_not_close_it(street: Street) -> None:
    pay_url = street.open()
    street.misbehave(void={"fault": "not_voidable"}, link_outlives=60)
    answer = street.gateway.void(attempt())
    assert answer.kind is VoidKind.NOT_VOIDABLE
    assert answer.until == session_request().expires_at + timedelta(seconds=60)
    street.stage.clock.advance(timedelta(minutes=15, seconds=59))
    assert street.press(pay_url, "pay") == 303
    assert [notice.kind for notice in street.notices] == [NoticeKind.PAID]


def test_a_payment_in_progress_cannot_be_voided_and_arrives(street: Street) -> None:
    pay_url = street.open()
    street.misbehave(payment={"seconds": 60})
    street.press(pay_url, "pay")
    assert street.gateway.void(attempt()).kind is VoidKind.IN_PROGRESS
    assert street.gateway.query(attempt()).state is SessionState.IN_PROGRESS
    street.stage.clock.advance(timedelta(seconds=60))
    street.stage.minute()
    assert [notice.kind for notice in street.notices] == [NoticeKind.IN_PROGRESS, NoticeKind.PAID]


FAULTS: list[tuple[str, type[GatewayError], bool]] = [
    ("refuse", Refused, False),
    ("deny", Misconfigured, False),
    ("busy", RateLimited, False),
    ("unavailable", OutcomeUnknown, False),
    ("no_answer", OutcomeUnknown, True),
    ("hang", OutcomeUnknown, True),
]


@pytest.mark.parametrize(("fault", "failure", "done"), FAULTS)
def test_each_fault_is_felt_as_its_class_and_does_what_it_says(
    street: Street, fault: str, failure: type[GatewayError], done: bool
) -> None:
    street.open()
    street.misbehave(void={"fault": fault, "times": 1, "seconds": 3})
    with pytest.raises(failure) as raised:
        street.gateway.void(attempt())
    assert type(raised.value) is failure
    assert street.gateway.void(attempt()).kind is (VoidKind.ALREADY_CLOSED if done else VoidKind.VOIDED)


def test_wrong_money_is_reported_as_it_is(street: Street) -> None:
    pay_url = street.open()
    street.misbehave(payment={"amount": 1, "currency": "USD"})
    street.press(pay_url, "pay")
    (notice,) = street.notices
    assert notice.capture is not None
    assert (notice.capture.amount, notice.capture.currency) == (1, "USD")


def test_a_forged_callback_is_not_accepted_and_the_true_one_is_later(street: Street) -> None:
    pay_url = street.open()
    street.misbehave(callbacks={"forged": True})
    street.press(pay_url, "pay")
    assert street.notices == []
    assert len(street.back.asked) == 1


def test_reversed_and_repeated_callbacks(street: Street) -> None:
    pay_url = street.open()
    street.misbehave(callbacks={"reversed": True, "copies": 2})
    street.press(pay_url, "decline")
    street.press(pay_url, "pay")
    kinds = [notice.kind for notice in street.notices]
    assert kinds == [NoticeKind.PAID, NoticeKind.PAID, NoticeKind.TRY_FAILED, NoticeKind.TRY_FAILED]


def test_a_wrong_key_and_a_wrong_address_are_our_own_fault(street: Street) -> None:
    street.open()
    wire = Wire("sandbox", HttpSender(connect=1, read=2))
    stranger = SandboxGateway(street.server.url, lambda: {"api_key": "wrong"}, street.stage.clock, wire)
    with pytest.raises(Misconfigured):
        stranger.void(attempt())
    lost = SandboxGateway(f"{street.server.url}/v2", lambda: {"api_key": API_KEY}, street.stage.clock, wire)
    with pytest.raises(Misconfigured):
        lost.query(attempt())
    assert street.gateway.query(attempt()).state is SessionState.OPEN
