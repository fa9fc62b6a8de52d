"""A shop's statement: its captures, refunds and disputes by the time of their last change."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from paylatch.domain.timestamps import as_text, from_text
from sandbox.refunds import refund_document
from sandbox.sessions import Session, dispute_document, payment_document

PAGE = 100


class ListKind(StrEnum):
    """The lists of a statement."""

    CAPTURES = "captures"
    REFUNDS = "refunds"
    DISPUTES = "disputes"


@dataclass(frozen=True, slots=True, order=True)
class Listed:
    """The place of a capture, refund or dispute in its list: `at` as text, its session, and its own id."""

    at: str
    session_id: str
    name: str

    @property
    def cursor(self) -> str:
        """The place as a cursor: the next page begins behind it."""
        return f"{self.at}/{self.session_id}/{self.name}"


def is_cursor(text: str) -> bool:
    """Whether the text has the form of a place's cursor."""
    found = re.fullmatch(r"([0-9TZ:.-]{24})/[0-9A-Za-z_]+/[0-9A-Za-z_-]+", text)
    try:
        return found is not None and as_text(from_text(found[1])) == found[1]
    except ValueError:
        return False


def listed_in(session: Session, kind: ListKind) -> Iterator[tuple[Listed, dict[str, Any]]]:
    """The session's places in that list, each with the document shown there."""
    if session.payment is None:
        return
    names = {"attempt_id": session.terms.attempt_id, "stack": session.terms.stack}
    shared = {**names, "payment": payment_document(session, session.payment)}
    for name, at, document in _objects(session, kind):
        if at is not None:
            yield Listed(as_text(at), session.session_id, name), {"at": as_text(at), **shared, **document}


def statement_document(entries: Sequence[tuple[Listed, dict[str, Any]]], last: Listed | None) -> dict[str, Any]:
    """One page; `last` is the last place on it where more may follow."""
    return {"entries": [document for _, document in entries], "cursor": last.cursor if last else None}


def _objects(session: Session, kind: ListKind) -> Iterator[tuple[str, datetime | None, dict[str, Any]]]:
    match kind:
        case ListKind.CAPTURES if session.payment:
            yield session.payment.payment_id, session.payment.at, {}
        case ListKind.REFUNDS:
            for refund in session.refunds:
                yield refund.refund_id, refund.at, {"refund": refund_document(refund)}
        case ListKind.DISPUTES if session.dispute:
            yield session.dispute.dispute_id, session.dispute.at, {"dispute": dispute_document(session.dispute)}
