"""Alipay: signed answers and notifications made with a local key pair."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar
from urllib.parse import parse_qsl

from paylatch.domain.errors import OutcomeUnknown, RateLimited, Refused, Transient
from paylatch.domain.ids import DEFAULT_STACK, derived_refund_id
from paylatch.domain.limits import GRACE
from paylatch.domain.payment import Attempt
from paylatch.gateways.alipay.calls import beijing
from paylatch.gateways.alipay.gateway import AlipayGateway
from paylatch.gateways.alipay.money import from_yuan
from paylatch.gateways.gateway_http import GatewayHttp
from paylatch.ports import Callback, Gateway, GatewayEventKind, SessionState, VoidKind
from tests.attempts import LOCK
from tests.contract.gateway_drivers.gateway_driver import (
    MISSING,
    Addressees,
    CallbackOutcome,
    GatewayDriver,
    GatewayEventKinds,
    Refusals,
    Situations,
    with_field,
)
from tests.fakes.fake_alipay import APP_ID, SELLER_ID, FakeAlipay, key_pair
from tests.fakes.loopback_server import LoopbackServer

KEYS = ("alipay", "alipay-before", "somebody-else")

AGES = {"link expired, within the clocks' grace": LOCK, "link expired unscanned": LOCK + GRACE}


class AlipayDriver(GatewayDriver):
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
    gateway_events: ClassVar[GatewayEventKinds] = {
        "TRADE_SUCCESS": GatewayEventKind.PAID,
        "TRADE_FINISHED": GatewayEventKind.PAID,
        "TRADE_CLOSED": GatewayEventKind.CLOSED,
        "TRADE_CLOSED, refunded": GatewayEventKind.REFUNDED,
        "TRADE_CLOSED, refunded by hand": GatewayEventKind.MONEY_RETURNED,
        "TRADE_SUCCESS, refunded in part": GatewayEventKind.MONEY_RETURNED,
    }
    addressees: ClassVar[Addressees] = {
        "another app_id": CallbackOutcome.REJECTED,
        "another seller_id": CallbackOutcome.REJECTED,
        "another shop of the seller": CallbackOutcome.FOREIGN,
        "another stack": CallbackOutcome.FOREIGN,
        "no stack": CallbackOutcome.UNNAMED,
    }
    refusals: ClassVar[Refusals] = {
        "ACQ.TRADE_HAS_FINISHED": Refused,
        "ACQ.TRADE_NOT_ALLOW_REFUND": Refused,
        "ACQ.INVENTED_LATER": Refused,
        "ACQ.SELLER_BALANCE_NOT_ENOUGH": Transient,
        "ACQ.REASON_TRADE_BEEN_FREEZEN": Transient,
        "ACQ.REFUND_CHARGE_ERROR": Transient,
        "isv.app-call-limited": RateLimited,
        "ACQ.SYSTEM_ERROR": OutcomeUnknown,
    }
    freshness = timedelta(hours=26)
    currency = "CNY"
    opening_calls = False

    def __init__(self) -> None:
        super().__init__()
        self.peer = FakeAlipay(self.clock)
        self.server = LoopbackServer(self.peer.answer)
        self.secret = {
            "app_id": APP_ID,
            "private_key": key_pair("shop")[0],
            "alipay_public_keys": [key_pair(key)[1] for key in KEYS[:2]],
            "seller_id": SELLER_ID,
            "gateway_url": f"{self.server.url}/gateway.do",
        }

    def gateway_on(self, wire: GatewayHttp, stack: str = DEFAULT_STACK) -> Gateway:
        return AlipayGateway(credentials=lambda: self.secret, clock=self.clock, wire=wire, stack=stack)

    def bring_into(self, situation: str, attempt: Attempt) -> None:
        self.clock.advance(AGES.get(situation, timedelta()))
        if situation.startswith("link"):
            return
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

    def callback_for(self, gateway_event: str, attempt: Attempt, secret: int = 0) -> Callback:
        status, _, variant = gateway_event.partition(", ")
        trade = {**self.peer.scan(attempt.pay_url or ""), "trade_status": status}
        ours = {"out_biz_no": derived_refund_id(attempt.attempt_id, trade["trade_no"])}
        now = beijing(self.clock.now())
        dates = {
            "": {"gmt_close": now} if status == "TRADE_CLOSED" else {"gmt_payment": now},
            "refunded": {"refund_fee": trade["total_amount"], "gmt_refund": f"{now}.123", **ours},
            "refunded by hand": {"refund_fee": trade["total_amount"], "gmt_refund": f"{now}.123"},
            "refunded in part": {"refund_fee": "2.00", "gmt_refund": f"{now}.123", "gmt_payment": now},
        }
        return self.peer.notification(trade, KEYS[secret], **dates[variant])

    def signed_now(self, callback: Callback) -> Callback:
        return self.changed(callback, {"notify_time": beijing(self.clock.now())})

    def with_time(self, callback: Callback, time: object) -> Callback:
        fields = (name for name in ("gmt_payment", "gmt_close", "gmt_refund") if name.encode() in callback.body)
        return self.changed(callback, dict.fromkeys(fields, time))

    def with_addressee(self, callback: Callback, addressee: str) -> Callback:
        attempt_id = dict(parse_qsl(callback.body.decode()))["out_trade_no"][:-7]
        other = {
            "another app_id": {"app_id": "2021000000000002"},
            "another seller_id": {"seller_id": "2088000000000002"},
            "another shop of the seller": {"out_trade_no": "till_7"},
            "another stack": {"out_trade_no": f"{attempt_id}_ABC123"},
            "no stack": {"out_trade_no": attempt_id},
        }
        return self.changed(callback, other[addressee])

    def misshapen(self, callback: Callback) -> Callback:
        odd = str(next(self.odd_sums))
        return self.changed(callback, {"total_amount": odd, "refund_fee": odd})

    def refund_by_hand(self, attempt: Attempt, amount: int) -> None:
        self.peer.refund_by_hand(attempt.attempt_id, amount)

    def refuse_refunds(self, why: str) -> None:
        self.peer.problems["alipay.trade.refund"] = ("40004" if why.startswith("ACQ") else "40005", why)

    def allow_refunds(self) -> None:
        self.peer.problems.clear()

    def changed(self, callback: Callback, changes: Mapping[str, object]) -> Callback:
        parameters = dict(parse_qsl(callback.body.decode(), keep_blank_values=True))
        for name, value in changes.items():
            parameters = with_field(parameters, name, value if value is MISSING else str(value))
        kept = {name: value for name, value in parameters.items() if name not in ("sign", "sign_type")}
        return self.peer.signed(kept)

    def refuse_credentials(self) -> None:
        self.secret["private_key"] = key_pair("somebody-else")[0]

    def money(self, attempt: Attempt) -> tuple[int, int]:
        trade = self.peer.trade_of(attempt.attempt_id)
        given_back = sum(from_yuan({"": amount}, "") for amount in self.peer.refunds.values())
        return from_yuan(trade, "total_amount"), given_back
