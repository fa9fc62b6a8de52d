"""A refund as the shop requests it."""

from datetime import datetime

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import fingerprint_of, requested_refund_id
from paylatch.domain.payment import CapturedPayment, Refund, RefundStatus

MOST_REQUESTED_REFUNDS = 20
# The head keeps the reason of each; the limit bounds it.
LONGEST_REFUND_REASON = 100


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A request to refund `amount` of an order's payment, in minor units of its currency; None is all that is left."""

    order_id: str
    amount: int | None
    reason: str
    idempotency_key: str

    @property
    def refund_id(self) -> str:
        """The id of the refund; the same for the same order and key."""
        return requested_refund_id(self.order_id, self.idempotency_key)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of everything that is asked for."""
        return fingerprint_of("refund", "all" if self.amount is None else str(self.amount), self.reason)

    def refund(self, payment: CapturedPayment, amount: int, status: RefundStatus, at: datetime) -> Refund:
        """The refund of that amount of the payment, with that status."""
        return Refund(
            payment_id=payment.payment_id,
            attempt_id=payment.attempt_id,
            gateway=payment.gateway,
            amount=amount,
            currency=payment.currency,
            status=status,
            reason=self.reason,
            since=at,
            next_at=at,
            own_id=self.refund_id,
            fingerprint=self.fingerprint,
        )
