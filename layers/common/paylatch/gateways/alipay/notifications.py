"""Alipay's notifications: form parameters, signed without `sign` and `sign_type`."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from paylatch.domain.errors import CallbackRejected
from paylatch.domain.payment import Capture
from paylatch.gateways import fields
from paylatch.gateways.alipay import rsa2
from paylatch.gateways.alipay.calls import BEIJING, NAME
from paylatch.gateways.alipay.charsets import codec_of, declared_charset, decoded
from paylatch.gateways.alipay.money import CURRENCY, from_yuan
from paylatch.gateways.credentials import live, required
from paylatch.gateways.fields import Document, Malformed
from paylatch.gateways.signatures import TOLERANCE, require_within
from paylatch.gateways.stack_reference import NotOurs, read_reference
from paylatch.ports import Callback, ForeignPayment, FoundAttempt, GatewayEvent, GatewayEventKind, SessionState

# Alipay makes eight tries over 25 hours; whether a repeated one has a new time is not documented.
OLDEST = timedelta(hours=26)
CLOSED = "TRADE_CLOSED"
WAITING = "WAIT_BUYER_PAY"
# A closed trade may have been paid and refunded before.
STATES = {
    WAITING: SessionState.OPEN,
    "TRADE_SUCCESS": SessionState.PAID,
    "TRADE_FINISHED": SessionState.PAID,
    CLOSED: SessionState.CLOSED,
}

MOST_PARAMETERS = 200
# One character for each byte, in both directions.
_OCTETS = "latin-1"
_TIME = r"([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,6})?"


def genuine_parameters(callback: Callback, secret: Mapping[str, object], now: datetime) -> Document:
    """The parameters of a genuine, fresh notification for this application and seller.

    Raises `CallbackRejected`, and `Misconfigured` where the secret has no usable key to verify a signature with.
    """
    keys = rsa2.readable(NAME, live(NAME, secret, "alipay_public_keys"))
    own = {name: required(NAME, secret, name) for name in ("app_id", "seller_id")}
    with fields.read_as_callback(NAME):
        signed = _parameters(callback.body)
        signature, kind = signed.pop("sign", ""), signed.pop("sign_type", "")
        if kind != "RSA2":
            raise Malformed("sign_type is not RSA2")
        if not rsa2.verified(keys, _content(signed), signature):
            raise CallbackRejected(NAME, "no live key made this signature")
        signed = _decoded(signed, declared_charset(callback.headers.get("content-type")))
        for name, value in own.items():
            if fields.word(signed, name) != value:
                raise CallbackRejected(NAME, f"the notification is for another {name}")
        require_within(NAME, _timestamp(signed, "notify_time"), now, past=OLDEST, future=TOLERANCE)
    return signed


def gateway_events_of(parameters: Document, stack: str) -> tuple[GatewayEvent, ...]:
    """The statements of a genuine notification about a trade; none before payment, or without a trade."""
    if parameters.get("trade_status") in (None, WAITING):
        return ()
    try:
        found = read_reference(parameters.get("out_trade_no"), stack)
        return (replace(_notice(parameters, found), stack_named=found.stack_named),)
    except NotOurs as foreign:
        return (_foreign(parameters, str(foreign)),)


def _notice(parameters: Document, found: FoundAttempt) -> GatewayEvent:
    try:
        return _statement(parameters, found.attempt_id)
    except fields.UnknownStatus as unknown:
        return GatewayEvent(GatewayEventKind.UNKNOWN, found.attempt_id, cause=str(unknown))
    except Malformed as malformed:
        if found.stack_named:
            raise
        raise NotOurs(f"it names no stack, and {malformed}") from malformed


def _statement(parameters: Document, attempt_id: str) -> GatewayEvent:
    state = fields.known(STATES, parameters, "trade_status")
    if parameters.get("refund_fee") or parameters.get("gmt_refund"):
        return _refunded(parameters, attempt_id)
    if state is SessionState.CLOSED:
        return GatewayEvent(GatewayEventKind.CLOSED, attempt_id, stated_at=_optional_time(parameters, "gmt_close"))
    return GatewayEvent(
        GatewayEventKind.PAID, attempt_id, capture_of(parameters), _optional_time(parameters, "gmt_payment")
    )


def _foreign(parameters: Document, cause: str) -> GatewayEvent:
    stated = fields.text_as_given
    amount = stated(parameters, "total_amount")
    payment = ForeignPayment(
        stated(parameters, "trade_status"), cause, stated(parameters, "trade_no"), amount, CURRENCY if amount else ""
    )
    return GatewayEvent(GatewayEventKind.FOREIGN, "", foreign=payment)


def _refunded(parameters: Document, attempt_id: str) -> GatewayEvent:
    """The statement of a full or partial refund: a partly refunded trade stays paid, a fully refunded one is closed.

    It may be the first notification about the trade. `refund_fee` is the total of all its refunds so far.
    """
    refund_id = fields.refund_id_in(parameters.get("out_biz_no"), attempt_id)
    amount = from_yuan(parameters, "total_amount") if parameters.get("total_amount") else 0
    returned = from_yuan(parameters, "refund_fee") if parameters.get("refund_fee") else 0
    capture = Capture(fields.word(parameters, "trade_no"), amount, CURRENCY, returned)
    kind = GatewayEventKind.REFUNDED if refund_id else GatewayEventKind.MONEY_RETURNED
    return GatewayEvent(kind, attempt_id, capture, _optional_time(parameters, "gmt_refund"), refund_id=refund_id)


def capture_of(trade: Document) -> Capture:
    """The payment of a paid trade, from a notification or a query."""
    return Capture(fields.word(trade, "trade_no"), from_yuan(trade, "total_amount"), CURRENCY)


def _parameters(body: bytes) -> dict[str, str]:
    """The parameters with one character for each byte, because the charset is itself a parameter."""
    try:
        text = body.decode(_OCTETS)
        pairs = parse_qsl(text, keep_blank_values=True, encoding=_OCTETS, max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        raise Malformed("the body is not a form") from error
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise Malformed("a parameter comes twice")
    return parameters


def _content(parameters: Mapping[str, str]) -> bytes:
    """The bytes that Alipay signed, as received."""
    return "&".join(f"{name}={parameters[name]}" for name in sorted(parameters)).encode(_OCTETS)


def _decoded(parameters: Mapping[str, str], charset: str | None) -> dict[str, str]:
    """The parameters as text: in the charset that Alipay signed for, else in that of the header."""
    codec = codec_of(parameters.get("charset") or charset or "utf-8")
    return {
        decoded(name.encode(_OCTETS), codec): decoded(value.encode(_OCTETS), codec)
        for name, value in parameters.items()
    }


def _timestamp(parameters: Document, name: str) -> datetime:
    stated = _optional_time(parameters, name)
    if stated is None:
        raise Malformed(f"{name} is not a time")
    return stated


def _optional_time(parameters: Document, name: str) -> datetime | None:
    """The Beijing time in that field, in whole seconds; None where it is missing or unreadable."""
    value = parameters.get(name)
    match = re.fullmatch(_TIME, value) if isinstance(value, str) else None
    try:
        return datetime.fromisoformat(match[1]).replace(tzinfo=BEIJING).astimezone(UTC) if match else None
    except (ValueError, OverflowError):
        return None
