"""The exact requests to DynamoDB: strongly consistent where something is decided, and writes that guard."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from paylatch.domain.shards import SHARDS
from paylatch.domain.transitions import STATE_TABLE
from paylatch.ports import Index
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import PAGE, DynamoOrderStore
from tests.integration.dynamodb_tap import Tap
from tests.integration.shop import Shop
from tests.integration.writing_operations import OPERATIONS
from tests.lambda_events import OPERATOR
from tests.orders_table import TABLE
from tests.store_calls import ORDER_CALLS
from tests.transition_cases import ORDER_ID, START, fitting

# As many as are shipped: what a sweep asks is counted.
pytestmark = pytest.mark.all_shards

PK = {"S": f"ORDER#{ORDER_ID}"}
HEAD, CONTENT = ({"pk": PK, "sk": {"S": sort_key}} for sort_key in ("HEAD", "CONTENT#C1"))
# Only PynamoDB uses the capacity, which it always requests.
ALWAYS = {"ReturnConsumedCapacity": "TOTAL"}
EVENT = {"pk": PK, "sk": {"S": "EVENT#00000001"}}
EXPECTED_REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "read_head": ("GetItem", {"Key": HEAD, "ConsistentRead": True}),
    "is_retired": ("GetItem", {"Key": HEAD, "ConsistentRead": True}),
    "read_content": ("GetItem", {"Key": CONTENT, "ConsistentRead": True}),
    "remove_content": ("DeleteItem", {"Key": CONTENT}),
    "put_content": ("PutItem", {"Item": CONTENT, "ConditionExpression": "attribute_not_exists(pk)"}),
    "record_events": ("BatchWriteItem", {"RequestItems": {TABLE: [{"PutRequest": {"Item": EVENT}}]}}),
    "read_history": (
        "Query",
        {
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": PK,
                ":first": {"S": "EVENT#00000007#"},
                ":last": {"S": "EVENT#99999999#"},
            },
            "ConsistentRead": True,
            # One more than the page holds: whether there is another page is known without another query.
            "Limit": 21,
        },
    ),
    "list_entries": (
        "Query",
        {
            "IndexName": "by_buyer",
            "KeyConditionExpression": "buyer_id = :key",
            "ExpressionAttributeValues": {":key": {"S": "b"}},
            "ScanIndexForward": False,
            # The start is rebuilt from the listing's own key.
            "ExclusiveStartKey": {**HEAD, "buyer_id": {"S": "b"}, "created_at": {"S": "2026-11-24T12:00:00.000Z"}},
            "Limit": 21,
        },
    ),
    "find_reference": (
        "Query",
        {
            "IndexName": "by_reference",
            "KeyConditionExpression": "seller_id = :seller AND #reference = :reference",
            "ExpressionAttributeNames": {"#reference": "reference"},
            "ExpressionAttributeValues": {":seller": {"S": "s"}, ":reference": {"S": "r"}},
            "Limit": 20,
        },
    ),
    "read_heads": ("BatchGetItem", {"RequestItems": {TABLE: {"Keys": [HEAD], "ConsistentRead": True}}}),
    "read_contents": ("BatchGetItem", {"RequestItems": {TABLE: {"Keys": [CONTENT], "ConsistentRead": True}}}),
    "due": (
        "Query",
        {
            "IndexName": "due",
            "KeyConditionExpression": "#shard = :shard AND due_at <= :until",
            "ExpressionAttributeNames": {"#shard": "shard"},
            "ExpressionAttributeValues": {":until": {"S": "2026-11-24T12:00:00.000Z"}},
            "Limit": PAGE,
        },
    ),
}


@pytest.fixture
def tap(orders_table: TableConnection) -> Iterator[Tap]:
    with Tap(orders_table).attached() as tap:
        yield tap


def always(operation: str) -> dict[str, str]:
    """A batch names the table where it says what to put there."""
    return ALWAYS if operation.startswith("Batch") else {"TableName": TABLE, **ALWAYS}


def puts_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a request that put an item."""
    batch = [put["PutRequest"] for put in request.get("RequestItems", {}).get(TABLE, []) if "PutRequest" in put]
    return [request] if "Item" in request else batch


@pytest.mark.parametrize("call", EXPECTED_REQUESTS)
def test_a_call_asks_exactly_this(orders_table: TableConnection, tap: Tap, call: str) -> None:
    with suppress(LookupError):
        ORDER_CALLS[call](DynamoOrderStore(orders_table))
    operation, expected = EXPECTED_REQUESTS[call]
    for sent, request in tap.asked:
        request.get("ExpressionAttributeValues", {}).pop(":shard", None)
        for put in puts_of(request):
            put["Item"] = {name: value for name, value in put["Item"].items() if name in ("pk", "sk")}
        assert (sent, request) == (operation, {**always(operation), **expected})
    assert len(tap.asked) == (SHARDS if call == "due" else 1)


@pytest.mark.parametrize("row", STATE_TABLE)
def test_a_transition_is_one_guarded_write_of_the_head_whose_refusal_is_the_read(
    orders_table: TableConnection, tap: Tap, row: str
) -> None:
    DynamoOrderStore(orders_table).apply(ORDER_ID, fitting(row)[1])
    ((operation, request),) = tap.asked
    assert (operation, request["Key"]) == ("UpdateItem", HEAD)
    assert request["ConditionExpression"]
    assert request["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"
    assert request["ReturnValues"] == "ALL_NEW"
    # What adds to a number, or to a list, would do so twice when the SDK sends it twice and the guard let it.
    assert request["UpdateExpression"].split()[0] in ("SET", "REMOVE")
    assert not {"ADD", "DELETE", "list_append"} & set(request["UpdateExpression"].replace("(", " ").split())


def everything(shop: Shop) -> Iterator[Callable[[], object]]:
    """Each operation that writes, and each that only reads."""
    order_id = attempt_id = ""
    for operation in OPERATIONS.values():
        order_id, attempt_id = operation.arrange(shop)
        yield lambda operation=operation, ids=(order_id, attempt_id): operation.act(shop, *ids)  # type: ignore[misc]
    yield lambda: shop.read(order_id)
    yield lambda: shop.call("order_history", order_id, person=OPERATOR)
    yield lambda: shop.call("order_list", order_id)
    yield lambda: shop.call("payment_read", order_id, attempt_id=attempt_id)
    yield lambda: shop.call("attention", order_id, person=OPERATOR)
    yield lambda: shop.operator("recheck", order_id, attempt_id)


def test_whatever_the_functions_do_they_ask_in_these_ways_only(shop: Shop, tap: Tap) -> None:
    for act in everything(shop):
        act()
    assert {operation for operation, _ in tap.asked} == {*ALLOWED}
    assert [request for operation, request in tap.asked if not ALLOWED[operation](request)] == []


def sort_key(item: dict[str, Any]) -> str:
    key: str = item["sk"]["S"]
    return key


ALLOWED: dict[str, Callable[[dict[str, Any]], bool]] = {
    "GetItem": lambda request: request["ConsistentRead"] is True,
    "BatchGetItem": lambda request: request["RequestItems"][TABLE]["ConsistentRead"] is True,
    # An index cannot be read consistently; what it names is read from the table.
    "Query": lambda request: ("IndexName" in request) != request.get("ConsistentRead", False) and request["Limit"] > 0,
    "UpdateItem": lambda request: (
        sort_key(request["Key"]) == "HEAD"
        and bool(request["ConditionExpression"])
        and request["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"
    ),
    "PutItem": lambda request: sort_key(request["Item"]).startswith("CONTENT#"),
    "DeleteItem": lambda request: sort_key(request["Key"]).startswith("CONTENT#"),
}


@pytest.mark.parametrize("index", Index)
def test_an_index_is_read_to_its_end_page_by_page(
    orders_table: TableConnection, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = [{"pk": {"S": f"ORDER#{number}"}, "sk": {"S": "HEAD"}} for number in range(4)]
    # DynamoDB may end a page before its limit, and even before it has found anything.
    pages: dict[str | None, dict[str, Any]] = {
        None: {"Items": [last[0]], "LastEvaluatedKey": last[0]},
        "0": {"Items": [], "LastEvaluatedKey": last[1]},
        "1": {"Items": [last[2], last[3]], "LastEvaluatedKey": last[3]},
        "3": {"Items": []},
    }
    asked: list[dict[str, Any]] = []

    def answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        asked.append(request)
        start = request.get("ExclusiveStartKey")
        return pages[start["pk"]["S"].removeprefix("ORDER#") if start else None]

    monkeypatch.setattr(orders_table.connection, "dispatch", answer)
    source = DynamoOrderStore(orders_table).due(index, START)[0]
    assert list(source.read()) == ["0", "2", "3"]
    assert len(asked) == len(pages)
    starts = [request.pop("ExclusiveStartKey", None) for request in asked]
    assert starts == [None, last[0], last[1], last[3]]
    assert [request for request in asked if request != asked[0]] == []
