"""Conversion between DynamoDB's typed JSON and plain values."""

from collections.abc import Mapping, Set
from decimal import Decimal
from typing import Any


def item_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as a DynamoDB item. Raises `TypeError` for a value that DynamoDB has no type for.

    What `document_of` gives becomes the same item again, because content of a later release is written anew.
    """
    return {name: _typed(value) for name, value in document.items()}


def document_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of a DynamoDB item of any types, because a later release may store more of them.

    A number is an `int`, or a `Decimal` where it has a fraction; a set is a `set`; NULL is None; binary values are
    unchanged.
    """
    return {name: _plain(value) for name, value in item.items()}


def _typed(value: Any) -> dict[str, Any]:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": str(value)}
        case int() | float() | Decimal():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
    return _typed_group(value)


def _typed_group(value: Any) -> dict[str, Any]:
    match value:
        case Mapping():
            return {"M": item_of(value)}
        case list() | tuple():
            return {"L": [_typed(element) for element in value]}
        case Set():
            return _typed_set(value)
    raise TypeError(f"DynamoDB has no type for {value!r}")


def _typed_set(values: Set[Any]) -> dict[str, Any]:
    # All elements of a set have one type.
    (kind,) = _typed(next(iter(values)))
    return {f"{kind}S": sorted(_typed(value)[kind] for value in values)}


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
