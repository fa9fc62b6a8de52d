"""Each operation makes no more DynamoDB requests than its design says; a transition costs one write unit."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from local.api_client import ApiResponse
from paylatch.domain.shards import SHARDS
from paylatch.domain.transitions.attempt_changes import MOST_LIVE_LINKS
from paylatch.ports import VoidAnswer, VoidKind
from paylatch.store.connection import TableConnection
from tests.api import handler_transport
from tests.integration.dynamodb_tap import Tap
from tests.integration.item_size import size_of
from tests.integration.shop import TTL, Shop
from tests.lambda_events import OPERATOR, OTHER_CALLER, SERVICE, sample_body
from tests.orders_table import client_of

# As many as are shipped: what a sweep asks is counted.
pytestmark = pytest.mark.all_shards

READ, WRITE, PUT, DELETE, QUERY = "GetItem", "UpdateItem", "PutItem", "DeleteItem", "Query"


@pytest.fixture
def tap(orders_table: TableConnection) -> Iterator[Tap]:
    with Tap(orders_table).attached() as tap:
        yield tap


def cost(tap: Tap, act: Callable[[], object]) -> dict[str, int]:
    tap.sent.clear()
    act()
    return dict(Counter(tap.sent))


def test_create_is_its_content_and_one_write(shop: Shop, tap: Tap) -> None:
    assert cost(tap, shop.create) == {PUT: 1, WRITE: 1}


def create_by_key(**fields: Any) -> ApiResponse:
    return handler_transport.client_of(SERVICE).create_order(sample_body("order_create") | fields, "the-key")


def test_create_by_a_key_is_a_read_its_content_and_one_write(shop: Shop, tap: Tap) -> None:
    assert cost(tap, create_by_key) == {READ: 1, PUT: 1, WRITE: 1}


def test_creating_again_by_the_same_key_is_two_reads_and_no_write(shop: Shop, tap: Tap) -> None:
    first = create_by_key()
    assert cost(tap, create_by_key) == {READ: 2}
    assert create_by_key().body == first.body


def test_another_order_by_the_same_key_is_one_read(shop: Shop, tap: Tap) -> None:
    create_by_key()
    assert cost(tap, lambda: create_by_key(note="another")) == {READ: 1}


def test_a_list_is_one_query_and_one_batch_read(shop: Shop, tap: Tap) -> None:
    shop.create()
    assert cost(tap, lambda: shop.call("order_list", "")) == {QUERY: 1, "BatchGetItem": 1}


def test_no_transition_changes_a_key_of_a_list(shop: Shop, orders_table: TableConnection) -> None:
    """Each change of a key is two write units of its index."""

    def listed_by() -> dict[str, str]:
        key = {"pk": {"S": f"ORDER#{order_id}"}, "sk": {"S": "HEAD"}}
        head = client_of(orders_table).get_item(TableName="orders", Key=key)["Item"]
        return {name: head[name]["S"] for name in ("seller_id", "buyer_id", "reference", "created_at")}

    order_id = shop.create()
    first = listed_by()
    attempt_id = shop.pay(order_id).body["attempt_id"]
    shop.clock.advance(timedelta(seconds=1))
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    shop.money(shop.pay(order_id, "again").body["attempt_id"])
    assert shop.head(order_id).version > 6
    assert listed_by() == first


def test_a_read_is_head_and_content(shop: Shop, tap: Tap) -> None:
    order_id = shop.create()
    assert cost(tap, lambda: shop.read(order_id)) == {READ: 2}
    assert cost(tap, lambda: shop.read(order_id, OTHER_CALLER)) == {READ: 1}


def test_an_edit_is_two_reads_its_content_and_one_write(shop: Shop, tap: Tap) -> None:
    order_id = shop.create()
    assert cost(tap, lambda: shop.edit_to_three_packets(order_id, 1)) == {READ: 2, PUT: 1, WRITE: 1}


def test_an_edit_refused_is_one_read(shop: Shop, tap: Tap) -> None:
    order_id, _ = shop.locked()
    assert cost(tap, lambda: shop.edit_to_three_packets(order_id, 1)) == {READ: 1}


def test_a_payment_request_is_a_lock_and_a_record(shop: Shop, tap: Tap) -> None:
    order_id = shop.create()
    assert cost(tap, lambda: shop.pay(order_id)) == {WRITE: 2}


def test_a_payment_request_replayed_or_refused_is_one_write_that_does_nothing(shop: Shop, tap: Tap) -> None:
    order_id, _ = shop.locked("mine")
    assert cost(tap, lambda: shop.pay(order_id, "mine")) == {WRITE: 1}
    assert cost(tap, lambda: shop.pay(order_id, "other")) == {WRITE: 1}
    assert cost(tap, lambda: shop.pay(order_id, "other", OTHER_CALLER)) == {WRITE: 1}
    assert cost(tap, lambda: shop.pay("7777777777777777")) == {WRITE: 1}


def test_a_callback_is_one_write_and_its_duplicate_too(shop: Shop, tap: Tap) -> None:
    _, attempt_id = shop.locked()
    assert cost(tap, lambda: shop.money(attempt_id)) == {WRITE: 1}
    assert cost(tap, lambda: shop.money(attempt_id)) == {WRITE: 1}


def test_late_money_is_one_write_refused_and_one_that_places_it(shop: Shop, tap: Tap) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    assert cost(tap, lambda: shop.money(attempt_id)) == {WRITE: 2}


def test_a_forged_callback_costs_nothing_and_a_declined_card_one_read(shop: Shop, tap: Tap) -> None:
    _, attempt_id = shop.locked()
    forged = shop.gateway.signed("payment.succeeded", attempt_id, at=shop.clock.now() - timedelta(days=1))
    assert cost(tap, lambda: shop.callback(forged)) == {}
    assert cost(tap, lambda: shop.callback(shop.gateway.signed("payment.failed", attempt_id))) == {READ: 1}


def test_a_cancellation_is_head_content_and_one_write(shop: Shop, tap: Tap) -> None:
    order_id, attempt_id = shop.locked()
    assert cost(tap, lambda: shop.cancel_payment(order_id, attempt_id)) == {READ: 2, WRITE: 1}
    assert cost(tap, lambda: shop.cancel_payment(order_id, attempt_id)) == {READ: 2}


def test_stop_and_change_is_two_reads_the_content_and_one_write(shop: Shop, tap: Tap) -> None:
    order_id, attempt_id = shop.locked()
    assert cost(tap, lambda: shop.stop_and_change(order_id, attempt_id)) == {READ: 2, PUT: 1, WRITE: 1}
    assert cost(tap, lambda: shop.stop_and_change(order_id, attempt_id)) == {READ: 2}, "the same again"


def test_stop_and_change_takes_its_content_back_where_the_edit_is_not_made(shop: Shop, tap: Tap) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    unconfirmed = cost(tap, lambda: shop.stop_and_change(order_id, attempt_id))
    assert unconfirmed == {READ: 3, PUT: 1, WRITE: 1, DELETE: 1}
    shop.gateway.capture_payment(attempt_id)
    assert cost(tap, lambda: shop.stop_and_change(order_id, attempt_id)) == {READ: 2, PUT: 1, WRITE: 2, DELETE: 1}
    assert cost(tap, lambda: shop.stop_and_change(order_id, attempt_id)) == {READ: 1}


def test_a_release_that_must_wait_is_one_write(shop: Shop, tap: Tap) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    assert cost(tap, lambda: shop.cancel_payment(order_id, attempt_id)) == {READ: 2, WRITE: 1}


def test_cancelling_an_order_is_one_read_one_write_and_its_content(shop: Shop, tap: Tap) -> None:
    order_id = shop.create()
    assert cost(tap, lambda: shop.call("order_cancel", order_id)) == {WRITE: 1, READ: 2}


def test_a_sweep_costs_its_queries_and_what_is_due_whatever_lies_in_the_table(shop: Shop, tap: Tap) -> None:
    idle = cost(tap, shop.sweep)
    assert idle == {QUERY: 3 * SHARDS}, "one a shard of each index"
    for number in range(20):
        shop.create()
        shop.money(shop.locked(f"paid-{number}")[1])
    assert cost(tap, shop.sweep) == idle
    for number in range(3):
        shop.locked(f"due-{number}")
    shop.clock.advance(TTL)
    assert cost(tap, shop.sweep) == {**idle, READ: 3, WRITE: 3}


def test_all_links_that_a_sweep_finds_dead_end_by_one_write_of_one_event(
    shop: Shop, tap: Tap, orders_table: TableConnection
) -> None:
    order_id, attempt_ids = shop.with_live_links(MOST_LIVE_LINKS)
    before = shop.head(order_id)
    idle = {QUERY: 3 * SHARDS}
    shop.clock.advance(timedelta(hours=2))
    assert cost(tap, shop.sweep) == {**idle, READ: 1, WRITE: 1}
    head = shop.head(order_id)
    assert (head.version, head.live_links, head.follow_up_at) == (before.version + 1, 0, None)
    assert (head.last_event.type, head.last_event.attempt_id) == ("LinkExpired", None)
    assert head.last_event.detail == {"attempt_ids": attempt_ids}
    assert cost(tap, shop.sweep) == idle, "nothing is left to ask about"


def test_history_is_one_read_and_one_query(shop: Shop, tap: Tap) -> None:
    order_id = shop.create()
    assert cost(tap, lambda: shop.call("order_history", order_id, person=OPERATOR)) == {READ: 1, QUERY: 1}


def test_the_head_stays_within_one_write_unit_however_large_the_order(
    shop: Shop, tap: Tap, orders_table: TableConnection
) -> None:
    lines = [{"sku": f"sku-{n}", "name": "x" * 200, "quantity": 1, "unit_price": 100} for n in range(200)]
    order_id = shop.create(reference="x" * 64, lines=lines, note="x" * 2000)
    sizes = {}

    def measure(timestamp: str) -> None:
        key = {"pk": {"S": f"ORDER#{order_id}"}, "sk": {"S": "HEAD"}}
        sizes[timestamp] = size_of(client_of(orders_table).get_item(TableName="orders", Key=key)["Item"])

    measure("new")
    attempt_id = shop.pay(order_id).body["attempt_id"]
    measure("open")
    shop.cancel_payment(order_id, attempt_id)
    measure("released")
    shop.money(shop.pay(order_id, "again").body["attempt_id"])
    measure("paid")
    assert sizes["paid"] > sizes["new"] > 0
    # Further write units only where a head carries the short forms of earlier attempts.
    assert {timestamp for timestamp, size in sizes.items() if size > 1024} <= {"paid"}
    assert max(sizes.values()) < 2048
