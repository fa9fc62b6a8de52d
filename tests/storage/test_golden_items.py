"""Heads in storage format 1 as stored in tables: never edited, readable by every release, preserved by every write."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from paylatch.domain.attempt_edit import AttemptEdit
from paylatch.domain.changes import changed
from paylatch.domain.documents import order_from_document
from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.guards import broken_clauses
from paylatch.domain.order import Order
from paylatch.domain.timestamps import as_text
from paylatch.store.items import document_of
from tests.next_release import lost
from tests.transition_cases import ROWS, aimed_at

GOLDEN = Path(__file__).with_name("golden")
DIGESTS = Path(__file__).with_name("golden.sha256")
ITEMS = sorted(path.name.removesuffix(".json") for path in GOLDEN.glob("*.json") if ".order." not in path.name)

# What this release may write to an order whose payment is being processed.
FITTING = (
    "mark_processing",
    "settle",
    "release",
    "release_and_edit",
    "force_release",
    "await_release",
    "quarantine",
    "owe_refund",
    "delay_refund",
    "refunded",
    "refuse_refund",
    "write_off",
    "money_returned",
    "dispute_closed",
    "end_links",
    "watch_link",
    "issue_link",
)

# Fields that were added to orders after the first items were written.
ADDED = frozenset(
    {
        "cancelled",
        "edit",
        "erased_at",
        "failed_try",
        "fingerprint",
        "from_revision",
        "has_contact",
        "late_money",
        "link_id",
        "link_return_url",
        "made",
        "paid_at",
        "pay_by",
        "payable",
        "processing_since",
        "processing_until",
        "reviewed",
        "role",
        "since",
    }
)


def head_in(name: str) -> dict[str, Any]:
    """The document in that item, without the item's key."""
    item = document_of(json.loads((GOLDEN / f"{name}.json").read_text()))
    return {key: value for key, value in item.items() if key not in ("pk", "sk")}


def shown(value: Any) -> Any:
    """An order, or what stands in it, as JSON."""
    match value:
        case Order():
            return shown(asdict(value))
        case datetime():
            return as_text(value)
        case Mapping():
            return {name: shown(inner) for name, inner in value.items()}
        case frozenset() | set():
            return sorted(value)
        case list():
            return [shown(inner) for inner in value]
    return value if isinstance(value, str | int | None) else str(value)


def as_written(read: Any, expected: Any) -> Any:
    """The order without the fields that were added after the item was written."""
    if isinstance(read, list):
        return [as_written(*pair) for pair in zip(read, expected, strict=True)]
    if not isinstance(read, Mapping) or not isinstance(expected, Mapping):
        return read
    known = {name: value for name, value in read.items() if name in expected or name not in ADDED}
    return {name: as_written(value, expected.get(name)) for name, value in known.items()}


def test_golden_items_are_never_edited() -> None:
    """They lie in tables of releases that are out. Add another item, with its line in the list; change none."""
    lines = [line.split("  ") for line in DIGESTS.read_text().splitlines()]
    listed = {name: digest for digest, name in lines}
    there = {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(GOLDEN.iterdir())}
    changed_items = sorted(name for name in listed if there.get(name) != listed[name])
    assert not changed_items, "a golden item was edited or removed: take it back, and add another one instead"
    assert sorted(there) == sorted(listed), "a new golden item needs its line in golden.sha256"


@pytest.mark.parametrize("name", ITEMS)
def test_a_golden_item_reads_as_the_order_that_it_was_written_from(name: str) -> None:
    expected = json.loads((GOLDEN / f"{name}.order.json").read_text())
    assert as_written(shown(order_from_document(head_in(name))), expected) == expected


@pytest.mark.parametrize("name", ITEMS)
def test_a_field_that_was_added_later_has_its_default_in_an_item_from_before(name: str) -> None:
    edits = {attempt.edit for attempt in order_from_document(head_in(name)).past_attempts.values()}
    written = {
        "edited_for_past_attempt": {AttemptEdit("9YX7W5VT3SRQ", 2)},
        "next_release": {AttemptEdit("9YX7W5VT3SRQ", 2)},
        "stopped_and_changed": {AttemptEdit("9YX7W5VT3SRQ", 2)},
        "stopped_unchanged": {AttemptEdit("9YX7W5VT3SRQ", 1, from_revision=1)},
    }
    assert edits - {None} == written.get(name, set())


@pytest.mark.parametrize("name", ITEMS)
@pytest.mark.parametrize("found", [2, 0, None])
def test_a_head_of_another_format_or_of_none_is_refused_by_name(name: str, found: int | None) -> None:
    head = {**head_in(name), "format": found}
    with pytest.raises(OrderUnreadable, match="format") as refused:
        order_from_document(head)
    assert refused.value.order_id == head["order_id"]


@pytest.mark.parametrize("row", FITTING)
def test_what_the_next_release_wrote_stays_whatever_is_written(row: str) -> None:
    """While a payment is being processed: in each map of the head that is there before and after."""
    head = head_in("next_release")
    transition = ROWS[row][1](order_from_document(head))
    assert not broken_clauses(transition.guard, head)
    assert not lost(head, changed(head, transition.changes))


@pytest.mark.parametrize("row", ["edit", "lock", "cancel_order", "record_session"])
def test_an_order_whose_payment_is_being_processed_is_locked(row: str) -> None:
    head = head_in("next_release")
    assert order_from_document(head).locked
    assert broken_clauses(aimed_at(row, "open").guard, head)
