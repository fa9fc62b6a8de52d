"""Alipay's signatures against `python-alipay-sdk`, a widely used library that others wrote.

RSA signatures of this kind are the same whenever key and content are: so equal signatures mean equal content.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from paylatch.ports import Callback, GatewayEventKind
from tests.contract.gateway_drivers.alipay_driver import AlipayDriver
from tests.fakes.fake_alipay import key_pair
from tests.peers.programs import installed

HERE = Path(__file__).parent


@pytest.fixture
def alipay() -> Iterator[AlipayDriver]:
    with AlipayDriver() as driver:
        yield driver


def library(
    key: str, parameters: Mapping[str, str], answer: str | None = None, node: str = "", public: str = "alipay"
) -> Any:
    asked = {
        "private_key": _pem("PRIVATE KEY", key_pair(key)[0]),
        "public_key": _pem("PUBLIC KEY", key_pair(public)[1]),
        "parameters": parameters,
        "answer": answer,
        "node": node,
    }
    command = [installed("alipay/bin/python"), HERE / "alipay_library.py"]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_our_requests_are_signed_as_the_library_signs_them(alipay: AlipayDriver) -> None:
    link = dict(parse_qsl(urlsplit(alipay.opened().pay_url or "").query))
    assert library("shop", link)["signature"] == link["sign"]
    alipay.gateway.void(alipay.attempt_in("scanned"))
    form = alipay.server.asked[-1].form
    assert library("shop", form)["signature"] == form["sign"]


def test_a_notification_that_the_library_signed_is_genuine_to_us(alipay: AlipayDriver) -> None:
    attempt = alipay.opened()
    ours = alipay.callback_for("TRADE_SUCCESS", attempt)
    parameters = dict(parse_qsl(ours.body.decode(), keep_blank_values=True))
    signed = {name: value for name, value in parameters.items() if name not in ("sign", "sign_type")}
    signature = library("alipay", signed)["signature"]
    body = urlencode({**signed, "sign": signature, "sign_type": "RSA2"}).encode()
    (gateway_event,) = alipay.gateway.parse_callback(Callback({}, body))
    assert (gateway_event.kind, gateway_event.attempt_id) == (GatewayEventKind.PAID, attempt.attempt_id)


def test_the_library_accepts_our_simulated_notifications_and_responses(alipay: AlipayDriver) -> None:
    attempt = alipay.paid()
    notification = alipay.callback_for("TRADE_SUCCESS", attempt)
    parameters = dict(parse_qsl(notification.body.decode(), keep_blank_values=True))
    alipay.gateway.query(attempt)
    answer = alipay.peer.answer(alipay.server.asked[-1]).body.decode()
    result = library("shop", parameters, answer, "alipay_trade_query_response")
    assert result["notification_verified"] is True
    assert result["answer"]["out_trade_no"] == alipay.peer.trade_of(attempt.attempt_id)["out_trade_no"]


def _pem(kind: str, text: str) -> str:
    lines = "\n".join(text[place : place + 64] for place in range(0, len(text), 64))
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----"
