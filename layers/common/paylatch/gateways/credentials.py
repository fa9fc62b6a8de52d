"""A gateway's credentials: one JSON secret per gateway, read for each call, so that a rotated one takes effect.

A person writes the secret: what cannot be meant is `Misconfigured`, which names the member and never shows its value.
"""

import re
from collections.abc import Callable, Mapping

from paylatch.domain.errors import Misconfigured

Credentials = Callable[[], Mapping[str, object]]

# Compiled at their first use: a start compiles nothing.
_VISIBLE_ASCII = r"[!-~]+"
# Without a scheme, the client would send the secret unencrypted.
_URL = r"(?:https://[a-zA-Z0-9.-]+|http://(?:127\.0\.0\.1|localhost))(?::\d{1,5})?(?:/[!-~]*)?"


def required(gateway: str, secret: Mapping[str, object], name: str) -> str:
    """A value without which the gateway cannot be called, without blanks around it.

    Raises `Misconfigured` where it is missing, or cannot be sent in a header.
    """
    value = lines(gateway, secret, name)
    if not re.fullmatch(_VISIBLE_ASCII, value):
        raise Misconfigured(gateway, f"the secret's {name} has blanks or characters that are not ASCII")
    return value


def lines(gateway: str, secret: Mapping[str, object], name: str) -> str:
    """Like `required`, for a value that may have several lines."""
    value = secret.get(name)
    if value is None or value == "":
        raise Misconfigured(gateway, f"the secret has no {name}")
    if not isinstance(value, str) or not value.strip():
        raise Misconfigured(gateway, f"the secret's {name} is not a text")
    return value.strip()


def base_url(gateway: str, secret: Mapping[str, object], name: str, default: str = "") -> str:
    """The gateway's address, without a slash at its end; the default where the secret has none.

    Raises `Misconfigured` where it is neither https nor an address of this machine, which tests have.
    """
    url = required(gateway, {name: secret.get(name) or default}, name).rstrip("/")
    if not re.fullmatch(_URL, url):
        raise Misconfigured(gateway, f"the secret's {name} is not an https URL")
    return url


def live(gateway: str, secret: Mapping[str, object], name: str) -> tuple[str, ...]:
    """Like `several`; raises `Misconfigured` where there is none, with which no callback could be verified."""
    values = several(secret, name)
    if not values:
        fault = f"the secret's {name} is not a list of texts" if secret.get(name) else f"the secret has no {name}"
        raise Misconfigured(gateway, fault)
    return values


def several(secret: Mapping[str, object], name: str) -> tuple[str, ...]:
    """The values that are valid at the same time: the current one and those being retired, without blanks around."""
    values = secret.get(name)
    if not isinstance(values, list | tuple):
        return ()
    return tuple(value.strip() for value in values if isinstance(value, str) and value.strip())
