"""PayU's REST API 2.1, as far as the adapter uses it: tokens, the redirect with JSON, failures inside HTTP 200."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from paylatch.domain.ids import DEFAULT_STACK
from paylatch.gateways.stack_reference import merchant_reference
from paylatch.ports import Callback
from tests.fakes.loopback_server import ReceivedRequest, Reply, json_reply
from tests.fakes.provider_signatures import sign_payu
from tests.fakes.settable_clock import SettableClock

POS_ID, CLIENT_ID, CLIENT_SECRET = "145227", "145227", "12f071174cb7eb79d4aac5bc2f07563f"
_CANCELLABLE = ("NEW", "PENDING", "WAITING_FOR_CONFIRMATION")


class FakePayu:
    def __init__(self, clock: SettableClock) -> None:
        self.clock = clock
        self.client_secret = CLIENT_SECRET
        self.orders: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, list[dict[str, Any]]] = {}
        self.next_refund_status = "FINALIZED"
        self.refusal: Reply | None = None
        self.tokens: dict[str, datetime] = {}

    def answer(self, asked: ReceivedRequest) -> Reply:
        if asked.path.endswith("/oauth/authorize"):
            return self._token(asked.form)
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, self.clock.now()) <= self.clock.now():
            return _status(401, "UNAUTHORIZED")
        return self._route(asked)

    def order_of(self, attempt_id: str) -> dict[str, Any]:
        reference = merchant_reference(attempt_id, DEFAULT_STACK)
        return next(order for order in self.orders.values() if order["extOrderId"] == reference)

    def notification(self, order: Mapping[str, Any], second_key: str, algorithm: str = "MD5") -> Callback:
        paid = {"localReceiptDateTime": self.local_time()} if order["status"] == "COMPLETED" else {}
        return self.signed({"order": order, **paid}, second_key, algorithm)

    def local_time(self) -> str:
        """Now, as PayU writes it."""
        return self.clock.now().astimezone(timezone(timedelta(hours=1))).isoformat(timespec="milliseconds")

    @staticmethod
    def signed(document: object, second_key: str, algorithm: str = "MD5") -> Callback:
        body = json.dumps(document).encode()
        return Callback(sign_payu(second_key, body, algorithm), body)

    def refuse(self, literal: str, code: str = "OPENPAYU_BUSINESS_ERROR") -> None:
        """Make refunds fail."""
        self.refusal = _status(200, code, literal)

    def refund_by_hand(self, attempt_id: str, amount: int) -> dict[str, Any]:
        """Refund by hand in the panel."""
        order = self.order_of(attempt_id)
        made = self.refunds.setdefault(order["orderId"], [])
        refund = {
            "refundId": f"60000{len(made)}",
            "amount": str(amount),
            "currencyCode": order["currencyCode"],
            "status": "FINALIZED",
        }
        made.append(refund)
        return refund

    def returned(self, order_id: str) -> int:
        """What was refunded of an order, or is being refunded."""
        made = self.refunds.get(order_id, [])
        return sum(int(refund["amount"]) for refund in made if refund["status"] != "CANCELED")

    def _token(self, form: Mapping[str, str]) -> Reply:
        if form.get("client_secret") != self.client_secret:
            return json_reply({"error": "invalid_client", "error_description": "Bad client credentials"}, 401)
        token = f"token-{len(self.tokens) + 1}"
        self.tokens[token] = self.clock.now() + timedelta(seconds=43199)
        return json_reply({"access_token": token, "token_type": "bearer", "expires_in": 43199})

    def _route(self, asked: ReceivedRequest) -> Reply:
        match asked.method, asked.path.strip("/").split("/")[2:]:
            case "POST", ["orders"]:
                return self._create(json.loads(asked.body))
            case "GET", ["orders"]:
                found = [order for order in self.orders.values() if order["extOrderId"] == asked.query["extOrderId"]]
                return _found(found)
            case "GET", ["orders", name]:
                return _found([self.orders[name]] if name in self.orders else [])
            case "DELETE", ["orders", name]:
                return self._cancel(name)
            case "POST", ["orders", name, "refunds"]:
                return self._refund(name, json.loads(asked.body)["refund"])
            case "GET", ["orders", name, "refunds"]:
                return json_reply(self.refunds.get(name, []))
        return _status(404, "ERROR_SYNTAX")

    def _create(self, wanted: dict[str, Any]) -> Reply:
        if wanted["merchantPosId"] != POS_ID:
            return _status(403, "ERROR_UNKNOWN_MERCHANT_POS")
        if any(order["extOrderId"] == wanted["extOrderId"] for order in self.orders.values()):
            return _status(400, "ERROR_ORDER_NOT_UNIQUE")
        name = f"WZHF5FFDRJ140731GUEST{len(self.orders) + 1:03d}P01"
        self.orders[name] = {**wanted, "orderId": name, "status": "NEW"}
        link = f"https://secure.snd.payu.com/pay/?orderId={name}&token=abc"
        answer = {**_success(), "redirectUri": link, "orderId": name, "extOrderId": wanted["extOrderId"]}
        return json_reply(answer, 302, {"Location": link})

    def _cancel(self, name: str) -> Reply:
        order = self.orders.get(name)
        if order is None:
            return _status(404, "DATA_NOT_FOUND")
        if order["status"] not in _CANCELLABLE:
            return _status(200, "ERROR_VALUE_INVALID")
        order["status"] = "CANCELED"
        return json_reply({"orderId": name, "extOrderId": order["extOrderId"], **_success()})

    def _refund(self, name: str, wanted: Mapping[str, str]) -> Reply:
        made = self.refunds.setdefault(name, [])
        if same := next((refund for refund in made if wanted.items() <= refund.items()), None):
            return json_reply({"orderId": name, "refund": same, **_success()})
        if self.refusal:
            return self.refusal
        left = int(self.orders[name]["totalAmount"]) - self.returned(name)
        if int(wanted["amount"]) > left:
            return _status(200, "OPENPAYU_ERROR_VALUE_INVALID", "AMOUNT_TO_BIG" if left else "PAID")
        made.append({**wanted, "refundId": f"50000{len(made)}", "status": self.next_refund_status})
        return json_reply({"orderId": name, "refund": made[-1], **_success()})


def _success() -> dict[str, dict[str, str]]:
    return {"status": {"statusCode": "SUCCESS"}}


def _status(status: int, code: str, literal: str = "") -> Reply:
    detail = {"codeLiteral": literal} if literal else {}
    return json_reply({"status": {"statusCode": code, "statusDesc": code.lower(), **detail}}, status)


def _found(orders: list[dict[str, Any]]) -> Reply:
    return json_reply({"orders": orders, **_success()}) if orders else _status(404, "DATA_NOT_FOUND")
