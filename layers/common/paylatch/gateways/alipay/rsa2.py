"""RSA2 as Alipay calls it: RSA signatures with SHA-256, base64; keys as Alipay's console hands them out.

`cryptography` is imported at the first use, and each key is read once.
"""

import base64
import binascii
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from paylatch.domain.errors import Misconfigured

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey


def sign(gateway: str, private_key: str, content: bytes) -> str:
    """The signature of the content. Raises `Misconfigured` where the key is not an RSA private key."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        key = _private_key(private_key)
    except (ValueError, TypeError) as error:
        raise Misconfigured(gateway, "the private key cannot be read") from error
    return base64.b64encode(key.sign(content, PKCS1v15(), SHA256())).decode("ascii")


def readable(gateway: str, public_keys: Sequence[str]) -> tuple[str, ...]:
    """The valid RSA public keys among these.

    Raises `Misconfigured` where none is valid: no signature could be verified.
    """
    keys = tuple(key for key in public_keys if _is_public_key(key))
    if not keys:
        raise Misconfigured(gateway, "none of the public keys can be read")
    return keys


def verified(public_keys: Sequence[str], content: bytes, signature: str) -> bool:
    """Whether one of the live keys made the signature; False for any malformed input."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        octets = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    for public_key in public_keys:
        try:
            _public_key(public_key).verify(octets, content, PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError, TypeError):
            continue
        return True
    return False


def _is_public_key(text: str) -> bool:
    try:
        _public_key(text)
    except (ValueError, TypeError):
        return False
    return True


@lru_cache(maxsize=8)
def _private_key(text: str) -> "RSAPrivateKey":
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    key = load_der_private_key(_der(text), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("not an RSA key")
    return key


@lru_cache(maxsize=8)
def _public_key(text: str) -> "RSAPublicKey":
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    key = load_der_public_key(_der(text))
    if not isinstance(key, RSAPublicKey):
        raise TypeError("not an RSA key")
    return key


def _der(text: str) -> bytes:
    """The bytes of base64 text, with or without PEM's header and footer lines."""
    return base64.b64decode("".join(line for line in text.split("\n") if "-----" not in line))
