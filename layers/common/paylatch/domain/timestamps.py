"""Timestamps as text: aware UTC with milliseconds and a fixed width, so that text order is time order."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def as_text(timestamp: datetime) -> str:
    """The timestamp in the one form used by the database, the API and events."""
    return timestamp.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """The timestamp that `as_text` wrote. Raises `ValueError` for any other text."""
    return datetime.fromisoformat(text).astimezone(UTC)


def as_milliseconds(timestamp: datetime) -> int:
    """The timestamp in milliseconds since 1970: a third of the text's size in an item."""
    return (timestamp - _EPOCH) // _MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    """The timestamp that `as_milliseconds` gave. Raises `OverflowError` outside the years 1 to 9999."""
    return _EPOCH + milliseconds * _MILLISECOND
