"""Changes as data: what a transition does to the head, the same for every interpreter."""

from collections.abc import Mapping
from typing import Any

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.guards import Document, Path, look_up

Value = str | int | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Set:
    """Set the attribute to this value."""

    path: Path
    value: Value


@dataclass(frozen=True, slots=True)
class Increment:
    """Add one to the counter.

    Only for a transition whose guard its own write makes false: a repeated write would count twice.
    """

    path: Path


@dataclass(frozen=True, slots=True)
class AddTo:
    """Add these texts to a set of texts, which the write creates where it is missing.

    The set is an attribute of the head itself, not of a map in it.
    """

    path: Path
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the attribute."""

    path: Path


Change = Set | Increment | AddTo | Remove


def changed(document: Document, changes: tuple[Change, ...]) -> dict[str, Any]:
    """A copy of the document with the changes applied."""
    result = _deep_copy(document)
    for change in changes:
        match change:
            case Set(path, value):
                _set_at(result, path, _plain(value))
            case Increment(path):
                _set_at(result, path, int(look_up(document, path)) + 1)
            case AddTo(path, texts):
                _set_at(result, path, {*(look_up(document, path) or ()), *texts})
            case Remove(path):
                _parent(result, path).pop(path[-1], None)
    return result


def _plain(value: Value) -> Any:
    return _deep_copy(value) if isinstance(value, Mapping) else value


def _deep_copy(document: Document) -> dict[str, Any]:
    return {key: _plain(value) for key, value in document.items()}


def _set_at(document: dict[str, Any], path: Path, value: Any) -> None:
    _parent(document, path)[path[-1]] = value


def _parent(document: dict[str, Any], path: Path) -> dict[str, Any]:
    parent = document
    for step in path[:-1]:
        parent = parent[step]
    return parent
