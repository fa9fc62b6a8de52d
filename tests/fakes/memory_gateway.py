"""The sandbox gateway in one process: the same adapter and the same rules, without HTTP, table, threads or waiting.

Time is the clock that is passed in. Callbacks wait until the test takes them, in whatever order it likes.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox_answers import Answer
from sandbox_checkout import PayerAction
from sandbox_delivery import signed_headers
from sandbox_misbehaviour import Misbehaviour
from sandbox_outbox import Delivery
from sandbox_ports import ANY_ORDER
from sandbox_refunds import books
from sandbox_requests import DisputeChange, HandRefund
from sandbox_routes import Call, answer_to
from sandbox_schedule import run_due
from sandbox_sessions import DisputeStatus, Session, session_id_for
from sandbox_wiring import Sandbox

from paylatch.gateways.sandbox import NAME, SandboxGateway
from paylatch.gateways.sandbox_credentials import SandboxCredentials
from paylatch.gateways.wire import READ_TIMEOUT_SECONDS, AnswerLost, Request, Response, Wire
from paylatch.ports import Callback, Clock
from tests.fakes.memory_sessions import MemorySessions

API_KEY = "the-key-of-the-memory-gateway"
BASE_URL = "http://sandbox.test"


@dataclass(frozen=True)
class Waiting:
    """A callback on its way to the shop."""

    attempt_id: str
    delivery: Delivery

    @property
    def type(self) -> str:
        kind: str = json.loads(self.delivery.body)["type"]
        return kind


class MemoryGateway(SandboxGateway):
    """Implements `Gateway`, and what the payer, time and a tester do to it.

    `accepting` says whether the shop's end takes callbacks at all; what it does not take is tried again by `tick`.
    """

    def __init__(self, clock: Clock) -> None:
        credentials = SandboxCredentials(API_KEY)
        self.sessions = MemorySessions()
        self.waiting: list[Waiting] = []
        self.accepting = True
        self._sandbox = Sandbox(self.sessions, self._carry, clock.now, lambda: credentials)
        super().__init__(BASE_URL, lambda: {"api_key": API_KEY}, clock, Wire(NAME, self._send))

    def pay(self, attempt_id: str) -> Session:
        """The payer pays; nothing happens where the session is not open."""
        return self._sandbox.checkout.act(session_id_for(attempt_id), PayerAction.PAY)[0]

    def decline(self, attempt_id: str) -> Session:
        """The payer's bank says no."""
        return self._sandbox.checkout.act(session_id_for(attempt_id), PayerAction.DECLINE)[0]

    def refund_by_hand(self, attempt_id: str, amount: int | None = None) -> Answer:
        """Somebody refunds that much, or all that is left, past the shop."""
        return self._sandbox.desk(BASE_URL).controls.refund_by_hand(attempt_id, HandRefund(amount=amount))

    def dispute(self, attempt_id: str, status: str, amount: int | None = None) -> Answer:
        """The payer opens a dispute, or it is won or lost."""
        change = DisputeChange(status=DisputeStatus(status), amount=amount)
        return self._sandbox.desk(BASE_URL).controls.dispute(attempt_id, change)

    def look(self, attempt_id: str) -> Session:
        """The session as it is now."""
        return self._sandbox.keeper.look(session_id_for(attempt_id))

    def tick(self) -> int:
        """What the minute's schedule does: expire, settle, tell again."""
        return run_due(self._sandbox.keeper, self.sessions, self._clock.now(), lambda: 60.0)

    def misbehave(self, attempt_id: str, misbehaviour: Misbehaviour) -> None:
        """From now on that session misbehaves like this."""
        self._sandbox.desk(BASE_URL).controls.misbehave(attempt_id, misbehaviour)

    def plan(self, misbehaviour: Misbehaviour, sessions: int = 1, order_id: str = ANY_ORDER) -> None:
        """So many sessions to come misbehave like this."""
        self.sessions.plan(order_id, misbehaviour, sessions)

    def take(self, position: int = 0) -> Callback:
        """One of the waiting callbacks, signed now. Taking none in particular takes the first."""
        delivery = self.waiting.pop(position).delivery
        return Callback(signed_headers(API_KEY, delivery, self._clock.now()), delivery.body.encode())

    def take_all(self) -> tuple[Callback, ...]:
        """All the waiting callbacks, in the order they were sent in."""
        return tuple(self.take() for _ in range(len(self.waiting)))

    def books(self) -> dict[str, dict[str, Any]]:
        """By attempt id: money in and out."""
        return {session.terms.attempt_id: books(session) for session in self.sessions.sessions.values()}

    def _carry(self, url: str, delivery: Delivery) -> bool:
        if self.accepting:
            attempt_id: str = json.loads(delivery.body)["data"]["attempt_id"]
            self.waiting += [Waiting(attempt_id, delivery)] * delivery.copies
        return self.accepting

    def _send(self, request: Request) -> Response:
        call = Call(
            method=request.method,
            path=urlsplit(request.url).path,
            authorization=request.headers["authorization"],
            body=request.body or b"",
        )
        answer = answer_to(call, self._sandbox.desk(BASE_URL), lambda: self._sandbox.credentials().api_keys)
        if answer.pause >= READ_TIMEOUT_SECONDS:
            raise AnswerLost("the caller hung up")
        return Response(answer.status, {}, json.dumps(answer.document).encode())
