"""Calls to Alipay's gateway: signed requests, and responses whose signature is verified."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

from paylatch.domain.errors import GatewayError, Misconfigured, OutcomeUnknown, RateLimited, Refused
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.gateways import fields
from paylatch.gateways.alipay import rsa2
from paylatch.gateways.alipay.charsets import codec_found, codec_of, declared_charset, decoded
from paylatch.gateways.credentials import Credentials, base_url, lines, live, required
from paylatch.gateways.fields import Document
from paylatch.gateways.gateway_http import GatewayHttp, Request, Response
from paylatch.ports import Clock

NAME = "alipay"
# Alipay's times are Beijing's, whose offset has been fixed since 1991, so no zone data is needed.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")

_GATEWAY_URL = "https://openapi.alipay.com/gateway.do"
_SUCCEEDED, _BUSINESS_FAILED = "10000", "40004"
_CLASSES: dict[str, type[GatewayError]] = {
    "20001": Misconfigured,
    "40001": Misconfigured,
    "40002": Refused,
    "40003": Misconfigured,
    "40005": RateLimited,
    "40006": Misconfigured,
}
_SIGNATURE_REFUSED = ("signature", "app-id", "isv.invalid-cert")
_UNKNOWN_OUTCOMES = frozenset({"ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR"})


@dataclass(frozen=True, slots=True)
class AlipayResponse:
    """A response of Alipay with a verified signature; `problem` is the business code of a failed call."""

    document: Document
    problem: str | None = None


class AlipayCalls:
    """Signs and sends one call. Raises only `Transient`, `OutcomeUnknown`, `Refused` and `Misconfigured`."""

    def __init__(self, credentials: Credentials, clock: Clock, wire: GatewayHttp) -> None:
        self._credentials = credentials
        self._clock = clock
        self._wire = wire

    def link(self, method: str, content: Mapping[str, str], **extra: str) -> str:
        """The URL that makes the payer's browser send the call."""
        return f"{self._address()}?{urlencode(self._signed(method, content, extra))}"

    def __call__(self, method: str, content: Mapping[str, str]) -> AlipayResponse:
        """The verified response; business failures are its `problem`, other failures are raised."""
        headers = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
        body = urlencode(self._signed(method, content, {})).encode()
        response = self._wire.call(Request("POST", f"{self._address()}?charset=utf-8", headers, body))
        return self._answer(method, response)

    def _address(self) -> str:
        return base_url(NAME, self._credentials(), "gateway_url", _GATEWAY_URL)

    def _signed(self, method: str, content: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
        secret = self._credentials()
        parameters = {
            "app_id": required(NAME, secret, "app_id"),
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": beijing(self._clock.now()),
            "version": "1.0",
            "biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
            **extra,
        }
        signature = rsa2.sign(NAME, lines(NAME, secret, "private_key"), to_be_signed(parameters))
        return {**parameters, "sign": signature}

    def _answer(self, method: str, response: Response) -> AlipayResponse:
        keys = rsa2.readable(NAME, live(NAME, self._credentials(), "alipay_public_keys"))
        with fields.read_as_answer(NAME):
            charset = declared_charset(response.headers.get("content-type"))
            codec = codec_of(charset) if charset else codec_found(response.body)
            node, signed, signature = _split(method, response.body, codec)
            code, problem = fields.word(node, "code"), fields.optional_word(node, "sub_code")
        if signature is None:
            # Alipay does not sign its refusal of our signature; any other unsigned response is rejected.
            raise _failure(code, problem) if _is_about_us(code, problem) else OutcomeUnknown(NAME, "unsigned answer")
        if not rsa2.verified(keys, signed, signature):
            raise Misconfigured(NAME, "none of alipay_public_keys made the signature of the answer")
        if code == _SUCCEEDED:
            return AlipayResponse(node)
        if code == _BUSINESS_FAILED and problem and problem not in _UNKNOWN_OUTCOMES:
            return AlipayResponse(node, problem)
        raise _failure(code, problem)


def beijing(timestamp: datetime) -> str:
    """A timestamp in Alipay's form, independent of the machine's time zone."""
    return timestamp.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def to_be_signed(parameters: Mapping[str, str]) -> bytes:
    """The parameters in the order and form in which both sides sign them."""
    return "&".join(f"{name}={parameters[name]}" for name in sorted(parameters)).encode("utf-8", "backslashreplace")


def _split(method: str, body: bytes, codec: str) -> tuple[Document, bytes, str | None]:
    """The response's node, its bytes exactly as Alipay signed them, and the signature."""
    text = decoded(body, codec)
    document = fields.parse(text)
    name = method.replace(".", "_") + "_response"
    if name not in document:
        name = "error_response"
    start = text.find("{", text.find(f'"{name}"'))
    try:
        node, end = json.JSONDecoder().raw_decode(text, max(start, 0))
    except ValueError as error:
        raise fields.Malformed("the signed part cannot be found") from error
    if node != fields.part(document, name):
        raise fields.Malformed("the signed part is ambiguous")
    return node, text[start:end].encode(codec), fields.signature(document, "sign")


def _is_about_us(code: str, problem: str | None) -> bool:
    return _class_of(code, problem) is Misconfigured


def _failure(code: str, problem: str | None) -> GatewayError:
    return _class_of(code, problem)(NAME, f"{code} {problem or ''}".rstrip())


def _class_of(code: str, problem: str | None) -> type[GatewayError]:
    if any(hint in (problem or "") for hint in _SIGNATURE_REFUSED):
        return Misconfigured
    return _CLASSES.get(code, OutcomeUnknown)
