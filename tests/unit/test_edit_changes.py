"""What an edit changed: lines and sums with their values, personal fields by name alone, in a bounded size."""

import json
from dataclasses import replace
from typing import Any

import pytest

from paylatch.domain.edit_changes import LARGEST_CHANGES, changes_between
from paylatch.domain.order import BuyerRight, Content, Line, LineKind

TEA = Line("tea", "Green tea", 2, 1250)
POT = Line("pot", "Teapot", 1, 4000)
COUPON = Line("ten", "Coupon", 1, -500, LineKind.DISCOUNT)
ADDRESS = {"recipient": "Ada", "line1": "Storgatan 1", "country": "SE"}
CONTENT = Content((TEA, POT), ADDRESS, "Ring.", None, "ada@example.com", "sv", ADDRESS, {"channel": "web"})


def changed(**fields: Any) -> Any:
    return changes_between(CONTENT, replace(CONTENT, **fields))


def test_an_edit_that_changes_nothing_has_no_changes() -> None:
    assert changed() == {}


def test_a_quantity_is_shown_before_and_after_with_the_total() -> None:
    assert changed(lines=(replace(TEA, quantity=3), POT)) == {
        "lines": {"changed": [{"sku": "tea", "quantity": {"from": 2, "to": 3}}]},
        "total": {"from": 6500, "to": 7750},
    }


def test_a_line_with_another_price_and_name_is_the_same_line() -> None:
    assert changed(lines=(replace(TEA, unit_price=1000, name="Sencha"), POT))["lines"] == {
        "changed": [
            {"sku": "tea", "name": {"from": "Green tea", "to": "Sencha"}, "unit_price": {"from": 1250, "to": 1000}}
        ]
    }


def test_lines_that_come_and_go_are_shown_whole() -> None:
    assert changed(lines=(POT, COUPON)) == {
        "lines": {
            "added": [{"sku": "ten", "name": "Coupon", "quantity": 1, "unit_price": -500, "kind": "discount"}],
            "removed": [{"sku": "tea", "name": "Green tea", "quantity": 2, "unit_price": 1250}],
        },
        "total": {"from": 6500, "to": 3500},
    }


def test_what_a_seller_sets_on_a_line_is_shown() -> None:
    fixed = replace(TEA, fixed=True, max_quantity=5, kind=LineKind.FEE)
    assert changed(lines=(fixed, POT)) == {
        "lines": {
            "changed": [
                {
                    "sku": "tea",
                    "kind": {"from": "item", "to": "fee"},
                    "fixed": {"from": False, "to": True},
                    "max_quantity": {"from": None, "to": 5},
                }
            ]
        }
    }


def test_lines_in_another_order_are_named() -> None:
    assert changed(lines=(POT, TEA)) == {"fields": ["lines"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shipping_address", {**ADDRESS, "line1": "Secret street"}),
        ("billing_address", None),
        ("note", "Secret note"),
        ("email", "secret@example.com"),
        ("locale", "en"),
        ("metadata", {"channel": "secret"}),
        ("buyer_may", (BuyerRight.NOTE,)),
    ],
)
def test_any_other_field_is_named_and_its_value_is_not_shown(name: str, value: Any) -> None:
    assert changed(**{name: value}) == {"fields": [name]}


def test_what_a_later_release_stored_is_no_change() -> None:
    assert changed(unknown={"next": 1}, lines=(replace(TEA, unknown={"next": 1}), POT)) == {}


@pytest.mark.parametrize("name", ["茶", "𝄞", "x"], ids=["3 bytes", "4 bytes", "1 byte"])
def test_the_largest_edit_is_bounded_and_names_the_lines(name: str) -> None:
    lines = tuple(Line(f"sku-{number}", name * 200, 1, 1) for number in range(200))
    changes = changes_between(Content(lines), replace(CONTENT, lines=tuple(replace(each, sku="x") for each in lines)))
    assert changes["fields"][0] == "lines"
    assert "lines" not in changes
    assert len(json.dumps(changes)) <= LARGEST_CHANGES
