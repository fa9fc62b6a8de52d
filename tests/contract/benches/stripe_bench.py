"""Stripe: the real `stripe` library against a stand-in on this machine."""

from datetime import timedelta
from typing import Any, ClassVar

from paylatch.domain.payment import Attempt
from paylatch.gateways.stripe import StripeGateway
from paylatch.gateways.wire import Wire
from paylatch.ports import Callback, Gateway, NoticeKind, SessionState, VoidKind
from tests.contract.benches.bench import Bench, Notices, Situations
from tests.fakes.fake_stripe import FakeStripe
from tests.fakes.loopback import Loopback

SECRETS = ("whsec_current", "whsec_previous", "whsec_of_somebody_else")
INTENTS = {
    "paid": "succeeded",
    "delayed payment under way": "processing",
    "delayed payment failed": "requires_payment_method",
    "delayed payment cancelled": "canceled",
}


class StripeBench(Bench):
    name = "stripe"
    situations: ClassVar[Situations] = {
        "never opened": (SessionState.UNKNOWN, VoidKind.VOIDED),
        "opened, answer lost": (SessionState.OPEN, VoidKind.VOIDED),
        "open": (SessionState.OPEN, VoidKind.VOIDED),
        "expired": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
        "voided": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
        "paid": (SessionState.PAID, VoidKind.ALREADY_PAID),
        "delayed payment under way": (SessionState.IN_PROGRESS, VoidKind.IN_PROGRESS),
        "delayed payment failed": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
        "delayed payment cancelled": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
    }
    notices: ClassVar[Notices] = {
        "checkout.session.completed": NoticeKind.PAID,
        "checkout.session.completed, unpaid": NoticeKind.IN_PROGRESS,
        "checkout.session.async_payment_succeeded": NoticeKind.PAID,
        "checkout.session.async_payment_failed": NoticeKind.CLOSED,
        "checkout.session.expired": NoticeKind.EXPIRED,
        "payment_intent.payment_failed": NoticeKind.TRY_FAILED,
        "refund.created": NoticeKind.REFUNDED,
        "refund.updated": NoticeKind.REFUNDED,
        "charge.refund.updated": NoticeKind.REFUNDED,
        "refund.failed, failed": NoticeKind.REFUND_FAILED,
        "refund.updated, failed": NoticeKind.REFUND_FAILED,
        "refund.updated, canceled": NoticeKind.REFUND_FAILED,
        "charge.refund.updated, failed": NoticeKind.REFUND_FAILED,
    }
    freshness = timedelta(minutes=5)

    def __init__(self) -> None:
        super().__init__()
        self.peer = FakeStripe(self.clock)
        self.server = Loopback(self.peer.answer)
        self.secret = {
            "api_key": self.peer.api_key,
            "webhook_secrets": list(SECRETS[:2]),
            "api_base": self.server.url,
        }

    def gateway_on(self, wire: Wire) -> Gateway:
        return StripeGateway(credentials=lambda: self.secret, clock=self.clock, wire=wire)

    def bring(self, situation: str) -> Attempt:
        if situation == "never opened":
            return self.attempt(self.request())
        if situation == "opened, answer lost":
            request = self.request()
            self.gateway.open(request)
            return self.attempt(request)
        attempt = self.opened()
        if situation in INTENTS:
            self.peer.pay(attempt.attempt_id, INTENTS[situation])
        elif situation == "expired":
            self.peer.expire(attempt.attempt_id)
        elif situation == "voided":
            self.gateway.void(attempt)
        return attempt

    def tell(self, notice: str, attempt: Attempt, secret: int = 0) -> Callback:
        kind, _, variant = notice.partition(", ")
        return self.peer.callback(kind, self._object(kind, variant, attempt), SECRETS[secret])

    def refuse_credentials(self) -> None:
        self.peer.api_key = "sk_test_2"

    def money(self, attempt: Attempt) -> tuple[int, int]:
        session = self.peer.session_of(attempt.attempt_id)
        captured = session["amount_total"] if session["payment_status"] == "paid" else 0
        return captured, sum(refund["amount"] for refund in self.peer.refunds if refund["status"] == "succeeded")

    def _object(self, kind: str, variant: str, attempt: Attempt) -> dict[str, Any]:
        metadata = {"attempt_id": attempt.attempt_id, "refund_id": "r_1"}
        money = {"amount": attempt.amount, "currency": attempt.currency.lower(), "payment_intent": "pi_1"}
        match kind:
            case "payment_intent.payment_failed":
                return {"id": "pi_1", "object": "payment_intent", "metadata": metadata}
            case "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated":
                status = variant or "succeeded"
                return {"id": "re_1", "object": "refund", "status": status, "metadata": metadata, **money}
            case "checkout.session.expired":
                return self.peer.expire(attempt.attempt_id)
        failed = variant == "unpaid" or kind == "checkout.session.async_payment_failed"
        session = self.peer.pay(attempt.attempt_id, "processing" if failed else "succeeded")
        return {**session, "payment_intent": session["payment_intent"]["id"]}
