"""Schemas of single values, written once."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from paylatch.domain.currencies import CURRENCIES
from paylatch.domain.ids import ATTEMPT_SUFFIX_LENGTH, CROCKFORD, ORDER_ID_LENGTH, REFUND_SUFFIX_LENGTH
from paylatch.runtime.request_models import LARGEST_TOTAL

Schema = dict[str, Any]

ORDER_ID: Schema = {"type": "string", "pattern": f"^[{CROCKFORD}]{{{ORDER_ID_LENGTH}}}$"}
ATTEMPT_ID: Schema = {
    "type": "string",
    "pattern": f"^[{CROCKFORD}]{{{ORDER_ID_LENGTH}}}_[{CROCKFORD}]{{{ATTEMPT_SUFFIX_LENGTH}}}$",
}
REFUND_ID: Schema = {
    "type": "string",
    "pattern": f"^[{CROCKFORD}]{{{ORDER_ID_LENGTH}}}_R[{CROCKFORD}]{{{REFUND_SUFFIX_LENGTH}}}$",
}
GATEWAY: Schema = {"type": "string", "pattern": "^[a-z0-9_]{1,32}$"}
CURRENCY: Schema = {"type": "string", "enum": sorted(CURRENCIES), "description": "ISO 4217"}
AMOUNT: Schema = {"type": "integer", "minimum": 0, "description": "Minor units of the currency"}
TOTAL: Schema = {**AMOUNT, "minimum": 1, "maximum": LARGEST_TOTAL}
COUNT: Schema = {"type": "integer", "minimum": 1}
TEXT: Schema = {"type": "string"}
TIMESTAMP: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$",
    "description": "UTC, to the millisecond",
}
ETAG: Schema = {"type": "string", "pattern": r'^"[1-9][0-9]{0,8}\.[1-9][0-9]{0,8}"$'}
IF_MATCH: Schema = {"type": "string", "pattern": r'^(W/)?"[1-9][0-9]{0,8}(\.[1-9][0-9]{0,8})?"$'}
IDEMPOTENCY_KEY: Schema = {"type": "string", "pattern": "^[!-~]{1,255}$"}


def one_of(values: type[StrEnum]) -> Schema:
    """One of the names of an enumeration."""
    return {"type": "string", "enum": [value.value for value in values]}


def or_null(schema: Schema) -> Schema:
    """That value, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def exactly(properties: Schema, optional: Iterable[str] = (), description: str = "") -> Schema:
    """An object with these properties and no others; those that are not optional are always there."""
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in set(optional)],
        "additionalProperties": False,
    }
    return {"description": description, **schema} if description else schema


def component(name: str) -> Schema:
    """A reference to one of the document's schemas."""
    return {"$ref": f"#/components/schemas/{name}"}
