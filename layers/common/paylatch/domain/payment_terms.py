"""The seller's payment terms: whether and until when an order may be paid, and what is done with late money."""

from datetime import datetime
from enum import StrEnum

from paylatch.domain.frozen_dataclass import dataclass


class LateMoney(StrEnum):
    """What is done with late money that would pay for the order: it pays for it, or it goes back."""

    ACCEPT = "accept"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """The terms that an order's head has of its content, because payments are decided by them.

    `payable` False: no payment begins. `pay_by`: no payment begins from then on, and the order ends unpaid.
    `late_money` is None where the stack decides.
    """

    payable: bool = True
    pay_by: datetime | None = None
    late_money: LateMoney | None = None

    def pay_by_passed(self, now: datetime) -> bool:
        """Whether the time to begin a payment has passed."""
        return self.pay_by is not None and self.pay_by <= now


USUAL_TERMS = PaymentTerms()
