"""The simulated gateway answers as the sandbox gateway does, whatever is done to both."""

from datetime import timedelta
from random import Random

import pytest

from paylatch.domain.errors import GatewayError
from paylatch.domain.payment import Attempt, AttemptStatus, Refund, RefundStatus
from paylatch.ports import SessionRequest
from tests.fakes.memory_gateway import MemoryGateway
from tests.fakes.settable_clock import SettableClock
from tests.model_checker import simulated_gateway, simulated_returns
from tests.model_checker.gateway_states import answered
from tests.model_checker.scripted_ports import NOON, Call, Raised
from tests.model_checker.simulated_gateway import GatewayProfile, GatewayState

ATTEMPTS = ("0RDERAAAAAAAAAA1_AAAAAAAA", "0RDERAAAAAAAAAA1_BBBBBBBB")
STEPS = ("open", "void", "query", "pays", "refund", "query_refund", "time")
HONEST = GatewayProfile(name="honest")


class Both:
    """The sandbox and the simulated gateway, side by side."""

    def __init__(self) -> None:
        self.clock = SettableClock(NOON)
        self.sandbox = MemoryGateway(self.clock)
        self.gateway_state = GatewayState()

    def do(self, step: str, attempt_id: str) -> tuple[str, str]:
        """The step at both, and what both answered."""
        if step == "time":
            self.clock.advance(timedelta(minutes=7))
            self.sandbox.run_schedule()
            self.gateway_state = simulated_returns.with_time_passed(self.gateway_state, self.clock.now(), HONEST)
            return "", ""
        if step == "pays":
            return self._pay(attempt_id)
        self.gateway_state, seen = answered(self.gateway_state, self._call(step, attempt_id), HONEST, self.clock.now())
        return self._asked(step, attempt_id), _essence(step, seen)

    def _pay(self, attempt_id: str) -> tuple[str, str]:
        session = self.gateway_state.session_of(attempt_id)
        if session is None or session.amount == 0:
            return "", ""
        if session.status is simulated_gateway.SessionStatus.OPEN:
            self.gateway_state = simulated_gateway.paid(self.gateway_state, session, HONEST, self.clock.now())
        paid = self.gateway_state.session_of(attempt_id)
        return str(self.sandbox.pay(attempt_id).payment is not None), str(bool(paid and paid.capture))

    def _asked(self, step: str, attempt_id: str) -> str:
        try:
            argument = (
                self._request(attempt_id)
                if step == "open"
                else _refund(attempt_id, self.sandbox)
                if "refund" in step
                else _attempt(attempt_id)
            )
            return _essence(step, getattr(self.sandbox, step)(argument))
        except GatewayError as error:
            return type(error).__name__

    def _call(self, step: str, attempt_id: str) -> Call:
        refund = Refund(
            payment_id=f"pay_{attempt_id}",
            attempt_id=attempt_id,
            gateway="hosted",
            amount=900,
            currency="EUR",
            status=RefundStatus.DUE,
            reason="",
            since=NOON,
            next_at=NOON,
        )
        arguments = {"open": self._request(attempt_id), "refund": refund, "query_refund": refund.refund_id}
        return Call(step, (arguments.get(step, attempt_id),))

    def _request(self, attempt_id: str) -> SessionRequest:
        return SessionRequest(
            attempt_id=attempt_id,
            order_id="0RDERAAAAAAAAAA1",
            reference="demo-1",
            amount=900,
            currency="EUR",
            expires_at=NOON + timedelta(minutes=30),
            return_url="https://shop.example/thanks",
            callback_url="https://api.example/gateways/sandbox/callbacks",
        )


def _attempt(attempt_id: str) -> Attempt:
    return Attempt(
        attempt_id=attempt_id,
        status=AttemptStatus.OPEN,
        amount=900,
        currency="EUR",
        revision=1,
        gateway="sandbox",
        since=NOON,
        deadline=NOON + timedelta(minutes=15),
        return_url="",
        fingerprint="",
    )


def _refund(attempt_id: str, sandbox: MemoryGateway) -> Refund:
    ledger_of = sandbox.ledgers().get(attempt_id)
    payment = ledger_of["payment"] if ledger_of else None
    return Refund(
        payment_id=payment["payment_id"] if payment else "pay_none",
        attempt_id=attempt_id,
        gateway="sandbox",
        amount=900,
        currency="EUR",
        status=RefundStatus.DUE,
        reason="",
        since=NOON,
        next_at=NOON,
    )


def _essence(step: str, response: object) -> str:
    """What the answer says, without names that each gateway gives by itself."""
    if isinstance(response, Raised):
        return type(response.make()).__name__
    if step == "open":
        return "a session"
    said = getattr(response, "kind", getattr(response, "state", response))
    capture = getattr(response, "capture", None)
    return f"{said} {(capture.amount, capture.currency) if capture else ''}"


@pytest.mark.parametrize("seed", range(150))
def test_both_gateways_answer_alike(seed: int) -> None:
    rng = Random(seed)
    both = Both()
    for _ in range(14):
        step, attempt_id = rng.choice(STEPS), rng.choice(ATTEMPTS)
        sandbox, hosted_ = both.do(step, attempt_id)
        assert sandbox == hosted_, f"seed {seed}: {step} of {attempt_id}"
