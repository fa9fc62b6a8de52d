"""The sandbox gateway: its own rules, in memory, behind real HTTP."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

from sandbox.delivery import signed_headers
from sandbox.fault_plan import Fault, FaultKind, FaultPlan, PaymentFault

from paylatch.domain.errors import OutcomeUnknown, RateLimited, Refused, Transient
from paylatch.domain.ids import DEFAULT_STACK
from paylatch.domain.payment import Attempt
from paylatch.gateways.gateway_http import GatewayHttp, Request
from paylatch.gateways.sandbox.credentials import signing_secret
from paylatch.gateways.sandbox.gateway import SandboxGateway
from paylatch.gateways.signatures import sign_standard_webhook
from paylatch.ports import Callback, Gateway, GatewayEventKind, SessionState, VoidKind
from tests.attempts import LOCK
from tests.contract.gateway_drivers.gateway_driver import (
    Addressees,
    CallbackOutcome,
    GatewayDriver,
    GatewayEventKinds,
    Refusals,
    Situations,
    with_field,
)
from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply
from tests.fakes.memory_gateway import API_KEY, MemoryGateway, PendingCallback

KEYS = (API_KEY, "the-key-before-it", "a-key-of-somebody-else")
SLOW = FaultPlan(payment=PaymentFault(seconds=60))
FAULTS_BY_NOTIFICATION = {
    "payment.processing": SLOW,
    "session.declined": FaultPlan(payment=PaymentFault(fails=True, final=True)),
    "session.closed": FaultPlan(void=Fault(FaultKind.ANNOUNCE)),
    "refund.succeeded": FaultPlan(refund=Fault(FaultKind.PENDING)),
    "refund.failed": FaultPlan(refund=Fault(FaultKind.FAIL)),
}
BUSY = FaultPlan(void=Fault(FaultKind.IN_PROGRESS))
LIVE = FaultPlan(void=Fault(FaultKind.NOT_VOIDABLE))


class SandboxDriver(GatewayDriver):
    name = "sandbox"
    situations: ClassVar[Situations] = {
        "never opened": (SessionState.UNKNOWN, VoidKind.VOIDED),
        "opened, answer lost": (SessionState.OPEN, VoidKind.VOIDED),
        "open": (SessionState.OPEN, VoidKind.VOIDED),
        "link that outlives a void": (SessionState.OPEN, VoidKind.NOT_VOIDABLE),
        "payment under way": (SessionState.IN_PROGRESS, VoidKind.PROCESSING),
        "void refused for now": (SessionState.OPEN, VoidKind.IN_PROGRESS),
        "paid": (SessionState.PAID, VoidKind.ALREADY_PAID),
        "expired": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
        "voided": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
    }
    gateway_events: ClassVar[GatewayEventKinds] = {
        "payment.succeeded": GatewayEventKind.PAID,
        "payment.processing": GatewayEventKind.IN_PROGRESS,
        "payment.failed": GatewayEventKind.TRY_FAILED,
        "session.declined": GatewayEventKind.DECLINED,
        "session.closed": GatewayEventKind.CLOSED,
        "session.expired": GatewayEventKind.EXPIRED,
        "refund.succeeded": GatewayEventKind.REFUNDED,
        "refund.failed": GatewayEventKind.REFUND_FAILED,
        "payment.refunded": GatewayEventKind.MONEY_RETURNED,
        "dispute.opened": GatewayEventKind.DISPUTED,
        "dispute.won": GatewayEventKind.DISPUTED,
        "dispute.lost": GatewayEventKind.DISPUTED,
    }
    addressees: ClassVar[Addressees] = {
        "another shop, by its key": CallbackOutcome.REJECTED,
        "another stack": CallbackOutcome.FOREIGN,
        "no stack": CallbackOutcome.UNNAMED,
        "another shop": CallbackOutcome.FOREIGN,
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
        self.server = LoopbackServer(self._answer)
        self.secret = {"api_key": KEYS[0], "previous_api_keys": [KEYS[1]]}
        self._delivered: dict[tuple[str, str], PendingCallback] = {}

    def gateway_on(self, wire: GatewayHttp, stack: str = DEFAULT_STACK) -> Gateway:
        return SandboxGateway(self.server.url, lambda: self.secret, self.clock, wire, stack=stack)

    def bring_into(self, situation: str, attempt: Attempt) -> None:
        match situation:
            case "paid":
                self.peer.pay(attempt.attempt_id)
            case "payment under way":
                self.peer.set_faults(attempt.attempt_id, SLOW)
                self.peer.pay(attempt.attempt_id)
            case "link that outlives a void":
                self.peer.set_faults(attempt.attempt_id, LIVE)
            case "void refused for now":
                self.peer.set_faults(attempt.attempt_id, BUSY)
            case "expired":
                self.clock.advance(LOCK)
            case "voided":
                self.gateway.void(attempt)

    def callback_for(self, gateway_event: str, attempt: Attempt, secret: int = 0) -> Callback:
        key = attempt.attempt_id, gateway_event
        if key not in self._delivered:
            self._trigger(gateway_event, attempt)
            self._delivered[key] = next(one for one in reversed(self.peer.pending) if one.type == gateway_event)
        delivery = self._delivered[key].delivery
        return Callback(signed_headers(KEYS[secret], delivery, self.clock.now()), delivery.body.encode())

    def signed_now(self, callback: Callback) -> Callback:
        return self._signed(json.loads(callback.body))

    def with_time(self, callback: Callback, time: object) -> Callback:
        return self._signed(with_field(json.loads(callback.body), "timestamp", time))

    def with_addressee(self, callback: Callback, addressee: str) -> Callback:
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
        for attempt_id in self.peer.ledgers():
            self.peer.set_faults(attempt_id, FaultPlan(refund=Fault(FaultKind(why))))

    def allow_refunds(self) -> None:
        for attempt_id in self.peer.ledgers():
            self.peer.set_faults(attempt_id, FaultPlan())

    def _signed(self, document: object, key: str = KEYS[0]) -> Callback:
        body = json.dumps(document).encode()
        headers = sign_standard_webhook(signing_secret(key), "msg_1", self.clock.now(), body)
        return Callback(headers, body)

    def refuse_credentials(self) -> None:
        self.secret["api_key"] = "revoked"

    def retire_previous_secret(self) -> None:
        del self.secret["previous_api_keys"]

    def money(self, attempt: Attempt) -> tuple[int, int]:
        ledger_of = self.peer.ledgers()[attempt.attempt_id]
        return ledger_of["captured"], ledger_of["refunded"]

    def _trigger(self, gateway_event: str, attempt: Attempt) -> None:
        if gateway_event in FAULTS_BY_NOTIFICATION:
            self.peer.set_faults(attempt.attempt_id, FAULTS_BY_NOTIFICATION[gateway_event])
        if gateway_event in UNPAID:
            UNPAID[gateway_event](self, attempt)
            return
        self.peer.pay(attempt.attempt_id)
        if gateway_event.startswith("refund."):
            capture = self.gateway.query(attempt).capture
            assert capture
            self.gateway.refund(self.refund_of(attempt, capture))
            self.clock.advance(timedelta(minutes=1))
            self.peer.run_schedule()
        if gateway_event == "payment.refunded":
            self.peer.refund_by_hand(attempt.attempt_id, attempt.amount)
        if gateway_event.startswith("dispute."):
            self.peer.dispute(attempt.attempt_id, "open")
            self.peer.dispute(attempt.attempt_id, gateway_event.removeprefix("dispute.").replace("opened", "open"))

    def _answer(self, asked: ReceivedRequest) -> Reply:
        answer = self.peer._send(Request(asked.method, asked.path, asked.headers, asked.body))
        return Reply(answer.status, answer.body, {"Content-Type": "application/json"})


def _void(driver: SandboxDriver, attempt: Attempt) -> None:
    driver.gateway.void(attempt)
    driver.peer.run_schedule()


def _expire(driver: SandboxDriver, _: Attempt) -> None:
    driver.clock.advance(LOCK)
    driver.peer.run_schedule()


UNPAID: dict[str, Callable[[SandboxDriver, Attempt], object]] = {
    "payment.failed": lambda driver, attempt: driver.peer.decline(attempt.attempt_id),
    "session.closed": _void,
    "session.expired": _expire,
}
