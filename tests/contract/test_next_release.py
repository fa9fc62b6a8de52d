"""A store reads what the next release writes and leaves it intact; its error names what it cannot read."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from paylatch.domain.changes import changed
from paylatch.domain.documents import content_document, known_content_document, order_from_document
from paylatch.domain.errors import OrderTooLarge, OrderUnreadable
from paylatch.domain.money_documents import payment_document
from paylatch.domain.order import Content, Line, Order
from paylatch.domain.payment import CapturedPayment, PaymentPlace
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions import (
    STATE_TABLE,
    Transition,
    accept_late,
    claim,
    money_returned,
    owe_refund,
    quarantine,
    release,
    settle,
)
from paylatch.ports import Applied, Rejected
from paylatch.store.connection import TableConnection
from paylatch.store.content_items import expanded
from paylatch.store.items import item_of
from tests.contract.store_drivers import DynamoStoreDriver, StoreDriver
from tests.integration.item_size import size_of
from tests.next_release import ATTRIBUTES, WORD, extended, known_words, lost, replaced, without
from tests.transition_cases import (
    EXACT,
    NOW_PAYING,
    OLD,
    ORDER_ID,
    START,
    STATES,
    entry_of,
    fitting,
    head_of,
    holder,
    refund_of,
    write_context,
)

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


LATE = write_context("gateway:sandbox")
# With a payment that is recorded as claimed, for an attempt that has left its order or for the one that holds it.
PLACES_OF_A_CLAIM: dict[str, tuple[str, Callable[[Order, CapturedPayment], Transition]]] = {
    "accept_late": ("pending", lambda order, payment: accept_late(order, order.past_attempts[OLD], payment, LATE)),
    "owe_refund": ("pending", lambda order, payment: owe_refund(order, payment, refund_of("pay-1"), LATE)),
    "claim": ("pending", lambda order, payment: claim(order, payment, LATE)),
    "money_returned": ("pending", lambda order, payment: money_returned(order, payment, LATE)),
    "settle": ("open", lambda order, payment: settle(payment, order, LATE)),
    "quarantine": ("open", lambda order, payment: quarantine(order, payment, LATE)),
    "release": (
        "open",
        lambda order, payment: release(order, holder(order), ReleaseReason.CANCELLED, None, LATE, payment),
    ),
}


@pytest.mark.parametrize("row", PLACES_OF_A_CLAIM)
def test_a_claimed_payment_that_gets_its_place_keeps_what_it_does_not_know(store_driver: StoreDriver, row: str) -> None:
    state, plan = PLACES_OF_A_CLAIM[row]
    payment = entry_of(EXACT, OLD if state == "pending" else NOW_PAYING, PaymentPlace.SETTLED)
    claimed = payment_document(replace(payment, place=PaymentPlace.CLAIMED, next_at=START, tries=2))
    head = {**head_of(state), "payments": {**head_of(state)["payments"], "pay-1": claimed}}
    store_driver.put_head(ORDER_ID, extended(head))
    assert isinstance(store_driver.store.apply(ORDER_ID, plan(order_from_document(head), payment)), Applied)
    after = store_driver.head(ORDER_ID) or {}
    assert not lost(extended(head), after)
    known = {name: value for name, value in after["payments"]["pay-1"].items() if name not in ATTRIBUTES}
    assert known == payment_document(payment)


TEA = Line("tea-01", "Green tea", 2, 1250)
CONTENT = Content((TEA,), {"recipient": "Ada", "country": "GB"}, "Ring twice")
LARGE = replace(CONTENT, lines=(TEA, *(Line(f"sku-{n}", f"Line {n}", 1, n) for n in range(100))))
# Attributes that JSON can express: a large content is stored as JSON.
IN_JSON = {
    name: ATTRIBUTES[name] for name in ("next_text", "next_number", "next_large_number", "next_flag", "next_null")
}


def of_the_next_release(content: Content, more: Mapping[str, Any]) -> dict[str, Any]:
    """The content's document with these attributes in it and in each of its maps."""
    document = content_document(content)
    lines = [{**line, **more} for line in document["lines"]]
    return {**document, "lines": lines, "shipping_address": {**document["shipping_address"], **more}, **more}


@pytest.mark.parametrize("content", [CONTENT, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("more", [ATTRIBUTES, IN_JSON], ids=["of any type", "in JSON"])
def test_content_of_the_next_release_is_read_and_written_whole(
    orders_table: TableConnection, content: Content, more: dict[str, Any]
) -> None:
    store_driver = DynamoStoreDriver(orders_table)
    document = of_the_next_release(content, more)
    store_driver.put(ORDER_ID, "CONTENT#1", {**document, "ttl": 1_790_000_000})
    found = store_driver.store.read_content(ORDER_ID, "1")
    assert known_content_document(found) == known_content_document(
        replace(content, shipping_address=document["shipping_address"])
    )
    store_driver.store.put_content(ORDER_ID, "2", found)
    assert expanded(store_driver.document(ORDER_ID, "CONTENT#2") or {}) == document
    assert "ttl" not in (store_driver.document(ORDER_ID, "CONTENT#2") or {}), "the time at which the old item expires"


def test_content_without_a_required_field_is_unreadable(orders_table: TableConnection) -> None:
    store_driver = DynamoStoreDriver(orders_table)
    store_driver.put(ORDER_ID, "CONTENT#2", {**content_document(CONTENT), "lines": [{"sku": "tea-01"}]})
    with pytest.raises(OrderUnreadable, match="content 2"):
        store_driver.store.read_content(ORDER_ID, "2")


@pytest.mark.parametrize(
    ("name", "value"),
    [("buyer_may", ["note", WORD]), ("lines", [{**content_document(CONTENT)["lines"][0], "kind": WORD}])],
)
def test_content_with_a_word_that_it_does_not_know_is_unreadable(
    orders_table: TableConnection, name: str, value: Any
) -> None:
    store_driver = DynamoStoreDriver(orders_table)
    store_driver.put(ORDER_ID, "CONTENT#2", {**content_document(CONTENT), name: value})
    with pytest.raises(OrderUnreadable, match=f"content 2: .*{name}.* is not known"):
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
