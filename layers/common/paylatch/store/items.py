"""DynamoDB's typed JSON and plain values."""

from collections.abc import Mapping
from typing import Any

from pynamodb.expressions.operand import Value


def item_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as a DynamoDB item."""
    # Within a list, as pynamodb takes a map whose only name is that of a type ("S") for a value in DynamoDB's own form.
    return {name: Value([value]).value["L"][0] for name, value in document.items()}


def document_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of a DynamoDB item. Numbers are integers: Paylatch stores no others."""
    return {name: _plain(value) for name, value in item.items()}


def _plain(value: Mapping[str, Any]) -> Any:
    (kind, content), *_ = value.items()
    match kind:
        case "S" | "BOOL":
            return content
        case "N":
            return int(content)
        case "M":
            return document_of(content)
        case "L":
            return [_plain(element) for element in content]
    raise ValueError(f"an attribute of type {kind} is not ours")
