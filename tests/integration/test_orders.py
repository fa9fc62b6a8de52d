"""Orders are placed, read, edited and cancelled; there is one write gate for every kind of edit."""

from typing import Any

import pytest

from local.api_client import ApiResponse
from tests.integration.shop import Shop
from tests.lambda_events import BUYER, OPERATOR, SELLER, SERVICE, Person, event, http_event, sample_body

TEA = {"sku": "tea-01", "name": "Green tea", "quantity": 2, "unit_price": 1250}
ADDRESS = {"recipient": "Ada", "line1": "1 High St", "city": "Leeds", "postal_code": "LS1", "country": "GB"}


def create(shop: Shop, key: str | None, person: Person = SERVICE, **fields: Any) -> ApiResponse:
    body = sample_body("order_create") | fields
    return shop.send(
        "order_create", http_event("order_create", body=body, headers={"idempotency-key": key}, person=person)
    )


def test_a_new_order_is_unlocked_at_revision_one(shop: Shop) -> None:
    answer = shop.send("order_create", event("order_create"))
    order, sent = answer.body, sample_body("order_create")
    assert answer.status == 201
    assert answer.headers["etag"] == '"1.1"'
    assert answer.headers["location"] == f"/orders/{order['order_id']}"
    assert {name: order[name] for name in sent} == sent
    assert (order["revision"], order["payment_status"], order["total"]) == (1, "pending_payment", 2500)
    assert (order["lock"], order["payment"], order["unapplied"]) == (None, None, [])
    assert order["created_at"] == order["updated_at"] == "2026-11-24T12:00:00.000Z"
    read = shop.read(order["order_id"])
    assert (read.status, read.body, read.headers["etag"]) == (200, order, '"1.1"')


def test_the_same_key_again_is_the_same_order(shop: Shop) -> None:
    first, again = create(shop, "key-1"), create(shop, "key-1")
    assert (again.status, again.body) == (201, first.body)
    assert create(shop, "key-2").body["order_id"] != first.body["order_id"]
    assert create(shop, "key-1", SELLER).body["order_id"] != first.body["order_id"]
    assert create(shop, None).body["order_id"] != create(shop, None).body["order_id"]


def test_the_same_key_again_is_the_same_order_as_it_is_by_now(shop: Shop) -> None:
    order_id = create(shop, "key-1").body["order_id"]
    shop.edit_to_three_packets(order_id, 1)
    again = create(shop, "key-1")
    assert (again.status, again.body["revision"], again.body["lines"][0]["quantity"]) == (201, 2, 3)


@pytest.mark.parametrize(("person", "status"), [(SERVICE, 201), (SELLER, 201), (BUYER, 403), (OPERATOR, 403)])
def test_orders_are_placed_by_a_service_or_by_their_own_seller(shop: Shop, person: Person, status: int) -> None:
    assert create(shop, None, person).status == status


def test_a_seller_places_no_orders_for_others(shop: Shop) -> None:
    assert create(shop, None, SELLER, seller_id="another-seller").code == "not-allowed"


def test_an_edit_replaces_what_it_names_and_keeps_the_rest(shop: Shop) -> None:
    order_id = shop.create()
    new_place = {"city": "Leeds", "line2": "2nd floor"}
    answer = shop.edit(order_id, 1, note="Leave it at the door", shipping_address=new_place)
    address = sample_body("order_create")["shipping_address"]
    assert answer.status == 200
    assert answer.body["shipping_address"] == {**address, **new_place}
    assert (answer.body["note"], answer.body["lines"]) == ("Leave it at the door", [TEA])
    bare = shop.edit(order_id, 2, SELLER, note=None, shipping_address=None)
    assert (bare.body["note"], bare.body["shipping_address"], bare.body["revision"]) == (None, None, 3)
    assert shop.read(order_id).body == bare.body


def test_an_edit_that_changes_nothing_writes_nothing(shop: Shop) -> None:
    order_id = shop.create()
    before = shop.head(order_id)
    assert shop.edit(order_id, 1, lines=[TEA]).body["revision"] == 1
    assert shop.head(order_id) == before


def test_an_edit_names_the_revision_it_edits(shop: Shop) -> None:
    order_id = shop.create()
    without = shop.call("order_edit", order_id, headers={"if-match": None})
    assert (without.status, without.code) == (428, "precondition-required")
    shop.edit_to_three_packets(order_id, 1)
    stale = shop.edit(order_id, 1, note="x")
    assert (stale.status, stale.code, stale.body["revision"]) == (412, "revision-mismatch", 2)


CHANGES: dict[str, Any] = {
    "price": [{**TEA, "unit_price": 1}],
    "name": [{**TEA, "name": "Cheap tea"}],
    "sku": [{**TEA, "sku": "tea-02"}],
    "more lines": [TEA, {**TEA, "sku": "tea-02"}],
}


@pytest.mark.parametrize("change", CHANGES)
def test_sellers_and_services_change_prices_and_lines_and_buyers_do_not(shop: Shop, change: str) -> None:
    order_id = shop.create()
    refused = shop.edit(order_id, 1, lines=CHANGES[change])
    assert (refused.status, refused.code, refused.body["errors"][0]["field"]) == (403, "edit-not-allowed", "lines")
    assert shop.edit(order_id, 1, SELLER, lines=CHANGES[change]).status == 200
    assert shop.edit(order_id, 2, SERVICE, lines=[{**TEA, "unit_price": 900}]).body["total"] == 1800


def test_buyers_change_quantities_address_and_note(shop: Shop) -> None:
    order_id = shop.create()
    answer = shop.edit(order_id, 1, lines=[{**TEA, "quantity": 7}], shipping_address=ADDRESS, note="soon")
    assert (answer.status, answer.body["total"], answer.body["note"]) == (200, 8750, "soon")


def test_of_two_edits_of_one_revision_one_wins_and_leaves_no_orphan(shop: Shop) -> None:
    order_id = shop.create()
    put = shop.ports.store.put_content

    def overtaken(order: str, content_id: str, content: Any) -> None:
        put(order, content_id, content)
        shop.ports.store.put_content = put  # type: ignore[method-assign]
        assert shop.edit(order_id, 1, SELLER, note="first").status == 200
        orphans.append(content_id)

    orphans: list[str] = []
    shop.ports.store.put_content = overtaken  # type: ignore[method-assign, assignment]
    assert shop.edit_to_three_packets(order_id, 1).code == "revision-mismatch"
    with pytest.raises(LookupError):
        shop.ports.store.read_content(order_id, orphans[0])
    assert shop.read(order_id).body["note"] == "first"


def test_a_cancelled_order_is_final(shop: Shop) -> None:
    order_id = shop.create()
    answer = shop.call("order_cancel", order_id)
    assert (answer.status, answer.body["payment_status"]) == (200, "cancelled")
    before = shop.head(order_id)
    assert shop.call("order_cancel", order_id).body == answer.body
    assert shop.head(order_id) == before
    refused = shop.edit_to_three_packets(order_id, 1)
    assert (refused.status, refused.code) == (409, "order-cancelled")


def test_locked_and_paid_orders_are_neither_edited_nor_cancelled(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    locked = shop.call("order_cancel", order_id)
    assert (locked.status, locked.code, locked.body["attempt_id"]) == (409, "order-locked", attempt_id)
    shop.money(attempt_id)
    assert shop.call("order_cancel", order_id).code == "order-paid"
    assert shop.edit_to_three_packets(order_id, 1).code == "order-paid"


def test_what_is_nowhere_is_404(shop: Shop) -> None:
    for name in ("order_read", "order_edit", "order_cancel", "order_history", "payment_request", "payment_read"):
        answer = shop.call(name, "7777777777777777")
        assert (answer.status, answer.code) == (404, "order-not-found"), name
    nowhere = http_event("order_read")
    nowhere["rawPath"] = nowhere["requestContext"]["http"]["path"] = "/nowhere"
    assert shop.send("order_read", nowhere).code == "no-such-route"


def test_an_address_of_a_place_without_postal_codes_is_taken_and_answered_as_it_is(shop: Shop) -> None:
    address = {"recipient": "陳大文", "line1": "1\u00a0Queen's Road Central", "country": "HK"}
    read = shop.read(shop.create(shipping_address=address))
    assert read.body["shipping_address"] == address


def test_half_a_billion_euro_in_rupiah_are_an_order(shop: Shop) -> None:
    """The largest total of every currency: an integer that JSON's numbers hold exactly."""
    lines = [{"sku": "rig", "name": "Oil rig", "quantity": 1_000_000, "unit_price": 10**9}]
    order_id = shop.create(currency="IDR", lines=lines)
    assert shop.read(order_id).body["total"] == 10**15 < 2**53
    assert shop.pay(order_id).body["amount"] == 10**15
