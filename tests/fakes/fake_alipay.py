"""Alipay's gateway, as far as the adapter uses it: signatures both ways, trades that exist once they are scanned."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from paylatch.domain.ids import DEFAULT_STACK
from paylatch.gateways.alipay.money import from_yuan, to_yuan
from paylatch.gateways.alipay.rsa2 import sign, verified
from paylatch.gateways.stack_reference import merchant_reference
from paylatch.ports import Callback, Clock
from tests.fakes.loopback_server import ReceivedRequest, Reply
from tests.fakes.seeded_keys import seeded_key

APP_ID, SELLER_ID = "2021000000000001", "2088000000000001"
_BEIJING = timedelta(hours=8)


@cache
def key_pair(name: str) -> tuple[str, str]:
    """A private and a public key as Alipay's console shows them; the name only identifies the pair."""
    key = seeded_key(name)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(private).decode(), base64.b64encode(public).decode()


def content_to_sign(parameters: Mapping[str, str], codec: str = "utf-8") -> bytes:
    return "&".join(f"{name}={value}" for name, value in sorted(parameters.items())).encode(codec)


class FakeAlipay:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.trades: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, str] = {}
        self.returned: dict[str, int] = {}
        self.signs_answers = True
        # What the header of an answer declares, and what the answer is written in.
        self.answers_in: tuple[str | None, str] = ("application/json;charset=utf-8", "utf-8")
        self.problems: dict[str, tuple[str, str]] = {}

    def answer(self, asked: ReceivedRequest) -> Reply:
        parameters = asked.form
        method = parameters["method"]
        signature = parameters.pop("sign")
        if parameters["app_id"] != APP_ID or not _signed_by_the_shop(parameters, signature):
            return self._reply("error", {"code": "40002", "sub_code": "isv.invalid-signature"}, signed=False)
        wanted = json.loads(parameters["biz_content"])
        if method in self.problems:
            code, sub_code = self.problems[method]
            return self._reply(method, {"code": code, "msg": "", "sub_code": sub_code})
        return self._reply(method, self._do(method, wanted))

    def scan(self, link: str) -> dict[str, Any]:
        """The payer opens the link and scans its code: only now there is a trade."""
        parameters = dict(parse_qsl(urlsplit(link).query))
        signature = parameters.pop("sign")
        assert _signed_by_the_shop(parameters, signature), "the link's signature"
        wanted = json.loads(parameters["biz_content"])
        assert self._beijing_now() < datetime.fromisoformat(wanted["time_expire"]), "the link has expired"
        trade = {
            "out_trade_no": wanted["out_trade_no"],
            "trade_no": f"20261124220014{len(self.trades) + 1:014d}",
            "trade_status": "WAIT_BUYER_PAY",
            "total_amount": wanted["total_amount"],
        }
        return self.trades.setdefault(wanted["out_trade_no"], trade)

    def notification(self, trade: Mapping[str, str], key: str = "alipay", **changes: str) -> Callback:
        parameters = {
            "notify_time": self._beijing_now().strftime("%Y-%m-%d %H:%M:%S"),
            "notify_type": "trade_status_sync",
            "notify_id": "ac05099524730693a8b330c5ecf72da9786",
            "app_id": APP_ID,
            "seller_id": SELLER_ID,
            "subject": "Order 订单",
            **trade,
            **changes,
        }
        return self.signed(parameters, key)

    def signed(self, parameters: Mapping[str, str], key: str = "alipay", codec: str = "utf-8") -> Callback:
        """A notification of these parameters and no others, written in that charset."""
        signature = sign("alipay", key_pair(key)[0], content_to_sign(parameters, codec))
        body = urlencode({**parameters, "sign": signature, "sign_type": "RSA2"}, encoding=codec).encode()
        return Callback({"content-type": f"application/x-www-form-urlencoded; charset={codec}"}, body)

    def pay(self, trade: dict[str, Any]) -> None:
        """The payer pays the scanned trade."""
        trade.update(trade_status="TRADE_SUCCESS", send_pay_date=self._beijing_now().strftime("%Y-%m-%d %H:%M:%S"))

    def trade_of(self, attempt_id: str) -> dict[str, Any]:
        """The trade of an attempt of ours, once it was scanned."""
        return self.trades[merchant_reference(attempt_id, DEFAULT_STACK)]

    def refund_by_hand(self, attempt_id: str, amount: int) -> dict[str, str]:
        """Refund by hand in the console; return the notification's fields beside the trade."""
        trade = self.trade_of(attempt_id)
        self._return(trade, f"by hand {len(self.refunds)}", amount)
        returned = self.returned[trade["trade_no"]]
        return {"refund_fee": to_yuan(returned), "gmt_refund": self._beijing_now().strftime("%Y-%m-%d %H:%M:%S.123")}

    def _do(self, method: str, wanted: Mapping[str, str]) -> dict[str, Any]:
        trade = self._trade(wanted)
        if trade is None:
            return _problem("ACQ.TRADE_NOT_EXIST")
        if method == "alipay.trade.query":
            return {"code": "10000", "msg": "Success", **trade}
        if method == "alipay.trade.close":
            return self._close(trade)
        if method == "alipay.trade.refund":
            return self._refund(trade, wanted)
        done = wanted["out_request_no"] in self.refunds
        return {"code": "10000", "msg": "Success", **({"refund_status": "REFUND_SUCCESS"} if done else {})}

    def _trade(self, wanted: Mapping[str, str]) -> dict[str, Any] | None:
        names = {wanted.get("out_trade_no"), wanted.get("trade_no")} - {None}
        return next((one for one in self.trades.values() if names & {one["out_trade_no"], one["trade_no"]}), None)

    def _close(self, trade: dict[str, Any]) -> dict[str, Any]:
        if trade["trade_status"] != "WAIT_BUYER_PAY":
            return _problem("ACQ.TRADE_STATUS_ERROR")
        trade["trade_status"] = "TRADE_CLOSED"
        return {"code": "10000", "msg": "Success", "out_trade_no": trade["out_trade_no"]}

    def _refund(self, trade: dict[str, Any], wanted: Mapping[str, str]) -> dict[str, Any]:
        again = wanted["out_request_no"] in self.refunds
        amount = from_yuan(wanted, "refund_amount")
        if not again and trade["trade_status"] != "TRADE_SUCCESS":
            return _problem("ACQ.TRADE_STATUS_ERROR")
        if not again and amount > from_yuan(trade, "total_amount") - self.returned.get(trade["trade_no"], 0):
            return _problem("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
        if not again:
            self._return(trade, wanted["out_request_no"], amount)
        total = to_yuan(self.returned[trade["trade_no"]])
        return {"code": "10000", "msg": "Success", "fund_change": "N" if again else "Y", "refund_fee": total}

    def _return(self, trade: dict[str, Any], name: str, amount: int) -> None:
        """A trade of which a part was refunded looks as before; refunded whole, it is closed."""
        self.refunds[name] = to_yuan(amount)
        returned = self.returned[trade["trade_no"]] = self.returned.get(trade["trade_no"], 0) + amount
        if returned == from_yuan(trade, "total_amount"):
            trade["trade_status"] = "TRADE_CLOSED"

    def _reply(self, method: str, node: Mapping[str, Any], *, signed: bool = True) -> Reply:
        # Slashes are escaped and there are spaces: the adapter must take the bytes as they are, not make them again.
        text = json.dumps({"note": "a/b", **node}, ensure_ascii=False).replace("/", "\\/")
        declared, codec = self.answers_in
        signature = sign("alipay", key_pair("alipay")[0], text.encode(codec)) if signed and self.signs_answers else ""
        tail = f',"sign":"{signature}"' if signature else ""
        headers = {"Content-Type": declared} if declared else {}
        return Reply(200, f'{{"{method.replace(".", "_")}_response":{text}{tail}}}'.encode(codec), headers)

    def _beijing_now(self) -> datetime:
        return self.clock.now().replace(tzinfo=None) + _BEIJING


def _problem(code: str) -> dict[str, Any]:
    return {"code": "40004", "msg": "Business Failed", "sub_code": code, "sub_msg": "交易"}


def _signed_by_the_shop(parameters: Mapping[str, str], signature: str) -> bool:
    return verified([key_pair("shop")[1]], content_to_sign(parameters), signature)
