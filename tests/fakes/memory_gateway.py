"""The sandbox gateway in one process: the same adapter and the same rules, without HTTP, table, threads or waiting.

Time is the clock that is passed in. Callbacks wait until the test takes them, in any order. It does only what the
sandbox's rules allow; `scripted_gateway.py` is for what they do not.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sandbox.checkout import PayerAction
from sandbox.delivery import signed_headers
from sandbox.fault_plan import FaultPlan
from sandbox.outbox import Delivery
from sandbox.ports import ANY_ORDER
from sandbox.refunds import ledger_of
from sandbox.requests import DisputeChange, HandRefund
from sandbox.responses import SandboxResponse
from sandbox.routes import SandboxRequest, answer_to
from sandbox.schedule import run_due
from sandbox.service import Sandbox
from sandbox.sessions import DisputeStatus, Session, session_id_for

from paylatch.gateways.gateway_http import READ_TIMEOUT_SECONDS, GatewayHttp, Request, Response, ResponseLost
from paylatch.gateways.sandbox.credentials import SandboxCredentials
from paylatch.gateways.sandbox.gateway import NAME, SandboxGateway
from paylatch.ports import Callback, Clock
from tests.fakes.memory_sessions import MemorySessions

API_KEY = "the-key-of-the-memory-gateway"
BASE_URL = "http://sandbox.test"


@dataclass(frozen=True)
class PendingCallback:
    """A callback on its way to the shop."""

    attempt_id: str
    delivery: Delivery

    @property
    def type(self) -> str:
        kind: str = json.loads(self.delivery.body)["type"]
        return kind


class MemoryGateway(SandboxGateway):
    """Implements `Gateway`, and what the payer, time and a tester do to it.

    `accepting` says whether the shop's end takes callbacks at all; what it does not take is sent again by
    `run_schedule`.
    """

    def __init__(self, clock: Clock) -> None:
        credentials = SandboxCredentials(API_KEY)
        self.sessions = MemorySessions()
        self.pending: list[PendingCallback] = []
        self.accepting = True
        self._sandbox = Sandbox(self.sessions, self._deliver, clock.now, lambda: credentials)
        super().__init__(BASE_URL, lambda: {"api_key": API_KEY}, clock, GatewayHttp(NAME, self._send))

    def pay(self, attempt_id: str) -> Session:
        """The payer pays; nothing happens where the session is not open."""
        return self._sandbox.checkout.act(session_id_for(attempt_id), PayerAction.PAY)[0]

    def submit(self, attempt_id: str) -> Session:
        """The payer pays by a bank debit, which takes days."""
        return self._sandbox.checkout.act(session_id_for(attempt_id), PayerAction.SUBMIT)[0]

    def decide(self, attempt_id: str, *, confirms: bool) -> Session:
        """The bank decides about a payment in progress."""
        action = PayerAction.CONFIRM if confirms else PayerAction.REFUSE
        return self._sandbox.checkout.act(session_id_for(attempt_id), action)[0]

    def decline(self, attempt_id: str) -> Session:
        """The payer's bank says no."""
        return self._sandbox.checkout.act(session_id_for(attempt_id), PayerAction.DECLINE)[0]

    def refund_by_hand(self, attempt_id: str, amount: int | None = None) -> SandboxResponse:
        """Refund that much by hand, or all that is left."""
        return self._sandbox.services(BASE_URL).controls.refund_by_hand(attempt_id, HandRefund(amount=amount))

    def dispute(self, attempt_id: str, status: str, amount: int | None = None) -> SandboxResponse:
        """The payer opens a dispute, or it is won or lost."""
        change = DisputeChange(status=DisputeStatus(status), amount=amount)
        return self._sandbox.services(BASE_URL).controls.dispute(attempt_id, change)

    def look(self, attempt_id: str) -> Session:
        """The session as it is now."""
        return self._sandbox.session_service.look(session_id_for(attempt_id))

    def run_schedule(self) -> int:
        """Run the minute's schedule: expire sessions, settle refunds, resend callbacks."""
        return run_due(self._sandbox.session_service, self.sessions, self._clock.now(), lambda: 60.0)

    def set_faults(self, attempt_id: str, fault_plan: FaultPlan) -> None:
        """Set the faults of that session."""
        self._sandbox.services(BASE_URL).controls.set_faults(attempt_id, fault_plan)

    def plan_faults(self, fault_plan: FaultPlan, sessions: int = 1, order_id: str = ANY_ORDER) -> None:
        """Set the faults of that many next sessions."""
        self.sessions.plan(order_id, fault_plan, sessions)

    def next_callback(self, position: int = 0) -> Callback:
        """One of the waiting callbacks, signed now. Taking none in particular takes the first."""
        delivery = self.pending.pop(position).delivery
        return Callback(signed_headers(API_KEY, delivery, self._clock.now()), delivery.body.encode())

    def all_callbacks(self) -> tuple[Callback, ...]:
        """All the waiting callbacks, in the order they were sent in."""
        return tuple(self.next_callback() for _ in range(len(self.pending)))

    def ledgers(self) -> dict[str, dict[str, Any]]:
        """By attempt id: money in and out."""
        return {session.terms.attempt_id: ledger_of(session) for session in self.sessions.sessions.values()}

    def _deliver(self, url: str, delivery: Delivery) -> bool:
        if self.accepting:
            attempt_id: str = json.loads(delivery.body)["data"]["attempt_id"]
            self.pending += [PendingCallback(attempt_id, delivery)] * delivery.copies
        return self.accepting

    def _send(self, request: Request) -> Response:
        url = urlsplit(request.url)
        call = SandboxRequest(
            method=request.method,
            path=url.path,
            query=dict(parse_qsl(url.query)),
            authorization=request.headers["authorization"],
            body=request.body or b"",
        )
        answer = answer_to(call, self._sandbox.services(BASE_URL), lambda: self._sandbox.credentials().api_keys)
        if answer.pause >= READ_TIMEOUT_SECONDS:
            raise ResponseLost("the caller hung up")
        return Response(answer.status, {}, json.dumps(answer.document).encode())
