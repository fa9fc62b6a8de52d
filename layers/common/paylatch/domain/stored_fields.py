"""Strict reading of a stored record: what is known must be there and of its kind; what is unknown is left alone."""

from collections.abc import Mapping, Set
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from paylatch.domain.timestamps import from_milliseconds, from_text

Word = TypeVar("Word", bound=StrEnum)
# The form of heads that this release reads and writes; what is added to it later has defaults.
STORAGE_FORMAT = 1


class Unreadable(ValueError):
    """A field is missing, of another kind, or holds a word that this release does not know; the text names it."""


class StoredFields:
    """The fields of one map of a stored record, each read under its name."""

    def __init__(self, document: Mapping[str, Any], within: str = "") -> None:
        self._document = document
        self._within = within

    def text(self, name: str) -> str:
        """A text that must be there."""
        found: str = self._of_kind(name, str)
        return found

    def optional_text(self, name: str) -> str | None:
        """A text, or None where there is none."""
        return self.text(name) if self.has(name) else None

    def number(self, name: str, missing: int | None = None) -> int:
        """A whole number; `missing` where there is none, unless it must be there."""
        if missing is not None and not self.has(name):
            return missing
        found: int = self._of_kind(name, int)
        return found

    def timestamp(self, name: str) -> datetime:
        """A moment that must be there."""
        try:
            return from_text(self.text(name))
        except ValueError as error:
            raise self._unreadable(name, "is not a moment") from error

    def optional_timestamp(self, name: str) -> datetime | None:
        """A moment, or None where there is none."""
        return self.timestamp(name) if self.has(name) else None

    def milliseconds(self, name: str) -> datetime:
        """A moment that must be there, kept as a number."""
        try:
            return from_milliseconds(self.number(name))
        except OverflowError as error:
            raise self._unreadable(name, "is not a moment") from error

    def later(self, since: str, lasts: str) -> datetime:
        """The moment so many milliseconds after another one that is kept as a number."""
        try:
            return self.milliseconds(since) + timedelta(milliseconds=self.number(lasts))
        except OverflowError as error:
            raise self._unreadable(lasts, "leads to no moment") from error

    def optional_milliseconds(self, name: str) -> datetime | None:
        """A moment kept as a number, or None where there is none."""
        return self.milliseconds(name) if self.has(name) else None

    def texts(self, name: str) -> frozenset[str]:
        """A set of texts, empty where there is none: DynamoDB keeps no empty sets."""
        found = self._of_kind(name, Set) if self.has(name) else frozenset[str]()
        if not all(isinstance(each, str) for each in found):
            raise self._unreadable(name, "is no set of texts")
        return frozenset(found)

    def require(self, name: str, value: int) -> None:
        """Demand exactly this whole number."""
        found = self.number(name)
        if found != value:
            raise self._unreadable(name, f"is {found}, and this release reads {value} alone")

    def word(self, name: str, words: type[Word]) -> Word:
        """One of these words."""
        try:
            return words(self.text(name))
        except ValueError as error:
            raise self._unreadable(name, "is not known") from error

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

    def has(self, name: str) -> bool:
        """Whether there is anything in that field."""
        return self._document.get(name) is not None

    def _of_kind(self, name: str, kind: type[Any]) -> Any:
        value = self._document.get(name)
        if value is None:
            raise self._unreadable(name, "is missing")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self._unreadable(name, f"is no {kind.__name__.lower()}")
        return value

    def _unreadable(self, name: str, problem: str) -> Unreadable:
        return Unreadable(f"{self._path(name)} {problem}")

    def _path(self, name: str) -> str:
        return f"{self._within}.{name}" if self._within else name
