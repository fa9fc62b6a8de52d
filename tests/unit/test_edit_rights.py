"""What a buyer may edit of an order's content; a seller and a service edit all of it."""

from collections.abc import Collection
from dataclasses import fields, replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from paylatch.domain.editing import as_edited_by_buyer, refuse_changes_beyond_rights
from paylatch.domain.errors import EditNotAllowed
from paylatch.domain.limits import MOST_FAULTS
from paylatch.domain.order import BuyerRight, Content, Line, LineKind
from paylatch.domain.payment_terms import LateMoney
from paylatch.domain.stored_records import UNKNOWN

TEA = Line("tea", "Green tea", 2, 1250)
POT = Line("pot", "Teapot", 1, 4000, max_quantity=3)
GIFT = Line("gift", "Sample", 1, 0)
TASTING = Line("tasting", "Tasting", 1, 900, fixed=True)
CHARGES = tuple(Line(kind, kind, 1, 100, kind) for kind in (LineKind.SHIPPING, LineKind.TAX, LineKind.FEE))
COUPON = Line("ten", "Coupon", 1, -500, LineKind.DISCOUNT)
ADDRESS = {"recipient": "Ada", "line1": "Storgatan 1", "country": "SE"}
EVERYTHING = tuple(BuyerRight)
# Another value of each field but the lines, which have rules of their own, and the right to set it.
OTHER_VALUES: dict[str, tuple[Any, BuyerRight | None]] = {
    "shipping_address": ({**ADDRESS, "line1": "Storgatan 2"}, BuyerRight.ADDRESS),
    "note": ("Ring twice.", BuyerRight.NOTE),
    "buyer_may": ((BuyerRight.QUANTITIES, BuyerRight.NOTE), None),
    "email": ("eve@example.com", None),
    "locale": ("sv", None),
    "billing_address": ({**ADDRESS, "line1": "Box 12"}, BuyerRight.ADDRESS),
    "metadata": ({"channel": "phone"}, None),
    "payable": (False, None),
    "pay_by": (datetime(2026, 12, 24, tzinfo=UTC), None),
    "late_money": (LateMoney.REFUND, None),
}


def content(*lines: Line, may: Collection[BuyerRight] | None = EVERYTHING) -> Content:
    return Content(lines, ADDRESS, "note", None if may is None else tuple(may))


def refused(before: Content, after: Content) -> set[str]:
    """The fields that the refusal of a buyer's edit names; none where the edit is allowed."""
    try:
        refuse_changes_beyond_rights(before, as_edited_by_buyer(before, after))
    except EditNotAllowed as error:
        return set(error.fields)
    return set()


def with_lines(before: Content, *lines: Line) -> Content:
    return replace(before, lines=lines)


def test_every_field_of_the_content_is_tried() -> None:
    where = "this file: `OTHER_VALUES`; paylatch/domain/editing.py where a buyer may change it"
    assert {"lines", UNKNOWN, *OTHER_VALUES} == {field.name for field in fields(Content)}, where


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_a_buyer_changes_a_field_by_its_right_alone_and_the_refusal_names_it(name: str) -> None:
    value, right = OTHER_VALUES[name]
    for may in (EVERYTHING, (), *[(each,) for each in BuyerRight]):
        before = content(TEA, may=may)
        allowed = right in may
        assert refused(before, replace(before, **{name: value})) == (set() if allowed else {name})


def test_a_refusal_names_every_field_and_its_answer_has_room_for_them() -> None:
    before = content(TEA, may=())
    values = {name: value for name, (value, _) in OTHER_VALUES.items()}
    found = refused(before, replace(before, lines=(POT,), **values))
    assert found == {"lines", *OTHER_VALUES}
    assert len(found) <= MOST_FAULTS


@pytest.mark.parametrize("quantity", [1, 9])
def test_a_quantity_is_changed_with_the_right_to_quantities_alone(quantity: int) -> None:
    for may in (EVERYTHING, (), *[(each,) for each in BuyerRight]):
        before = content(TEA, POT, may=may)
        after = with_lines(before, replace(TEA, quantity=quantity), POT)
        assert refused(before, after) == (set() if BuyerRight.QUANTITIES in may else {"lines"})


def test_a_line_is_taken_out_with_the_right_to_remove_lines_alone() -> None:
    for may in (EVERYTHING, (), *[(each,) for each in BuyerRight]):
        before = content(TEA, POT, may=may)
        assert refused(before, with_lines(before, POT)) == (set() if BuyerRight.REMOVE_LINES in may else {"lines"})


@pytest.mark.parametrize(("quantity", "allowed"), [(1, True), (3, True), (4, False), (10_000, False)])
def test_a_quantity_goes_up_to_the_lines_most(quantity: int, allowed: bool) -> None:
    before = content(TEA, POT)
    assert refused(before, with_lines(before, TEA, replace(POT, quantity=quantity))) == (
        set() if allowed else {"lines"}
    )


def test_a_quantity_above_the_most_that_a_seller_set_may_stay() -> None:
    many = replace(POT, quantity=7)
    before = content(TEA, many)
    assert refused(before, with_lines(before, replace(TEA, quantity=3), many)) == set()
    assert refused(before, with_lines(before, TEA, replace(many, quantity=6))) == {"lines"}


@pytest.mark.parametrize("line", [GIFT, TASTING, COUPON, *CHARGES], ids=lambda line: line.sku)
def test_a_line_that_is_fixed_or_unpriced_or_no_item_stays_as_it_is(line: Line) -> None:
    before = content(TEA, POT, line)
    assert refused(before, with_lines(before, replace(TEA, quantity=5), line)) == set()
    assert refused(before, with_lines(before, TEA, POT)) == {"lines"}
    for quantity in (line.quantity + 1, 10_000):
        assert refused(before, with_lines(before, TEA, POT, replace(line, quantity=quantity))) == {"lines"}


@pytest.mark.parametrize(
    "other",
    [replace(TEA, unit_price=1), replace(TEA, name="Black tea"), replace(TEA, sku="x"), replace(TEA, unit_price=-1)],
)
def test_a_buyer_changes_no_offer_and_adds_no_line(other: Line) -> None:
    before = content(TEA, POT)
    assert refused(before, with_lines(before, other, POT)) == {"lines"}
    assert refused(before, with_lines(before, TEA, POT, other)) == {"lines"}
    assert refused(before, with_lines(before, TEA, TEA, POT)) == {"lines"}


def test_lines_are_compared_in_any_order_and_keep_the_stored_one() -> None:
    before = content(TEA, POT, GIFT, COUPON)
    for lines in permutations(before.lines):
        assert as_edited_by_buyer(before, with_lines(before, *lines)) == before
    more = replace(TEA, quantity=3)
    after = as_edited_by_buyer(before, with_lines(before, COUPON, GIFT, POT, more))
    assert after.lines == (more, POT, GIFT, COUPON)


def test_lines_that_an_older_order_has_twice_are_told_apart_by_their_quantities() -> None:
    twice = (TEA, replace(TEA, quantity=5))
    before = content(*twice)
    assert as_edited_by_buyer(before, with_lines(before, *reversed(twice))) == before
    assert refused(before, with_lines(before, twice[1])) == set()
    assert as_edited_by_buyer(before, with_lines(before, twice[1])).lines == (twice[1],)


def test_kind_fixed_and_most_are_the_stored_lines_whatever_a_buyer_sends() -> None:
    before = content(TEA, TASTING, COUPON, POT)
    bare = [Line(line.sku, line.name, line.quantity, line.unit_price) for line in before.lines]
    assert as_edited_by_buyer(before, with_lines(before, *bare)) == before
    freed = replace(TASTING, fixed=False, kind=LineKind.FEE, max_quantity=None)
    assert as_edited_by_buyer(before, with_lines(before, TEA, freed, COUPON, POT)) == before
    assert refused(before, with_lines(before, TEA, replace(freed, quantity=2), COUPON, POT)) == {"lines"}
    unbound = replace(POT, max_quantity=10_000, quantity=4)
    assert refused(before, with_lines(before, TEA, TASTING, COUPON, unbound)) == {"lines"}


ABROAD = {**ADDRESS, "country": "NO"}


def test_an_address_stays_within_its_country() -> None:
    before = content(TEA, POT)
    assert refused(before, replace(before, shipping_address=ABROAD)) == {"shipping_address.country"}
    assert refused(before, replace(before, shipping_address={**ADDRESS, "city": "Lund"})) == set()


def test_an_address_is_not_taken_away_so_that_another_country_cannot_follow() -> None:
    before = content(TEA)
    assert refused(before, replace(before, shipping_address=None)) == {"shipping_address"}
    without = replace(before, shipping_address=None)
    assert refused(without, replace(without, shipping_address=ABROAD)) == set()


def test_every_field_that_is_refused_is_named() -> None:
    before = content(TEA, POT, may=())
    after = Content((TEA,), ABROAD, "other", (BuyerRight.NOTE,))
    assert refused(before, after) == {"lines", "shipping_address", "note", "buyer_may"}


@pytest.mark.parametrize("line", [GIFT, COUPON, *CHARGES], ids=lambda line: line.sku)
def test_without_rights_of_its_own_an_order_with_more_than_priced_items_lets_its_buyer_write_the_note(
    line: Line,
) -> None:
    before = content(TEA, POT, line, may=None)
    assert refused(before, replace(before, note="Ring twice.")) == set()
    assert refused(before, replace(before, shipping_address={**ADDRESS, "city": "Lund"})) == {"shipping_address"}
    assert refused(before, with_lines(before, POT, line)) == {"lines"}
    assert refused(before, with_lines(before, replace(TEA, quantity=3), POT, line)) == {"lines"}


def test_without_rights_of_its_own_an_order_of_priced_items_lets_its_buyer_edit_all_four() -> None:
    before = content(TEA, POT, TASTING, may=None)
    after = Content((replace(TEA, quantity=3), TASTING), {**ADDRESS, "city": "Lund"}, None)
    assert refused(before, after) == set()
