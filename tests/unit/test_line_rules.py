"""What must hold of an order's lines, whoever sends them."""

from dataclasses import replace

import pytest

from paylatch.domain.errors import InvalidRequest
from paylatch.domain.limits import LARGEST_TOTAL
from paylatch.domain.line_rules import refuse_invalid_lines
from paylatch.domain.order import Line, LineKind

TEA = Line("tea", "Green tea", 2, 1250)
COUPON = Line("ten", "Coupon", 1, -500, LineKind.DISCOUNT)


def faults(*lines: Line, before: tuple[Line, ...] = ()) -> set[str]:
    """The fields that the refusal names."""
    try:
        refuse_invalid_lines(lines, before)
    except InvalidRequest as error:
        return set(error.fields)
    return set()


@pytest.mark.parametrize("kind", [kind for kind in LineKind if kind is not LineKind.DISCOUNT])
def test_only_a_discount_has_a_negative_price(kind: LineKind) -> None:
    assert faults(TEA, replace(TEA, sku="x", kind=kind, unit_price=-1)) == {"lines.1.unit_price"}
    assert faults(TEA, replace(TEA, sku="x", kind=kind, unit_price=0)) == set()


def test_a_discount_has_no_positive_price() -> None:
    assert faults(TEA, COUPON) == set()
    assert faults(replace(COUPON, unit_price=0)) == set()
    assert faults(TEA, replace(COUPON, unit_price=1)) == {"lines.1.unit_price"}


def test_a_line_that_is_there_twice_is_named() -> None:
    assert faults(TEA, COUPON, TEA) == {"lines.2"}
    assert faults(TEA, replace(TEA, quantity=1), replace(TEA, kind=LineKind.FEE, fixed=True)) == {"lines.1", "lines.2"}
    others = (replace(TEA, sku="x"), replace(TEA, name="x"), replace(TEA, unit_price=0))
    assert faults(TEA, *others) == set()


def test_an_edit_may_keep_what_the_order_has_twice_and_adds_no_more_of_it() -> None:
    assert faults(TEA, TEA, before=(TEA, TEA)) == set()
    assert faults(TEA, TEA, TEA, before=(TEA, TEA)) == {"lines.2"}
    assert faults(TEA, TEA, before=(TEA,)) == {"lines.1"}


def test_an_order_has_lines_that_cost_nothing_or_more_together_and_no_more_than_the_limit() -> None:
    assert faults() == {"lines"}
    assert faults(TEA, replace(COUPON, unit_price=-2500)) == set()
    assert faults(TEA, replace(COUPON, unit_price=-2501)) == {"lines"}
    assert faults(Line("x", "X", 1, LARGEST_TOTAL)) == set()
    assert faults(Line("x", "X", 1, LARGEST_TOTAL), Line("y", "Y", 1, 1)) == {"lines"}
