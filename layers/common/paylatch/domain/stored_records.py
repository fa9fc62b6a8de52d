"""Records whose stored documents follow from their dataclasses.

A field is stored under its own name, in the form of its type; what is None or an empty map is not stored. A field with
a default may be missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin

from paylatch.domain.stored_fields import StoredFields
from paylatch.domain.timestamps import as_text

Record = TypeVar("Record")
# How a value is read and written. Tuples without names: their classes would count in every function's start.
Read = Callable[[StoredFields, str], Any]
Write = Callable[[Any], Any]


def _unchanged(value: Any) -> Any:
    return value


_FORMS: dict[Any, tuple[Read, Write]] = {
    str: (StoredFields.text, _unchanged),
    int: (StoredFields.number, _unchanged),
    datetime: (StoredFields.timestamp, as_text),
    Mapping[str, str]: (StoredFields.texts_by_name, dict),
    Mapping[str, str | int | list[str]]: (StoredFields.mapping, dict),
}


def record_document(record: Any, *elsewhere: str) -> dict[str, Any]:
    """The document of a record, without the fields that are stored elsewhere."""
    document: dict[str, Any] = {}
    for name, _, _, write in _stored_fields(record.__class__, frozenset(elsewhere)):
        value = getattr(record, name)
        if value is not None and value != {}:
            document[name] = write(value)
    return document


def record_from(cls: Callable[..., Record], stored: StoredFields, **elsewhere: Any) -> Record:
    """The record of that dataclass; `elsewhere` has the values of the fields that are stored elsewhere.

    Raises `Unreadable` for a missing or malformed field.
    """
    own = _stored_fields(cls, frozenset(elsewhere))
    found = {name: read(stored, name) for name, required, read, _ in own if required or stored.has(name)}
    return cls(**found, **elsewhere)


@cache
def _stored_fields(cls: Any, elsewhere: frozenset[str]) -> tuple[tuple[str, bool, Read, Write], ...]:
    own = (field for field in fields(cls) if field.name not in elsewhere)
    return tuple((field.name, _is_required(field), *_form_of(field.type)) for field in own)


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _form_of(kind: Any) -> tuple[Read, Write]:
    if kind in _FORMS:
        return _FORMS[kind]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return (lambda stored, name: stored.word(name, kind), attrgetter("value"))
    inner = [argument for argument in get_args(kind) if argument not in (NoneType, ...)]
    if get_origin(kind) is tuple:
        return _list_of(inner[0])
    if NoneType in get_args(kind) and len(inner) == 1:
        return _form_of(inner[0])
    raise TypeError(f"no stored form of {kind}")


def _list_of(cls: Any) -> tuple[Read, Write]:
    return (
        lambda stored, name: tuple(record_from(cls, part) for part in stored.list_of_parts(name)),
        lambda records: [record_document(record) for record in records],
    )
