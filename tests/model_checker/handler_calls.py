"""The request that each process sends to its function: the same that the use case gets.

What a function answers that no HTTP caller calls, has the status 0.
"""

from collections.abc import Callable
from inspect import unwrap
from unittest import mock

from pay_page.link_requests import LinkPath

from local.api_client import ApiResponse
from paylatch.domain.caller import Caller
from paylatch.domain.guards import Document
from paylatch.domain.order import Content
from paylatch.domain.refund_request import RefundRequest
from paylatch.ports import LAST_SEQ
from paylatch.runtime import wiring
from paylatch.runtime.timer_queue import message_of
from paylatch.store.items import item_of
from tests.api.handlers import Context, handler_of, invoke, sent_response
from tests.integration.pay_pages import page_event
from tests.lambda_events import FUNCTIONS, Person, event, http_event
from tests.model_checker.actors import (
    BUYER,
    CASH,
    CONTENT,
    DECISION_REASON,
    FIRST_ATTEMPT,
    FIRST_REFUND,
    LINK,
    LINK_ATTEMPT,
    LINK_PAYMENT,
    NEXT_BUYER,
    NEXT_OPERATOR,
    OPERATOR,
    ORDER,
    ORDER_KEY,
    PART_BACK,
    REST_BACK,
    SECOND_ATTEMPT,
    SELLER,
    SERVICE,
    edit_body,
    for_nothing,
    more_tea,
    much_more_tea,
    order_body,
    payment_body,
    to_be_paid_later,
    to_be_paid_soon,
    with_note,
)
from tests.model_checker.process import Process
from tests.model_checker.process_tree import Node
from tests.model_checker.processes import TIMER, NoQueue
from tests.model_checker.reading import PAGE, stream_of
from tests.model_checker.unrelated_callbacks import sender_of

_TEA = {"sku": "tea-01", "name": "Green tea", "quantity": 2, "unit_price": 1250}


HandlerCall = Callable[[Node], ApiResponse]


def handler_call_of(process: Process) -> HandlerCall | None:
    """The call of that process's function; None where a process is no single request."""
    delivers = process.authorised and process.gateway_event is not None
    return _callback if delivers else _HANDLER_CALLS.get(process.name)


def _payment_request(key: str, revision: int | None = None, page: str = "thanks") -> HandlerCall:
    headers = {"idempotency-key": key, "if-match": f'"{revision}"' if revision else None}
    return lambda _: _request("payment_request", BUYER, body=payment_body(page), headers=headers)


def _request(name: str, caller: Caller, attempt_id: str = FIRST_ATTEMPT, **changes: object) -> ApiResponse:
    person = Person(caller.subject, next(iter(caller.roles)).value)
    return invoke(FUNCTIONS[name], http_event(name, order_id=ORDER, attempt_id=attempt_id, person=person, **changes))  # type: ignore[arg-type]


def _buyer_edit(quantity: int) -> HandlerCall:
    body = {"lines": [{**_TEA, "quantity": quantity}]}
    return lambda _: _request("order_edit", BUYER, body=body, headers={"if-match": '"1"'})


def _seller_edit(_: Node) -> ApiResponse:
    """With the prices and the revision that they have just read."""
    read = _request("order_read", SELLER)
    if read.status != 200:
        return read
    lines: list[dict[str, int]] = read.document["lines"]
    body = {"lines": [{**line, "unit_price": line["unit_price"] + 100} for line in lines]}
    return _request("order_edit", SELLER, body=body, headers={"if-match": read.headers["etag"]})


def _seller_changes(content: Content, revision: int = 1) -> HandlerCall:
    headers = {"if-match": f'"{revision}"'}
    return lambda _: _request("order_edit", SELLER, body=edit_body(content), headers=headers)


def _hands_over(revision: int) -> HandlerCall:
    headers = {"if-match": f'"{revision}"'}
    return lambda _: _request("order_edit", SERVICE, body={"buyer_id": NEXT_BUYER}, headers=headers)


def _stop(caller: Caller, content: Content) -> HandlerCall:
    body, headers = {"edit": edit_body(content)}, {"if-match": '"1"'}
    return lambda _: _request("stop_and_change", caller, body=body, headers=headers)


def _places(content: Content) -> HandlerCall:
    headers = {"idempotency-key": ORDER_KEY}
    return lambda _: _request("order_create", SELLER, body=order_body(content), headers=headers)


def _reads_history(caller: Caller) -> HandlerCall:
    """Page after page, with the `next_after` of the one before."""

    def call(_: Node) -> ApiResponse:
        message, pages, after = _page(caller, 0), [], None
        while message.status == 200:
            pages.append(message.document)
            after = message.document["next_after"]
            if after is None:
                return ApiResponse(message.status, message.headers, {"pages": pages})
            message = _page(caller, after)
        return message

    return call


def _page(caller: Caller, after: object) -> ApiResponse:
    return _request("order_history", caller, query={"after": str(after), "limit": str(PAGE)})


def _consumes(_: Node) -> ApiResponse:
    """AWS hands the function the records that are left, and keeps where the next batch begins."""
    store = stream_of(wiring.ports())
    records = store.read_stream()
    function = unwrap(handler_of("order_events"))
    with mock.patch.dict(function.__globals__, {"publish": store.publish}):
        response = handler_of("order_events")({"Records": [_record(head) for head in records]}, Context())
    failed = [int(failure["itemIdentifier"]) for failure in response["batchItemFailures"]]
    handled = [head["version"] for head in records if head["version"] < min(failed, default=LAST_SEQ)]
    if handled:
        store.checkpoint(handled[-1])
    return ApiResponse(0, {}, {"done": max(handled, default=0)})


def _record(head: Document) -> dict[str, object]:
    keys = {"pk": f"ORDER#{ORDER}", "sk": "HEAD"}
    change = {"Keys": item_of(keys), "NewImage": item_of({**keys, **head}), "SequenceNumber": str(head["version"])}
    return {"eventID": f"record-{head['version']}", "dynamodb": change}


def _callback(node: Node) -> ApiResponse:
    filled = http_event("gateway_callback", body=b"")
    filled["pathParameters"]["gateway"] = sender_of(node.process.gateway_event) if node.process.gateway_event else ""
    return invoke("gateway_callbacks", filled)


def sweep(_: Node) -> ApiResponse:
    """The minute's schedule fires."""
    return ApiResponse(0, {}, handler_of("timeout_sweeps")(event("timeout_sweep"), Context()))


def _settle_manually(caller: Caller) -> HandlerCall:
    body = {"method": CASH.method.value, "amount": CASH.amount, "note": CASH.note}
    return lambda _: _request("settlement", caller, body=body)


def _refund_request(request: RefundRequest) -> HandlerCall:
    amount = {} if request.amount is None else {"amount": request.amount}
    headers = {"idempotency-key": request.idempotency_key}
    return lambda _: _request("refund", SELLER, body={"reason": request.reason, **amount}, headers=headers)


def _timer(_: Node) -> ApiResponse:
    """SQS delivers the message of a timer."""
    (record,) = event("timer")["Records"]
    batch = {"Records": [{**record, "body": message_of(TIMER)}]}
    with mock.patch.object(wiring, "make_timers", NoQueue):
        wiring.timers.cache_clear()
        try:
            answer = handler_of("timers")(batch, Context())
        finally:
            wiring.timers.cache_clear()
    return ApiResponse(0, {}, {"failed": len(answer["batchItemFailures"])})


def _review_decision(action: str, attempt_id: str = FIRST_ATTEMPT) -> HandlerCall:
    return lambda _: _request("resolution", OPERATOR, attempt_id, body={"action": action, "reason": DECISION_REASON})


def _operator_call(path: str, caller: Caller = OPERATOR) -> HandlerCall:
    """An operator's call that says why."""

    def call(_: Node) -> ApiResponse:
        filled = http_event(
            "resolution", order_id=ORDER, person=Person(caller.subject, "operator"), body={"reason": DECISION_REASON}
        )
        filled["rawPath"] = filled["requestContext"]["http"]["path"] = f"/orders/{ORDER}/{path}"
        return invoke("operations", filled)

    return call


def _page_form(**form: str) -> HandlerCall:
    """A form of the payment page. The link's id here is none that a path can have."""

    def call(_: Node) -> ApiResponse:
        path = mock.patch("pay_page.handling.link_path_of", return_value=LinkPath(LINK, is_state=False))
        with path:
            sent = sent_response("pay_page", page_event("POST", f"/pay/{ORDER}", form=form))
        return ApiResponse(sent.status, sent.headers, sent.content.decode())

    return call


_HANDLER_CALLS: dict[str, HandlerCall] = {
    "create": _places(CONTENT),
    "create-again": _places(CONTENT),
    "create-otherwise": _places(much_more_tea(CONTENT)),
    "read-order": lambda _: _request("order_read", BUYER),
    "read-attempt": lambda _: _request("payment_read", SELLER),
    "read-history": _reads_history(BUYER),
    "read-remarks": _reads_history(OPERATOR),
    "consume": _consumes,
    "consume-too": _consumes,
    "pay": _payment_request("first"),
    "pay-again": _payment_request("first"),
    "pay-otherwise": _payment_request("first", page="elsewhere"),
    "pay-other": _payment_request("second", 1),
    "edit-buyer": _buyer_edit(3),
    "edit-again": _buyer_edit(3),
    "edit-otherwise": _buyer_edit(7),
    "edit-seller": _seller_edit,
    "cancel-payment": lambda _: _request("payment_cancellation", BUYER),
    "cancel-other": lambda _: _request("payment_cancellation", BUYER, SECOND_ATTEMPT),
    "stop-and-change": _stop(BUYER, more_tea(CONTENT)),
    "stop-again": _stop(BUYER, more_tea(CONTENT)),
    "stop-unchanged": _stop(BUYER, CONTENT),
    "stop-unchanged-again": _stop(BUYER, CONTENT),
    "stop-seller": _stop(SELLER, with_note(CONTENT)),
    "cancel-order": lambda _: _request("order_cancel", BUYER),
    "erase": lambda _: _request("erasure", SERVICE),
    "operator-erases": lambda _: _request("erasure", OPERATOR),
    "settle-manually": _settle_manually(SELLER),
    "next-buyer-settles": _settle_manually(NEXT_OPERATOR),
    "request-refund": _refund_request(PART_BACK),
    "request-refund-again": _refund_request(PART_BACK),
    "request-rest": _refund_request(REST_BACK),
    "sweep": sweep,
    "sweep-too": sweep,
    "timer": _timer,
    "timer-too": _timer,
    "recheck": lambda _: _request("recheck", OPERATOR),
    "recheck-buyer": lambda _: _request("recheck", BUYER),
    "operator-releases": _operator_call(f"payments/{FIRST_ATTEMPT}/release"),
    "operator-writes-off": _operator_call(f"refunds/{FIRST_REFUND}/write-off"),
    "next-buyer-writes-off": _operator_call(f"refunds/{FIRST_REFUND}/write-off", NEXT_OPERATOR),
    "give-away": _seller_changes(for_nothing(CONTENT)),
    "hand-over": _hands_over(1),
    "hand-over-edited": _hands_over(2),
    "set-pay-by": _seller_changes(to_be_paid_soon(CONTENT)),
    "move-pay-by": _seller_changes(to_be_paid_later(CONTENT), 2),
    "operator-settles": _review_decision("settle"),
    "operator-settles-other": _review_decision("settle", SECOND_ATTEMPT),
    "operator-refunds": _review_decision("refund"),
    "pay-by-link": _page_form(action="pay", revision="1", payment_key=LINK_PAYMENT.payment_key),
    "stop-by-link": _page_form(action="stop", attempt_id=LINK_ATTEMPT),
}
