"""Conversion between DynamoDB's typed JSON and plain values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pynamodb.expressions.operand import Value


def item_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as a DynamoDB item."""
    # Within a list, because PynamoDB takes a map whose only key is a type's name ("S") for a typed value.
    return {name: Value([value]).value["L"][0] for name, value in document.items()}


def document_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of a DynamoDB item of any types, because a later release may store more of them.

    A number is an `int`, or a `Decimal` where it has a fraction; a set is a `set`; NULL is None; binary values are
    unchanged.
    """
    return {name: _plain(value) for name, value in item.items()}


def _plain(value: Mapping[str, Any]) -> Any:
    (kind, content), *_ = value.items()
    match kind:
        case "N":
            return _number(content)
        case "M":
            return document_of(content)
        case "L":
            return [_plain(element) for element in content]
        case "NULL":
            return None
        case "NS":
            return {_number(element) for element in content}
        case "SS" | "BS":
            return set(content)
    return content


def _number(text: str) -> int | Decimal:
    try:
        return int(text)
    except ValueError:
        return Decimal(text)
