"""The sandbox gateway's statement, converted to the values of the gateway port."""

from datetime import datetime
from urllib.parse import urlencode

from paylatch.domain.payment import Capture
from paylatch.domain.statement import (
    ListedCapture,
    ListedDispute,
    ListedRefund,
    ListedState,
    Owner,
    StatementEntry,
    StatementKind,
)
from paylatch.domain.timestamps import as_text
from paylatch.gateways.fields import (
    Document,
    Malformed,
    is_refund_of,
    known,
    optional_word,
    part,
    required_parts,
    timestamp,
    word,
)
from paylatch.gateways.sandbox.documents import listed_dispute, payment_attempt, payment_capture
from paylatch.gateways.stack_reference import owner_by
from paylatch.ports import StatementPage, StatementWindow

_STATES = {"done": ListedState.DONE, "pending": ListedState.UNDER_WAY, "failed": ListedState.FAILED}


def statement_path(kind: StatementKind, window: StatementWindow, cursor: str | None) -> str:
    """The path and query of one page."""
    query = {"kind": kind.value, "since": as_text(window.since), "until": as_text(window.until)}
    return "/statement?" + urlencode(query | ({"cursor": cursor} if cursor else {}))


def statement_page(kind: StatementKind, stack: str, document: Document) -> StatementPage:
    """The answer to `GET /statement`. Raises `Malformed`."""
    entries = tuple(_entry(kind, stack, entry) for entry in required_parts(document, "entries"))
    return StatementPage(entries, optional_word(document, "cursor"))


def _entry(kind: StatementKind, stack: str, document: Document) -> StatementEntry:
    owner, at, capture = owner_by(payment_attempt, document, stack), _at(document), payment_capture(document)
    match kind:
        case StatementKind.REFUNDS:
            return _refund(document, capture, owner, at)
        case StatementKind.DISPUTES:
            return ListedDispute(listed_dispute(document), owner, at)
        case _:
            return ListedCapture(capture, owner, at)


def _refund(document: Document, capture: Capture, owner: Owner, at: datetime) -> ListedRefund:
    refund = part(document, "refund")
    name = word(refund, "refund_id")
    return ListedRefund(
        name, capture, known(_STATES, refund, "status"), owner, at, is_refund_of(name, owner.attempt_id)
    )


def _at(document: Document) -> datetime:
    at = timestamp(document, "at")
    if at is None:
        raise Malformed("at is not a time")
    return at
