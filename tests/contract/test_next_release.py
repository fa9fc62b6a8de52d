"""A store reads what the next release writes and leaves it intact; its error names what it cannot read."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from paylatch.domain.changes import changed
from paylatch.domain.documents import content_document, order_from_document
from paylatch.domain.errors import OrderTooLarge, OrderUnreadable
from paylatch.domain.order import Content, Line
from paylatch.domain.transitions import STATE_TABLE
from paylatch.ports import Applied, Rejected
from paylatch.store.connection import TableConnection
from paylatch.store.items import item_of
from tests.contract.store_drivers import DynamoStoreDriver, StoreDriver
from tests.integration.item_size import size_of
from tests.next_release import ATTRIBUTES, WORD, extended, known_words, lost, replaced, without
from tests.transition_cases import ORDER_ID, STATES, fitting, head_of

# DynamoDB keeps 400 KB; moto refuses a little earlier.
LARGEST_ITEM = 405_000
EXISTING = [state for state in STATES if state != "missing"]
WORDS = [(state, path) for state in EXISTING for path in known_words(head_of(state))]
# A megabyte in hexadecimal digits, half of which no compression saves.
INCOMPRESSIBLE = "".join(sha256(str(number).encode()).hexdigest() for number in range(16 * 1024))
REQUIRED = [("version",), ("payment_status",), ("content_id",), ("total",), ("buyer_id",), ("last_event", "at")]


def named(case: tuple[str, tuple[str, ...]]) -> str:
    return f"{case[0]}: {'.'.join(case[1])}"


@pytest.mark.parametrize("state", EXISTING)
def test_attributes_of_any_type_that_it_does_not_know_are_ignored(store_driver: StoreDriver, state: str) -> None:
    store_driver.put_head(ORDER_ID, extended(head_of(state)))
    found = store_driver.store.read_head(ORDER_ID)
    assert found is not None
    known = order_from_document(head_of(state))
    # An event's data is passed on unchanged.
    assert {**dict(found.last_event.detail or {}), **ATTRIBUTES} == {
        **dict(known.last_event.detail or {}),
        **ATTRIBUTES,
    }
    assert replace(found, last_event=known.last_event) == known


@pytest.mark.parametrize("row", [row for row in STATE_TABLE if row != "create"])
def test_a_transition_keeps_what_it_does_not_know(store_driver: StoreDriver, row: str) -> None:
    head, transition = fitting(row)
    store_driver.put_head(ORDER_ID, {**head, **ATTRIBUTES})
    outcome = store_driver.store.apply(ORDER_ID, transition)
    assert outcome == Applied(order_from_document(changed(head, transition.changes)))
    after = store_driver.head(ORDER_ID)
    assert after is not None
    assert {name: after[name] for name in ATTRIBUTES} == ATTRIBUTES


@pytest.mark.parametrize("row", [row for row in STATE_TABLE if row != "create"])
def test_a_transition_keeps_what_it_does_not_know_of_each_record_too(store_driver: StoreDriver, row: str) -> None:
    """Of the attempt, and of every past one, payment, refund and dispute that was there and still is."""
    head, transition = fitting(row)
    store_driver.put_head(ORDER_ID, extended(head))
    assert isinstance(store_driver.store.apply(ORDER_ID, transition), Applied)
    assert not lost(extended(head), store_driver.head(ORDER_ID) or {})


@pytest.mark.parametrize("case", WORDS, ids=named)
def test_a_word_that_it_does_not_know_makes_that_order_unreadable_and_no_other(
    store_driver: StoreDriver, case: tuple[str, tuple[str, ...]]
) -> None:
    state, path = case
    store_driver.put_head(ORDER_ID, replaced(head_of(state), path, WORD))
    store_driver.put_head("7777777777777777", {**head_of(state), "order_id": "7777777777777777"})
    with pytest.raises(OrderUnreadable) as raised:
        store_driver.store.read_head(ORDER_ID)
    assert raised.value.order_id == ORDER_ID
    assert store_driver.store.read_head("7777777777777777") is not None


@pytest.mark.parametrize("path", REQUIRED, ids=lambda path: ".".join(path))
def test_a_missing_field_makes_that_order_unreadable(store_driver: StoreDriver, path: tuple[str, ...]) -> None:
    store_driver.put_head(ORDER_ID, without(head_of("open"), path))
    with pytest.raises(OrderUnreadable, match=path[-1]) as raised:
        store_driver.store.read_head(ORDER_ID)
    assert raised.value.order_id == ORDER_ID


def unreadable(head: dict[str, Any]) -> dict[str, Any]:
    """A head that every guard judges as before, and whose content has no name any more."""
    return without(head, ("content_id",))


def test_a_write_that_was_applied_stays_applied_whatever_else_stands_in_the_head(store_driver: StoreDriver) -> None:
    head, transition = fitting("settle")
    store_driver.put_head(ORDER_ID, unreadable(head))
    outcome = store_driver.store.apply(ORDER_ID, transition)
    assert isinstance(outcome, Applied)
    with pytest.raises(OrderUnreadable):
        _ = outcome.order
    assert isinstance(store_driver.store.apply(ORDER_ID, transition), Applied), (
        "the same write again is known as one's own"
    )
    assert (store_driver.head(ORDER_ID) or {})["payment_status"] == "paid"


def test_a_refusal_by_a_head_that_cannot_be_read_is_never_a_refusal_by_none(store_driver: StoreDriver) -> None:
    store_driver.put_head(ORDER_ID, unreadable(head_of("paid")))
    outcome = store_driver.store.apply(ORDER_ID, fitting("lock")[1])
    assert isinstance(outcome, Rejected)
    with pytest.raises(OrderUnreadable):
        _ = outcome.order


@pytest.mark.parametrize("path", [("last_event",), ("last_event", "write_id")], ids=lambda path: path[-1])
def test_a_refusal_with_an_unreadable_last_writer_is_unreadable(
    store_driver: StoreDriver, path: tuple[str, ...]
) -> None:
    store_driver.put_head(ORDER_ID, without(head_of("paid"), path))
    with pytest.raises(OrderUnreadable):
        store_driver.store.apply(ORDER_ID, fitting("lock")[1])


def test_content_of_the_next_release_is_read(orders_table: TableConnection) -> None:
    store_driver = DynamoStoreDriver(orders_table)
    content = Content((Line("tea-01", "Green tea", 2, 1250),), {"recipient": "Ada", "country": "GB"}, "Ring twice")
    document = content_document(content)
    store_driver.put(ORDER_ID, "CONTENT#1", {**document, **ATTRIBUTES, "lines": [extended(document["lines"][0])]})
    assert store_driver.store.read_content(ORDER_ID, "1") == content
    address = {**document["shipping_address"], **{name: ATTRIBUTES[name] for name in ATTRIBUTES if name != "next_text"}}
    store_driver.put(ORDER_ID, "CONTENT#3", {**document, "shipping_address": address})
    assert store_driver.store.read_content(ORDER_ID, "3") == content, "an address is text"
    store_driver.put(ORDER_ID, "CONTENT#2", {**document, "lines": [{"sku": "tea-01"}]})
    with pytest.raises(OrderUnreadable, match="content 2"):
        store_driver.store.read_content(ORDER_ID, "2")


def test_an_order_that_outgrows_its_item_is_an_error_of_its_own(orders_table: TableConnection) -> None:
    store_driver = DynamoStoreDriver(orders_table)
    head, transition = fitting("lock")
    keys = {"pk": f"ORDER#{ORDER_ID}", "sk": "HEAD"}
    full = {**head, "next_text": "x" * (LARGEST_ITEM - size_of(item_of({**keys, **head})))}
    store_driver.put_head(ORDER_ID, full)
    with pytest.raises(OrderTooLarge):
        store_driver.store.apply(ORDER_ID, transition)
    assert store_driver.head(ORDER_ID) == full
    with pytest.raises(OrderTooLarge):
        store_driver.store.put_content(ORDER_ID, "1", Content((), None, INCOMPRESSIBLE))
