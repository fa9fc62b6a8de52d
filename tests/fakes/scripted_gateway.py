"""A gateway without faults, except where a test sets its next answers. It signs and verifies by the sandbox's real
scheme.

It is not the memory gateway, because it has no rules: its payer pays closed links, twice, other sums and under any
payment id, as money comes late at real gateways, and it answers a call as the test says. It is not the model checker's
simulated gateway, because it keeps a record of its calls, which no frozen value can.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from paylatch.domain.ids import DEFAULT_STACK
from paylatch.domain.payment import Attempt, Capture, Dispute, PastAttempt, Refund
from paylatch.domain.timestamps import as_text
from paylatch.gateways.sandbox.credentials import signing_secret
from paylatch.gateways.sandbox.gateway import SandboxGateway
from paylatch.gateways.signatures import sign_standard_webhook
from paylatch.ports import (
    Acknowledgement,
    Callback,
    Capabilities,
    Clock,
    FoundAttempt,
    GatewayEvent,
    RefundState,
    Session,
    SessionReport,
    SessionRequest,
    SessionState,
    VoidAnswer,
    VoidKind,
)

API_KEY = "the-key-of-the-scripted-gateway"
LONGEST_SESSION = timedelta(days=1)
LONGEST_PROCESSING = timedelta(days=14)

T = TypeVar("T")
_VOIDS = {
    SessionState.OPEN: VoidKind.VOIDED,
    SessionState.IN_PROGRESS: VoidKind.PROCESSING,
    SessionState.CLOSED: VoidKind.ALREADY_CLOSED,
}


@dataclass
class NextAnswers:
    """The next answers by call: an exception is raised, anything else is returned."""

    lines: dict[str, list[Any]] = field(default_factory=dict)

    def next_for(self, call: str, usual: T) -> T:
        lines = self.lines.get(call)
        if not lines:
            return usual
        line = lines.pop(0)
        if isinstance(line, Exception):
            raise line
        answer: T = line
        return answer


class ScriptedGateway:
    """Implements `Gateway`. `money` holds what was captured by attempt, `asked` every call in order."""

    def __init__(self, clock: Clock, name: str = "sandbox", *, void_is_final: bool = True) -> None:
        self.name = name
        self.capabilities = Capabilities(
            void_is_final=void_is_final,
            shortest_session=timedelta(minutes=1),
            longest_session=LONGEST_SESSION,
            reports_disputes=True,
            longest_processing=LONGEST_PROCESSING,
        )
        self.asked: list[tuple[str, Any]] = []
        # What every genuine callback says, where a test has it say something else than the sandbox would.
        self.gateway_events: tuple[GatewayEvent, ...] | None = None
        self.money: dict[str, Capture] = {}
        self.closed: set[str] = set()
        # Attempts whose payer has submitted a payment that the bank has not decided.
        self.under_way: set[str] = set()
        self.refunds: dict[str, Refund] = {}
        self.opened: dict[str, SessionRequest] = {}
        self._script = NextAnswers()
        self._during: dict[str, Callable[[], object]] = {}
        self._messages = count(1)
        self._clock = clock
        self._signed = SandboxGateway("http://sandbox.test", lambda: {"api_key": API_KEY}, clock)

    def answer_with(self, call: str, *answers: Any) -> None:
        """Set the next answers of that call; afterwards the gateway answers without faults again."""
        self._script.lines.setdefault(call, []).extend(answers)

    def during(self, call: str, act: Callable[[], object]) -> None:
        """Run this action during the next such call."""
        self._during[call] = act

    def calls(self, call: str) -> list[Any]:
        """What that call was asked with, each time."""
        return [asked for name, asked in self.asked if name == call]

    def capture_payment(self, attempt_id: str, payment_id: str | None = None, **other: Any) -> Capture:
        """The payer pays the requested sum, or another."""
        request = self.opened[attempt_id]
        capture = Capture(payment_id or f"pay_{attempt_id}", request.amount, request.currency)
        self.money[attempt_id] = replace(capture, **other)
        self.under_way.discard(attempt_id)
        return self.money[attempt_id]

    def open(self, request: SessionRequest) -> Session:
        self._record_call("open", request)
        self.opened.setdefault(request.attempt_id, request)
        usual = Session(f"ses_{request.attempt_id}", f"https://pay.test/{request.attempt_id}")
        return self._script.next_for("open", usual)

    def query(self, attempt: Attempt | PastAttempt) -> SessionReport:
        self._record_call("query", attempt)
        paid = self.money.get(attempt.attempt_id)
        usual = SessionReport(SessionState.PAID if paid else self._state_of(attempt.attempt_id), paid)
        return self._script.next_for("query", usual)

    def query_payment(self, payment_id: str) -> Capture | None:
        self._record_call("query_payment", payment_id)
        captures = self.money.values()
        usual = next((capture for capture in captures if capture.payment_id == payment_id), None)
        return self._script.next_for("query_payment", usual)

    def find_attempt(self, payment_id: str) -> FoundAttempt | None:
        self._record_call("find_attempt", payment_id)
        usual = next((name for name, capture in self.money.items() if capture.payment_id == payment_id), None)
        return self._script.next_for("find_attempt", FoundAttempt(usual) if usual else None)

    def void(self, attempt: Attempt | PastAttempt) -> VoidAnswer:
        self._record_call("void", attempt)
        paid = self.money.get(attempt.attempt_id)
        if paid is not None:
            return self._script.next_for("void", VoidAnswer(VoidKind.ALREADY_PAID, paid))
        answer = self._script.next_for("void", VoidAnswer(_VOIDS[self._state_of(attempt.attempt_id)]))
        if answer.kind is VoidKind.VOIDED:
            self.closed.add(attempt.attempt_id)
        return answer

    def refund(self, refund: Refund) -> RefundState:
        self._record_call("refund", refund)
        state = self._script.next_for("refund", RefundState.DONE)
        self.refunds.setdefault(refund.refund_id, refund)
        return state

    def query_refund(self, refund: Refund) -> RefundState:
        self._record_call("query_refund", refund)
        usual = RefundState.DONE if refund.refund_id in self.refunds else RefundState.UNKNOWN
        return self._script.next_for("query_refund", usual)

    def parse_callback(self, callback: Callback) -> tuple[GatewayEvent, ...]:
        parsed = self._signed.parse_callback(callback)
        return parsed if self.gateway_events is None else self.gateway_events

    def acknowledge(self) -> Acknowledgement:
        return self._signed.acknowledge()

    def signed(
        self,
        kind: str,
        attempt_id: str,
        capture: Capture | None = None,
        at: datetime | None = None,
        stated_at: datetime | None = None,
        dispute: Dispute | None = None,
        stack: str = DEFAULT_STACK,
    ) -> Callback:
        """A callback of that type, as the sandbox signs it at `at` about what happened at `stated_at` (both: now)."""
        data: dict[str, Any] = {"attempt_id": attempt_id, "session_id": f"ses_{attempt_id}"}
        if stack:
            data["stack"] = stack
        if capture is not None:
            data["payment"] = asdict(capture)
        if dispute is not None:
            data |= _dispute_data(dispute)
        happened = as_text(stated_at or self._clock.now())
        body = json.dumps({"type": kind, "timestamp": happened, "data": data}).encode()
        message = f"msg_{next(self._messages)}"
        headers = sign_standard_webhook(signing_secret(API_KEY), message, at or self._clock.now(), body)
        return Callback(headers, body)

    def submit_payment(self, attempt_id: str) -> Callback:
        """The payer submits a payment that takes days; gives the callback about it."""
        self.under_way.add(attempt_id)
        return self.signed("payment.processing", attempt_id)

    def refuse_payment(self, attempt_id: str) -> Callback:
        """The bank refuses a payment that was under way, which ends the session; gives the callback about it."""
        self.under_way.discard(attempt_id)
        self.closed.add(attempt_id)
        return self.signed("session.declined", attempt_id)

    def _state_of(self, attempt_id: str) -> SessionState:
        if attempt_id in self.under_way:
            return SessionState.IN_PROGRESS
        return SessionState.CLOSED if attempt_id in self.closed else SessionState.OPEN

    def _record_call(self, call: str, asked: Any) -> None:
        self.asked.append((call, asked))
        act = self._during.pop(call, None)
        if act is not None:
            act()


def _dispute_data(dispute: Dispute) -> dict[str, Any]:
    dispute_data = {"dispute_id": dispute.dispute_id, "amount": dispute.amount, "status": dispute.status.value}
    if dispute.evidence_due:
        dispute_data["evidence_due"] = as_text(dispute.evidence_due)
    return {"dispute": dispute_data, "payment": {"payment_id": dispute.payment_id, "currency": dispute.currency}}
