"""A history comes in pages, each of one query, and an invalid query is refused by the name of its field."""

import pytest

from local.api_client import ApiResponse
from paylatch.store.connection import TableConnection
from tests.integration.dynamodb_tap import Tap
from tests.integration.shop import Shop
from tests.integration.table_stream import TableStream
from tests.integration.test_order_events import recorded, run_lifecycle

SEQS = list(range(1, 11))


@pytest.fixture
def order_id(shop: Shop, orders_table: TableConnection, published: list[object]) -> str:
    """An order whose history has ten events."""
    order_id = run_lifecycle(shop)
    recorded(TableStream(orders_table).batch())
    return order_id


def page(shop: Shop, order_id: str, **query: str) -> ApiResponse:
    return shop.call("order_history", order_id, query=query)


def seqs(answer: ApiResponse) -> list[int]:
    return [event["seq"] for event in answer.body["events"]]


def test_a_page_gives_the_start_of_the_next_one_until_there_is_none(shop: Shop, order_id: str) -> None:
    found: list[int] = []
    after = "0"
    for _ in range(4):
        answer = page(shop, order_id, after=after, limit="3")
        found += seqs(answer)
        after = str(answer.body["next_after"])
    assert found == SEQS
    assert after == "None"


def test_without_a_question_it_is_the_first_100(shop: Shop, order_id: str) -> None:
    answer = shop.call("order_history", order_id)
    assert (seqs(answer), answer.body["next_after"]) == (SEQS, None)
    assert page(shop, order_id, limit="100").body == answer.body
    assert page(shop, order_id, after="0").body == answer.body


def test_the_last_page_that_is_full_is_the_last(shop: Shop, order_id: str) -> None:
    answer = page(shop, order_id, after="5", limit="5")
    assert (seqs(answer), answer.body["next_after"]) == ([6, 7, 8, 9, 10], None)
    assert page(shop, order_id, after="10").body == {"events": [], "next_after": None}


def test_a_page_is_one_query(shop: Shop, order_id: str, orders_table: TableConnection) -> None:
    with Tap(orders_table).attached() as tap:
        page(shop, order_id, after="2", limit="3")
    assert tap.count("Query") == 1


BAD = {
    "after": ["", "-1", "x", "1.0", "+1", " 1", "1,2", "100000000", "\u0663", "9" * 5000],
    "limit": ["", "0", "-1", "101", "x", "1.0", "1,2", "\u0663", "1_0"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_is_reported_by_name(shop: Shop, order_id: str, name: str, value: str) -> None:
    answer = page(shop, order_id, **{name: value})
    assert (answer.status, answer.code) == (400, "invalid-request")
    assert [error["field"] for error in answer.body["errors"]] == [name]


def test_two_bad_values_are_reported_at_once(shop: Shop, order_id: str) -> None:
    answer = page(shop, order_id, after="x", limit="0")
    assert [error["field"] for error in answer.body["errors"]] == ["after", "limit"]
