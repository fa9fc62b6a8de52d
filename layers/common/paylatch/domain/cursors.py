"""The text of a cursor: what a page or a call goes on after, as one opaque word."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

LONGEST_CURSOR = 100


def encoded(text: str) -> str:
    """The cursor that says this."""
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decoded(cursor: str, longest: int = LONGEST_CURSOR) -> str:
    """What a cursor says. Raises `ValueError` for a text that is none, or longer."""
    if len(cursor) > longest:
        raise ValueError(cursor)
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
