"""Alipay's notifications: form parameters, signed without `sign` and `sign_type`."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from paylatch.domain.errors import CallbackRejected
from paylatch.domain.payment import Capture
from paylatch.gateways import fields, rsa2
from paylatch.gateways.alipay_calls import BEIJING, NAME, to_be_signed
from paylatch.gateways.alipay_money import CURRENCY, from_yuan
from paylatch.gateways.credentials import several
from paylatch.gateways.fields import Document, Malformed
from paylatch.gateways.signatures import TOLERANCE, require_within
from paylatch.ports import Notice, NoticeKind

# Eight tries over 25 hours; whether a repeated one is dated anew is not documented.
OLDEST = timedelta(hours=26)
PAID = frozenset({"TRADE_SUCCESS", "TRADE_FINISHED"})
CLOSED = "TRADE_CLOSED"

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")


def genuine_parameters(body: bytes, secret: Mapping[str, object], now: datetime) -> Document:
    """The parameters of a notification that Alipay signed, for this application and seller, lately."""
    with fields.read_as_callback(NAME):
        parameters = _parameters(body)
        signed = {name: value for name, value in parameters.items() if name not in ("sign", "sign_type")}
        signature = parameters.get("sign", "")
        if parameters.get("sign_type") != "RSA2":
            raise Malformed("sign_type is not RSA2")
        if not rsa2.verified(several(secret, "alipay_public_keys"), to_be_signed(signed), signature):
            raise CallbackRejected(NAME, "no live key made this signature")
        for name in ("app_id", "seller_id"):
            if not secret.get(name) or fields.word(signed, name) != secret[name]:
                raise CallbackRejected(NAME, f"the notification is for another {name}")
        require_within(NAME, _moment(signed, "notify_time"), now, past=OLDEST, future=TOLERANCE)
    return signed


def notices_of(parameters: Document) -> tuple[Notice, ...]:
    """What a genuine notification says about one of our attempts."""
    attempt_id = fields.attempt_id(parameters.get("out_trade_no"))
    status = parameters.get("trade_status")
    if attempt_id is None or status not in (*PAID, CLOSED):
        return ()
    if status == CLOSED and not parameters.get("gmt_refund") and not parameters.get("refund_fee"):
        return (Notice(NoticeKind.CLOSED, attempt_id),)
    # A trade that was refunded whole is closed as well.
    kind = NoticeKind.REFUNDED if status == CLOSED else NoticeKind.PAID
    return (Notice(kind, attempt_id, capture_of(parameters)),)


def capture_of(trade: Document) -> Capture:
    """The money of a paid trade, from a notification or a query."""
    return Capture(fields.word(trade, "trade_no"), from_yuan(trade, "total_amount"), CURRENCY)


def _parameters(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError as error:
        raise Malformed("the body is not a form") from error
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise Malformed("a parameter comes twice")
    return parameters


def _moment(parameters: Document, name: str) -> datetime:
    value = parameters.get(name)
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise Malformed(f"{name} is not a time")
    try:
        return datetime.fromisoformat(value).replace(tzinfo=BEIJING)
    except ValueError as error:
        raise Malformed(f"{name} is not a time") from error
