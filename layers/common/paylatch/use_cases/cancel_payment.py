"""The cancellation sub-unit: the user cancels the payment and gets the order back, editable."""

from paylatch.domain.caller import Caller
from paylatch.domain.errors import PaymentCompleted, PaymentProcessing
from paylatch.domain.order import Order
from paylatch.domain.payment import AttemptStatus
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.ports import Ports
from paylatch.use_cases.access import authorize_payer
from paylatch.use_cases.follow_payment import release_overdue
from paylatch.use_cases.read_order import WholeOrder, require_attempt, with_content
from paylatch.use_cases.release_payment import release_payment

_PAID = frozenset({AttemptStatus.SUCCEEDED, AttemptStatus.MISMATCHED})


def cancel_payment(order_id: str, attempt_id: str, caller: Caller, ports: Ports) -> WholeOrder:
    """Release the order from this attempt; an order that was released before stays as it is.

    Where another attempt holds it beyond its time, it is released from that one.

    Raises `OrderNotFound`, `AttemptNotFound`, `PaymentCompleted` when the payment succeeded first, and
    `PaymentProcessing` while it is under way.
    """
    order = authorize_payer(order_id, ports.store.read_head(order_id), caller)
    require_attempt(order, attempt_id)
    if order.held_by(attempt_id):
        order = release_payment(order, ReleaseReason.CANCELLED, caller.subject, ports)
    else:
        order = release_overdue(order, caller.subject, ports)
    if caller.link_id is None:
        # Unlocked by another writer, the order may have passed to another buyer. A link that was renewed since stopped
        # the payment all the same.
        authorize_payer(order_id, order, caller)
    refuse_if_submitted(order, attempt_id)
    return with_content(order, ports)


def refuse_if_submitted(order: Order, attempt_id: str) -> None:
    """Raise the error for an attempt that cannot be cancelled any more.

    `PaymentCompleted` where its money settled the order, or waits for a decision; `PaymentProcessing` while the payer's
    bank has not decided.
    """
    refuse_if_paid(order, attempt_id)
    if order.attempt is not None and order.held_by(attempt_id) and order.attempt.status is AttemptStatus.PROCESSING:
        raise PaymentProcessing("The payment is under way, and the bank has not decided: it cannot be cancelled now.")


def refuse_if_paid(order: Order, attempt_id: str) -> None:
    """Raise `PaymentCompleted` where money came for this attempt and settled the order, or waits for a decision."""
    if order.attempt is not None and order.held_by(attempt_id) and order.attempt.status in _PAID:
        raise PaymentCompleted("The payment had already succeeded.")
