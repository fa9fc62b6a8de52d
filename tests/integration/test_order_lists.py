"""Lists of orders: who sees what, page by page, at the price of one query and one batch read."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from inspect import unwrap
from types import SimpleNamespace
from typing import Any

import pytest

from local.api_client import ApiResponse
from paylatch.ports import ListingPage, Metric
from paylatch.store.connection import TableConnection
from paylatch.store.items import item_of
from tests.api import handler_transport
from tests.api.handlers import handler_of
from tests.integration.dynamodb_tap import Tap
from tests.integration.head_edits import edit_head, unreadable
from tests.integration.shop import Shop
from tests.lambda_events import BUYER, OPERATOR, SELLER, SERVICE, Person, sample_body
from tests.orders_table import TABLE, client_of

OTHER_BUYER, OTHER_SELLER = Person("another-buyer", "buyer"), Person("another-seller", "seller")


@pytest.fixture
def tap(orders_table: TableConnection) -> Iterator[Tap]:
    with Tap(orders_table).attached() as tap:
        yield tap


@pytest.fixture
def pauses(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the function waits between tries."""
    found: list[float] = []
    monkeypatch.setitem(unwrap(handler_of("orders")).__globals__, "time", SimpleNamespace(sleep=found.append))
    return found


def placed(shop: Shop, number: int = 1, **fields: Any) -> list[str]:
    """So many new orders, a second apart."""
    ids = []
    for _ in range(number):
        shop.clock.advance(timedelta(seconds=1))
        ids.append(shop.create(**fields))
    return ids


def listed(shop: Shop, person: Person = BUYER, **query: str) -> ApiResponse:
    return shop.call("order_list", "", person=person, query=query)


def ids_of(answer: ApiResponse) -> list[str]:
    assert answer.status == 200, answer.document
    return [order["order_id"] for order in answer.body["orders"]]


def pages(shop: Shop, person: Person = BUYER, **query: str) -> list[list[str]]:
    found: list[list[str]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = listed(shop, person, **query, **cursor)
        found.append(ids_of(answer))
        if answer.body["next_cursor"] is None:
            return found
        cursor = {"cursor": answer.body["next_cursor"]}


def test_a_list_has_the_newest_first_as_each_order_is_now_and_without_its_content(shop: Shop) -> None:
    first, second = placed(shop, 2)
    shop.pay(first)
    answer = listed(shop)
    assert ids_of(answer) == [second, first]
    assert answer.body["next_cursor"] is None
    read = shop.read(first).body
    assert answer.body["orders"][1] == {name: read[name] for name in answer.body["orders"][1]}
    assert "lines" not in answer.body["orders"][0]
    assert answer.body["orders"][1]["payment_status"] == "in_payment"


def test_a_list_without_orders_is_empty(shop: Shop) -> None:
    assert listed(shop).body == {"orders": [], "next_cursor": None}


def test_each_sees_their_own_and_a_service_and_an_operator_whom_they_name(shop: Shop) -> None:
    (mine,) = placed(shop)
    (of_other_buyer,) = placed(shop, buyer_id=OTHER_BUYER.subject)
    (of_other_seller,) = placed(shop, seller_id=OTHER_SELLER.subject)
    assert ids_of(listed(shop, BUYER)) == [of_other_seller, mine]
    assert ids_of(listed(shop, OTHER_BUYER)) == [of_other_buyer]
    assert ids_of(listed(shop, SELLER)) == [of_other_buyer, mine]
    assert ids_of(listed(shop, OTHER_SELLER)) == [of_other_seller]
    assert ids_of(listed(shop, Person(BUYER.subject, "seller"))) == []
    assert ids_of(listed(shop, BUYER, seller_id=SELLER.subject)) == [mine]
    assert ids_of(listed(shop, SELLER, buyer_id=OTHER_BUYER.subject)) == [of_other_buyer]
    for person in (SERVICE, OPERATOR):
        assert ids_of(listed(shop, person, buyer_id=BUYER.subject)) == [of_other_seller, mine]
        assert ids_of(listed(shop, person, seller_id=SELLER.subject)) == [of_other_buyer, mine]
        assert ids_of(listed(shop, person, seller_id=SELLER.subject, buyer_id=BUYER.subject)) == [mine]


def test_a_reference_is_looked_up_with_its_seller(shop: Shop) -> None:
    first, second = placed(shop, 2, reference="r-1")
    placed(shop, reference="r-2")
    placed(shop, reference="r-1", seller_id=OTHER_SELLER.subject)
    (of_other_buyer,) = placed(shop, reference="r-1", buyer_id=OTHER_BUYER.subject)
    assert ids_of(listed(shop, SELLER, reference="r-1")) == [of_other_buyer, second, first]
    assert ids_of(listed(shop, SERVICE, reference="r-1", seller_id=SELLER.subject)) == [of_other_buyer, second, first]
    assert ids_of(listed(shop, BUYER, reference="r-1", seller_id=SELLER.subject)) == [second, first]


@pytest.mark.parametrize("limit", ["1", "2", "3", "7", "50"])
def test_the_pages_hold_every_order_once(shop: Shop, limit: str) -> None:
    ids = placed(shop, 7)
    found = pages(shop, limit=limit)
    assert [order_id for page in found for order_id in page] == ids[::-1]
    assert all(len(page) == int(limit) for page in found[:-1])


@pytest.mark.parametrize("most", [100, 4, 3])
@pytest.mark.parametrize("limit", ["1", "2", "3", "50"])
def test_the_pages_of_a_reference_hold_every_order_once(
    shop: Shop, limit: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With more orders than are read whole, the list is made from all of the seller's."""
    monkeypatch.setattr("paylatch.use_cases.list_orders.MOST_WITH_A_REFERENCE", most)
    ids = placed(shop, 2, reference="r-1") + placed(shop, 2)[:0] + placed(shop, 2, reference="r-1")
    found = pages(shop, SELLER, reference="r-1", limit=limit)
    assert [order_id for page in found for order_id in page] == ids[::-1]


def test_a_reference_is_one_query_and_one_batch_read(shop: Shop, tap: Tap) -> None:
    placed(shop, 3, reference="r-1")
    tap.sent.clear()
    assert len(ids_of(listed(shop, SELLER, reference="r-1", limit="2"))) == 2
    assert tap.sent == ["Query", "BatchGetItem"]


def test_orders_of_one_moment_are_on_the_pages_once_each(shop: Shop) -> None:
    ids = [shop.create() for _ in range(5)]
    assert sorted(order_id for page in pages(shop, limit="2") for order_id in page) == sorted(ids)


def test_a_new_order_and_a_change_disturb_no_page(shop: Shop) -> None:
    ids = placed(shop, 4)
    first = listed(shop, limit="2")
    placed(shop)
    shop.pay(ids[0])
    shop.edit_to_three_packets(ids[1], 1)
    assert ids_of(first) == [ids[3], ids[2]]
    assert ids_of(listed(shop, limit="2", cursor=first.body["next_cursor"])) == [ids[1], ids[0]]


def test_a_status_filters_within_a_page(shop: Shop) -> None:
    ids = placed(shop, 4)
    shop.call("order_cancel", ids[0])
    assert pages(shop, status="cancelled", limit="2") == [[], [ids[0]]]
    assert pages(shop, status="pending_payment") == [ids[:0:-1]]


def test_a_list_is_one_query_and_one_batch_read_whatever_its_size(shop: Shop, tap: Tap) -> None:
    listed(shop)
    assert tap.sent == ["Query"]
    placed(shop, 60)
    tap.sent.clear()
    assert len(ids_of(listed(shop))) == 50
    assert tap.sent == ["Query", "BatchGetItem"]


def test_keys_that_the_database_did_not_get_to_are_read_again_and_stay_in_order(
    shop: Shop, orders_table: TableConnection, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, send, asked = placed(shop, 5), orders_table.send, list[int]()

    def partly(operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        if operation != "BatchGetItem":
            return send(operation, kwargs)
        keys = kwargs["RequestItems"][TABLE]["Keys"]
        asked.append(len(keys))
        taken, left = keys[:2], keys[2:]
        answer = send(operation, {"RequestItems": {TABLE: {"Keys": taken, "ConsistentRead": True}}})
        return {**answer, "UnprocessedKeys": {TABLE: {"Keys": left, "ConsistentRead": True}} if left else {}}

    monkeypatch.setattr(orders_table, "send", partly)
    assert ids_of(listed(shop)) == ids[::-1]
    assert (asked, pauses) == ([5, 3, 1], [0.05, 0.1])


def test_a_database_that_gets_to_no_key_is_an_error_and_no_shorter_page(
    shop: Shop, orders_table: TableConnection, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(shop, 2)
    send = orders_table.send

    def busy(operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {"UnprocessedKeys": kwargs["RequestItems"]} if operation == "BatchGetItem" else send(operation, kwargs)

    monkeypatch.setattr(orders_table, "send", busy)
    answer = listed(shop)
    assert (answer.status, answer.code) == (503, "store-unavailable")
    assert 0 < sum(pauses) < 2


def test_an_entry_that_the_head_does_not_confirm_is_left_out(
    shop: Shop, orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index shows changes late: an order that is gone, or that belongs to somebody else by now."""
    gone, handed_over, kept = placed(shop, 3)
    entries, store = shop.ports.store.list_entries, shop.ports.store
    key = item_of({"pk": f"ORDER#{gone}", "sk": "HEAD"})

    def before_the_changes(*asked: Any) -> ListingPage:
        page = entries(*asked)
        client_of(orders_table).delete_item(TableName=TABLE, Key=key)
        edit_head(orders_table, handed_over, lambda head: {**head, "buyer_id": "somebody"})
        return page

    monkeypatch.setattr(store, "list_entries", before_the_changes)
    assert ids_of(listed(shop)) == [kept]


def test_an_order_that_cannot_be_read_is_counted_and_hides_no_other(shop: Shop, orders_table: TableConnection) -> None:
    first, broken, last = placed(shop, 3)
    edit_head(orders_table, broken, unreadable)
    assert ids_of(listed(shop)) == [last, first]
    ((_, _, details),) = [each for each in shop.metrics.counted if each[0] is Metric.ORDER_UNREADABLE]
    assert details["order_id"] == broken


BAD: list[tuple[Person, dict[str, str], str]] = [
    *((person, {}, "seller_id") for person in (SERVICE, OPERATOR)),
    *((person, {"buyer_id": "b", "reference": "r"}, "reference") for person in (SERVICE, OPERATOR)),
    (BUYER, {"reference": "r"}, "reference"),
    *((BUYER, {"limit": text}, "limit") for text in ("0", "51", "-1", "1.0", "", "ten", "\u0661", "1" * 5000)),
    *((BUYER, {"status": text}, "status") for text in ("", "PAID", "processing", "paid,cancelled")),
    *((SERVICE, {"seller_id": text}, "seller_id") for text in ("", " ", "x" * 65, "a\nb")),
    *((SERVICE, {"buyer_id": text}, "buyer_id") for text in ("", "\u202e")),
    (SELLER, {"reference": ""}, "reference"),
    (SELLER, {"reference": "x" * 65}, "reference"),
    (BUYER, {"seller": "s"}, "seller"),
    *((BUYER, {"cursor": text}, "cursor") for text in ("", "x", "A" * 101, "A" * 5000, "水")),
    (BUYER, {"cursor": urlsafe_b64encode(b"2026-11-24T12:00:00.000Z D7KY3NPF3FM5GY6V").decode()}, "cursor"),
]


@pytest.mark.parametrize(("person", "query", "field"), BAD, ids=lambda value: str(value)[:60])
def test_bad_input_names_the_field_and_reads_nothing(
    shop: Shop, tap: Tap, person: Person, query: dict[str, str], field: str
) -> None:
    answer = listed(shop, person, **query)
    assert (answer.status, answer.code) == (400, "invalid-request")
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert tap.sent == []


@pytest.mark.parametrize(
    ("person", "query"), [(BUYER, {"buyer_id": "other"}), (SELLER, {"seller_id": "other"})], ids=["buyer", "seller"]
)
def test_the_orders_of_others_are_refused_and_nothing_is_read(
    shop: Shop, tap: Tap, person: Person, query: dict[str, str]
) -> None:
    assert listed(shop, person, **query).code == "not-allowed"
    assert tap.sent == []


def cursor_for(shop: Shop, person: Person, **query: str) -> str:
    cursor: str = listed(shop, person, limit="1", **query).body["next_cursor"]
    return cursor


def test_a_cursor_of_another_list_is_refused_and_nothing_is_read(shop: Shop, tap: Tap) -> None:
    placed(shop, 2, reference="r-1")
    placed(shop, 2, buyer_id=OTHER_BUYER.subject)
    own = cursor_for(shop, BUYER)
    foreign = [
        cursor_for(shop, OTHER_BUYER),
        cursor_for(shop, SELLER),
        cursor_for(shop, SELLER, reference="r-1"),
        cursor_for(shop, SERVICE, seller_id=SELLER.subject),
    ]
    tap.sent.clear()
    for cursor in foreign:
        answer = listed(shop, BUYER, cursor=cursor)
        assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (400, ["cursor"])
    assert tap.sent == []
    assert listed(shop, BUYER, cursor=own, status="paid", limit="3").status == 200


def test_a_cursor_names_no_order_of_others(shop: Shop) -> None:
    """A seller who asks for a buyer's orders learns nothing of what the buyer orders elsewhere."""
    placed(shop, 3, seller_id=OTHER_SELLER.subject)
    assert listed(shop, SELLER, buyer_id=BUYER.subject, limit="1").body == {"orders": [], "next_cursor": None}
    placed(shop, 3, buyer_id=OTHER_BUYER.subject, reference="r-1")
    filtered = listed(shop, BUYER, seller_id=SELLER.subject, reference="r-1", limit="3")
    assert filtered.body == {"orders": [], "next_cursor": None}


Unchanged = Callable[[], bool]


def unique(shop: Shop, person: Person = SERVICE, key: str | None = None, **fields: Any) -> ApiResponse:
    body = sample_body("order_create") | {"reference": "r-1", "unique_reference": True} | fields
    return handler_transport.client_of(person).create_order(body, key)


def test_a_claimed_reference_makes_one_order_whoever_asks_and_by_whatever_key(
    shop: Shop, tap: Tap, nothing_written: Unchanged
) -> None:
    first = unique(shop)
    assert first.status == 201
    nothing_written()
    tap.sent.clear()
    for again in (unique(shop), unique(shop, SELLER), unique(shop, key="k1"), unique(shop, SELLER, key="k2")):
        assert (again.status, again.body) == (201, first.body)
    assert nothing_written()
    assert set(tap.sent) == {"GetItem", "Scan"}


@pytest.mark.parametrize("key", ["", " ", "ключ", "x" * 256])
def test_a_claimed_reference_takes_the_place_of_a_key_that_is_none(shop: Shop, key: str) -> None:
    first = unique(shop)
    again = unique(shop, key=key)
    assert (again.status, again.body) == (201, first.body)
    refused = shop.call("order_create", "", headers={"idempotency-key": key}, person=SERVICE)
    assert [error["field"] for error in refused.body["errors"]] == ["Idempotency-Key"]


@pytest.mark.parametrize("fields", [{"note": "another"}, {"buyer_id": "another"}, {"currency": "SEK"}], ids=str)
def test_another_order_with_a_claimed_reference_is_refused(
    shop: Shop, nothing_written: Unchanged, fields: dict[str, Any]
) -> None:
    unique(shop)
    nothing_written()
    for key in (None, "k1"):
        refused = unique(shop, key=key, **fields)
        assert (refused.status, refused.code) == (409, "reference-taken")
    assert nothing_written()


def test_a_reference_is_claimed_for_one_seller_and_shared_by_who_claims_none(shop: Shop) -> None:
    ids = {
        unique(shop).body["order_id"],
        unique(shop, seller_id="another-seller").body["order_id"],
        unique(shop, unique_reference=False).body["order_id"],
        unique(shop, unique_reference=False).body["order_id"],
        unique(shop, reference="r-2").body["order_id"],
    }
    assert len(ids) == 5


def test_of_two_orders_that_claim_a_reference_at_once_one_is_made(shop: Shop, contents: Callable[[], int]) -> None:
    read, store = shop.ports.store.read_head, shop.ports.store

    def overtaken(order_id: str) -> Any:
        found = read(order_id)
        store.read_head = read  # type: ignore[method-assign]
        assert unique(shop, note="faster").status == 201
        return found

    store.read_head = overtaken  # type: ignore[method-assign]
    assert unique(shop).code == "reference-taken"
    assert contents() == 1


@pytest.mark.parametrize("value", [1, "true", None, {}])
def test_whether_a_reference_is_claimed_is_yes_or_no(shop: Shop, value: Any) -> None:
    answer = unique(shop, unique_reference=value)
    assert [error["field"] for error in answer.body["errors"]] == ["unique_reference"]
