"""Moments as text: aware UTC, milliseconds, fixed width, so that text order is time order."""

from datetime import UTC, datetime


def as_text(moment: datetime) -> str:
    """The moment in the one form used in the database, in answers and in events."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """The moment that `as_text` wrote. Raises ValueError for anything else."""
    return datetime.fromisoformat(text).astimezone(UTC)
