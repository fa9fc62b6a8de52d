"""PayU: its REST API on this machine."""

from typing import ClassVar

from paylatch.domain.payment import Attempt
from paylatch.gateways.payu import PayUGateway
from paylatch.gateways.wire import Wire
from paylatch.ports import Callback, Gateway, NoticeKind, SessionState, VoidKind
from tests.contract.benches.bench import Bench, Notices, Situations
from tests.fakes.fake_payu import CLIENT_ID, CLIENT_SECRET, POS_ID, FakePayu
from tests.fakes.loopback import Loopback

SECOND_KEYS = ("b6ca15b0d1020e8094d9b5f8d163db54", "13a980d4f851f3d9a1cfc792fb1f5e50", "0" * 32)


class PayuBench(Bench):
    name = "payu"
    situations: ClassVar[Situations] = {
        "never opened": (SessionState.UNKNOWN, VoidKind.ALREADY_CLOSED),
        "opened, answer lost": (SessionState.OPEN, VoidKind.VOIDED),
        "NEW": (SessionState.OPEN, VoidKind.VOIDED),
        "PENDING": (SessionState.IN_PROGRESS, VoidKind.VOIDED),
        "WAITING_FOR_CONFIRMATION": (SessionState.IN_PROGRESS, VoidKind.VOIDED),
        "COMPLETED": (SessionState.PAID, VoidKind.ALREADY_PAID),
        "CANCELED": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
        "REJECTED": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
    }
    notices: ClassVar[Notices] = {
        "COMPLETED": NoticeKind.PAID,
        "CANCELED": NoticeKind.CLOSED,
        "PENDING": NoticeKind.IN_PROGRESS,
        "WAITING_FOR_CONFIRMATION": NoticeKind.IN_PROGRESS,
        "refund": NoticeKind.REFUNDED,
        "refund, CANCELED": NoticeKind.REFUND_FAILED,
    }
    freshness = None
    currency = "PLN"
    opens_again = False

    def __init__(self) -> None:
        super().__init__()
        self.peer = FakePayu(self.clock)
        self.server = Loopback(self.peer.answer)
        self.secret = {
            "pos_id": POS_ID,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "second_keys": list(SECOND_KEYS[:2]),
            "api_base": self.server.url,
        }

    def gateway_on(self, wire: Wire) -> Gateway:
        return PayUGateway(credentials=lambda: self.secret, clock=self.clock, wire=wire)

    def bring(self, situation: str) -> Attempt:
        if situation == "never opened":
            return self.attempt(self.request())
        if situation == "opened, answer lost":
            request = self.request()
            self.gateway.open(request)
            return self.attempt(request)
        attempt = self.opened()
        self.peer.order_of(attempt.attempt_id)["status"] = situation
        return attempt

    def tell(self, notice: str, attempt: Attempt, secret: int = 0) -> Callback:
        order = self.peer.order_of(attempt.attempt_id)
        kind, _, status = notice.partition(", ")
        if kind != "refund":
            return self.peer.notification({**order, "status": notice}, SECOND_KEYS[secret], "SHA-256")
        refund = {
            "refundId": "912128",
            "extRefundId": f"{attempt.attempt_id}_{order['orderId']}",
            "amount": order["totalAmount"],
            "currencyCode": order["currencyCode"],
            "status": status or "FINALIZED",
        }
        names = {"orderId": order["orderId"], "extOrderId": order["extOrderId"]}
        return self.peer.signed({**names, "refund": refund}, SECOND_KEYS[secret])

    def refuse_credentials(self) -> None:
        self.peer.client_secret = "changed"
        self.peer.tokens.clear()

    def money(self, attempt: Attempt) -> tuple[int, int]:
        order = self.peer.order_of(attempt.attempt_id)
        captured = int(order["totalAmount"]) if order["status"] == "COMPLETED" else 0
        refunds = self.peer.refunds.get(order["orderId"], [])
        return captured, sum(int(refund["amount"]) for refund in refunds if refund["status"] == "FINALIZED")
