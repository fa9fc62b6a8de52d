"""Attributes that a later release may add, and enumeration values that this release does not know."""

from collections.abc import Iterator, Mapping
from typing import Any

from paylatch.domain.cancellation import CancellationReason
from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import AttemptStatus, DisputeStatus, PaymentPlace, RefundStatus
from paylatch.domain.release_reasons import ReleaseReason

# One attribute of each of DynamoDB's ten types, alone and inside others.
ATTRIBUTES: dict[str, Any] = {
    "next_text": "x",
    "next_number": 7,
    "next_fraction": 1.5,
    "next_large_number": 10**37,
    "next_bytes": b"\x00\xff",
    "next_flag": True,
    "next_null": None,
    "next_list": [None, 0.25, {"deep": b"\x01"}, [{"a", "b"}]],
    "next_map": {"deep": {"deeper": None, "texts": {"a"}}},
    "next_texts": {"a", "b"},
    "next_numbers": {1, 2},
    "next_fractions": {0.5, 1.5},
    "next_binaries": {b"\x01", b"\x02"},
}
WORD = "of_the_next_release"
_WORDS = frozenset(
    {
        *PaymentStatus,
        *AttemptStatus,
        *RefundStatus,
        *ReleaseReason,
        *PaymentPlace,
        *DisputeStatus,
        *CancellationReason,
    }
)
# Their keys are ids: whatever stands in them is a record of its own.
_KEYED_BY_ID = frozenset({"past_attempts", "payments", "refunds", "disputes"})

Path = tuple[str, ...]


def extended(document: Mapping[str, Any], name: str = "", attributes: Mapping[str, Any] = ATTRIBUTES) -> dict[str, Any]:
    """The document with the attributes of a later release in it and in each of its maps."""
    inner = {
        key: extended(value, key, attributes) if isinstance(value, Mapping) else value
        for key, value in document.items()
    }
    return inner if name in _KEYED_BY_ID else {**inner, **attributes}


def known_words(document: Mapping[str, Any], above: Path = ()) -> Iterator[Path]:
    """The paths of enumeration values that decide something; an event's own data does not."""
    for name, value in document.items():
        if isinstance(value, Mapping) and name != "last_event":
            yield from known_words(value, (*above, name))
        elif isinstance(value, str) and value in _WORDS:
            yield (*above, name)


def replaced(document: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """The document with another value at that path."""
    name, *rest = path
    return {**document, name: replaced(document[name], tuple(rest), value) if rest else value}


def without(document: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The document without the value at that path."""
    name, *rest = path
    if rest:
        return {**document, name: without(document[name], tuple(rest))}
    return {key: value for key, value in document.items() if key != name}


def lost(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Path]:
    """The paths of maps, present before and after, that lost an attribute unknown to this release."""
    kept, found = dict(maps_in(after)), dict(maps_in(before))
    return [
        (*path, name)
        for path in found.keys() & kept.keys()
        for name, value in found[path].items()
        if name in ATTRIBUTES and kept[path].get(name, WORD) != value
    ]


def maps_in(document: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The document and each map in it by its path; not the last event, which each write replaces."""
    yield above, document
    for name, value in document.items():
        if isinstance(value, Mapping) and name != "last_event" and name not in ATTRIBUTES:
            yield from maps_in(value, (*above, name))
