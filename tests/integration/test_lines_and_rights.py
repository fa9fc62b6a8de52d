"""Lines of a real order, and what its buyer may edit: each test is named for the public report that it answers."""

from typing import Any

import pytest

from tests.integration.shop import Shop
from tests.lambda_events import BUYER, SELLER, SERVICE, Person, sample_body

TEA = sample_body("order_create")["lines"][0]
POT = {"sku": "pot-01", "name": "Teapot", "quantity": 1, "unit_price": 4000, "max_quantity": 3}
GIFT = {"sku": "gift", "name": "Sample", "quantity": 1, "unit_price": 0}
SHIPPING = {"sku": "dhl", "name": "DHL", "quantity": 1, "unit_price": 490, "kind": "shipping"}
TAX = {"sku": "vat", "name": "VAT", "quantity": 1, "unit_price": 500, "kind": "tax"}
FEE = {"sku": "cod", "name": "Handling", "quantity": 1, "unit_price": 100, "kind": "fee"}
COUPON = {"sku": "ten", "name": "Ten off", "quantity": 1, "unit_price": -1000, "kind": "discount"}
ORDER = {"lines": [TEA, POT, GIFT, SHIPPING, TAX, FEE, COUPON]}
TOTAL = 2500 + 4000 + 490 + 500 + 100 - 1000
EVERYTHING = ["quantities", "remove_lines", "address", "note"]


def refused_fields(shop: Shop, order_id: str, person: Person = BUYER, **fields: Any) -> list[str]:
    """The fields that a refused edit names; the order stays as it is."""
    before = shop.read(order_id).body
    answer = shop.edit(order_id, before["revision"], person, **fields)
    assert (answer.status, answer.code) == (403, "edit-not-allowed"), answer.body
    assert shop.read(order_id).body == before
    return [error["field"] for error in answer.body["errors"]]


def test_saleor_1907_shipping_tax_fee_and_discount_are_lines_of_the_order(shop: Shop) -> None:
    order_id = shop.create(**ORDER)
    order = shop.read(order_id).body
    assert (order["lines"], order["total"]) == (ORDER["lines"], TOTAL)
    attempt_id = shop.pay(order_id).body["attempt_id"]
    assert shop.gateway.opened[attempt_id].amount == TOTAL
    shop.money(attempt_id)
    assert shop.status(order_id) == "paid"


def test_woocommerce_22472_a_discount_never_makes_a_total_negative(shop: Shop) -> None:
    order_id = shop.create(**ORDER)
    too_much = {**COUPON, "unit_price": -TOTAL - 1001}
    answer = shop.edit(order_id, 1, SELLER, lines=[*ORDER["lines"][:-1], too_much])
    assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (400, ["lines"])
    nothing = {**COUPON, "unit_price": -TOTAL - 1000}
    assert shop.edit(order_id, 1, SELLER, lines=[*ORDER["lines"][:-1], nothing]).body["total"] == 0


def test_scandipwa_5229_a_coupon_for_all_of_it_makes_an_order_that_can_be_paid(shop: Shop) -> None:
    order_id = shop.create(lines=[TEA, {**COUPON, "unit_price": -2500}])
    assert (shop.pay(order_id).status, shop.status(order_id)) == (201, "paid")


def test_prestashop_18129_a_buyer_takes_no_more_of_a_free_gift(shop: Shop) -> None:
    order_id = shop.create(**ORDER, buyer_may=EVERYTHING)
    many = [TEA, POT, {**GIFT, "quantity": 10_000}, SHIPPING, TAX, FEE, COUPON]
    assert refused_fields(shop, order_id, lines=many) == ["lines"]
    assert shop.edit(order_id, 1, SELLER, lines=many).status == 200


def test_prestashop_18129_nor_more_than_the_most_of_a_line_nor_more_of_a_discount(shop: Shop) -> None:
    order_id = shop.create(**ORDER, buyer_may=EVERYTHING)
    rest = [TEA, GIFT, SHIPPING, TAX, FEE]
    assert refused_fields(shop, order_id, lines=[*rest, {**POT, "quantity": 4, "max_quantity": 9}, COUPON]) == ["lines"]
    assert refused_fields(shop, order_id, lines=[*rest, POT, {**COUPON, "quantity": 2}]) == ["lines"]
    three = shop.edit(order_id, 1, lines=[*rest, {**POT, "quantity": 3}, COUPON])
    assert (three.status, three.body["total"]) == (200, TOTAL + 8000)


def test_sylius_8805_a_buyer_does_not_move_an_order_to_another_country(shop: Shop) -> None:
    order_id = shop.create(**ORDER, buyer_may=EVERYTHING)
    assert refused_fields(shop, order_id, shipping_address={"country": "NO"}) == ["shipping_address.country"]
    assert refused_fields(shop, order_id, shipping_address=None) == ["shipping_address"]
    assert shop.edit(order_id, 1, shipping_address={"line1": "2 High St"}).status == 200
    assert shop.edit(order_id, 2, SELLER, shipping_address={"country": "NO"}).status == 200


def test_sylius_8805_the_address_of_an_order_with_shipping_is_not_the_buyers_unless_the_seller_says_so(
    shop: Shop,
) -> None:
    order_id = shop.create(lines=[TEA, SHIPPING])
    assert refused_fields(shop, order_id, shipping_address={"line1": "2 High St"}) == ["shipping_address"]
    assert shop.edit(order_id, 1, note="Ring twice.").status == 200
    assert shop.edit(order_id, 2, SELLER, buyer_may=["address"]).status == 200
    assert shop.edit(order_id, 3, shipping_address={"line1": "2 High St"}).status == 200
    assert refused_fields(shop, order_id, note=None) == ["note"]


def test_odoo_251764_a_buyer_takes_a_line_out_and_sends_the_rest_in_any_order(shop: Shop) -> None:
    order_id = shop.create(**ORDER, buyer_may=EVERYTHING)
    bare = [{name: line[name] for name in TEA} for line in (COUPON, FEE, TAX, SHIPPING, GIFT, TEA)]
    answer = shop.edit(order_id, 1, lines=bare)
    assert (answer.status, answer.body["total"]) == (200, TOTAL - 4000)
    assert answer.body["lines"] == [TEA, GIFT, SHIPPING, TAX, FEE, COUPON], "what each line is stays as stored"
    again = shop.edit(order_id, 1, lines=bare)
    assert (again.status, again.body) == (200, answer.body), "the same edit, repeated after a lost answer"


def test_odoo_251764_not_a_fixed_line_nor_any_without_the_right(shop: Shop) -> None:
    fixed = {**POT, "fixed": True}
    order_id = shop.create(lines=[TEA, fixed], buyer_may=EVERYTHING)
    assert refused_fields(shop, order_id, lines=[TEA]) == ["lines"]
    assert refused_fields(shop, order_id, lines=[TEA, {**POT, "quantity": 2}]) == ["lines"]
    assert shop.edit(order_id, 1, lines=[fixed]).status == 200
    other_id = shop.create(lines=[TEA, POT], buyer_may=["quantities"])
    assert refused_fields(shop, other_id, lines=[TEA]) == ["lines"]


def test_lines_in_another_order_are_no_edit(shop: Shop) -> None:
    order_id = shop.create(**ORDER)
    before = shop.head(order_id)
    assert shop.edit(order_id, 1, lines=ORDER["lines"][::-1]).status == 200
    assert shop.head(order_id) == before


def test_a_buyer_gives_themselves_no_right(shop: Shop) -> None:
    order_id = shop.create(lines=[TEA, SHIPPING], buyer_may=["note"])
    assert refused_fields(shop, order_id, buyer_may=EVERYTHING) == ["buyer_may"]
    assert refused_fields(shop, order_id, buyer_may=None, note="x") == ["buyer_may"]
    assert shop.edit(order_id, 1, buyer_may=["note"], note="x").status == 200


@pytest.mark.parametrize("person", [SELLER, SERVICE], ids=lambda person: person.role)
def test_sellers_and_services_edit_everything(shop: Shop, person: Person) -> None:
    order_id = shop.create(**ORDER, buyer_may=[])
    edited = shop.edit(
        order_id,
        1,
        person,
        lines=[{**GIFT, "quantity": 10_000, "fixed": True}, TEA],
        buyer_may=["note", "note", "quantities"],
        shipping_address={"country": "NO"},
        note=None,
    )
    assert (edited.status, edited.body["buyer_may"]) == (200, ["quantities", "note"])
    assert edited.body["lines"] == [{**GIFT, "quantity": 10_000, "fixed": True}, TEA]
    assert shop.edit(order_id, 2, person, buyer_may=None).body["buyer_may"] is None


def test_rights_are_checked_before_a_payment_is_stopped(shop: Shop) -> None:
    order_id = shop.create(**ORDER, buyer_may=["note"])
    attempt_id = shop.pay(order_id).body["attempt_id"]
    answer = shop.stop_and_change(order_id, attempt_id, lines=[TEA])
    assert (answer.status, answer.code, answer.body["errors"][0]["field"]) == (403, "edit-not-allowed", "lines")
    assert (shop.status(order_id), shop.gateway.closed) == ("in_payment", set())
    negative = shop.stop_and_change(order_id, attempt_id, 1, SELLER, lines=[{**TEA, "unit_price": -1}])
    assert [error["field"] for error in negative.body["errors"]] == ["edit.lines.0.unit_price"]
    assert shop.stop_and_change(order_id, attempt_id, note="Ring twice.").body["note"] == "Ring twice."


@pytest.mark.parametrize("lines", [[TEA, TEA], [TEA, {**TEA, "quantity": 3}], [TEA, {**TEA, "kind": "fee"}]])
def test_equal_lines_are_refused_and_named(shop: Shop, lines: list[dict[str, Any]]) -> None:
    order_id = shop.create()
    answer = shop.edit(order_id, 1, SELLER, lines=lines)
    assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (400, ["lines.1"])
    assert refused_fields(shop, order_id, lines=lines) == ["lines"]


def test_a_client_that_does_not_know_the_kinds_of_lines_changes_none(shop: Shop) -> None:
    order_id = shop.create(**ORDER)
    known = ("sku", "name", "quantity", "unit_price")
    lines = [{name: line[name] for name in known} for line in ORDER["lines"]]
    dearer = [{**line, "unit_price": line["unit_price"] + 1} if line["unit_price"] > 0 else line for line in lines]
    kept = [{**line, "unit_price": now["unit_price"]} for line, now in zip(ORDER["lines"], dearer, strict=True)]
    assert shop.edit(order_id, 1, SELLER, lines=dearer).body["lines"] == kept
    assert refused_fields(shop, order_id, lines=kept[:3] + kept[4:]) == ["lines"]


def test_a_seller_changes_the_terms_of_a_line_by_saying_so(shop: Shop) -> None:
    order_id = shop.create(lines=[TEA, {**POT, "fixed": True}])
    plain = {**POT, "fixed": False, "max_quantity": None}
    answer = shop.edit(order_id, 1, SELLER, lines=[TEA, plain])
    assert answer.body["lines"] == [TEA, {name: plain[name] for name in ("sku", "name", "quantity", "unit_price")}]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([{**TEA, "quantity": 3}, COUPON, {**COUPON, "sku": "half", "unit_price": -250}], [{**TEA, "quantity": 1}]),
        ([TEA, GIFT], []),
    ],
    ids=["a discount outlives the quantities", "the gift alone stays"],
)
def test_a_buyers_edit_leaves_something_to_pay(
    shop: Shop, lines: list[dict[str, Any]], wanted: list[dict[str, Any]]
) -> None:
    order_id = shop.create(lines=lines, buyer_may=EVERYTHING)
    assert refused_fields(shop, order_id, lines=[*wanted, *lines[1:]]) == ["lines"]
    assert shop.edit(order_id, 1, SELLER, lines=[*wanted, *lines[1:]]).body["total"] == 0
