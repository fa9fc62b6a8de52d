"""The attributes of a content's item: compressed where that makes it smaller, because each kilobyte is a write unit."""

import json
import zlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from paylatch.store.items import item_of

COMPRESSED = "compressed"
# With its key, an item of this size costs one write unit, compressed or not.
PLAIN_UP_TO_BYTES = 900
# An edit carries over what a content has, but neither its item's key nor the time at which the item expires.
_OF_THE_ITEM = frozenset({"pk", "sk", "ttl"})


def attributes_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a content in DynamoDB's typed JSON: plain, or zlib's form of its JSON as `compressed`."""
    text = _json_of(document)
    if len(text) <= PLAIN_UP_TO_BYTES:
        return item_of(document)
    packed = zlib.compress(text)
    return {COMPRESSED: {"B": packed}} if len(packed) < len(text) else item_of(document)


def expanded(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document of a content, whichever form it was stored in, without what belongs to its item.

    Raises `ValueError` for damaged bytes.
    """
    plain = {name: value for name, value in document.items() if name not in _OF_THE_ITEM}
    if COMPRESSED not in plain:
        return plain
    try:
        found: dict[str, Any] = json.loads(zlib.decompress(plain.pop(COMPRESSED)), parse_float=Decimal)
    except zlib.error as error:
        raise ValueError(f"{COMPRESSED}: {error}") from error
    return found | plain


def _json_of(document: Mapping[str, Any]) -> bytes:
    """The document's JSON; nothing where a later release stored what JSON cannot express."""
    try:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    except TypeError:
        return b""
