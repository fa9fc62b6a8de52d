"""The sandbox gateway: its own rules, in memory, behind real HTTP."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

from sandbox_delivery import signed_headers
from sandbox_misbehaviour import Fault, FaultKind, Misbehaviour, PaymentTwist

from paylatch.domain.errors import OutcomeUnknown, RateLimited, Refused, Transient
from paylatch.domain.ids import DEFAULT_STACK
from paylatch.domain.payment import Attempt
from paylatch.gateways.sandbox import SandboxGateway
from paylatch.gateways.sandbox_credentials import signing_secret
from paylatch.gateways.signatures import sign_standard_webhook
from paylatch.gateways.wire import Request, Wire
from paylatch.ports import Callback, Gateway, NoticeKind, SessionState, VoidKind
from tests.contract.benches.bench import LOCK, Addressees, Bench, Heard, Notices, Refusals, Situations, with_field
from tests.fakes.loopback import Asked, Loopback, Reply
from tests.fakes.memory_gateway import API_KEY, MemoryGateway, Waiting

KEYS = (API_KEY, "the-key-before-it", "a-key-of-somebody-else")
SLOW = Misbehaviour(payment=PaymentTwist(seconds=60))
TWISTS = {
    "payment.processing": SLOW,
    "session.declined": Misbehaviour(payment=PaymentTwist(fails=True, final=True)),
    "session.closed": Misbehaviour(void=Fault(FaultKind.ANNOUNCE)),
    "refund.succeeded": Misbehaviour(refund=Fault(FaultKind.PENDING)),
    "refund.failed": Misbehaviour(refund=Fault(FaultKind.FAIL)),
}
LIVE = Misbehaviour(void=Fault(FaultKind.NOT_VOIDABLE))


class SandboxBench(Bench):
    name = "sandbox"
    situations: ClassVar[Situations] = {
        "never opened": (SessionState.UNKNOWN, VoidKind.VOIDED),
        "opened, answer lost": (SessionState.OPEN, VoidKind.VOIDED),
        "open": (SessionState.OPEN, VoidKind.VOIDED),
        "link that outlives a void": (SessionState.OPEN, VoidKind.NOT_VOIDABLE),
        "payment under way": (SessionState.IN_PROGRESS, VoidKind.IN_PROGRESS),
        "paid": (SessionState.PAID, VoidKind.ALREADY_PAID),
        "expired": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
        "voided": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
    }
    notices: ClassVar[Notices] = {
        "payment.succeeded": NoticeKind.PAID,
        "payment.processing": NoticeKind.IN_PROGRESS,
        "payment.failed": NoticeKind.TRY_FAILED,
        "session.declined": NoticeKind.DECLINED,
        "session.closed": NoticeKind.CLOSED,
        "session.expired": NoticeKind.EXPIRED,
        "refund.succeeded": NoticeKind.REFUNDED,
        "refund.failed": NoticeKind.REFUND_FAILED,
        "payment.refunded": NoticeKind.MONEY_RETURNED,
        "dispute.opened": NoticeKind.DISPUTED,
        "dispute.won": NoticeKind.DISPUTED,
        "dispute.lost": NoticeKind.DISPUTED,
    }
    addressees: ClassVar[Addressees] = {
        "another shop, by its key": Heard.REJECTION,
        "another stack": Heard.FOREIGN,
        "no stack": Heard.ASKED,
        "another shop": Heard.FOREIGN,
    }
    refusals: ClassVar[Refusals] = {
        "refuse": Refused,
        "no_balance": Transient,
        "busy": RateLimited,
        "no_answer": OutcomeUnknown,
        "unavailable": OutcomeUnknown,
    }
    freshness = timedelta(minutes=5)

    def __init__(self) -> None:
        super().__init__()
        self.peer = MemoryGateway(self.clock)
        self.server = Loopback(self._answer)
        self.secret = {"api_key": KEYS[0], "previous_api_keys": [KEYS[1]]}
        self._told: dict[tuple[str, str], Waiting] = {}

    def gateway_on(self, wire: Wire, stack: str = DEFAULT_STACK) -> Gateway:
        return SandboxGateway(self.server.url, lambda: self.secret, self.clock, wire, stack=stack)

    def bring(self, situation: str) -> Attempt:
        if situation == "never opened":
            return self.attempt(self.request())
        if situation == "opened, answer lost":
            request = self.request()
            self.gateway.open(request)
            return self.attempt(request)
        attempt = self.opened()
        match situation:
            case "paid":
                self.peer.pay(attempt.attempt_id)
            case "payment under way":
                self.peer.misbehave(attempt.attempt_id, SLOW)
                self.peer.pay(attempt.attempt_id)
            case "link that outlives a void":
                self.peer.misbehave(attempt.attempt_id, LIVE)
            case "expired":
                self.clock.advance(LOCK)
            case "voided":
                self.gateway.void(attempt)
        return attempt

    def tell(self, notice: str, attempt: Attempt, secret: int = 0) -> Callback:
        key = attempt.attempt_id, notice
        if key not in self._told:
            self._provoke(notice, attempt)
            self._told[key] = next(one for one in reversed(self.peer.waiting) if one.type == notice)
        delivery = self._told[key].delivery
        return Callback(signed_headers(KEYS[secret], delivery, self.clock.now()), delivery.body.encode())

    def signed_again(self, callback: Callback) -> Callback:
        return self._signed(json.loads(callback.body))

    def dated(self, callback: Callback, time: object) -> Callback:
        return self._signed(with_field(json.loads(callback.body), "timestamp", time))

    def readdressed(self, callback: Callback, addressee: str) -> Callback:
        event = json.loads(callback.body)
        match addressee:
            case "another shop, by its key":
                return self._signed(event, KEYS[2])
            case "another stack":
                event["data"]["stack"] = "paylatch-staging"
            case "another shop":
                event["data"] |= {"stack": "", "attempt_id": "cart_123"}
            case "no stack":
                del event["data"]["stack"]
        return self._signed(event)

    def misshapen(self, callback: Callback) -> Callback:
        event = json.loads(callback.body)
        event["data"]["payment"] = {"payment_id": "pay_1", "amount": next(self.odd_sums), "currency": "points"}
        return self._signed(event)

    def refund_by_hand(self, attempt: Attempt, amount: int) -> None:
        self.peer.refund_by_hand(attempt.attempt_id, amount)

    def refuse_refunds(self, why: str) -> None:
        for attempt_id in self.peer.books():
            self.peer.misbehave(attempt_id, Misbehaviour(refund=Fault(FaultKind(why))))

    def allow_refunds(self) -> None:
        for attempt_id in self.peer.books():
            self.peer.misbehave(attempt_id, Misbehaviour())

    def _signed(self, document: object, key: str = KEYS[0]) -> Callback:
        body = json.dumps(document).encode()
        headers = sign_standard_webhook(signing_secret(key), "msg_1", self.clock.now(), body)
        return Callback(headers, body)

    def refuse_credentials(self) -> None:
        self.secret["api_key"] = "revoked"

    def retire_previous_secret(self) -> None:
        del self.secret["previous_api_keys"]

    def money(self, attempt: Attempt) -> tuple[int, int]:
        books = self.peer.books()[attempt.attempt_id]
        return books["captured"], books["refunded"]

    def _provoke(self, notice: str, attempt: Attempt) -> None:
        if notice in TWISTS:
            self.peer.misbehave(attempt.attempt_id, TWISTS[notice])
        if notice in UNPAID:
            UNPAID[notice](self, attempt)
            return
        self.peer.pay(attempt.attempt_id)
        if notice.startswith("refund."):
            capture = self.gateway.query(attempt).capture
            assert capture
            self.gateway.refund(self.refund_of(attempt, capture))
            self.clock.advance(timedelta(minutes=1))
            self.peer.tick()
        if notice == "payment.refunded":
            self.peer.refund_by_hand(attempt.attempt_id, attempt.amount)
        if notice.startswith("dispute."):
            self.peer.dispute(attempt.attempt_id, "open")
            self.peer.dispute(attempt.attempt_id, notice.removeprefix("dispute.").replace("opened", "open"))

    def _answer(self, asked: Asked) -> Reply:
        answer = self.peer._send(Request(asked.method, asked.path, asked.headers, asked.body))
        return Reply(answer.status, answer.body, {"Content-Type": "application/json"})


def _void(bench: SandboxBench, attempt: Attempt) -> None:
    bench.gateway.void(attempt)
    bench.peer.tick()


def _expire(bench: SandboxBench, _: Attempt) -> None:
    bench.clock.advance(LOCK)
    bench.peer.tick()


UNPAID: dict[str, Callable[[SandboxBench, Attempt], object]] = {
    "payment.failed": lambda bench, attempt: bench.peer.decline(attempt.attempt_id),
    "session.closed": _void,
    "session.expired": _expire,
}
