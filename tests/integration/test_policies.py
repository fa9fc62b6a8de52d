"""The policies of the template are in force in every test of the handlers."""

import pytest

from tests.integration import policies
from tests.integration.policies import enforced, granted
from tests.integration.shop import Shop
from tests.template.policies import Right

TABLE_RIGHTS = sorted(
    right
    for right in granted()["orders"]
    if right in {("OrdersTable", f"dynamodb:{it}") for it in ("PutItem", "UpdateItem")}
)


@pytest.mark.parametrize("missing", TABLE_RIGHTS, ids=lambda right: right[1])
def test_a_call_that_no_statement_allows_is_denied_and_named(
    shop: Shop, missing: Right, monkeypatch: pytest.MonkeyPatch
) -> None:
    less = {**granted(), "orders": granted()["orders"] - {missing}}
    monkeypatch.setattr(policies, "granted", lambda: less)

    with enforced({}) as denied, pytest.raises(KeyError, match="order_id"):
        shop.create()

    assert denied == [f"['orders']: {[missing]}"]
