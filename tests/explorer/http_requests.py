"""What each process sends to its function: the same that the use case is called with."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import unwrap
from unittest import mock

from paylatch.domain.caller import Caller
from paylatch.domain.guards import Document
from paylatch.domain.order import Content
from paylatch.ports import LAST_SEQ
from paylatch.runtime import wiring
from paylatch.store.items import item_of
from tests.explorer.foreign_news import teller_of
from tests.explorer.nodes import Node
from tests.explorer.people import (
    BUYER,
    CONTENT,
    DECISION,
    FIRST,
    FIRST_REFUND,
    OPERATOR,
    ORDER,
    ORDER_KEY,
    SECOND,
    SELLER,
    much_more_tea,
    order_body,
    payment_body,
)
from tests.explorer.reading import PAGE, stream_of
from tests.integration.shop import Context, handler_of
from tests.lambda_events import FUNCTIONS, Person, event, http_event

_TEA = {"sku": "tea-01", "name": "Green tea", "quantity": 2, "unit_price": 1250}


@dataclass(frozen=True, slots=True)
class Told:
    """What a function answered; what a sweep reports has no status."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, object]


Ask = Callable[[Node], Told]


def asking(name: str) -> Ask | None:
    """How that process asks its function; None for those that are no single requests."""
    return _callback if name.startswith("callback-") else _ASKS.get(name)


def _sent(name: str, filled: dict[str, object]) -> Told:
    answer = handler_of(FUNCTIONS[name])(filled, Context())
    headers = {key.lower(): value for key, value in (answer.get("headers") or {}).items()}
    headers |= {key.lower(): values[0] for key, values in (answer.get("multiValueHeaders") or {}).items()}
    is_json = "json" in headers.get("content-type", "")
    return Told(answer["statusCode"], headers, json.loads(answer["body"]) if is_json else {"text": answer["body"]})


def _pays(key: str, revision: int | None = None, page: str = "thanks") -> Ask:
    headers = {"idempotency-key": key, "if-match": f'"{revision}"' if revision else None}
    return lambda _: _posts("payment_request", BUYER, body=payment_body(page), headers=headers)


def _posts(name: str, caller: Caller, attempt_id: str = FIRST, **changes: object) -> Told:
    person = Person(caller.subject, next(iter(caller.roles)).value)
    return _sent(name, http_event(name, order_id=ORDER, attempt_id=attempt_id, person=person, **changes))  # type: ignore[arg-type]


def _edits(quantity: int) -> Ask:
    body = {"lines": [{**_TEA, "quantity": quantity}]}
    return lambda _: _posts("order_edit", BUYER, body=body, headers={"if-match": '"1"'})


def _seller_edits(_: Node) -> Told:
    """With the prices and the revision that they have just read."""
    read = _posts("order_read", SELLER)
    if read.status != 200:
        return read
    lines: list[dict[str, int]] = read.body["lines"]  # type: ignore[assignment]
    body = {"lines": [{**line, "unit_price": line["unit_price"] + 100} for line in lines]}
    return _posts("order_edit", SELLER, body=body, headers={"if-match": read.headers["etag"]})


def _places(content: Content) -> Ask:
    headers = {"idempotency-key": ORDER_KEY}
    return lambda _: _posts("order_create", SELLER, body=order_body(content), headers=headers)


def _reads_history(caller: Caller) -> Ask:
    """Page after page, with the `next_after` of the one before."""

    def ask(_: Node) -> Told:
        told, pages, after = _page(caller, 0), [], None
        while told.status == 200:
            pages.append(told.body)
            after = told.body["next_after"]
            if after is None:
                return Told(told.status, told.headers, {"pages": pages})
            told = _page(caller, after)
        return told

    return ask


def _page(caller: Caller, after: object) -> Told:
    return _posts("order_history", caller, query={"after": str(after), "limit": str(PAGE)})


def _consumes(_: Node) -> Told:
    """AWS hands the function the records that are left, and keeps where the next batch begins."""
    store = stream_of(wiring.ports())
    records = store.read_stream()
    function = unwrap(handler_of("order_events"))
    with mock.patch.dict(function.__globals__, {"publish": store.publish}):
        answer = handler_of("order_events")({"Records": [_record(head) for head in records]}, Context())
    failed = [int(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]
    handled = [head["version"] for head in records if head["version"] < min(failed, default=LAST_SEQ)]
    if handled:
        store.checkpoint(handled[-1])
    return Told(0, {}, {"done": max(handled, default=0)})


def _record(head: Document) -> dict[str, object]:
    keys = {"pk": f"ORDER#{ORDER}", "sk": "HEAD"}
    change = {"Keys": item_of(keys), "NewImage": item_of({**keys, **head}), "SequenceNumber": str(head["version"])}
    return {"eventID": f"record-{head['version']}", "dynamodb": change}


def _callback(node: Node) -> Told:
    filled = http_event("gateway_callback", body=b"")
    filled["pathParameters"]["gateway"] = teller_of(node.process.notice) if node.process.notice else ""
    return _sent("gateway_callback", filled)


def sweeps(_: Node) -> Told:
    """The minute's schedule fires."""
    return Told(0, {}, handler_of("timeout_sweeps")(event("timeout_sweep"), Context()))


def _decides(action: str, attempt_id: str = FIRST) -> Ask:
    return lambda _: _posts("resolution", OPERATOR, attempt_id, body={"action": action, "reason": DECISION})


def _operates(path: str) -> Ask:
    """An operator's call that says why."""

    def ask(_: Node) -> Told:
        filled = http_event(
            "resolution", order_id=ORDER, person=Person(OPERATOR.subject, "operator"), body={"reason": DECISION}
        )
        filled["rawPath"] = filled["requestContext"]["http"]["path"] = f"/orders/{ORDER}/{path}"
        return _sent("resolution", filled)

    return ask


_ASKS: dict[str, Ask] = {
    "create": _places(CONTENT),
    "create-again": _places(CONTENT),
    "create-otherwise": _places(much_more_tea(CONTENT)),
    "read-order": lambda _: _posts("order_read", BUYER),
    "read-attempt": lambda _: _posts("payment_read", SELLER),
    "read-history": _reads_history(BUYER),
    "read-remarks": _reads_history(OPERATOR),
    "consume": _consumes,
    "consume-too": _consumes,
    "pay": _pays("first"),
    "pay-again": _pays("first"),
    "pay-otherwise": _pays("first", page="elsewhere"),
    "pay-other": _pays("second", 1),
    "edit-buyer": _edits(3),
    "edit-again": _edits(3),
    "edit-otherwise": _edits(7),
    "edit-seller": _seller_edits,
    "cancel-payment": lambda _: _posts("payment_cancellation", BUYER),
    "cancel-other": lambda _: _posts("payment_cancellation", BUYER, SECOND),
    "cancel-order": lambda _: _posts("order_cancel", BUYER),
    "sweep": sweeps,
    "sweep-too": sweeps,
    "recheck": lambda _: _posts("recheck", OPERATOR),
    "operator-releases": _operates(f"payments/{FIRST}/release"),
    "operator-writes-off": _operates(f"refunds/{FIRST_REFUND}/write-off"),
    "operator-settles": _decides("settle"),
    "operator-settles-other": _decides("settle", SECOND),
    "operator-refunds": _decides("refund"),
}
