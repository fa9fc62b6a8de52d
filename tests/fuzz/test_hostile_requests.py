"""Requests that no well-behaved client sends: each is refused as the contract says, and none writes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from local.api_client import ApiRequest, ApiResponse, HttpTransport
from openapi import examples
from tests.fuzz.prepared_orders import PreparedOrder, prepared_order
from tests.fuzz.targets import Target, written

LINE = {"sku": "a", "name": "A", "quantity": 1, "unit_price": 1}
PAYMENT = json.dumps(examples.PAYMENT_REQUEST).encode()
NEW_ORDER = json.dumps(examples.NEW_ORDER).encode()
ORDER = {"If-Match": '"1"'}
PAY = {"Idempotency-Key": "k"}
EMULATED = 200


def lines(number: str) -> bytes:
    """A patch of the lines, with that as the quantity."""
    return b'{"lines":[%s]}' % json.dumps(LINE).replace('"quantity": 1', f'"quantity": {number}').encode()


def nested(opening: str, closing: str, levels: int) -> bytes:
    return ('{"note":' + opening * levels + "1" + closing * levels + "}").encode()


@dataclass(frozen=True)
class Hostile:
    """One request and the answers that it may get; `{order}` in the path becomes an order that is there."""

    method: str
    path: str
    allowed: tuple[int, ...]
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


def patch(body: bytes, *allowed: int, media_type: str = "application/json", **headers: str) -> Hostile:
    return Hostile("PATCH", "/orders/{order}", allowed or (400,), body, headers or ORDER, media_type)


def get(path: str, *allowed: int) -> Hostile:
    return Hostile("GET", path, allowed or (404,))


HOSTILE = {
    "lone surrogate in a value": patch(rb'{"note":"\ud800"}'),
    "lone surrogate in a name": patch(rb'{"\ud800":1}'),
    "lone surrogate deep in a name": patch(rb'{"shipping_address":{"\udfff":{"\ud800":1}}}'),
    # The emulator replaces what is not UTF-8 before a function sees it.
    "surrogate as bytes": patch(b'{"note":"\xed\xa0\x80"}', 400, EMULATED),
    "not UTF-8": patch(b'{"note":"\xff"}', 400, EMULATED),
    "UTF-16": patch('{"note":"x"}'.encode("utf-16")),
    "null byte in a name": patch(rb'{"no\u0000te":1}'),
    "null byte where text is printed": patch(b'{"lines":[%s]}' % json.dumps({**LINE, "sku": "a\x00"}).encode()),
    "right-to-left override": patch(b'{"lines":[%s]}' % json.dumps({**LINE, "name": "a\u202eb"}).encode()),
    "1.0 for an integer": patch(lines("1.0")),
    "1e3 for an integer": patch(lines("1e3")),
    "true for an integer": patch(lines("true")),
    "a number beyond all floats": patch(lines("1e999")),
    "an integer of 4,000 digits": patch(lines("9" * 4000)),
    "an integer of 5,000 digits": patch(lines("9" * 5000)),
    "NaN": patch(lines("NaN")),
    "minus zero": patch(lines("-0")),
    "objects 50 deep": patch(nested('{"a":', "}", 50)),
    "objects 900 deep": patch(nested('{"a":', "}", 900)),
    "objects 9,000 deep": patch(nested('{"a":', "}", 9000)),
    "lists 9,000 deep": patch(nested("[", "]", 9000)),
    "a name twice": patch(b'{"note":"a","note":"b"}'),
    "an empty body": patch(b""),
    "null for a body": patch(b"null"),
    "a list for a body": patch(b"[]"),
    "two documents": patch(b"{} {}"),
    "an unknown field": patch(b'{"total":1}'),
    "a field that is not content": patch(b'{"seller_id":"me"}'),
    "one byte too many": patch(b'{"note":"' + b"a" * (64 * 1024) + b'"}', 413),
    "two revisions": patch(b"{}", **{"If-Match": '"1", "2"'}),
    "any revision": patch(b"{}", **{"If-Match": "*"}),
    "a bare revision": patch(b"{}", **{"If-Match": "1"}),
    "a huge revision": patch(b"{}", **{"If-Match": f'"{"9" * 400}"'}),
    "no revision": patch(b"{}", 428, Accept="*/*"),
    "a blank revision": patch(b"{}", 428, **{"If-Match": " "}),
    "a payment for a blank revision": Hostile(
        "POST", "/orders/{order}/payments", (400,), PAYMENT, {**PAY, "If-Match": ""}
    ),
    "a blank key": Hostile("POST", "/orders", (400,), NEW_ORDER, {"Idempotency-Key": ""}),
    "a payment with a blank key": Hostile(
        "POST", "/orders/{order}/payments", (400,), PAYMENT, {"Idempotency-Key": " "}
    ),
    "a key of an odd space": Hostile("POST", "/orders", (400,), NEW_ORDER, {"Idempotency-Key": "\xa0k"}),
    "form for JSON": patch(b"note=x", 415, media_type="application/x-www-form-urlencoded"),
    "no media type": patch(b"{}", 415, media_type=""),
    "two media types": patch(b"{}", 415, media_type="application/json,application/json"),
    "a very long key": Hostile("POST", "/orders/{order}/payments", (400,), PAYMENT, {"Idempotency-Key": "k" * 256}),
    "a key with a space": Hostile("POST", "/orders/{order}/payments", (400,), PAYMENT, {"Idempotency-Key": "a b"}),
    "a URL that is none": Hostile("POST", "/orders/{order}/payments", (400,), b'{"return_url":"http://["}', PAY),
    "a URL of a script": Hostile(
        "POST", "/orders/{order}/payments", (400,), b'{"return_url":"javascript:alert(1)"}', PAY
    ),
    "a URL with a line break": Hostile(
        "POST", "/orders/{order}/payments", (400,), b'{"return_url":"https://a.example/\\nb"}', PAY
    ),
    "an id that is none": get("/orders/x"),
    "an id in lower case": get("/orders/0k3vj8q5zb6t1w2x"),
    "an id with letters that are not in the alphabet": get("/orders/IIIILLLLOOOOUUUU"),
    "an id of 3,000 characters": get("/orders/" + "A" * 3000),
    "an id that is not UTF-8": get("/orders/%ff%fe", 400, 404),
    "an id with a null byte": get("/orders/%00", 400, 404),
    "an id with a slash inside": get("/orders/..%2Fopenapi.json"),
    "an id of a partition": get("/orders/ORDER%230K3VJ8Q5ZB6T1W2X"),
    "an attempt id that is none": get("/orders/{order}/payments/%F0%9F%92%A9"),
    "an attempt of 3,000 characters": get("/orders/{order}/payments/" + "A" * 3000),
    "a slash at the end": get("/orders/{order}/", 200, 404),
    "slashes in between": get("/orders//{order}", 404),
    "a wrong method": Hostile("DELETE", "/orders/{order}", (404, 405)),
    "HEAD": Hostile("HEAD", "/orders/{order}", (404, 405)),
    "OPTIONS": Hostile("OPTIONS", "/orders/{order}", (204, 403, 404, 405)),
    "PUT": Hostile("PUT", "/orders/{order}", (404, 405), b"{}"),
    "a gateway that is none": Hostile("POST", "/gateways/..%2F/callbacks", (401, 404), b"{}"),
    "a callback that nobody signed": Hostile("POST", "/gateways/sandbox/callbacks", (401,), b"{}"),
    "a callback of bytes": Hostile("POST", "/gateways/sandbox/callbacks", (401,), bytes(range(256))),
    "a huge callback": Hostile("POST", "/gateways/sandbox/callbacks", (401, 413), b"a" * 70_000),
}
HARMLESS = {
    "a byte order mark": patch(b"\xef\xbb\xbf{}", 200),
    "a charset": patch(b"{}", 200, media_type="application/json; charset=utf-8"),
    "a merge patch": patch(b"{}", 200, media_type="Application/Merge-Patch+JSON;charset=UTF-8"),
    "an unknown query": get("/orders/{order}?a=1&a=2&%ff", 200),
}


@pytest.fixture
def order(target: Target) -> Iterator[PreparedOrder]:
    yield prepared_order("pending_payment", target)
    if not target.persistent:
        target.remove(target.snapshot())


def sent(request: Hostile, order: PreparedOrder, target: Target) -> ApiResponse:
    headers = {"Authorization": f"Bearer {target.tokens['service']}", **request.headers}
    if request.media_type and (request.body or request.method != "GET"):
        headers["Content-Type"] = request.media_type
    path = request.path.replace("{order}", order.order_id)
    return HttpTransport(target.api_url)(ApiRequest(request.method, path, headers, request.body))


@pytest.mark.parametrize("request_", HOSTILE.values(), ids=HOSTILE)
def test_it_is_refused_and_writes_nothing(request_: Hostile, order: PreparedOrder, target: Target) -> None:
    before = target.snapshot()
    answer = sent(request_, order, target)
    assert answer.status in request_.allowed, answer.body
    if target.persistent and answer.status == EMULATED:
        return
    assert answer.status >= 400
    assert written(before, target.snapshot()) == set()
    if "problem" in answer.headers.get("content-type", ""):
        assert answer.document["status"] == answer.status


@pytest.mark.parametrize("request_", HARMLESS.values(), ids=HARMLESS)
def test_it_is_accepted(request_: Hostile, order: PreparedOrder, target: Target) -> None:
    answer = sent(request_, order, target)
    assert answer.status in request_.allowed, answer.body
