"""Stripe: the real `stripe` library against a fake server on this machine."""

import json
from datetime import timedelta
from typing import Any, ClassVar

from paylatch.domain.errors import RateLimited, Refused, Transient
from paylatch.domain.ids import DEFAULT_STACK, derived_refund_id
from paylatch.domain.payment import Attempt
from paylatch.gateways.gateway_http import GatewayHttp
from paylatch.gateways.stripe.gateway import StripeGateway
from paylatch.ports import Callback, Gateway, GatewayEventKind, RefundState, SessionState, VoidKind
from tests.contract.gateway_drivers.gateway_driver import (
    EVIDENCE_DUE,
    Addressees,
    CallbackOutcome,
    GatewayDriver,
    GatewayEventKinds,
    Refusals,
    Situations,
    with_field,
)
from tests.fakes.fake_stripe import FakeStripe
from tests.fakes.loopback_server import LoopbackServer

SECRETS = ("whsec_current", "whsec_previous", "whsec_of_somebody_else")
DISPUTE_EVENTS = ("created", "updated", "funds_withdrawn", "funds_reinstated")
INTENTS = {
    "paid": "succeeded",
    "delayed payment under way": "processing",
    "delayed payment failed": "requires_payment_method",
    "delayed payment cancelled": "canceled",
}


class StripeDriver(GatewayDriver):
    name = "stripe"
    situations: ClassVar[Situations] = {
        "never opened": (SessionState.UNKNOWN, VoidKind.VOIDED),
        "opened, answer lost": (SessionState.OPEN, VoidKind.VOIDED),
        "open": (SessionState.OPEN, VoidKind.VOIDED),
        "expired": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
        "voided": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
        "paid": (SessionState.PAID, VoidKind.ALREADY_PAID),
        "delayed payment under way": (SessionState.IN_PROGRESS, VoidKind.PROCESSING),
        "delayed payment failed": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
        "delayed payment cancelled": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
    }
    gateway_events: ClassVar[GatewayEventKinds] = {
        "checkout.session.completed": GatewayEventKind.PAID,
        "checkout.session.completed, unpaid": GatewayEventKind.IN_PROGRESS,
        "checkout.session.async_payment_succeeded": GatewayEventKind.PAID,
        "checkout.session.async_payment_failed": GatewayEventKind.DECLINED,
        "checkout.session.expired": GatewayEventKind.CLOSED,
        "checkout.session.expired, its time": GatewayEventKind.EXPIRED,
        "payment_intent.payment_failed": GatewayEventKind.TRY_FAILED,
        "refund.created": GatewayEventKind.REFUNDED,
        "refund.updated": GatewayEventKind.REFUNDED,
        "charge.refund.updated": GatewayEventKind.REFUNDED,
        "refund.failed, failed": GatewayEventKind.REFUND_FAILED,
        "refund.updated, failed": GatewayEventKind.REFUND_FAILED,
        "refund.updated, canceled": GatewayEventKind.REFUND_FAILED,
        "charge.refund.updated, failed": GatewayEventKind.REFUND_FAILED,
        "charge.refunded": GatewayEventKind.MONEY_RETURNED,
        "refund.failed, failed, by hand": GatewayEventKind.MONEY_RETURNED,
        **{f"charge.dispute.{word}, needs_response": GatewayEventKind.DISPUTED for word in DISPUTE_EVENTS},
        "charge.dispute.closed, won": GatewayEventKind.DISPUTED,
        "charge.dispute.closed, lost": GatewayEventKind.DISPUTED,
    }
    addressees: ClassVar[Addressees] = {
        "a connected account": CallbackOutcome.FOREIGN,
        "the other mode": CallbackOutcome.FOREIGN,
        "no stated mode": CallbackOutcome.FOREIGN,
        "an attempt named by the payer": CallbackOutcome.FOREIGN,
        "another shop on the account": CallbackOutcome.FOREIGN,
        "another stack": CallbackOutcome.FOREIGN,
        "no stack": CallbackOutcome.UNNAMED,
    }
    refusals: ClassVar[Refusals] = {
        "charge_disputed": Refused,
        "invented_later": Refused,
        "balance_insufficient": Transient,
        "insufficient_funds": Transient,
        "429": RateLimited,
        "charge_already_refunded": RefundState.DONE,
    }
    freshness = timedelta(minutes=5)

    def __init__(self) -> None:
        super().__init__()
        self.peer = FakeStripe(self.clock)
        self.server = LoopbackServer(self.peer.answer)
        self.secret = {
            "api_key": self.peer.api_key,
            "webhook_secrets": list(SECRETS[:2]),
            "api_base": self.server.url,
        }

    def gateway_on(self, wire: GatewayHttp, stack: str = DEFAULT_STACK) -> Gateway:
        return StripeGateway(credentials=lambda: self.secret, clock=self.clock, wire=wire, stack=stack)

    def bring_into(self, situation: str, attempt: Attempt) -> None:
        if situation in INTENTS:
            self.peer.pay(attempt.attempt_id, INTENTS[situation])
        elif situation == "expired":
            self.peer.expire(attempt.attempt_id)
        elif situation == "voided":
            self.gateway.void(attempt)

    def callback_for(self, gateway_event: str, attempt: Attempt, secret: int = 0) -> Callback:
        kind, _, variant = gateway_event.partition(", ")
        return self.peer.callback(kind, self._object(kind, variant, attempt), SECRETS[secret])

    def signed_now(self, callback: Callback) -> Callback:
        return self.peer.signed(json.loads(callback.body), SECRETS[0])

    def with_time(self, callback: Callback, time: object) -> Callback:
        return self.peer.signed(with_field(json.loads(callback.body), "created", time), SECRETS[0])

    def with_addressee(self, callback: Callback, addressee: str) -> Callback:
        event = json.loads(callback.body)
        document = event["data"]["object"]
        match addressee:
            case "a connected account":
                event["account"] = "acct_1OtherShop"
            case "the other mode":
                event["livemode"] = not event["livemode"]
            case "no stated mode":
                del event["livemode"]
            case "an attempt named by the payer":
                document.update(client_reference_id=document["metadata"].get("attempt_id"), metadata={})
            case "another shop on the account":
                document.update(client_reference_id="cart_123", metadata={"attempt_id": "cart_123"})
            case "another stack":
                document["metadata"]["stack"] = "paylatch-staging"
            case "no stack":
                document["metadata"].pop("stack", None)
        return self.peer.signed(event, SECRETS[0])

    def misshapen(self, callback: Callback) -> Callback:
        event = json.loads(callback.body)
        odd = next(self.odd_sums)
        event["data"]["object"].update(amount=odd, amount_total=odd, amount_refunded=odd, currency="points")
        return self.peer.signed(event, SECRETS[0])

    def refund_by_hand(self, attempt: Attempt, amount: int) -> None:
        self.peer.refund_by_hand(attempt.attempt_id, amount)

    def refuse_refunds(self, why: str) -> None:
        self.peer.refuse(why, 429 if why == "429" else 400)

    def allow_refunds(self) -> None:
        self.peer.refusal = None

    def refuse_credentials(self) -> None:
        self.peer.api_key = "sk_test_2"

    def money(self, attempt: Attempt) -> tuple[int, int]:
        session = self.peer.session_of(attempt.attempt_id)
        captured = session["amount_total"] if session["payment_status"] == "paid" else 0
        return captured, sum(refund["amount"] for refund in self.peer.refunds if refund["status"] == "succeeded")

    def _object(self, kind: str, variant: str, attempt: Attempt) -> dict[str, Any]:
        name = attempt.attempt_id
        if kind.startswith("charge.dispute."):
            self.peer.pay(name)
            due = {"due_by": int(EVIDENCE_DUE.timestamp()), "has_evidence": False}
            return self.peer.dispute(name, variant, attempt.amount, evidence_details=due)
        if kind.startswith(("refund.", "charge.refund")):
            self.peer.pay(name)
            return self._refund(kind, variant, attempt)
        match kind:
            case "payment_intent.payment_failed":
                return {"id": "pi_1", "object": "payment_intent", "metadata": _names(attempt)}
            case "checkout.session.expired":
                session = self.peer.expire(name)
                now = int(self.clock.now().timestamp())
                return {**session, "expires_at": now} if variant else session
        failed = variant == "unpaid" or kind == "checkout.session.async_payment_failed"
        session = self.peer.pay(name, "processing" if failed else "succeeded")
        return {**session, "payment_intent": session["payment_intent"]["id"]}

    def _refund(self, kind: str, variant: str, attempt: Attempt) -> dict[str, Any]:
        intent = self.peer.session_of(attempt.attempt_id)["payment_intent"]
        if kind == "charge.refunded":
            return self.peer.refund_by_hand(attempt.attempt_id, attempt.amount)
        status, _, manually_returned = variant.partition(", ")
        ours = _names(attempt) | {"refund_id": derived_refund_id(attempt.attempt_id, intent["id"])}
        return {
            "id": "re_1",
            "object": "refund",
            "status": status or "succeeded",
            "metadata": {} if manually_returned else ours,
            "amount": attempt.amount,
            "currency": attempt.currency.lower(),
            "payment_intent": intent["id"],
        }


def _names(attempt: Attempt) -> dict[str, str]:
    return {"attempt_id": attempt.attempt_id, "stack": DEFAULT_STACK}
