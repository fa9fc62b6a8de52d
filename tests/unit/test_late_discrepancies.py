"""Late money is named by what becomes of it, which the stack decides where the order does not say."""

from dataclasses import replace

import pytest

from paylatch.domain.discrepancies import name_of_capture
from paylatch.domain.documents import order_from_document
from paylatch.domain.payment import Capture
from paylatch.domain.payment_terms import LateMoney
from paylatch.domain.statement import Discrepancy
from tests.transition_cases import head_of


@pytest.mark.parametrize(
    ("order_says", "stack_says", "name"),
    [
        (None, LateMoney.REFUND, Discrepancy.LATE_CAPTURE),
        (None, LateMoney.ACCEPT, Discrepancy.MISSING_WEBHOOK),
        (LateMoney.ACCEPT, LateMoney.REFUND, Discrepancy.MISSING_WEBHOOK),
        (LateMoney.REFUND, LateMoney.ACCEPT, Discrepancy.LATE_CAPTURE),
    ],
)
def test_a_late_capture_is_named_by_what_order_or_stack_says(
    order_says: LateMoney | None, stack_says: LateMoney, name: Discrepancy
) -> None:
    order = replace(order_from_document(head_of("pending")), late_money=order_says)
    (late,) = [past for past in order.past_attempts.values() if past.revision == order.revision][:1]
    capture = Capture("pay-late", late.amount, late.currency)
    assert name_of_capture(order, late.gateway, late.attempt_id, capture, stack_says) is name
