"""The return address of a payer: its grammar, its allowed origins, and the parameters appended to it."""

import re
from collections.abc import Collection
from urllib.parse import parse_qsl, urlsplit

LONGEST_ADDRESS = 512
# The query parameters that Paylatch appends, the same for every gateway.
APPENDED = ("order_id", "attempt_id")
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PORT = "(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_CHARACTER = "[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}"
# RFC 3986 without user information and bracketed hosts, which browsers interpret in different ways.
ADDRESS_PATTERN = (
    rf"^https?://{_LABEL}(?:\.{_LABEL})*(?::{_PORT})?"
    rf"(?:/(?:{_CHARACTER})*)?(?:\?(?:{_CHARACTER}|\?)*)?(?:#(?:{_CHARACTER}|\?)*)?$"
)
_ADDRESS = ADDRESS_PATTERN.removesuffix("$") + r"\Z"
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def fault_in_address(text: str) -> str | None:
    """The fault of this text as a return address; None where it is valid."""
    if re.match(_ADDRESS, text) is None:
        return "must be an http or https URL of plain ASCII, without user name, password or backslash"
    names = {name for name, _ in parse_qsl(urlsplit(text).query, keep_blank_values=True)}
    taken = [name for name in APPENDED if name in names]
    return f"must not have {' or '.join(taken)} in its query: Paylatch appends it" if taken else None


def origin_of(address: str) -> str:
    """Scheme, host and port in lower case, without a default port, as browsers write origins."""
    scheme, host = urlsplit(address.lower())[:2]
    return f"{scheme}://{host.removesuffix(_DEFAULT_PORTS.get(scheme, ''))}"


def leads_to(origins: Collection[str], address: str) -> bool:
    """Whether the address is at one of these origins; without origins, any address is."""
    return not origins or origin_of(address) in {origin_of(origin) for origin in origins}


def with_ids(address: str, order_id: str, attempt_id: str) -> str:
    """The address with both ids appended to its query; the rest stays unchanged."""
    rest, mark, fragment = address.partition("#")
    separator = "?" if "?" not in rest else "" if rest.endswith(("?", "&")) else "&"
    appended = "&".join(f"{name}={value}" for name, value in zip(APPENDED, (order_id, attempt_id), strict=True))
    return f"{rest}{separator}{appended}{mark}{fragment}"
