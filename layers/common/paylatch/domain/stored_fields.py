"""Strict reading of a stored record: known fields must be present and of their type; unknown ones do not matter."""

from collections.abc import Mapping, Set
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from paylatch.domain.timestamps import from_milliseconds, from_text

Word = TypeVar("Word", bound=StrEnum)
# The storage format that this release reads and writes; fields added to it later have defaults.
STORAGE_FORMAT = 1


class Unreadable(ValueError):
    """A field is missing, has another type, or holds a word unknown to this release; the text names the field."""


class StoredFields:
    """The fields of one map in a stored record, read by name.

    Each method raises `Unreadable` for a missing field, or one of another type.
    """

    def __init__(self, document: Mapping[str, Any], within: str = "") -> None:
        self._document = document
        self._within = within

    def text(self, name: str) -> str:
        """A required text."""
        found: str = self._of_kind(name, str)
        return found

    def optional_text(self, name: str) -> str | None:
        """A text, or None where the field is missing."""
        return self.text(name) if self.has(name) else None

    def number(self, name: str, missing: int | None = None) -> int:
        """An integer; `missing` is the default, without which the field is required."""
        if missing is not None and not self.has(name):
            return missing
        found: int = self._of_kind(name, int)
        return found

    def flag(self, name: str) -> bool:
        """A truth value."""
        value = self._document.get(name)
        if not isinstance(value, bool):
            raise self._unreadable(name, "is not of type bool")
        return value

    def timestamp(self, name: str) -> datetime:
        """A required timestamp."""
        try:
            return from_text(self.text(name))
        except ValueError as error:
            raise self._unreadable(name, "is not a timestamp") from error

    def optional_timestamp(self, name: str) -> datetime | None:
        """A timestamp, or None where the field is missing."""
        return self.timestamp(name) if self.has(name) else None

    def milliseconds(self, name: str) -> datetime:
        """A required timestamp, stored as a number of milliseconds."""
        try:
            return from_milliseconds(self.number(name))
        except OverflowError as error:
            raise self._unreadable(name, "is not a timestamp") from error

    def later(self, since: str, lasts: str) -> datetime:
        """The timestamp that lies the field's number of milliseconds after another numeric timestamp."""
        try:
            return self.milliseconds(since) + timedelta(milliseconds=self.number(lasts))
        except OverflowError as error:
            raise self._unreadable(lasts, "leads to no timestamp") from error

    def optional_milliseconds(self, name: str) -> datetime | None:
        """A timestamp stored as a number of milliseconds, or None where the field is missing."""
        return self.milliseconds(name) if self.has(name) else None

    def texts(self, name: str) -> frozenset[str]:
        """A set of texts, empty where the field is missing: DynamoDB stores no empty sets."""
        found = self._of_kind(name, Set) if self.has(name) else frozenset[str]()
        if not all(isinstance(each, str) for each in found):
            raise self._unreadable(name, "is not a set of texts")
        return frozenset(found)

    def require(self, name: str, value: int) -> None:
        """Require exactly this integer."""
        found = self.number(name)
        if found != value:
            raise self._unreadable(name, f"is {found}, and this release reads only {value}")

    def word(self, name: str, words: type[Word]) -> Word:
        """One of these words."""
        try:
            return words(self.text(name))
        except ValueError as error:
            raise self._unreadable(name, "is not known") from error

    def words(self, name: str, words: type[Word]) -> tuple[Word, ...]:
        """The words in the list of that field, each one of these."""
        items = enumerate(self._of_kind(name, list))
        return tuple(
            StoredFields({str(place): item}, self._path(name)).word(str(place), words) for place, item in items
        )

    def part(self, name: str) -> "StoredFields":
        """The map in that field."""
        return StoredFields(self.mapping(name), self._path(name))

    def parts(self, name: str) -> "dict[str, StoredFields]":
        """The maps in the map of that field, by key."""
        within = self._path(name)
        return {key: StoredFields({key: value}, within).part(key) for key, value in self.mapping(name).items()}

    def list_of_parts(self, name: str) -> "list[StoredFields]":
        """The maps in the list of that field."""
        items = enumerate(self._of_kind(name, list))
        return [StoredFields({str(place): item}, self._path(name)).part(str(place)) for place, item in items]

    def mapping(self, name: str) -> Mapping[str, Any]:
        """The map in that field as it is."""
        found: Mapping[str, Any] = self._of_kind(name, Mapping)
        return found

    def beside(self, names: Set[str]) -> dict[str, Any]:
        """The fields with other names than these, as they are."""
        return {name: value for name, value in self._document.items() if name not in names}

    def has(self, name: str) -> bool:
        """Whether the field has a value."""
        return self._document.get(name) is not None

    def _of_kind(self, name: str, kind: type[Any]) -> Any:
        value = self._document.get(name)
        if value is None:
            raise self._unreadable(name, "is missing")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self._unreadable(name, f"is not of type {kind.__name__.lower()}")
        return value

    def _unreadable(self, name: str, problem: str) -> Unreadable:
        return Unreadable(f"{self._path(name)} {problem}")

    def _path(self, name: str) -> str:
        return f"{self._within}.{name}" if self._within else name
