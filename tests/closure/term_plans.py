"""What may be planned of an order's payment terms: its end, and what edits set; and of a hand-over."""

from collections.abc import Iterator

from paylatch.domain import transitions
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment_terms import USUAL_TERMS, PaymentTerms
from tests.closure.configuration import NOW, Configuration
from tests.closure.plan import WRITE_CONTEXT, Plan

NEXT_BUYER = "buyer-2"


def named(terms: PaymentTerms) -> str:
    """The terms in a plan's description; nothing of the usual ones."""
    return "" if terms == USUAL_TERMS else f" with {terms}"


def ends(order: Order, _: Configuration) -> Iterator[Plan]:
    """As the sweep ends an order whose `pay_by` has passed."""
    if order.has_expired(NOW):
        late = order.pay_by is not None and order.pay_by <= NOW
        yield Plan("expire_order", transitions.expire_order(order, WRITE_CONTEXT), forbidden=lambda _: not late)


def hand_overs(order: Order, configuration: Configuration) -> Iterator[Plan]:
    """As a service hands an unlocked order over, once."""
    if configuration.terms and order.status is PaymentStatus.PENDING_PAYMENT and order.buyer_id != NEXT_BUYER:
        yield Plan("hand_over", transitions.hand_over(order, NEXT_BUYER, WRITE_CONTEXT))
