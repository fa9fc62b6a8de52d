"""PayU: its REST API on this machine."""

import json
from typing import ClassVar

from paylatch.domain.errors import OutcomeUnknown, RateLimited, Refused, Transient
from paylatch.domain.ids import DEFAULT_STACK, derived_refund_id
from paylatch.domain.payment import Attempt
from paylatch.gateways.gateway_http import GatewayHttp
from paylatch.gateways.payu.gateway import PayUGateway
from paylatch.ports import Callback, Gateway, GatewayEventKind, SessionState, VoidKind
from tests.contract.gateway_drivers.gateway_driver import (
    Addressees,
    CallbackOutcome,
    GatewayDriver,
    GatewayEventKinds,
    Refusals,
    Situations,
    with_field,
)
from tests.fakes.fake_payu import CLIENT_ID, CLIENT_SECRET, POS_ID, FakePayu
from tests.fakes.loopback_server import LoopbackServer, json_reply

SECOND_KEYS = ("b6ca15b0d1020e8094d9b5f8d163db54", "13a980d4f851f3d9a1cfc792fb1f5e50", "0" * 32)


class PayuDriver(GatewayDriver):
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
    gateway_events: ClassVar[GatewayEventKinds] = {
        "COMPLETED": GatewayEventKind.PAID,
        "CANCELED": GatewayEventKind.CLOSED,
        "REJECTED": GatewayEventKind.DECLINED,
        "PENDING": GatewayEventKind.IN_PROGRESS,
        "WAITING_FOR_CONFIRMATION": GatewayEventKind.IN_PROGRESS,
        "refund": GatewayEventKind.REFUNDED,
        "refund, CANCELED": GatewayEventKind.REFUND_FAILED,
        "refund, FINALIZED, by hand": GatewayEventKind.MONEY_RETURNED,
        "refund, CANCELED, by hand": GatewayEventKind.MONEY_RETURNED,
    }
    undated = frozenset({"CANCELED", "REJECTED", "PENDING", "WAITING_FOR_CONFIRMATION"})
    addressees: ClassVar[Addressees] = {
        "another point of sale": CallbackOutcome.REJECTED,
        "another point of sale, by its key": CallbackOutcome.REJECTED,
        "another shop at the point of sale": CallbackOutcome.FOREIGN,
        "another stack": CallbackOutcome.FOREIGN,
        "no stack": CallbackOutcome.UNNAMED,
    }
    refusals: ClassVar[Refusals] = {
        "REFUND_DISABLED": Refused,
        "TRANS_TOO_OLD": Refused,
        "INVENTED_LATER": Refused,
        "NO_BALANCE": Transient,
        "REFUND_TO_OFTEN": Transient,
        "TRANS_NOT_ENDED": Transient,
        "TRANS_BILLING_ENTRIES_NOT_COMPLETED": Transient,
        "429": RateLimited,
        "UNKNOWN_ERROR": OutcomeUnknown,
    }
    freshness = None
    currency = "PLN"
    opens_again = False

    def __init__(self) -> None:
        super().__init__()
        self.peer = FakePayu(self.clock)
        self.server = LoopbackServer(self.peer.answer)
        self.secret = {
            "pos_id": POS_ID,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "second_keys": list(SECOND_KEYS[:2]),
            "api_base": self.server.url,
        }

    def gateway_on(self, wire: GatewayHttp, stack: str = DEFAULT_STACK) -> Gateway:
        return PayUGateway(credentials=lambda: self.secret, clock=self.clock, wire=wire, stack=stack)

    def bring_into(self, situation: str, attempt: Attempt) -> None:
        self.peer.order_of(attempt.attempt_id)["status"] = situation

    def callback_for(self, gateway_event: str, attempt: Attempt, secret: int = 0) -> Callback:
        order = self.peer.order_of(attempt.attempt_id)
        kind, _, status = gateway_event.partition(", ")
        if kind != "refund":
            return self.peer.notification({**order, "status": gateway_event}, SECOND_KEYS[secret], "SHA-256")
        refund = {"refundId": "912128", "status": status.partition(", ")[0] or "FINALIZED"}
        if not status.endswith("by hand"):
            refund |= {
                "extRefundId": derived_refund_id(attempt.attempt_id, order["orderId"]),
                "amount": order["totalAmount"],
                "currencyCode": order["currencyCode"],
            }
        fields = {"refundDate": "2026-11-24T12:00:00.000+01:00", "statusDateTime": self.peer.local_time()}
        names = {"orderId": order["orderId"], "extOrderId": order["extOrderId"]}
        return self.peer.signed({**names, "refund": refund | fields}, SECOND_KEYS[secret])

    def signed_now(self, callback: Callback) -> Callback:
        return callback

    def with_time(self, callback: Callback, time: object) -> Callback:
        notification = with_field(json.loads(callback.body), "localReceiptDateTime", time)
        if "refund" in notification:
            undated = with_field(notification["refund"], "refundDate", time)
            notification["refund"] = with_field(undated, "statusDateTime", time)
        return self.peer.signed(notification, SECOND_KEYS[0])

    def with_addressee(self, callback: Callback, addressee: str) -> Callback:
        notification = json.loads(callback.body)
        match addressee:
            case "another point of sale":
                notification["order"]["merchantPosId"] = "1"
            case "another shop at the point of sale":
                notification.get("order", notification)["extOrderId"] = "cart_123"
            case "another stack" | "no stack":
                order = notification.get("order", notification)
                order["extOrderId"] = order["extOrderId"][:-7] + ("_ABC123" if addressee == "another stack" else "")
        return self.peer.signed(notification, SECOND_KEYS[2 if addressee.endswith("by its key") else 0])

    def misshapen(self, callback: Callback) -> Callback:
        notification = json.loads(callback.body)
        odd = next(self.odd_sums)
        for money in (notification.get("order", {}), notification.get("refund", {})):
            money.update(totalAmount=odd, amount=odd, currencyCode="points")
        return self.peer.signed(notification, SECOND_KEYS[0])

    @classmethod
    def names(cls, addressee: str, gateway_event: str) -> bool:
        # PayU's refund notifications name no point of sale; the key belongs to one.
        return addressee != "another point of sale" or not gateway_event.startswith("refund")

    def refund_by_hand(self, attempt: Attempt, amount: int) -> None:
        self.peer.refund_by_hand(attempt.attempt_id, amount)

    def refuse_refunds(self, why: str) -> None:
        self.peer.refuse(why, "OPENPAYU_ERROR_INTERNAL" if why == "UNKNOWN_ERROR" else "OPENPAYU_BUSINESS_ERROR")
        if why == "429":
            self.peer.refusal = json_reply({}, 429)

    def allow_refunds(self) -> None:
        self.peer.refusal = None

    def refuse_credentials(self) -> None:
        self.peer.client_secret = "changed"
        self.peer.tokens.clear()

    def money(self, attempt: Attempt) -> tuple[int, int]:
        order = self.peer.order_of(attempt.attempt_id)
        captured = int(order["totalAmount"]) if order["status"] == "COMPLETED" else 0
        refunds = self.peer.refunds.get(order["orderId"], [])
        return captured, sum(int(refund["amount"]) for refund in refunds if refund["status"] == "FINALIZED")
