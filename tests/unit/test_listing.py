"""A cursor leads on in its own list alone, and every caller reads a listing of which they may see all."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product

import pytest

from paylatch.domain.caller import Caller, Role
from paylatch.domain.cursors import LONGEST_CURSOR
from paylatch.domain.errors import InvalidRequest, NotAllowed
from paylatch.domain.ids import is_order_id, referenced_order_id
from paylatch.domain.listing import (
    Listing,
    ListingIndex,
    OrderFilter,
    Position,
    cursor_of,
    listing_for,
    position_in,
)
from paylatch.use_cases.list_orders import permitted_filter

NOON = datetime(2026, 11, 24, 12, 0, 0, 1000, UTC)
ENTRY = Position(NOON, "D7KY3NPF3FM5GY6V")
OF_SELLER = Listing(ListingIndex.BY_SELLER, "ada")
OTHERS = [
    Listing(ListingIndex.BY_SELLER, "bob"),
    Listing(ListingIndex.BY_BUYER, "ada"),
    Listing(ListingIndex.BY_REFERENCE, "ada", "r-1"),
]
BUYER, SELLER = (Caller("ada", frozenset({role})) for role in (Role.BUYER, Role.SELLER))
BOTH = Caller("ada", frozenset({Role.BUYER, Role.SELLER}))
FOR_ALL = [Caller("ada", frozenset({role})) for role in (Role.SERVICE, Role.OPERATOR)]


def test_a_cursor_gives_its_entry_back() -> None:
    cursor = cursor_of(ENTRY, OF_SELLER)
    assert position_in(OF_SELLER, cursor) == ENTRY
    assert len(cursor) <= LONGEST_CURSOR
    assert set(cursor) <= {*"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"}


@pytest.mark.parametrize("listing", OTHERS, ids=str)
def test_a_cursor_of_another_list_is_refused(listing: Listing) -> None:
    with pytest.raises(InvalidRequest) as refused:
        position_in(OF_SELLER, cursor_of(ENTRY, listing))
    assert [*refused.value.fields] == ["cursor"]


def altered(change: Callable[[str], str]) -> str:
    """The cursor of which the text was changed."""
    cursor = cursor_of(ENTRY, OF_SELLER)
    text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    return urlsafe_b64encode(change(text).encode()).decode().rstrip("=")


MALFORMED = {
    "empty": "",
    "a word": "next",
    "not base64": "!!!!",
    "not ASCII": "水水水水",
    "padded": cursor_of(ENTRY, OF_SELLER) + "=",
    "with a blank": " " + cursor_of(ENTRY, OF_SELLER),
    "cut short": cursor_of(ENTRY, OF_SELLER)[:-1],
    "too long": "A" * 10_000,
    "no UTF-8": urlsafe_b64encode(b"\xff\xfe").decode().rstrip("="),
    "no such day": altered(lambda text: text.replace("2026-11-24", "2026-02-30")),
    "year 0": altered(lambda text: text.replace("2026-11-24", "0000-11-24")),
    "Arabic digits": altered(lambda text: text.replace("2026", "٢٠٢٦")),
    "no order": altered(lambda text: text.replace(ENTRY.order_id, "d7ky3npf3fm5gy6v")),
    "two lines": altered(lambda text: text + "\n"),
    "no check": altered(lambda text: text.rpartition(" ")[0]),
}


@pytest.mark.parametrize("cursor", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_cursor_is_refused_by_name(cursor: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        position_in(OF_SELLER, cursor)
    assert [*refused.value.fields] == ["cursor"]


NAMES = (None, "ada", "bob")
FILTERS = [
    OrderFilter(seller_id=seller, buyer_id=buyer, reference=reference)
    for seller, buyer, reference in product(NAMES, NAMES, (None, "r-1"))
]


@pytest.mark.parametrize("caller", [BUYER, SELLER, BOTH])
@pytest.mark.parametrize("asked", FILTERS, ids=str)
def test_whatever_is_asked_for_a_buyer_or_seller_reads_a_listing_of_their_own(
    caller: Caller, asked: OrderFilter
) -> None:
    try:
        listing = listing_for(permitted_filter(asked, caller), caller)
    except (NotAllowed, InvalidRequest):
        return
    own = {Listing(ListingIndex.BY_REFERENCE, "ada", "r-1")} if Role.SELLER in caller.roles else set()
    own |= {Listing(ListingIndex.BY_SELLER, "ada")} if Role.SELLER in caller.roles else set()
    own |= {Listing(ListingIndex.BY_BUYER, "ada")} if Role.BUYER in caller.roles else set()
    assert listing in own


@pytest.mark.parametrize(
    ("caller", "asked", "permitted"),
    [
        (BUYER, OrderFilter(), OrderFilter(buyer_id="ada")),
        (SELLER, OrderFilter(), OrderFilter(seller_id="ada")),
        (BUYER, OrderFilter(seller_id="bob"), OrderFilter(seller_id="bob", buyer_id="ada")),
        (SELLER, OrderFilter(buyer_id="bob"), OrderFilter(seller_id="ada", buyer_id="bob")),
        (SELLER, OrderFilter(reference="r-1"), OrderFilter(seller_id="ada", reference="r-1")),
        (BOTH, OrderFilter(seller_id="ada"), OrderFilter(seller_id="ada")),
        (BOTH, OrderFilter(buyer_id="ada"), OrderFilter(buyer_id="ada")),
        (BOTH, OrderFilter(buyer_id="bob"), OrderFilter(seller_id="ada", buyer_id="bob")),
        *((caller, OrderFilter(seller_id="bob"), OrderFilter(seller_id="bob")) for caller in FOR_ALL),
        *((caller, OrderFilter(buyer_id="bob"), OrderFilter(buyer_id="bob")) for caller in FOR_ALL),
    ],
)
def test_a_filter_is_narrowed_to_what_its_caller_may_see(
    caller: Caller, asked: OrderFilter, permitted: OrderFilter
) -> None:
    assert permitted_filter(asked, caller) == permitted


@pytest.mark.parametrize(
    ("caller", "asked"), [(BUYER, OrderFilter(buyer_id="bob")), (SELLER, OrderFilter(seller_id="bob"))]
)
def test_the_orders_of_others_are_refused(caller: Caller, asked: OrderFilter) -> None:
    with pytest.raises(NotAllowed):
        permitted_filter(asked, caller)


@pytest.mark.parametrize(
    ("caller", "asked", "field"),
    [
        *((caller, OrderFilter(), "seller_id") for caller in [*FOR_ALL, BOTH]),
        *((caller, OrderFilter(buyer_id="bob", reference="r-1"), "reference") for caller in FOR_ALL),
        (BUYER, OrderFilter(reference="r-1"), "reference"),
    ],
)
def test_a_filter_that_names_too_little_is_refused_by_name(caller: Caller, asked: OrderFilter, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        permitted_filter(asked, caller)
    assert [*refused.value.fields] == [field]


def test_the_ids_of_a_reference_do_not_mix_seller_and_reference() -> None:
    pairs = [("ab", "c"), ("a", "bc"), ("a#b", "c"), ("a", "b#c")]
    ids = {referenced_order_id(*pair) for pair in pairs}
    assert len(ids) == 4
    assert all(map(is_order_id, ids))
