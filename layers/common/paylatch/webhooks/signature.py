"""The headers that let a receiver verify a webhook."""

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime

from paylatch.domain.frozen_dataclass import dataclass

PREFIX = "whsec_"
# What the specification asks of a key, in bytes.
SHORTEST_KEY, LONGEST_KEY = 24, 64
# The second one only while the receiver changes from one to the other.
KEY, PREVIOUS_KEY = "key", "previous_key"


class SecretUnusable(Exception):
    """The secret has no key that can sign. The message has nothing of its content."""


def signed_headers(webhook_id: str, at: datetime, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """The three headers of the specification, with a signature by each key."""
    timestamp = str(int(at.timestamp()))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    signatures = [b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that sign. `fault` is that of a `previous_key` that cannot sign; empty where it can, or is missing."""

    signing: tuple[bytes, ...]
    fault: str = ""


def keys_of(secret: Mapping[str, object]) -> Keys:
    """`key`, and `previous_key` where it is there. Raises `SecretUnusable` where `key` cannot sign."""
    if not secret.get(KEY):
        raise SecretUnusable(f"the secret has no {KEY!r}")
    key = _key(KEY, secret[KEY])
    if not secret.get(PREVIOUS_KEY):
        return Keys((key,))
    try:
        return Keys((key, _key(PREVIOUS_KEY, secret[PREVIOUS_KEY])))
    except SecretUnusable as error:
        # A receiver that has the present key still accepts the webhooks.
        return Keys((key,), str(error))


def _key(name: str, text: object) -> bytes:
    try:
        # Blanks around a pasted key are no part of it.
        key = b64decode(str(text).strip().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise SecretUnusable(f"{name!r} is not Base64") from None
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise SecretUnusable(f"{name!r} does not have {SHORTEST_KEY} to {LONGEST_KEY} bytes")
    return key
