"""Every operation that writes, each write of it numbered: how it is arranged, and how it is carried out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from paylatch.domain.errors import OutcomeUnknown, Refused
from paylatch.ports import VoidAnswer, VoidKind
from tests.integration.shop import TTL, Shop
from tests.lambda_events import SELLER, http_event, sample_body

Arrange = Callable[[Shop], tuple[str, str]]
Act = Callable[[Shop, str, str], Any]


@dataclass(frozen=True)
class WritingOperation:
    """`writes` counts the requests that write, refused ones included."""

    arrange: Arrange
    act: Act
    writes: int


def new(shop: Shop) -> tuple[str, str]:
    return shop.create(), ""


def cancelled(shop: Shop) -> tuple[str, str]:
    order_id = shop.create()
    shop.edit_to_three_packets(order_id, 1)
    shop.call("order_cancel", order_id)
    return order_id, ""


def locked(shop: Shop) -> tuple[str, str]:
    return shop.locked()


def released(shop: Shop) -> tuple[str, str]:
    order_id, attempt_id = shop.locked("old")
    shop.cancel_payment(order_id, attempt_id)
    shop.gateway.capture_payment(attempt_id)
    return order_id, attempt_id


def edited(shop: Shop) -> tuple[str, str]:
    order_id, attempt_id = released(shop)
    shop.edit_to_three_packets(order_id, 1)
    return order_id, attempt_id


def refund_owed(shop: Shop) -> tuple[str, str]:
    order_id, attempt_id = edited(shop)
    shop.money(attempt_id)
    return order_id, attempt_id


def overdue(shop: Shop) -> tuple[str, str]:
    order_id, attempt_id = shop.locked()
    shop.clock.advance(TTL)
    return order_id, attempt_id


def live_link(shop: Shop) -> tuple[str, str]:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.NOT_VOIDABLE, until=shop.clock.now()))
    shop.cancel_payment(order_id, attempt_id)
    shop.clock.advance(timedelta(minutes=2))
    return order_id, attempt_id


def under_review(shop: Shop) -> tuple[str, str]:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=1)
    return order_id, attempt_id


def create(shop: Shop, order_id: str, attempt_id: str) -> Any:
    # Only the prepared order's id is used: each run has its own key.
    body = sample_body("order_create")
    return shop.send("order_create", http_event("order_create", body=body, headers={"idempotency-key": order_id}))


def refused_by_the_gateway(shop: Shop, order_id: str, attempt_id: str) -> Any:
    shop.gateway.answer_with("open", Refused("sandbox", "no"))
    return shop.pay(order_id)


def unanswered_void(shop: Shop, order_id: str, attempt_id: str) -> Any:
    shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "no answer"))
    return shop.cancel_payment(order_id, attempt_id)


def unanswered_refund(shop: Shop, order_id: str, attempt_id: str) -> Any:
    shop.gateway.answer_with("refund", OutcomeUnknown("sandbox", "no answer"))
    return shop.sweep()


def unanswered_stop(shop: Shop, order_id: str, attempt_id: str) -> Any:
    shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "no answer"))
    return shop.stop_and_change(order_id, attempt_id)


def stop_that_is_paid(shop: Shop, order_id: str, attempt_id: str) -> Any:
    shop.gateway.capture_payment(attempt_id)
    return shop.stop_and_change(order_id, attempt_id)


def stop_that_is_overtaken(shop: Shop, order_id: str, attempt_id: str) -> Any:
    shop.clock.advance(TTL)
    shop.gateway.during("void", shop.sweep)
    return shop.stop_and_change(order_id, attempt_id)


def overtaken_edit(shop: Shop, order_id: str, attempt_id: str) -> Any:
    put, store = shop.ports.store.put_content, shop.ports.store

    def overtaken(*content: Any) -> None:
        put(*content)
        store.put_content = put  # type: ignore[method-assign]
        shop.edit(order_id, 1, SELLER, note="first")

    store.put_content = overtaken  # type: ignore[method-assign, assignment]
    return shop.edit_to_three_packets(order_id, 1)


def decide(action: str) -> Act:
    body = {"action": action, "reason": "as agreed"}
    return lambda shop, order_id, attempt_id: shop.operator("resolution", order_id, attempt_id, body=body)


OPERATIONS: dict[str, WritingOperation] = {
    "create": WritingOperation(new, create, 2),
    "edit": WritingOperation(new, lambda shop, order, _: shop.edit_to_three_packets(order, 1), 2),
    "edit that is overtaken": WritingOperation(new, overtaken_edit, 5),
    "cancel the order": WritingOperation(new, lambda shop, order, _: shop.call("order_cancel", order), 1),
    "erase": WritingOperation(cancelled, lambda shop, order, _: shop.call("erasure", order), 4),
    "request a payment": WritingOperation(new, lambda shop, order, _: shop.pay(order), 2),
    "request a payment again": WritingOperation(locked, lambda shop, order, _: shop.pay(order), 1),
    "request another payment": WritingOperation(locked, lambda shop, order, _: shop.pay(order, "other"), 1),
    "request a payment that the gateway refuses": WritingOperation(new, refused_by_the_gateway, 2),
    "settle": WritingOperation(locked, lambda shop, _, attempt: shop.money(attempt), 1),
    "quarantine": WritingOperation(locked, lambda shop, _, attempt: shop.money(attempt, amount=1), 2),
    "accept late money": WritingOperation(released, lambda shop, _, attempt: shop.money(attempt), 2),
    "owe a refund": WritingOperation(edited, lambda shop, _, attempt: shop.money(attempt), 2),
    "cancel the payment": WritingOperation(locked, lambda shop, order, attempt: shop.cancel_payment(order, attempt), 1),
    "cancel a payment in vain": WritingOperation(locked, unanswered_void, 1),
    "stop and change": WritingOperation(locked, lambda shop, order, attempt: shop.stop_and_change(order, attempt), 2),
    "stop and change in vain": WritingOperation(locked, unanswered_stop, 3),
    "stop and change of what is paid": WritingOperation(locked, stop_that_is_paid, 3),
    "stop and change after the sweep": WritingOperation(locked, stop_that_is_overtaken, 4),
    "time out": WritingOperation(overdue, lambda shop, *_: shop.sweep(), 1),
    "refund": WritingOperation(refund_owed, lambda shop, *_: shop.sweep(), 1),
    "refund in vain": WritingOperation(refund_owed, unanswered_refund, 1),
    "look at a live link": WritingOperation(live_link, lambda shop, *_: shop.sweep(), 1),
    "settle under review": WritingOperation(under_review, decide("settle"), 1),
    "refund under review": WritingOperation(under_review, decide("refund"), 1),
}
