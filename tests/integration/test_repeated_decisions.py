"""A repeated decision of an operator, after a lost answer, gets the answer of the first."""

import pytest

from tests.integration.shop import Shop


@pytest.mark.parametrize("action", ["settle", "refund"])
def test_a_repeated_resolution_is_answered_as_made(shop: Shop, action: str) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=1)
    assert shop.status(order_id) == "review"
    decision = {"action": action, "reason": "agreed with the buyer"}
    first, again = (shop.operator("resolution", order_id, attempt_id, body=decision) for _ in range(2))
    assert (first.status, again.status) == (200, 200)
    assert first.body["payment_status"] == again.body["payment_status"]
