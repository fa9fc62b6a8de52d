"""The parts of a request besides its path, each checked once: body, query, revision, idempotency key."""

import json
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

from paylatch.domain.errors import BodyTooLarge, IdempotencyKeyMissing, InvalidRequest, UnsupportedMediaType
from paylatch.ports import LARGEST_PAGE, LAST_SEQ

LARGEST_BODY = 64 * 1024
DEEPEST_BODY = 16
# An order's ETag, of which only the revision is compared; also the revision alone, and an ETag that a proxy marked as
# weak.
_IF_MATCH = r'(?:W/)?"([1-9][0-9]{0,8})(?:\.[1-9][0-9]{0,8})?"'
_NUMBER = r"[0-9]{1,8}"
_KEY = r"[\x21-\x7e]{1,255}"
Event = Mapping[str, Any]


def raw_body(event: Event, limit: int = LARGEST_BODY) -> bytes:
    """The body's bytes as sent. Raises `BodyTooLarge` over the limit, `InvalidRequest` for invalid base64."""
    text: str = event.get("body") or ""
    if len(text) > 2 * limit:
        raise BodyTooLarge(limit)
    try:
        body = b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()
    except UnicodeEncodeError:
        raise InvalidRequest({"body": "is not valid UTF-8"}) from None
    except (NotBase64, ValueError):
        raise InvalidRequest({"body": "is not valid base64"}) from None
    if len(body) > limit:
        raise BodyTooLarge(limit)
    return body


def path_value(event: Event, name: str) -> str:
    """The value of a path parameter; empty where the event has none."""
    path: Mapping[str, str] = event.get("pathParameters") or {}
    return path.get(name) or ""


def json_body(event: Event, media_types: tuple[str, ...] = ("application/json",)) -> Any:
    """The body's JSON object.

    Raises `UnsupportedMediaType`, `BodyTooLarge`, and `InvalidRequest` for a body that is not one JSON object in
    UTF-8, that repeats a name within an object or has one that is not Unicode text, or that is nested deeper than any
    body here.
    """
    media_type = (header(event, "content-type") or "").partition(";")[0].strip().lower()
    if media_type not in media_types:
        raise UnsupportedMediaType(media_types)
    try:
        text = raw_body(event).decode("utf-8-sig")
        document = json.loads(text, object_pairs_hook=_each_name_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest({"body": f"is not valid JSON: {error}"}) from None
    if not isinstance(document, dict):
        raise InvalidRequest({"body": "must be a JSON object"})
    if not _within(DEEPEST_BODY, document):
        raise InvalidRequest({"body": f"must not be nested deeper than {DEEPEST_BODY} levels"})
    return document


def optional_json_body(event: Event) -> Any:
    """The body's JSON object as `json_body` reads it; an empty object without a body."""
    return json_body(event) if raw_body(event).strip() else {}


@contextmanager
def fields_within(name: str) -> Iterator[None]:
    """Name the fields of an `InvalidRequest` as parts of that field, as in `edit.lines`."""
    try:
        yield
    except InvalidRequest as error:
        raise type(error)({f"{name}.{field}": fault for field, fault in error.fields.items()}, error.more) from error


def if_match(event: Event) -> int | None:
    """The revision in If-Match; None without the header.

    Raises `InvalidRequest` for anything but one ETag of ours, a blank value included: its sender meant to name a
    revision.
    """
    value = header(event, "if-match")
    if value is None:
        return None
    found = re.fullmatch(_IF_MATCH, value)
    if found is None:
        raise InvalidRequest({"If-Match": 'must be one ETag of the order, such as "1.3", or its revision, such as "1"'})
    return int(found[1])


def query_of(event: Event) -> dict[str, str]:
    """The query's parameters; one that came several times has its values joined by commas."""
    return dict(event.get("queryStringParameters") or {})


def required_if_match(event: Event) -> int | None:
    """The revision in If-Match; None where it is missing or blank, and the edit is refused for that."""
    return if_match(event) if header(event, "if-match") else None


def page(event: Event) -> tuple[int, int]:
    """The query's `after` (default 0) and `limit` (default `LARGEST_PAGE`). Raises `InvalidRequest` with each fault."""
    query = query_of(event)
    after, limit = query.get("after", "0"), query.get("limit", str(LARGEST_PAGE))
    faults = _not_a_number("after", after, 0, LAST_SEQ) | _not_a_number("limit", limit, 1, LARGEST_PAGE)
    if faults:
        raise InvalidRequest(faults)
    return int(after), int(limit)


def idempotency_key(event: Event) -> str | None:
    """The Idempotency-Key; None without the header. Raises `InvalidRequest` for an invalid one, such as a blank one."""
    value = header(event, "idempotency-key")
    if value is not None and re.fullmatch(_KEY, value) is None:
        raise InvalidRequest({"Idempotency-Key": "must be 1 to 255 visible ASCII characters"})
    return value


def required_idempotency_key(event: Event) -> str:
    """The Idempotency-Key. Raises `IdempotencyKeyMissing` where it is missing or blank."""
    key = idempotency_key(event) if header(event, "idempotency-key") else None
    if key is None:
        raise IdempotencyKeyMissing("This request needs an Idempotency-Key header.")
    return key


def header(event: Event, name: str) -> str | None:
    """A header's value without surrounding blanks, empty where it is blank; None where it is missing.

    HTTP APIs pass all header names in lower case.
    """
    headers: Mapping[str, str] = event.get("headers") or {}
    return next((value.strip(" \t") for key, value in headers.items() if key.lower() == name), None)


def canonical(document: Any) -> str:
    """Canonical JSON text: the same for equal documents, whatever their spacing and order."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def _not_a_number(name: str, text: str, least: int, most: int) -> dict[str, str]:
    if re.fullmatch(_NUMBER, text) and least <= int(text) <= most:
        return {}
    return {name: f"must be a whole number from {least} to {most}"}


def _within(levels: int, document: Any) -> bool:
    # The parser accepts deeper nesting than Python's recursion limit, and some code recurses over a body.
    level = [document]
    for _ in range(levels):
        level = [child for value in level for child in _children(value)]
    return not level


def _children(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    if not all(map(_is_text, document)):
        # Its place in a body cannot be shown.
        raise ValueError("a name has half of a surrogate pair")
    return document


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
