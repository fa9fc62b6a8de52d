"""One purchase with the client that openapi-python-client generates: the order is locked, given back, edited and paid.

`python purchase.py .local/stack.json`, while `make dev` runs; docs/clients.md generates the package `paylatch_client`.
"""

import json
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
from paylatch_client import AuthenticatedClient
from paylatch_client.api.orders import create_order, edit_order, list_orders, read_history, read_order
from paylatch_client.api.payments import cancel_payment, request_payment
from paylatch_client.api.refunds import request_refund
from paylatch_client.models import (
    Attempt,
    Currency,
    EventType,
    History,
    Line,
    NewOrder,
    Order,
    OrderPage,
    OrderPatch,
    PaymentRequest,
    PaymentStatus,
    Problem,
    ProblemCode,
    Refund,
    RefundedPart,
    RefundRequest,
    RefundStatus,
)

WITHIN_SECONDS = 90.0
# Longer than any answer takes. Without it the client waits for ever where none comes.
TIMEOUT = httpx.Timeout(35)
# It is not known whether the request had its effect.
UNKNOWN = frozenset({500, 503, 504})
PAYMENT = PaymentRequest(return_url="https://shop.example/thanks")
Answer = TypeVar("Answer")


class UnexpectedAnswer(Exception):
    """An answer is not the expected one."""


def main(stack_file: Path) -> None:
    """Buy one packet of tea instead of two, and send it back."""
    stack = json.loads(stack_file.read_text())
    tokens = (stack["tokens"][who] for who in ("service", "buyer"))
    shop, buyer = (AuthenticatedClient(stack["api_url"], token=token, timeout=TIMEOUT) for token in tokens)
    order = place(shop, stack)
    print(f"{order.order_id}: {order.total} {order.currency.value}")
    change_while_paying(buyer, order)
    pay(buyer, order.order_id)
    send_back(shop, order.order_id)
    check_lists(buyer, order.order_id)


def place(shop: AuthenticatedClient, stack: Mapping[str, Any]) -> Order:
    """The new order."""
    new = NewOrder(
        reference=f"python-{uuid.uuid4().hex[:8]}",
        buyer_id=stack["buyer_id"],
        seller_id=stack["seller_id"],
        currency=Currency.EUR,
        lines=tea(2),
    )
    return expected(Order, create_order.sync(client=shop, body=new, idempotency_key=uuid.uuid4().hex))


def change_while_paying(buyer: AuthenticatedClient, order: Order) -> None:
    """The buyer begins to pay, cannot edit the locked order, cancels the payment, and edits it."""
    attempt = begin_payment(buyer, order.order_id)
    etag, patch = f'"{order.revision}"', OrderPatch(lines=tea(1))
    problem = expected(Problem, edit_order.sync(order.order_id, client=buyer, body=patch, if_match=etag))
    expect(problem.code, ProblemCode.ORDER_LOCKED)
    expect(problem.attempt_id, attempt.attempt_id)
    released = expected(Order, cancel_payment.sync(order.order_id, attempt.attempt_id, client=buyer))
    expect(released.payment_status, PaymentStatus.PENDING_PAYMENT)
    edited = expected(Order, edit_order.sync(order.order_id, client=buyer, body=patch, if_match=etag))
    expect((edited.revision, edited.total), (order.revision + 1, order.total // 2))


def pay(buyer: AuthenticatedClient, order_id: str) -> None:
    """The buyer pays at the sandbox gateway, whose callback settles the order."""
    attempt = begin_payment(buyer, order_id)
    expect(httpx.post(str(attempt.pay_url), data={"action": "pay"}).status_code, 303)
    wait_until(buyer, order_id, lambda order: order.payment_status is PaymentStatus.PAID)
    print(f"{order_id}: paid by {attempt.attempt_id}")


def send_back(shop: AuthenticatedClient, order_id: str) -> None:
    """The shop refunds the whole payment."""
    key, body = uuid.uuid4().hex, RefundRequest(reason="it came back")
    refund = expected(Refund, request_refund.sync(order_id, client=shop, body=body, idempotency_key=key))
    again = expected(Refund, request_refund.sync(order_id, client=shop, body=body, idempotency_key=key))
    expect(again.refund_id, refund.refund_id)
    order = wait_until(shop, order_id, lambda order: order.refund_status is RefundedPart.FULL)
    expect((order.refunds[0].status, order.ledger.kept), (RefundStatus.REFUNDED, 0))
    print(f"{order_id}: refunded {order.refunded} {order.currency.value}")


def check_lists(buyer: AuthenticatedClient, order_id: str) -> None:
    """The order is in its buyer's list, and its history begins with its creation."""
    page = expected(OrderPage, list_orders.sync(client=buyer, status=PaymentStatus.PAID))
    expect(order_id in {head.order_id for head in page.orders}, True)
    history = expected(History, read_history.sync(order_id, client=buyer))
    expect(history.events[0].type_, EventType.ORDERCREATED)


def begin_payment(buyer: AuthenticatedClient, order_id: str) -> Attempt:
    """The attempt that holds the order now.

    Without an answer it is not known whether a payment was opened: the same request, with the same key, completes it.
    """
    key, deadline = uuid.uuid4().hex, time.monotonic() + WITHIN_SECONDS
    while True:
        answer = asked_to_pay(buyer, order_id, key)
        is_known = isinstance(answer, Attempt) or (isinstance(answer, Problem) and answer.status not in UNKNOWN)
        if is_known or time.monotonic() > deadline:
            return expected(Attempt, answer)
        time.sleep(1)


def asked_to_pay(buyer: AuthenticatedClient, order_id: str, key: str) -> object:
    """The answer, or why there is none."""
    try:
        return request_payment.sync(order_id, client=buyer, body=PAYMENT, idempotency_key=key)
    except (httpx.HTTPError, KeyError) as error:
        # `KeyError`: API Gateway's own 503 has not the form of a problem.
        return error


def wait_until(client: AuthenticatedClient, order_id: str, holds: Callable[[Order], bool]) -> Order:
    """The order once this holds of it. Raises `UnexpectedAnswer` where it does not in time."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while not holds(order := expected(Order, read_order.sync(order_id, client=client))):
        if time.monotonic() > deadline:
            raise UnexpectedAnswer(order)
        time.sleep(0.3)
    return order


def tea(quantity: int) -> list[Line]:
    """So many packets, at 12.50 each."""
    return [Line(sku="tea-01", name="Green tea", quantity=quantity, unit_price=1250)]


def expected(kind: type[Answer], answer: object) -> Answer:
    """The answer as what it must be. Raises `UnexpectedAnswer`."""
    if not isinstance(answer, kind):
        raise UnexpectedAnswer(answer)
    return answer


def expect(found: object, wanted: object) -> None:
    """Raise `UnexpectedAnswer` where the two differ."""
    if found != wanted:
        raise UnexpectedAnswer(f"{found}, not {wanted}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
