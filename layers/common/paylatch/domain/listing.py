"""Lists of orders: which orders a caller asks for, and the cursor after which a page begins."""

import re
from datetime import datetime
from enum import StrEnum

from paylatch.domain.caller import Caller
from paylatch.domain.cursors import decoded, encoded
from paylatch.domain.errors import InvalidRequest, NotAllowed
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import ORDER_ID_PATTERN, fingerprint_of
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.timestamps import as_text, from_text

# The most orders of a page.
LARGEST_LISTING = 50
_POSITION = rf"(\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z) ({ORDER_ID_PATTERN}) \w+"


class ListingIndex(StrEnum):
    """The indexes of all orders. By seller and by buyer they are in the sequence of their creation."""

    BY_SELLER = "by_seller"
    BY_BUYER = "by_buyer"
    BY_REFERENCE = "by_reference"


@dataclass(frozen=True, slots=True)
class Listing:
    """The entries of one index under one key: all orders of a seller, of a buyer, or of a seller with a reference."""

    index: ListingIndex
    key: str
    reference: str | None = None

    @property
    def in_time(self) -> "Listing":
        """The listing that has these orders, and perhaps more, in the sequence of their creation."""
        return self if self.reference is None else Listing(ListingIndex.BY_SELLER, self.key)


@dataclass(frozen=True, slots=True)
class Position:
    """An entry's place in a listing, the newest first."""

    created_at: datetime
    order_id: str

    @property
    def age_rank(self) -> tuple[datetime, str]:
        """What two places are compared by; the newer one has the larger value."""
        return (self.created_at, self.order_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """The orders of a seller, of a buyer, or of both; those with a reference of that seller; those in one status.

    A seller or a buyer is given, and a seller with a reference.
    """

    seller_id: str | None = None
    buyer_id: str | None = None
    reference: str | None = None
    status: PaymentStatus | None = None

    def matches(self, order: Order) -> bool:
        """Whether the head itself is one of these orders; an index is a hint."""
        asked = (self.seller_id, self.buyer_id, self.reference, self.status)
        found = (order.seller_id, order.buyer_id, order.reference, order.status)
        return all(value is None or value == own for value, own in zip(asked, found, strict=True))


def listing_for(wanted: OrderFilter, caller: Caller) -> Listing:
    """Where these orders are among the fewest others, of which the caller may see every one.

    Otherwise a cursor would name orders of others, and a page without orders would say that there are some. Raises
    `NotAllowed` where the caller may see no such listing.
    """
    seller = wanted.seller_id if wanted.seller_id and caller.may_read("", wanted.seller_id) else None
    if seller is not None and wanted.reference is not None:
        return Listing(ListingIndex.BY_REFERENCE, seller, wanted.reference)
    if wanted.buyer_id is not None and caller.may_read(wanted.buyer_id, ""):
        return Listing(ListingIndex.BY_BUYER, wanted.buyer_id)
    if seller is not None:
        return Listing(ListingIndex.BY_SELLER, seller)
    raise NotAllowed("Buyers and sellers may list only their own orders.")


def cursor_of(position: Position, listing: Listing) -> str:
    """The cursor of the page after that entry; it is valid in this listing alone."""
    text = f"{as_text(position.created_at)} {position.order_id} {_check(listing)}"
    return encoded(text)


def position_in(listing: Listing, cursor: str) -> Position:
    """The entry that a cursor names. Raises `InvalidRequest` for a malformed one, or one of another listing."""
    found = re.fullmatch(_POSITION, _decoded(cursor), re.ASCII)
    if found is None:
        raise _invalid()
    try:
        position = Position(from_text(found[1]), found[2])
    except (ValueError, OverflowError):
        raise _invalid() from None
    # Only what `cursor_of` wrote for this listing: base64 has several texts for the same bytes.
    if cursor_of(position, listing) != cursor:
        raise _invalid()
    return position


def _decoded(cursor: str) -> str:
    try:
        return decoded(cursor)
    except ValueError:
        raise _invalid() from None


def _invalid() -> InvalidRequest:
    return InvalidRequest({"cursor": "must be the next_cursor of a page of this same list"})


def _check(listing: Listing) -> str:
    # It keeps nothing secret: whoever makes one up chooses a place in a list that they may read.
    return fingerprint_of("cursor", listing.index, listing.key, listing.reference or "")
