"""Signatures as Stripe and PayU make them, written from their documentation and not with the code under test."""

import hashlib
import hmac
from datetime import datetime


def sign_stripe(secret: str, at: datetime, body: bytes) -> dict[str, str]:
    """The signature header of Stripe."""
    seconds = str(int(at.timestamp()))
    digest = hmac.digest(secret.encode(), seconds.encode() + b"." + body, "sha256").hex()
    return {"stripe-signature": f"t={seconds},v1={digest}"}


def sign_payu(second_key: str, body: bytes, algorithm: str = "MD5") -> dict[str, str]:
    """The signature header of PayU."""
    name = "sha1" if algorithm == "SHA" else algorithm.replace("-", "").lower()
    digest = hashlib.new(name, body + second_key.encode(), usedforsecurity=False).hexdigest()
    return {"openpayu-signature": f"sender=checkout;signature={digest};algorithm={algorithm};content=DOCUMENT"}
