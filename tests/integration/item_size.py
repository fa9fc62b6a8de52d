"""How large DynamoDB counts an item: what its write units are charged by."""

from collections.abc import Mapping
from typing import Any

CONTAINER = 3
ELEMENT = 1


def size_of(item: Mapping[str, Any]) -> int:
    """The item's size in bytes, names included."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "B":
            return len(content)
        case "SS":
            return sum(len(text.encode()) for text in content)
        case "N":
            return len(content.lstrip("-").strip("0.")) // 2 + 2
        case "BOOL" | "NULL":
            return 1
        case "M":
            return CONTAINER + size_of(content) + ELEMENT * len(content)
        case "L":
            return CONTAINER + sum(_value(each) + ELEMENT for each in content)
    raise ValueError(kind)
