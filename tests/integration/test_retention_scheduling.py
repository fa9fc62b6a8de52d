"""Orders that finished before the stack had a retention are scheduled by one command."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from paylatch.domain.errors import StoreUnavailable
from paylatch.store import retention
from paylatch.store.connection import TableConnection
from retention import scheduling
from retention.__main__ import main
from retention.scheduling import PAUSES, schedule_finished_orders
from tests.integration.personal_orders import cancelled, paid_in_cash
from tests.integration.retiring import Retiring
from tests.integration.shop import Shop
from tests.integration.test_retention import DAYS, stack

__all__ = ["stack"]


def no_pause(_: float) -> None:
    raise AssertionError("nothing was left")


@pytest.mark.parametrize("items_of_a_page", [1, 3, 500])
def test_finished_orders_are_looked_at_and_retired_by_their_own_age(
    stack: Retiring, monkeypatch: pytest.MonkeyPatch, items_of_a_page: int
) -> None:
    monkeypatch.setattr(scheduling, "LARGEST_SCAN", items_of_a_page)
    stack.keep(None)
    old, open_one = cancelled(stack.shop), stack.shop.create()
    stack.consume()
    stack.shop.clock.advance(DAYS)
    young = paid_in_cash(stack.shop)
    stack.consume()
    stack.keep(DAYS)

    assert schedule_finished_orders(stack.table, stack.shop.clock.now(), no_pause) == 2

    assert "EXPIRY" not in stack.items(open_one)
    stack.expire(old)
    stack.expire(young)
    assert stack.items(old) == ["EXPIRY", "HEAD"]
    assert stack.shop.read(young).status == 200
    assert stack.expiry(young) == stack.shop.clock.now() + DAYS


def test_a_second_time_changes_nothing_and_counts_no_retired_order(stack: Retiring) -> None:
    retired, kept = cancelled(stack.shop), paid_in_cash(stack.shop)
    stack.consume()
    stack.shop.clock.advance(DAYS)
    stack.expire(retired)
    now = stack.shop.clock.now()

    assert schedule_finished_orders(stack.table, now, no_pause) == 1
    before = stack.items(retired), stack.items(kept)
    assert schedule_finished_orders(stack.table, now, no_pause) == 1
    assert (stack.items(retired), stack.items(kept)) == before


def test_what_the_database_leaves_is_put_again_and_then_named(stack: Retiring, monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled(stack.shop)
    paused: list[float] = []

    def unprocessed(_: Any, times: Mapping[str, datetime]) -> Mapping[str, StoreUnavailable]:
        return {order_id: StoreUnavailable("not processed") for order_id in times}

    monkeypatch.setattr(retention.DynamoRetentionStore, "schedule", unprocessed)
    with pytest.raises(StoreUnavailable, match="not processed"):
        schedule_finished_orders(stack.table, stack.shop.clock.now(), paused.append)
    assert tuple(paused) == PAUSES


def test_no_order_needs_no_write(orders_table: TableConnection, shop: Shop) -> None:
    assert schedule_finished_orders(orders_table, shop.clock.now(), no_pause) == 0


@pytest.mark.parametrize(
    ("region", "cause"), [([], "You must specify a region"), (["--region", "x y"], "'x y' doesn't match")]
)
def test_what_the_sdk_refuses_to_send_is_said_in_its_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], region: list[str], cause: str
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setattr("sys.argv", ["retention", "orders", *region])
    assert main() == 1
    assert cause in capsys.readouterr().err
