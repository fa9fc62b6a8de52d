"""The attributes of a content's item: compressed where that makes it smaller, because each kilobyte is a write unit."""

import json
import zlib
from collections.abc import Mapping
from typing import Any

from paylatch.store.items import item_of

COMPRESSED = "compressed"
# With its key, an item of this size costs one write unit, compressed or not.
PLAIN_UP_TO_BYTES = 900


def attributes_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a content in DynamoDB's typed JSON: plain, or zlib's form of its JSON as `compressed`."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    if len(text) <= PLAIN_UP_TO_BYTES:
        return item_of(document)
    packed = zlib.compress(text)
    return {COMPRESSED: {"B": packed}} if len(packed) < len(text) else item_of(document)


def expanded(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document of a content, whichever form it was stored in. Raises `ValueError` for damaged bytes."""
    if COMPRESSED not in document:
        return document
    try:
        found: Mapping[str, Any] = json.loads(zlib.decompress(document[COMPRESSED]))
    except zlib.error as error:
        raise ValueError(f"{COMPRESSED}: {error}") from error
    return found
