"""Records whose stored documents follow from their dataclasses.

A field is stored under its own name, in the form of its type. Not stored are None, an empty map, False, and a word that
is its field's default. A field with a default may be missing.

A record with a field `unknown` keeps there what the stored document has beside its fields, attributes that a later
release wrote, and writes them again.
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
UNKNOWN = "unknown"
# How a value is read and written. Tuples without names: their classes would count in every function's start.
Read = Callable[[StoredFields, str], Any]
Write = Callable[[Any], Any]
StoredField = tuple[str, bool, tuple[Any, ...], Read, Write]


def _unchanged(value: Any) -> Any:
    return value


_FORMS: dict[Any, tuple[Read, Write]] = {
    str: (StoredFields.text, _unchanged),
    int: (StoredFields.number, _unchanged),
    bool: (StoredFields.flag, _unchanged),
    datetime: (StoredFields.timestamp, as_text),
    Mapping[str, Any]: (StoredFields.mapping, dict),
    Mapping[str, str | int | list[str]]: (StoredFields.mapping, dict),
}


def record_document(record: Any, *elsewhere: str) -> dict[str, Any]:
    """The document of a record, without the fields that are stored elsewhere."""
    document: dict[str, Any] = {}
    for name, _, not_stored, _, write in _stored_fields(record.__class__, frozenset(elsewhere)):
        value = getattr(record, name)
        if value not in not_stored:
            document[name] = write(value)
    return {**document, **getattr(record, UNKNOWN, {})}


def record_from(cls: Callable[..., Record], stored: StoredFields, **elsewhere: Any) -> Record:
    """The record of that dataclass; `elsewhere` has the values of the fields that are stored elsewhere.

    Raises `Unreadable` for a missing or malformed field.
    """
    own = _stored_fields(cls, frozenset(elsewhere))
    found = {name: read(stored, name) for name, required, _, read, _ in own if required or stored.has(name)}
    if _keeps_unknown(cls):
        found[UNKNOWN] = stored.beside({name for name, *_ in own} | elsewhere.keys())
    return cls(**found, **elsewhere)


@cache
def _keeps_unknown(cls: Any) -> bool:
    return any(field.name == UNKNOWN for field in fields(cls))


@cache
def _stored_fields(cls: Any, elsewhere: frozenset[str]) -> tuple[StoredField, ...]:
    own = (field for field in fields(cls) if field.name not in elsewhere and field.name != UNKNOWN)
    return tuple((field.name, _is_required(field), _not_stored(field), *_form_of(field.type)) for field in own)


def _not_stored(field: Field[Any]) -> tuple[Any, ...]:
    # A default that is stored could not change; these cannot, and most records have them.
    never = isinstance(field.default, bool | StrEnum)
    return (None, {}, field.default) if never else (None, {})


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _form_of(kind: Any) -> tuple[Read, Write]:
    if kind in _FORMS:
        return _FORMS[kind]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return (lambda stored, name: stored.word(name, kind), attrgetter("value"))
    inner = [argument for argument in get_args(kind) if argument not in (NoneType, ...)]
    if NoneType in get_args(kind) and len(inner) == 1:
        return _form_of(inner[0])
    if get_origin(kind) is tuple:
        return _words_of(inner[0]) if issubclass(inner[0], StrEnum) else _list_of(inner[0])
    raise TypeError(f"no stored form of {kind}")


def _list_of(cls: Any) -> tuple[Read, Write]:
    return (
        lambda stored, name: tuple(record_from(cls, part) for part in stored.list_of_parts(name)),
        lambda records: [record_document(record) for record in records],
    )


def _words_of(words: type[StrEnum]) -> tuple[Read, Write]:
    return (lambda stored, name: stored.words(name, words), lambda values: [value.value for value in values])
