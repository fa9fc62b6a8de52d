"""Bad input gets the contract's error with the field named, and writes nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.api_client import ApiResponse
from paylatch.store.connection import TableConnection
from tests.integration.bad_bodies import EDITS, ORDERS, PAYMENTS, RAW, RESOLUTIONS, STOPS, order
from tests.integration.shop import Shop
from tests.lambda_events import SELLER, http_event
from tests.orders_table import client_of

Unchanged = Callable[[], bool]
MADE: dict[str, list[dict[str, Any]]] = {}
BODIES = {
    "order_create": ORDERS,
    "payment_request": PAYMENTS,
    "order_edit": EDITS,
    "resolution": RESOLUTIONS,
    "stop_and_change": STOPS,
}
CASES = [(name, case) for name, bodies in BODIES.items() for case in bodies]


@pytest.fixture
def order_id(shop: Shop, orders_table: TableConnection, nothing_written: Unchanged) -> str:
    """An order for every bad request: made once, and restored for every test."""
    client = client_of(orders_table)
    if not MADE:
        made = shop.create()
        MADE[made] = client.scan(TableName=orders_table.table)["Items"]
    ((order_id, items),) = MADE.items()
    for item in items:
        client.put_item(TableName=orders_table.table, Item=item)
    assert nothing_written()
    return order_id


def is_a_problem(answer: ApiResponse) -> bool:
    body = answer.body
    return (
        answer.headers["content-type"] == "application/problem+json"
        and body["type"] == f"urn:paylatch:problem:{body['code']}"
        and body["status"] == answer.status
        and bool(body["title"])
        and bool(body["detail"])
    )


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case}" for name, case in CASES])
def test_the_field_is_named_and_nothing_is_written(
    shop: Shop, order_id: str, nothing_written: Unchanged, name: str, case: str
) -> None:
    body, field = BODIES[name][case]
    answer = shop.call(name, order_id, body=body, person=SELLER if name == "order_edit" else None)
    assert (answer.status, answer.code) == (400, "invalid-request")
    assert is_a_problem(answer)
    assert field in [error["field"] for error in answer.body["errors"]]
    assert all(error["problem"] and "Value error" not in error["problem"] for error in answer.body["errors"])
    assert nothing_written()


@pytest.mark.parametrize("case", RAW)
@pytest.mark.parametrize("name", ["order_create", "payment_request", "order_edit", "resolution"])
def test_a_body_that_is_no_json_object_of_64_kb(
    shop: Shop, order_id: str, nothing_written: Unchanged, name: str, case: str
) -> None:
    body, status = RAW[case]
    filled = http_event(name, order_id=order_id, body=body)
    answer = shop.send(name, filled)
    assert answer.status == status, answer.body
    assert is_a_problem(answer)
    assert answer.code == ("body-too-large" if status == 413 else "invalid-request")
    assert nothing_written()


def test_exactly_64_kb_is_not_too_large(shop: Shop, order_id: str) -> None:
    text = json.dumps(order(note="soon"))
    padded = text + " " * (64 * 1024 - len(text))
    assert shop.call("order_create", order_id, body=padded).status == 201
    assert shop.call("order_create", order_id, body=padded + " ").status == 413


def test_base64_is_decoded_and_broken_base64_is_refused(shop: Shop, order_id: str, nothing_written: Unchanged) -> None:
    filled = http_event("order_create", body="{}") | {"isBase64Encoded": True}
    assert shop.send("order_create", filled).body["errors"][0]["field"] == "body"
    assert nothing_written()
    assert shop.call("order_create", order_id, body=json.dumps(order()).encode()).status == 201


def test_a_body_that_has_no_utf_8_is_named_so(shop: Shop, order_id: str, nothing_written: Unchanged) -> None:
    answer = shop.call("order_create", order_id, body='{"note": "\ud800"}')
    assert answer.body["errors"] == [{"field": "body", "problem": "is not valid UTF-8"}]
    assert nothing_written()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("order_create", {"\ud800": 1}),
        ("order_create", {"lines": [{"\ud800": 1}]}),
        ("order_create", {"metadata": {"\udfff": "x"}}),
        ("order_edit", {"\ud800": 1}),
        ("order_edit", {"shipping_address": {"a\ud800": "x"}}),
        ("stop_and_change", {"edit": {"\ud800": 1}}),
    ],
)
def test_a_name_that_is_no_text_is_the_body_s_fault(
    shop: Shop, order_id: str, nothing_written: Unchanged, name: str, body: Any
) -> None:
    answer = shop.call(name, order_id, body=body, headers={"if-match": '"1"'})
    problem = "is not valid JSON: a name has half of a surrogate pair"
    assert answer.body["errors"] == [{"field": "body", "problem": problem}]
    assert nothing_written()


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "", None, "application/jsonp", "application/merge-patch+json"]
)
def test_another_format_is_415(shop: Shop, order_id: str, nothing_written: Unchanged, content_type: str | None) -> None:
    for name in ("order_create", "payment_request"):
        answer = shop.call(name, order_id, headers={"content-type": content_type})
        assert (answer.status, answer.code) == (415, "unsupported-media-type")
    assert nothing_written()


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", " application/json "])
def test_json_by_another_spelling_is_json(shop: Shop, order_id: str, content_type: str) -> None:
    assert shop.call("order_create", order_id, headers={"content-type": content_type}).status == 201


KEYS: dict[str, Any] = {
    "a space": "a b",
    "too long": "x" * 256,
    "a letter beyond ASCII": "schlüssel",
    "a tab": "a\tb",
}
BLANK = ["", " ", "\t", " \t "]


@pytest.mark.parametrize("case", KEYS)
@pytest.mark.parametrize("name", ["order_create", "payment_request"])
def test_an_idempotency_key_is_1_to_255_visible_characters(
    shop: Shop, order_id: str, nothing_written: Unchanged, name: str, case: str
) -> None:
    answer = shop.call(name, order_id, headers={"idempotency-key": KEYS[case]})
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "Idempotency-Key")
    assert nothing_written()


def test_a_payment_request_needs_an_idempotency_key(shop: Shop, order_id: str, nothing_written: Unchanged) -> None:
    answer = shop.call("payment_request", order_id, headers={"idempotency-key": None})
    assert (answer.status, answer.code) == (400, "idempotency-key-missing")
    assert nothing_written()


@pytest.mark.parametrize("value", BLANK)
@pytest.mark.parametrize("header", ["idempotency-key", "Idempotency-Key"])
def test_a_blank_required_key_is_a_missing_one_and_a_blank_optional_one_is_invalid(
    shop: Shop, order_id: str, nothing_written: Unchanged, header: str, value: str
) -> None:
    headers = {"idempotency-key": None, header: value}
    required = shop.call("payment_request", order_id, headers=headers)
    assert (required.status, required.code) == (400, "idempotency-key-missing")
    optional = shop.call("order_create", order_id, headers=headers)
    assert (optional.status, optional.body["errors"][0]["field"]) == (400, "Idempotency-Key")
    assert nothing_written()


@pytest.mark.parametrize("value", BLANK)
@pytest.mark.parametrize("header", ["if-match", "If-Match"])
def test_a_blank_required_revision_is_a_missing_one_and_a_blank_optional_one_is_invalid(
    shop: Shop, order_id: str, nothing_written: Unchanged, header: str, value: str
) -> None:
    headers = {"if-match": None, header: value}
    required = shop.call("order_edit", order_id, headers=headers)
    assert (required.status, required.code) == (428, "precondition-required")
    optional = shop.call("payment_request", order_id, headers=headers)
    assert (optional.status, optional.body["errors"][0]["field"]) == (400, "If-Match")
    assert nothing_written()


@pytest.mark.parametrize("value", ['"1","1"', '"1", "1"', '"1",', '"1","2"'])
@pytest.mark.parametrize("name", ["order_edit", "payment_request"])
def test_a_repeated_if_match_is_not_one_etag(
    shop: Shop, order_id: str, nothing_written: Unchanged, name: str, value: str
) -> None:
    """API Gateway joins the values of a repeated header by commas."""
    answer = shop.call(name, order_id, headers={"if-match": value})
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "If-Match")
    assert nothing_written()


def test_the_longest_key_is_accepted(shop: Shop, order_id: str) -> None:
    assert shop.call("payment_request", order_id, headers={"idempotency-key": "~" * 255}).status == 201


ETAGS = [
    "1",
    "1.1",
    'w/"1"',
    "W/1",
    '"1."',
    '".1"',
    '"1.0"',
    '"1.1.1"',
    "*",
    '"0"',
    '"01"',
    '"-1"',
    '"a"',
    '""',
    '"1", "2"',
    '"1234567890"',
    '"1',
]


@pytest.mark.parametrize("etag", ETAGS)
@pytest.mark.parametrize("name", ["order_edit", "payment_request"])
def test_if_match_is_one_etag_of_the_order_or_its_revision(
    shop: Shop, order_id: str, nothing_written: Unchanged, name: str, etag: str
) -> None:
    answer = shop.call(name, order_id, headers={"if-match": etag})
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "If-Match")
    assert nothing_written()


IDS = ["x", "x" * 3000, "d7ky3npf3fm5gy6v", "D7KY3NPF3FM5GY6U", "D7KY3NPF3FM5GY6VV", "é" * 16, "%2e%2e", "a b"]


@pytest.mark.parametrize("bad_id", IDS, ids=lambda bad_id: bad_id[:20])
@pytest.mark.parametrize(
    "name", ["order_read", "order_edit", "order_cancel", "order_history", "payment_request", "recheck"]
)
def test_an_id_that_can_be_no_orders_is_404(
    shop: Shop, order_id: str, nothing_written: Unchanged, name: str, bad_id: str
) -> None:
    answer = shop.call(name, bad_id)
    assert (answer.status, answer.code) == (404, "order-not-found")
    assert nothing_written()


def test_several_problems_are_reported_at_once(shop: Shop, order_id: str) -> None:
    answer = shop.call("order_create", order_id, body=order(currency="EUX", reference="", note=1))
    assert {error["field"] for error in answer.body["errors"]} == {"currency", "reference", "note"}
