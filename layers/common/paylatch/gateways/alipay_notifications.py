"""Alipay's notifications: form parameters, signed without `sign` and `sign_type`."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from paylatch.domain.errors import CallbackRejected
from paylatch.domain.payment import Capture
from paylatch.gateways import fields, rsa2
from paylatch.gateways.alipay_calls import BEIJING, NAME, to_be_signed
from paylatch.gateways.alipay_money import CURRENCY, from_yuan
from paylatch.gateways.credentials import live, required
from paylatch.gateways.fields import Document, Malformed
from paylatch.gateways.signatures import TOLERANCE, require_within
from paylatch.ports import Notice, NoticeKind

# Eight tries over 25 hours; whether a repeated one is dated anew is not documented.
OLDEST = timedelta(hours=26)
PAID = frozenset({"TRADE_SUCCESS", "TRADE_FINISHED"})
CLOSED = "TRADE_CLOSED"

_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,6})?")


def genuine_parameters(body: bytes, secret: Mapping[str, object], now: datetime) -> Document:
    """The parameters of a notification that Alipay signed, for this application and seller, lately.

    Raises `CallbackRejected`, and `Misconfigured` where the secret has nothing to tell a genuine one by.
    """
    keys = rsa2.readable(NAME, live(NAME, secret, "alipay_public_keys"))
    own = {name: required(NAME, secret, name) for name in ("app_id", "seller_id")}
    with fields.read_as_callback(NAME):
        parameters = _parameters(body)
        signed = {name: value for name, value in parameters.items() if name not in ("sign", "sign_type")}
        signature = parameters.get("sign", "")
        if parameters.get("sign_type") != "RSA2":
            raise Malformed("sign_type is not RSA2")
        if not rsa2.verified(keys, to_be_signed(signed), signature):
            raise CallbackRejected(NAME, "no live key made this signature")
        for name, value in own.items():
            if fields.word(signed, name) != value:
                raise CallbackRejected(NAME, f"the notification is for another {name}")
        require_within(NAME, _moment(signed, "notify_time"), now, past=OLDEST, future=TOLERANCE)
    return signed


def notices_of(parameters: Document) -> tuple[Notice, ...]:
    """What a genuine notification says about one of our attempts."""
    attempt_id = fields.attempt_id(parameters.get("out_trade_no"))
    status = parameters.get("trade_status")
    if attempt_id is None or status not in (*PAID, CLOSED):
        return ()
    if parameters.get("refund_fee") or parameters.get("gmt_refund"):
        return (_refunded(parameters, attempt_id),)
    if status == CLOSED:
        return (Notice(NoticeKind.CLOSED, attempt_id, stated_at=_told_moment(parameters, "gmt_close")),)
    return (Notice(NoticeKind.PAID, attempt_id, capture_of(parameters), _told_moment(parameters, "gmt_payment")),)


def _refunded(parameters: Document, attempt_id: str) -> Notice:
    """A refund, the whole or a part: a trade of which a part was refunded stays paid, one refunded whole is closed.

    It may be the first that is heard of the trade. `refund_fee` is the total of all its refunds so far.
    """
    ours = fields.is_refund_of(parameters.get("out_biz_no"), attempt_id)
    amount = from_yuan(parameters, "total_amount") if parameters.get("total_amount") else 0
    returned = from_yuan(parameters, "refund_fee") if parameters.get("refund_fee") else 0
    capture = Capture(fields.word(parameters, "trade_no"), amount, CURRENCY, returned)
    kind = NoticeKind.REFUNDED if ours else NoticeKind.MONEY_RETURNED
    return Notice(kind, attempt_id, capture, _told_moment(parameters, "gmt_refund"))


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
    told = _told_moment(parameters, name)
    if told is None:
        raise Malformed(f"{name} is not a time")
    return told


def _told_moment(parameters: Document, name: str) -> datetime | None:
    """The time in that field, which is Beijing's, whole seconds; None where there is none, or it cannot be read."""
    value = parameters.get(name)
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    try:
        return datetime.fromisoformat(match[1]).replace(tzinfo=BEIJING).astimezone(UTC) if match else None
    except (ValueError, OverflowError):
        return None
