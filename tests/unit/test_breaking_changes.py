"""Each kind of change to the contract: named where it breaks clients, silent where it does not."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from openapi.__main__ import main
from openapi.breaking_changes import breaking_changes
from openapi.document import RELEASED

Document = dict[str, Any]
Change = Callable[[Document], Any]
RELEASE: Document = json.loads(RELEASED.read_text())
PAY = "/orders/{order_id}/payments"


def operation(document: Document, path: str = "/orders", method: str = "post") -> Document:
    found: Document = document["paths"][path][method]
    return found


def schema(document: Document, name: str) -> Document:
    found: Document = document["components"]["schemas"][name]
    return found


def field(document: Document, name: str, of: str) -> Document:
    found: Document = schema(document, of)["properties"][name]
    return found


def parameter(document: Document, name: str) -> Document:
    found: Document = document["components"]["parameters"][name]
    return found


def renamed(document: Document, old: str, new: str) -> None:
    """Rename a schema, wherever it is referred to."""
    changed_text = json.dumps(document).replace(f'schemas/{old}"', f'schemas/{new}"')
    document.update(json.loads(changed_text))
    document["components"]["schemas"][new] = document["components"]["schemas"].pop(old)


def answer_403(document: Document) -> Document:
    found: Document = operation(document)["responses"]["403"]["content"]["application/problem+json"]
    return found


BREAKING: dict[str, tuple[Change, str]] = {
    "a path is gone": (lambda d: d["paths"].pop("/operations/attention"), "GET /operations/attention: is gone"),
    "an operation is gone": (lambda d: d["paths"]["/orders/{order_id}"].pop("patch"), "PATCH /orders/{order_id}: is"),
    "an operation has another name": (
        lambda d: operation(d).update(operationId="place_order"),
        "POST /orders: its operationId is now place_order",
    ),
    "a schema has another name": (lambda d: renamed(d, "Lock", "Hold"), "schema Lock: is gone"),
    "a response is gone": (lambda d: operation(d)["responses"].pop("201"), "POST /orders 201: is gone"),
    "a response has another media type": (
        lambda d: operation(d)["responses"]["201"].update(content={}),
        "POST /orders 201: application/json is gone",
    ),
    "a response's header is gone": (lambda d: operation(d)["responses"]["201"]["headers"].pop("ETag"), "ETag: is gone"),
    "a response's header may be missing": (
        lambda d: d["components"]["headers"]["ETag"].pop("required"),
        "POST /orders 201 ETag: may now be missing",
    ),
    "a response's property is gone": (lambda d: schema(d, "Order")["properties"].pop("total"), "201.total: is gone"),
    "a property inside a property is gone": (
        lambda d: schema(d, "Lock")["properties"].pop("since"),
        "POST /orders 201.lock.since: is gone",
    ),
    "a listed thing's property is gone": (
        lambda d: schema(d, "Event")["properties"].pop("seq"),
        "GET /orders/{order_id}/history 200.events[].seq: is gone",
    ),
    "a response's property may be missing": (
        lambda d: schema(d, "Order")["required"].remove("total"),
        "201.total: may now be missing",
    ),
    "a response's property may be null": (
        lambda d: schema(d, "Order")["properties"].update(total={"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        "201.total: may now be null",
    ),
    "a response's property has another type": (
        lambda d: field(d, "revision", "Order").update(type="string"),
        "201.revision: may now be string",
    ),
    "a problem's member is gone": (
        lambda d: schema(d, "Problem")["properties"].pop("locked_until"),
        "409.locked_until: is gone",
    ),
    "a body is needed": (
        lambda d: operation(d, "/orders/{order_id}/cancellation").update(operation(d)),
        "POST /orders/{order_id}/cancellation: needs a body now",
    ),
    "a body is no longer taken": (lambda d: operation(d).pop("requestBody"), "POST /orders: takes no body"),
    "a body's media type is no longer taken": (
        lambda d: operation(d)["requestBody"]["content"].pop("application/json"),
        "POST /orders: application/json is no longer taken",
    ),
    "a request's field is required": (
        lambda d: schema(d, "NewOrder")["required"].append("note"),
        "POST /orders body.note: is now required",
    ),
    "a new required field": (
        lambda d: (
            schema(d, "NewOrder")["required"].append("colour"),
            schema(d, "NewOrder")["properties"].update(colour={"type": "string"}),
        ),
        "POST /orders body.colour: is now required",
    ),
    "a request's field is no longer taken": (
        lambda d: schema(d, "NewOrder")["properties"].pop("note"),
        "POST /orders body.note: is no longer taken",
    ),
    "a request's field may not be null": (
        lambda d: schema(d, "NewOrder")["properties"].update(note={"type": "string", "maxLength": 2000}),
        "POST /orders body.note: null is no longer taken",
    ),
    "a request's enumeration is narrower": (
        lambda d: field(d, "action", "Resolution")["enum"].remove("settle"),
        "body.action: 'settle' is no longer taken",
    ),
    "a request's field has certain values only": (
        lambda d: field(d, "reference", "NewOrder").update(enum=["a"]),
        "body.reference: takes only certain values now",
    ),
    "an upper bound is lower": (
        lambda d: field(d, "quantity", "Line").update(maximum=5),
        "body.lines[].quantity: maximum is now 5",
    ),
    "a lower bound is higher": (
        lambda d: field(d, "quantity", "Line").update(minimum=2),
        "body.lines[].quantity: minimum is now 2",
    ),
    "a bound is new": (lambda d: field(d, "sku", "Line").update(minLength=3), "body.lines[].sku: minLength is now 3"),
    "a pattern is another": (
        lambda d: field(d, "country", "NewAddress").update(pattern="^[A-D]$"),
        "body.shipping_address.country: pattern is now ^[A-D]$",
    ),
    "a parameter is required": (
        lambda d: parameter(d, "IfMatch").update(required=True),
        f"POST {PAY} header If-Match: is now required",
    ),
    "a parameter is no longer taken": (
        lambda d: operation(d, "/orders/{order_id}/history", "get")["parameters"].pop(),
        "GET /orders/{order_id}/history query limit: is no longer taken",
    ),
    "a parameter's bound is tighter": (
        lambda d: parameter(d, "Limit")["schema"].update(maximum=1),
        "GET /orders/{order_id}/history query limit: maximum is now 1",
    ),
    "a token is needed": (
        lambda d: operation(d, "/openapi.json", "get").pop("security"),
        "GET /openapi.json: needs a token now",
    ),
}
HARMLESS: dict[str, Change] = {
    "a new operation": lambda d: d["paths"]["/orders/{order_id}"].update(put=operation(d)),
    "a new status": lambda d: operation(d)["responses"].update({"418": {"description": "teapot"}}),
    "a new property of a response": lambda d: schema(d, "Order")["properties"].update(channel={"type": "string"}),
    "a further value in a response": lambda d: schema(d, "AttemptStatus")["enum"].append("disputed"),
    "a further problem of a status": lambda d: answer_403(d)["schema"]["properties"]["code"]["enum"].append(
        "order-paid"
    ),
    "a further problem": lambda d: schema(d, "ProblemCode")["enum"].append("tea-is-cold"),
    "a new schema": lambda d: d["components"]["schemas"].update(Tea={"type": "string"}),
    "a new optional field": lambda d: schema(d, "NewOrder")["properties"].update(channel={"type": "string"}),
    "a wider bound": lambda d: field(d, "quantity", "Line").update(maximum=10**9),
    "a field that need not be given": lambda d: schema(d, "NewOrder")["required"].remove("reference"),
    "other words": lambda d: operation(d).update(summary="Another", description="Another"),
    "no token is needed": lambda d: operation(d).update(security=[]),
}


def changed(change: Change) -> Document:
    new = deepcopy(RELEASE)
    change(new)
    return new


@pytest.mark.parametrize("kind", BREAKING)
def test_a_breaking_change_is_named_with_its_place(kind: str) -> None:
    change, line = BREAKING[kind]
    found = breaking_changes(RELEASE, changed(change))
    assert [each for each in found if line in each], found


@pytest.mark.parametrize("kind", HARMLESS)
def test_a_harmless_change_is_not_reported(kind: str) -> None:
    new = changed(HARMLESS[kind])
    assert new != RELEASE
    assert breaking_changes(RELEASE, new) == []


def test_the_same_contract_breaks_nothing() -> None:
    assert breaking_changes(RELEASE, RELEASE) == []


def test_the_command_lists_what_breaks_and_fails(
    tmp_path: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps(changed(BREAKING["an operation is gone"][0])))
    monkeypatch.setattr("sys.argv", ["openapi", "--breaking", str(RELEASED), str(newer)])

    assert main() == 1
    assert capsys.readouterr().out == "PATCH /orders/{order_id}: is gone\n"
