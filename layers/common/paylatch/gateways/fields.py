"""Strict reading of gateway documents, field by field, so that malformed data goes no further."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from paylatch.domain.errors import CallbackRejected, OutcomeUnknown
from paylatch.domain.ids import ORDER_ID_LENGTH, is_refund_id, order_id_of
from paylatch.domain.limits import LARGEST_TOTAL

Document = Mapping[str, object]
T = TypeVar("T")

_LONGEST_QUOTE = 255
_NAME = r"[!-~]{1,255}"
_LINK = r"https?://[!-~]{1,4000}"
_NUMERAL = r"[0-9]{1,16}"


class Malformed(ValueError):
    """The data is not what the gateway documents."""


class UnknownStatus(Malformed):
    """A status that the gateway does not document; it has no effect."""


@contextmanager
def read_as_answer(gateway: str) -> Iterator[None]:
    """Within this context, an unreadable response raises `OutcomeUnknown`: the outcome of the call is unknown."""
    try:
        yield
    except Malformed as error:
        raise OutcomeUnknown(gateway, f"an unreadable response: {error}") from error


@contextmanager
def read_as_callback(gateway: str) -> Iterator[None]:
    """Within this context, an unreadable callback raises `CallbackRejected`, like one that is not genuine."""
    try:
        yield
    except Malformed as error:
        raise CallbackRejected(gateway, str(error)) from error


def parse(body: bytes | str) -> Document:
    """The JSON object in the body."""
    return _mapping(_json(body), "the body")


def parse_listing(body: bytes, name: str) -> Document:
    """The JSON object in the body; a bare list is read as an object with that list in the field `name`."""
    document = _json(body)
    return {name: document} if isinstance(document, list) else _mapping(document, "the body")


def part(document: Document, name: str) -> Document:
    """The object in that field."""
    return _mapping(document.get(name), name)


def parts(document: Document, name: str) -> tuple[Document, ...]:
    """The objects in that field's list; none where the field is missing."""
    items = document.get(name) or ()
    if not isinstance(items, list | tuple):
        raise Malformed(f"{name} is not a list")
    return tuple(_mapping(item, name) for item in items)


def required_parts(document: Document, name: str) -> tuple[Document, ...]:
    """The objects in that field's list. A missing field is no empty list."""
    if name not in document:
        raise Malformed(f"{name} is missing")
    return parts(document, name)


def word(document: Document, name: str) -> str:
    """The identifier or keyword in that field: printable ASCII without spaces."""
    value = document.get(name)
    if not isinstance(value, str) or not re.fullmatch(_NAME, value):
        raise Malformed(f"{name} is not an identifier")
    return value


def known(meanings: Mapping[str, T], document: Document, name: str) -> T:
    """The meaning of the keyword in that field. Raises `UnknownStatus` for a keyword without one."""
    value = word(document, name)
    if value not in meanings:
        raise UnknownStatus(f"{name} {value} is not known")
    return meanings[value]


def optional_word(document: Document, name: str) -> str | None:
    """The identifier in that field, or None where the field is missing."""
    return None if document.get(name) is None else word(document, name)


def link(document: Document, name: str) -> str:
    """The URL in that field."""
    value = document.get(name)
    if not isinstance(value, str) or not re.fullmatch(_LINK, value):
        raise Malformed(f"{name} is not a link")
    return value


def signature(document: Document, name: str) -> str | None:
    """The base64 text in that field, or None where the field is missing."""
    value = document.get(name)
    return value if isinstance(value, str) and value else None


def currency(document: Document, name: str) -> str:
    """The ISO 4217 code in that field, in upper case."""
    code = word(document, name).upper()
    if len(code) != 3:
        raise Malformed(f"{name} is not a currency")
    return code


def minor_units(document: Document, name: str) -> int:
    """The amount in that field: an integer, or a text of digits."""
    value = document.get(name)
    if isinstance(value, str) and re.fullmatch(_NUMERAL, value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_TOTAL:
        raise Malformed(f"{name} is not an amount in minor units")
    return value


def text_as_given(document: Document, name: str) -> str:
    """The field as text of at most 255 characters; for the log only."""
    value = document.get(name)
    return str(value)[:_LONGEST_QUOTE] if isinstance(value, str | int | float) else ""


def attempt_id(value: object) -> str | None:
    """The text if it has the form of our attempt ids, else None: an account may serve other shops too."""
    return value if isinstance(value, str) and order_id_of(value) else None


def is_refund_of(name: object, attempt_id: str) -> bool:
    """Whether the name is that of a refund of ours for the attempt's order: `<refund id>` or `<refund id>_<more>`."""
    return refund_id_in(name, attempt_id) != ""


def refund_id_in(name: object, attempt_id: str) -> str:
    """The refund id in such a name; empty where it is not one of ours for the attempt's order."""
    if not isinstance(name, str) or not name.startswith(f"{attempt_id[:ORDER_ID_LENGTH]}_"):
        return ""
    head, mark, more = name.partition("_R")
    digest, _, _ = more.partition("_")
    return head + mark + digest if is_refund_id(head + mark + digest) else ""


def timestamp(document: Document, name: str) -> datetime | None:
    """The ISO 8601 time with offset in that field; None where it is missing or unreadable."""
    value = document.get(name)
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
        return read.astimezone(UTC) if read.tzinfo else None
    except (ValueError, OverflowError):
        return None


def epoch_timestamp(document: Document, name: str) -> datetime | None:
    """The time in that field, in whole seconds since 1970; None where it is missing or unreadable."""
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _json(body: bytes | str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is not JSON") from error


def _mapping(value: object, name: str) -> Document:
    if not isinstance(value, Mapping):
        raise Malformed(f"{name} is not an object")
    return value
