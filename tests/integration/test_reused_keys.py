"""A key that came with another request is refused, whatever is different; the same request may be written otherwise.

The requests are found by the contract and their fields by the models, so that a new one is tried here by itself.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from local.api_client import ApiResponse
from openapi.operations import OPERATIONS
from openapi.request_schemas import COMPONENTS
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.integration.body_fields import MISSING, fields_of, value_at, with_value
from tests.integration.shop import Shop

KEY = "checkout-7f3a"


@dataclass(frozen=True)
class Request:
    """A request whose body has every field, and for each of them another value that could have been sent instead."""

    event: str
    body: dict[str, Any]
    others: dict[str, Any]


ADDRESS = {
    "recipient": "Ada Lovelace",
    "line1": "12 St James Square",
    "line2": "2nd floor",
    "city": "London",
    "region": "Greater London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
    "phone": "+44 20 7946 0000",
}
LINE = {
    "sku": "tea-01",
    "name": "Green tea",
    "quantity": 2,
    "unit_price": 1250,
    "kind": "fee",
    "fixed": False,
    "max_quantity": 5,
}
REQUESTS = {
    "create_order": Request(
        "order_create",
        {
            "reference": "2026-1001",
            "unique_reference": False,
            "buyer_id": "5c1f3f9e-8f0e-4c1c-9c37-1f1d6f6a0b11",
            "seller_id": "b7a0c5d2-13f4-4b0e-a7c9-6a1c1f0e9d22",
            "currency": "EUR",
            "lines": [LINE],
            "shipping_address": ADDRESS,
            "note": "Please ring twice.",
            "buyer_may": ["note"],
            "email": "ada@example.com",
            "locale": "en-GB",
            "billing_address": ADDRESS,
            "metadata": {"channel": "web"},
            "payable": True,
            "pay_by": "2026-12-24T12:00:00Z",
            "late_money": "accept",
        },
        {
            "reference": "2026-1002",
            "unique_reference": True,
            "buyer_id": "another-buyer",
            "seller_id": "another-seller",
            "currency": "SEK",
            "lines": [LINE, {**LINE, "sku": "tea-02"}],
            "lines.0.sku": "tea-02",
            "lines.0.name": "Black tea",
            "lines.0.quantity": 3,
            "lines.0.unit_price": 1251,
            "lines.0.kind": "shipping",
            "lines.0.fixed": True,
            "lines.0.max_quantity": 6,
            "shipping_address": {**ADDRESS, "city": "Leeds"},
            **{f"shipping_address.{part}": f"{value} B" for part, value in ADDRESS.items()},
            "shipping_address.country": "IE",
            "note": "Please ring thrice.",
            "buyer_may": ["quantities"],
            "email": "ada@example.org",
            "locale": "en",
            "billing_address": {**ADDRESS, "city": "Leeds"},
            **{f"billing_address.{part}": f"{value} B" for part, value in ADDRESS.items()},
            "billing_address.country": "IE",
            "metadata": {"channel": "phone"},
            "payable": False,
            "pay_by": "2026-12-24T12:00:01Z",
            "late_money": "refund",
        },
    ),
    "request_payment": Request(
        "payment_request",
        {"return_url": "https://shop.example/thanks", "gateway": "sandbox", "expires_in": 901},
        {"return_url": "https://shop.example/other", "gateway": "other", "expires_in": 902},
    ),
    "request_refund": Request(
        "refund",
        {"amount": 1000, "reason": "one packet came back"},
        {"amount": 999, "reason": "one packet was torn"},
    ),
}
MODELS: dict[str, type[BaseModel]] = {schema: model for model, schema in COMPONENTS.items()}
KEYED = {
    operation.name: MODELS[operation.body.schema]
    for operation in OPERATIONS
    if operation.body and {"IdempotencyKey", "IdempotencyKeyRequired"} & set(operation.parameters)
}
# A claimed reference identifies the order in place of the key: `test_order_lists.py` has its tests.
IN_PLACE_OF_THE_KEY = ("create_order", "unique_reference")
FIELDS = [
    (name, path) for name, model in KEYED.items() for path in fields_of(model) if (name, path) != IN_PLACE_OF_THE_KEY
]
OPTIONAL = [(name, path) for name, path in FIELDS if not fields_of(KEYED[name])[path].is_required()]


@pytest.fixture
def send(shop: Shop) -> Callable[..., ApiResponse]:
    """Sends a request under the one key of this page."""
    shop.gateways.made["other"] = ScriptedGateway(shop.clock)
    order_id, paid = shop.create(), shop.locked("before")
    shop.money(paid[1])

    def sent(name: str, body: Any, **headers: str) -> ApiResponse:
        order = paid[0] if name == "request_refund" else order_id
        return shop.call(REQUESTS[name].event, order, body=body, headers={"idempotency-key": KEY, **headers})

    return sent


def test_every_request_with_a_key_is_tried_here() -> None:
    assert set(REQUESTS) == set(KEYED), "give it a row in REQUESTS"


@pytest.mark.parametrize("name", REQUESTS)
def test_every_field_has_a_value_and_another_one_here(name: str) -> None:
    fields = set(fields_of(KEYED[name]))
    without = {path for path in fields if value_at(REQUESTS[name].body, path) is MISSING}

    assert without == set(), "give the body in REQUESTS a value for it"
    assert set(REQUESTS[name].others) == fields, "give it another value in REQUESTS"


@pytest.mark.parametrize(("name", "path"), FIELDS)
def test_any_other_value_is_another_request_and_changes_nothing(
    send: Callable[..., ApiResponse], nothing_written: Callable[[], bool], name: str, path: str
) -> None:
    body = REQUESTS[name].body
    assert send(name, body).status == 201
    nothing_written()
    reused = send(name, with_value(body, path, REQUESTS[name].others[path]))
    assert (reused.status, reused.code) == (422, "idempotency-key-reused")
    assert nothing_written()


@pytest.mark.parametrize(("name", "path"), OPTIONAL)
@pytest.mark.parametrize("first", ["with", "without"])
def test_with_and_without_a_field_are_two_requests(
    send: Callable[..., ApiResponse], nothing_written: Callable[[], bool], name: str, path: str, first: str
) -> None:
    given = with_value(REQUESTS[name].body, path, REQUESTS[name].others[path])
    bodies = {"with": given, "without": with_value(given, path, MISSING)}
    assert send(name, bodies.pop(first)).status == 201
    nothing_written()
    (other,) = bodies.values()
    assert send(name, other).code == "idempotency-key-reused"
    assert nothing_written()


@pytest.mark.parametrize(("name", "path"), OPTIONAL)
@pytest.mark.parametrize("first", ["spelled out", "left out"])
def test_a_default_that_is_spelled_out_is_the_same_request(
    send: Callable[..., ApiResponse], nothing_written: Callable[[], bool], name: str, path: str, first: str
) -> None:
    left_out = with_value(REQUESTS[name].body, path, MISSING)
    default = fields_of(KEYED[name])[path].get_default(call_default_factory=True)
    bodies = {"left out": left_out, "spelled out": with_value(left_out, path, default)}
    made = send(name, bodies.pop(first))
    nothing_written()
    (same,) = bodies.values()
    again = send(name, same)
    assert (again.status, again.body) == (made.status, made.body) == (201, made.body)
    assert nothing_written()


def backwards(value: Any) -> Any:
    """The same JSON with the names of each object in the opposite order."""
    if isinstance(value, dict):
        return {name: backwards(value[name]) for name in reversed(value)}
    return [backwards(element) for element in value] if isinstance(value, list) else value


WRITTEN: dict[str, Callable[[Any], Any]] = {
    "names in another order": lambda body: json.dumps(backwards(body)),
    "no blanks": lambda body: json.dumps(body, separators=(",", ":")),
    "many blanks": lambda body: "\r\n\t " + json.dumps(body, indent=8) + " \n",
    # No letter of true, false or null.
    "escapes": lambda body: json.dumps(body).replace("i", "\\u0069"),
    "bytes in base64": lambda body: json.dumps(body).encode(),
    "a byte order mark": lambda body: b"\xef\xbb\xbf" + json.dumps(body).encode(),
}


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_a_request_that_is_written_otherwise_is_the_same(
    send: Callable[..., ApiResponse], nothing_written: Callable[[], bool], name: str, written: Callable[[Any], Any]
) -> None:
    made = send(name, REQUESTS[name].body)
    nothing_written()
    again = send(name, written(REQUESTS[name].body))
    assert (again.status, again.body) == (201, made.body)
    assert nothing_written()


# The same value in the forms that a field takes.
SPELLINGS: dict[str, tuple[Any, ...]] = {
    "pay_by": (
        "2026-12-24T12:00:00Z",
        "2026-12-24T13:00:00+01:00",
        "2026-12-24T12:00:00.000Z",
        "2026-12-24T12:00:00.0001Z",
    ),
    "buyer_may": (["note", "quantities"], ["quantities", "note"], ["note", "quantities", "note"]),
    "metadata": ({"channel": "web", "till": "4"}, {"till": "4", "channel": "web"}),
}


@pytest.mark.parametrize("path", SPELLINGS)
def test_a_value_in_another_spelling_is_the_same_request(
    send: Callable[..., ApiResponse], nothing_written: Callable[[], bool], path: str
) -> None:
    first, *others = SPELLINGS[path]
    made = send("create_order", with_value(REQUESTS["create_order"].body, path, first))
    nothing_written()
    for spelling in others:
        again = send("create_order", with_value(REQUESTS["create_order"].body, path, spelling))
        assert (again.status, again.body) == (201, made.body)
    assert nothing_written()


@pytest.mark.parametrize(("first", "again"), [({}, {"if-match": '"1"'}), ({"if-match": '"1"'}, {})])
def test_a_payment_of_a_certain_revision_is_another_request_than_one_of_any(
    send: Callable[..., ApiResponse], nothing_written: Callable[[], bool], first: dict[str, str], again: dict[str, str]
) -> None:
    body = REQUESTS["request_payment"].body
    assert send("request_payment", body, **first).status == 201
    nothing_written()
    assert send("request_payment", body, **again).code == "idempotency-key-reused"
    assert nothing_written()


@pytest.mark.parametrize("etag", ['"1"', '"1.1"', '"1.2"', 'W/"1.1"'])
def test_an_etag_counts_by_its_revision(send: Callable[..., ApiResponse], etag: str) -> None:
    body = REQUESTS["request_payment"].body
    made = send("request_payment", body, **{"if-match": '"1.1"'})
    assert send("request_payment", body, **{"if-match": etag}).body == made.body
