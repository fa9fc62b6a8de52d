"""A payment without a gateway, as a person declares it."""

from datetime import datetime
from enum import StrEnum

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import derived_manual_attempt_id, fingerprint_of
from paylatch.domain.order import Order
from paylatch.domain.payment import CapturedPayment, PaymentPlace
from paylatch.domain.without_gateway import MANUAL


class ManualMethod(StrEnum):
    """How the money arrived."""

    CASH = "cash"
    BANK_TRANSFER = "bank_transfer"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ManualSettlement:
    """Money that a person declares as received: `amount` in minor units of the order's currency, and a note."""

    method: ManualMethod
    amount: int
    note: str

    @property
    def fingerprint(self) -> str:
        """The fingerprint of everything that was declared."""
        return fingerprint_of(MANUAL, self.method.value, str(self.amount), self.note)

    def payment(self, order: Order, at: datetime) -> CapturedPayment:
        """The ledger's entry for it; its attempt's id is derived from the order's revision."""
        attempt_id = derived_manual_attempt_id(order.order_id, order.revision)
        return CapturedPayment(
            payment_id=attempt_id,
            attempt_id=attempt_id,
            gateway=MANUAL,
            amount=self.amount,
            currency=order.currency,
            place=PaymentPlace.SETTLED,
            since=at,
        )
