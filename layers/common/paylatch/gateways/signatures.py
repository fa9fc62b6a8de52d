"""Signatures of callbacks, verified on the raw bytes; Standard Webhooks are also signed.

Every `verify_*` returns None for a genuine, fresh message and raises `CallbackRejected` for anything else, whatever
an outsider sends. Secrets come as a sequence so that a new one can be live before the old one is gone; an empty
secret verifies nothing. Time is passed in. RSA signatures are in `alipay.rsa2`.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from paylatch.domain.errors import CallbackRejected, Misconfigured

TOLERANCE = timedelta(minutes=5)
_LONGEST_QUOTE = 40

_PREFIX = "whsec_"
_SECONDS = r"[0-9]{1,11}"
# The spellings that PayU's own libraries accept.
_PAYU_HASHES = {
    "MD5": "md5",
    "SHA": "sha1",
    "SHA1": "sha1",
    "SHA-1": "sha1",
    "SHA256": "sha256",
    "SHA-256": "sha256",
}
# The algorithm of a header that names none.
_PAYU_DEFAULT = "MD5"


def sign_standard_webhook(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a message signed according to the Standard Webhooks specification."""
    key = _standard_key(secret)
    if not key:
        raise Misconfigured("standard webhooks", "the signing secret is empty or not base64")
    seconds = str(int(at.timestamp()))
    signature = base64.b64encode(_standard_digest(key, message_id, seconds, body)).decode("ascii")
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": f"v1,{signature}"}


def verify_standard_webhook(
    gateway: str, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime
) -> None:
    """Accept a message signed with one of the secrets, whose age is within the tolerance."""
    message_id = _header(gateway, headers, "webhook-id")
    # The id is joined with dots: a dot in it would make the border between id, time and body ambiguous.
    if "." in message_id:
        raise CallbackRejected(gateway, "the message id contains a dot")
    seconds = _header(gateway, headers, "webhook-timestamp")
    _require_fresh(gateway, seconds, now)
    candidates = [part.partition(",") for part in _header(gateway, headers, "webhook-signature").split()]
    offered = [_octets(value) for version, _, value in candidates if version == "v1"]
    keys = [key for secret in secrets if (key := _standard_key(secret))]
    expected = [base64.b64encode(_standard_digest(key, message_id, seconds, body)) for key in keys]
    _require_match(gateway, expected, offered)


def verify_stripe(gateway: str, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> None:
    """Accept a body that Stripe signed.

    Replaces the library's check, which accepts a time far in the future and raises undocumented exceptions.
    """
    fields = [part.strip().partition("=") for part in _header(gateway, headers, "stripe-signature").split(",")]
    times = [value for name, _, value in fields if name == "t"]
    if len(times) != 1:
        raise CallbackRejected(gateway, "the signature does not name one time")
    _require_fresh(gateway, times[0], now)
    offered = [_octets(value) for name, _, value in fields if name == "v1"]
    _require_match(gateway, [_octets(_stripe_digest(key, times[0], body)) for key in secrets if key], offered)


def verify_payu(gateway: str, headers: Mapping[str, str], body: bytes, second_keys: Sequence[str]) -> None:
    """Accept a body that PayU signed.

    PayU signs no time: freshness follows from the order's own state.
    """
    # PayU sends the same value under both names; some proxies pass only one of them.
    value = headers.get("openpayu-signature") or _header(gateway, headers, "x-openpayu-signature")
    fields = [
        (name.strip().lower(), text.strip()) for name, _, text in (part.partition("=") for part in value.split(";"))
    ]
    algorithm = _payu_algorithm(gateway, [text for name, text in fields if name == "algorithm"])
    offered = [_octets(text.lower()) for name, text in fields if name == "signature"]
    _require_match(gateway, [_octets(_payu_digest(key, algorithm, body)) for key in second_keys if key], offered)


def require_within(gateway: str, timestamp: datetime, now: datetime, *, past: timedelta, future: timedelta) -> None:
    """Raise `CallbackRejected` for a time outside the window, in either direction."""
    if not now - past <= timestamp <= now + future:
        raise CallbackRejected(gateway, "the message is not dated within the accepted window")


def _require_fresh(gateway: str, seconds: str, now: datetime) -> None:
    if not re.fullmatch(_SECONDS, seconds):
        raise CallbackRejected(gateway, "the timestamp is not a number of seconds")
    require_within(gateway, datetime.fromtimestamp(int(seconds), UTC), now, past=TOLERANCE, future=TOLERANCE)


def _require_match(gateway: str, expected: Sequence[bytes], offered: Iterable[bytes]) -> None:
    # Every pair is compared, so that the duration does not reveal which secret or signature was close.
    matches = [hmac.compare_digest(ours, theirs) for theirs in offered for ours in expected]
    if not any(matches):
        raise CallbackRejected(gateway, "no live secret made this signature")


def _header(gateway: str, headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not isinstance(value, str) or not value:
        raise CallbackRejected(gateway, f"there is no {name} header")
    return value


def _octets(text: str) -> bytes:
    # compare_digest raises TypeError for non-ASCII text; it accepts any bytes.
    return text.encode("utf-8", "backslashreplace")


def _payu_algorithm(gateway: str, named: Sequence[str]) -> str:
    if len(named) > 1:
        raise CallbackRejected(gateway, "the signature names more than one algorithm")
    algorithm = named[0].upper() if named else _PAYU_DEFAULT
    if algorithm not in _PAYU_HASHES:
        raise CallbackRejected(gateway, f"the signature's algorithm {algorithm[:_LONGEST_QUOTE]!r} is not known")
    return algorithm


def _standard_key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _standard_digest(key: bytes, message_id: str, seconds: str, body: bytes) -> bytes:
    return hmac.new(key, _octets(f"{message_id}.{seconds}.") + body, hashlib.sha256).digest()


def _stripe_digest(secret: str, seconds: str, body: bytes) -> str:
    return hmac.new(_octets(secret), _octets(f"{seconds}.") + body, hashlib.sha256).hexdigest()


def _payu_digest(second_key: str, algorithm: str, body: bytes) -> str:
    # usedforsecurity: PayU's default is MD5, which a FIPS build of OpenSSL refuses without it.
    return hashlib.new(_PAYU_HASHES[algorithm], body + _octets(second_key), usedforsecurity=False).hexdigest()
