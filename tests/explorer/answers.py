"""I7: what a caller is told is true of what was done."""

from paylatch.domain.errors import (
    GatewayError,
    OrderLocked,
    PaylatchError,
    PaymentCompleted,
    StoreUnavailable,
)
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus, SupersededAttempt
from paylatch.use_cases.read_order import WholeOrder
from tests.explorer.nodes import Answer, Node
from tests.explorer.processes import BUYER, Process
from tests.explorer.promises import Broken, expect

BUYERS_EDITS = ("edit-buyer", "edit-again")
PROMISE = "I7 truthful answers"


def check_answer(node: Node) -> None:
    """The promises about the answer with which a process ended."""
    if node.crash is not None:
        raise Broken("no crash", f"{node.process.name} met {node.crash}")
    answer = node.answer
    if answer is None:
        return
    if answer.error is not None:
        _check_error(node, answer.error)
    else:
        _check_success(node, answer)


def _check_error(node: Node, error: Exception) -> None:
    expect(isinstance(error, PaylatchError), "no crash", f"{node.process.name} met {error!r}")
    name = node.process.name
    if isinstance(error, StoreUnavailable):
        expect(node.faulty, PROMISE, f"{name} was told of an outage that did not happen")
        return
    if isinstance(error, OrderLocked):
        own = error.attempt_id == node.process.attempt_id and "lock" in node.process.writes
        expect(not own, PROMISE, f"{name} was told that the order is locked by another, and it is its own lock")
    if isinstance(error, PaymentCompleted):
        expect(_was_paid(node), PROMISE, f"{name} was told that the payment succeeded, and saw {node.seen}")
        return
    seen = getattr(node.seen, "order", node.seen)
    made = node.process.name in BUYERS_EDITS and isinstance(seen, Order) and _is_made(seen)
    expect(not made, PROMISE, f"{name} was told {error!r}, and its edit was made")
    done = node.applied & node.process.writes
    expect(isinstance(error, GatewayError) or not done, PROMISE, f"{name} did {sorted(done)} and was told {error!r}")


def _was_paid(node: Node) -> bool:
    order = getattr(node.seen, "order", node.seen)
    if not isinstance(order, Order) or node.process.attempt_id is None:
        return False
    return order.status in (PaymentStatus.PAID, PaymentStatus.REVIEW) and order.held_by(node.process.attempt_id)


def _check_success(node: Node, answer: Answer) -> None:
    name, value = node.process.name, answer.value
    if isinstance(value, (Attempt, SupersededAttempt)):
        expect(value.attempt_id == node.process.attempt_id, PROMISE, f"{name} was given the attempt of another")
        agreed = node.process.revision in (None, value.revision)
        expect(agreed, "I3 paid means paid for this", f"{name} agreed to another revision than {value.revision}")
        payable = not isinstance(value, Attempt) or value.status is not AttemptStatus.OPEN or value.pay_url is not None
        expect(payable, PROMISE, f"{name} was given a payment without a place to pay")
    elif isinstance(value, WholeOrder):
        _check_order(node, value)
    elif name == "stranger":
        expect(value == [], "ownership is part of the write", f"tries {value} of a stranger were not refused")


def _check_order(node: Node, whole: WholeOrder) -> None:
    name, order = node.process.name, whole.order
    told = f"{name} was told that it succeeded, and the order is {order.status} at revision {order.revision}"
    if node.process.attempt_id is not None:
        held = order.held_by(node.process.attempt_id)
        expect(not held or order.status is PaymentStatus.RELEASING, PROMISE, told)
    elif name in BUYERS_EDITS:
        expect("edit" in node.applied or _is_made(order), PROMISE, told)
    elif name == "edit-seller":
        expect("edit" in node.applied, PROMISE, told)
    elif name == "cancel-order":
        expect(order.status is PaymentStatus.CANCELLED, PROMISE, told)


def _is_made(order: Order) -> bool:
    """Whether the buyer's edit of revision 1 is what was done to the order last."""
    last = order.last_event
    return (last.type, last.actor, order.revision) == ("OrderEdited", BUYER.subject, 2)


def check_deed(process: Process, order: Order, applied: str | None) -> None:
    """Whoever unlocks must hold: a cancellation releases no other attempt than its own."""
    if process.attempt_id is not None and applied in ("release", "await_release"):
        own = order.last_event.attempt_id == process.attempt_id
        expect(own, "I6 only the holder's result counts", f"{process.name} made {applied} of another attempt")
