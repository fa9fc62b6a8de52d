"""Points in time in request bodies."""

import re
from datetime import datetime

from paylatch.domain.timestamps import as_text, from_text

# RFC 3339, section 5.6, with capital letters and whole minutes of offset. The validator checks the calendar.
INSTANT_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$"
_INSTANT = INSTANT_PATTERN.removesuffix("$") + r"\Z"
# Python takes +00:99 for an hour and 39 minutes.
_NO_OFFSET = r".*:[6-9][0-9]\Z"


def instant_text(text: str) -> str:
    """The point in time as it is stored, the same for all its spellings. Raises `ValueError` for any other text."""
    return as_text(instant_from(text))


def instant_from(text: str) -> datetime:
    """The point in time, in UTC and whole milliseconds, as it is stored. Raises `ValueError` for any other text."""
    try:
        if re.match(_INSTANT, text) and not re.match(_NO_OFFSET, text):
            return from_text(as_text(datetime.fromisoformat(text)))
    except (ValueError, OverflowError):
        pass
    raise ValueError("must be a date and time with an offset, such as 2026-05-04T09:45:00Z")
