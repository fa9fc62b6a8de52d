"""The text of a cursor: the position after which a page or a call continues, as one opaque word."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

LONGEST_CURSOR = 100


def encoded(text: str) -> str:
    """The cursor with this content."""
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decoded(cursor: str, longest: int = LONGEST_CURSOR) -> str:
    """The content of a cursor. Raises `ValueError` for a text that is not a cursor, or is too long."""
    if len(cursor) > longest:
        raise ValueError(cursor)
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
