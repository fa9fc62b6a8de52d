"""Alipay: signed answers and notifications made with a local key pair."""

from datetime import timedelta
from typing import ClassVar

from paylatch.domain.backoff import GRACE
from paylatch.domain.payment import Attempt
from paylatch.gateways.alipay import AlipayGateway
from paylatch.gateways.alipay_money import from_yuan
from paylatch.gateways.wire import Wire
from paylatch.ports import Callback, Gateway, NoticeKind, SessionState, VoidKind
from tests.contract.benches.bench import LOCK, Bench, Notices, Situations
from tests.fakes.fake_alipay import APP_ID, SELLER_ID, FakeAlipay, key_pair
from tests.fakes.loopback import Loopback

KEYS = ("alipay", "alipay-before", "somebody-else")

AGES = {"link expired, within the clocks' grace": LOCK, "link expired unscanned": LOCK + GRACE}


class AlipayBench(Bench):
    name = "alipay"
    situations: ClassVar[Situations] = {
        "link not scanned": (SessionState.OPEN, VoidKind.NOT_VOIDABLE),
        "link expired, within the clocks' grace": (SessionState.OPEN, VoidKind.NOT_VOIDABLE),
        "link expired unscanned": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
        "scanned": (SessionState.OPEN, VoidKind.VOIDED),
        "voided": (SessionState.CLOSED, VoidKind.ALREADY_CLOSED),
        "paid": (SessionState.PAID, VoidKind.ALREADY_PAID),
        "finished": (SessionState.PAID, VoidKind.ALREADY_PAID),
        "refunded whole": (SessionState.PAID, VoidKind.ALREADY_PAID),
        "payer in the middle": (SessionState.OPEN, VoidKind.IN_PROGRESS),
    }
    notices: ClassVar[Notices] = {
        "TRADE_SUCCESS": NoticeKind.PAID,
        "TRADE_FINISHED": NoticeKind.PAID,
        "TRADE_CLOSED": NoticeKind.CLOSED,
        "TRADE_CLOSED, refunded": NoticeKind.REFUNDED,
    }
    freshness = timedelta(hours=26)
    currency = "CNY"
    opening_calls = False

    def __init__(self) -> None:
        super().__init__()
        self.peer = FakeAlipay(self.clock)
        self.server = Loopback(self.peer.answer)
        self.secret = {
            "app_id": APP_ID,
            "private_key": key_pair("shop")[0],
            "alipay_public_keys": [key_pair(key)[1] for key in KEYS[:2]],
            "seller_id": SELLER_ID,
            "gateway_url": f"{self.server.url}/gateway.do",
        }

    def gateway_on(self, wire: Wire) -> Gateway:
        return AlipayGateway(credentials=lambda: self.secret, clock=self.clock, wire=wire)

    def bring(self, situation: str) -> Attempt:
        attempt = self.opened()
        self.clock.advance(AGES.get(situation, timedelta()))
        if situation.startswith("link"):
            return attempt
        trade = self.peer.scan(attempt.pay_url or "")
        match situation:
            case "voided":
                self.gateway.void(attempt)
            case "paid":
                self.peer.pay(trade)
            case "finished":
                self.peer.pay(trade)
                trade["trade_status"] = "TRADE_FINISHED"
            case "refunded whole":
                self.peer.pay(trade)
                self.peer.refund_by_hand(attempt.attempt_id, attempt.amount)
            case "payer in the middle":
                self.peer.problems["alipay.trade.close"] = ("40004", "ACQ.REASON_TRADE_STATUS_INVALID")
        return attempt

    def tell(self, notice: str, attempt: Attempt, secret: int = 0) -> Callback:
        status, _, variant = notice.partition(", ")
        trade = {**self.peer.scan(attempt.pay_url or ""), "trade_status": status}
        extra = {"refund_fee": trade["total_amount"], "gmt_refund": "2026-11-24 20:00:01.123"} if variant else {}
        return self.peer.notification(trade, KEYS[secret], **extra)

    def refuse_credentials(self) -> None:
        self.secret["private_key"] = key_pair("somebody-else")[0]

    def money(self, attempt: Attempt) -> tuple[int, int]:
        trade = self.peer.trades[attempt.attempt_id]
        given_back = sum(from_yuan({"": amount}, "") for amount in self.peer.refunds.values())
        return from_yuan(trade, "total_amount"), given_back
