"""A named person declares that the order was paid: in cash, by bank transfer or in another way without a gateway."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.attempt_documents import attempt_document
from paylatch.domain.changes import Set
from paylatch.domain.event_words import METHOD, NOTE
from paylatch.domain.manual_settlement import ManualSettlement
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus
from paylatch.domain.transitions.attempt_changes import money, placed
from paylatch.domain.transitions.rule import PENDING, EventType, Rule
from paylatch.domain.transitions.term_changes import expiry_follows
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

SETTLE_MANUALLY = Rule(
    "settle_manually",
    PENDING,
    PaymentStatus.PAID,
    EventType.ORDER_PAID,
    (
        clauses.AMOUNT_IS_AGREED,
        clauses.CURRENCY_IS_AGREED,
        clauses.PAYMENT_IS_NOT_RECORDED,
        clauses.VERSION_CHECK,
    ),
)


def settle_manually(order: Order, settlement: ManualSettlement, write_context: WriteContext) -> Transition:
    """The order is paid by money that a person received; what is owed, claimed and watched stays as it is."""
    payment = settlement.payment(order, write_context.at)
    attempt = attempt_document(
        payment.attempt_id,
        AttemptStatus.SUCCEEDED,
        payment.gateway,
        since=write_context.at,
        deadline=write_context.at,
        fingerprint=settlement.fingerprint,
        captured_payment=payment.payment_id,
    )
    return transition(
        SETTLE_MANUALLY,
        write_context,
        {
            "amount": payment.amount,
            "currency": payment.currency,
            "payment_id": payment.payment_id,
            "version": order.version,
        },
        (
            Set(("attempt",), attempt),
            *placed(payment),
            *expiry_follows(replace(order, status=PaymentStatus.PAID)),
        ),
        payment.attempt_id,
        {
            **money(payment.capture),
            "gateway": payment.gateway,
            METHOD: settlement.method.value,
            NOTE: settlement.note,
        },
    )
