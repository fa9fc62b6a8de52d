"""The contract of `OrderStore` for lists: every entry once, the newest first, and heads read in batches."""

from datetime import timedelta

import pytest

from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.listing import Listing, ListingIndex, Position
from paylatch.domain.order import Order
from paylatch.domain.timestamps import as_text
from paylatch.ports import ListingPage
from tests.contract.store_drivers import StoreDriver
from tests.transition_cases import START, head_of

LISTINGS = {
    ListingIndex.BY_SELLER: Listing(ListingIndex.BY_SELLER, "seller-x"),
    ListingIndex.BY_BUYER: Listing(ListingIndex.BY_BUYER, "buyer-x"),
}
OWN = {"seller_id": "seller-x", "buyer_id": "buyer-x", "reference": "r-1"}


def put(store_driver: StoreDriver, number: int, seconds: int, **fields: str) -> Position:
    order_id, created_at = f"{number:016d}", START + timedelta(seconds=seconds)
    head = {**head_of("new"), **OWN, "order_id": order_id, "created_at": as_text(created_at), **fields}
    store_driver.put_head(order_id, head)
    return Position(created_at, order_id)


def entries(store_driver: StoreDriver, listing: Listing, limit: int) -> list[Position]:
    """All pages, one after the other."""
    found: list[Position] = []
    has_more = True
    while has_more:
        page = store_driver.store.list_entries(listing, found[-1] if found else None, limit)
        assert len(page.entries) == limit or not page.has_more
        found += page.entries
        has_more = page.has_more
    return found


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 50])
def test_every_entry_is_listed_once_the_newest_first(store_driver: StoreDriver, listing: Listing, limit: int) -> None:
    placed = [put(store_driver, number, seconds) for number, seconds in enumerate([3, 1, 4, 0, 5])]
    put(store_driver, 9, 2, seller_id="other", buyer_id="other")
    newest_first = sorted(placed, key=lambda entry: entry.created_at, reverse=True)
    assert entries(store_driver, listing, limit) == newest_first


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_entries_of_one_moment_are_listed_once_each(store_driver: StoreDriver, limit: int) -> None:
    placed = [put(store_driver, number, number // 4) for number in range(8)]
    found = entries(store_driver, LISTINGS[ListingIndex.BY_SELLER], limit)
    assert sorted(found, key=str) == sorted(placed, key=str)
    assert [entry.created_at for entry in found] == sorted((entry.created_at for entry in placed), reverse=True)


@pytest.mark.parametrize(("limit", "has_more"), [(1, True), (2, True), (3, False), (4, False)])
def test_a_page_says_whether_there_is_another(store_driver: StoreDriver, limit: int, has_more: bool) -> None:
    for number in range(3):
        put(store_driver, number, number)
    assert store_driver.store.list_entries(LISTINGS[ListingIndex.BY_BUYER], None, limit).has_more is has_more


def test_a_list_without_entries_is_empty(store_driver: StoreDriver) -> None:
    for listing in LISTINGS.values():
        assert store_driver.store.list_entries(listing, None, 50) == ListingPage((), has_more=False)


def test_a_reference_is_found_with_its_seller_and_at_most_so_often(store_driver: StoreDriver) -> None:
    ids = {put(store_driver, number, number).order_id for number in range(4)}
    put(store_driver, 8, 8, seller_id="other")
    put(store_driver, 9, 9, reference="r-12")
    assert set(store_driver.store.find_reference("seller-x", "r-1", 10)) == ids
    few = store_driver.store.find_reference("seller-x", "r-1", 3)
    assert len(set(few) & ids) == len(few) == 3
    assert store_driver.store.find_reference("seller-x", "r-2", 10) == ()


def test_heads_are_read_together_and_an_unreadable_one_hides_no_other(store_driver: StoreDriver) -> None:
    first, second = (put(store_driver, number, number).order_id for number in (1, 2))
    broken = put(store_driver, 3, 3, payment_status="a word of the next release").order_id
    heads = store_driver.store.read_heads([second, "7777777777777777", first, broken])
    assert set(heads.found) == {first, second, broken}
    assert isinstance(heads.found[broken], OrderUnreadable)
    assert {head.order_id for head in heads.found.values() if isinstance(head, Order)} == {first, second}
    assert heads.unprocessed == ()


def test_no_heads_are_read_without_ids(store_driver: StoreDriver) -> None:
    assert store_driver.store.read_heads([]).found == {}
