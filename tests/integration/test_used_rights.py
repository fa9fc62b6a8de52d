"""No right is granted for nothing: one day of a shop asks AWS for all that the functions' policies allow."""

from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.payment import Capture
from paylatch.ports import Timer
from paylatch.runtime import wiring
from paylatch.runtime.timer_queue import TimerQueue
from paylatch.store.connection import TableConnection
from paylatch.store.event_scan import DynamoEventScan
from tests.api.handler_transport import client_of
from tests.api.handlers import Context, handler_of
from tests.conftest import REGION
from tests.fakes.memory_gateway import MemoryGateway
from tests.integration.pay_pages import Tab, pay_link
from tests.integration.personal_orders import cancelled, erase, paid_in_cash
from tests.integration.policies import enforced, granted
from tests.integration.retiring import Retiring
from tests.integration.shop import TTL, Shop
from tests.integration.table_stream import TableStream
from tests.integration.test_attention_groups import RELEASES, act, groups, releasing
from tests.integration.test_reconciliation import lose_callbacks, reconcile
from tests.integration.test_timers import deliver
from tests.lambda_events import BUYER, OPERATOR, SELLER, http_event
from tests.store_calls import CONTENT
from tests.template.policies import Right

KEPT = timedelta(days=30)
STREAM = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}
# Lambda itself asks for these with the function's role: it reads stream and queues, and puts away what failed.
OF_LAMBDA: dict[str, set[str]] = {
    "order_events": {*(f"dynamodb:{call}" for call in STREAM), "sqs:SendMessage"},
    "due_events": {f"dynamodb:{call}" for call in STREAM},
    "timers": {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"},
}
# The gateway is scripted here, so that nobody needs its secret; the deployed stack of tests/e2e needs it for each call.
SECRET = "secretsmanager:GetSecretValue"
# Webhooks have test_webhooks.py, with queue and secret; the sandbox is a simulator, which no prod stack has.
ELSEWHERE = {"webhooks", "sandbox_gateway"}


@pytest.fixture
def queue(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The queue of timers, on moto."""
    url = boto3.client("sqs", region_name=REGION).create_queue(QueueName="timers")["QueueUrl"]
    monkeypatch.setattr(wiring, "make_timers", lambda: TimerQueue(url, shop.clock.now))
    wiring.timers.cache_clear()
    yield
    wiring.timers.cache_clear()


@pytest.mark.usefixtures("queue", "published", "pay_page_settings")
def test_each_right_is_used_by_its_function_or_by_lambda(
    shop: Shop, orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "make_event_scan", lambda: DynamoEventScan(orders_table))
    used: dict[str, set[Right]] = {}

    with enforced(used) as denied:
        buyers_and_sellers(shop)
        payers(shop)
        operators(shop)
        erasures(shop, orders_table)
        retirements(shop, orders_table, monkeypatch)
        deadlines(shop, orders_table)
        replays(shop)
        nights(shop)

    assert denied == []
    assert [right for folder in granted() if folder not in ELSEWHERE for right in unused(folder, used)] == []


def unused(folder: str, used: dict[str, set[Right]]) -> list[tuple[str, ...]]:
    """What the function is granted, and neither it nor Lambda asked for."""
    asked = used.get(folder, set())
    return sorted(
        (folder, resource, action)
        for resource, action in granted()[folder]
        if not asked & {(resource, action), (action.partition(":")[0], action)}
        and action != SECRET
        and action not in OF_LAMBDA.get(folder, ())
    )


def buyers_and_sellers(shop: Shop) -> None:
    order_id = shop.create(reference="of-the-day")
    shop.edit_to_three_packets(order_id, 1)
    shop.edit(order_id, 2, SELLER, lines=[])
    shop.edit_to_three_packets(order_id, 1)
    client_of(BUYER).list_orders()
    client_of(SELLER).list_orders()
    client_of(SELLER).list_orders(reference="of-the-day")
    shop.call("order_history", order_id)


def payers(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.during("void", lambda: shop.stop_and_change(order_id, attempt_id, 1, SELLER, note="ours"))
    shop.stop_and_change(order_id, attempt_id, revision=1)
    _, attempt_id = shop.locked()
    shop.money(attempt_id, Capture("pay-1", 2400, "EUR"))
    _, attempt_id = shop.locked()
    shop.callback(shop.gateway.signed("payment.processing", attempt_id, None))
    order_id = shop.create()
    tab = Tab.opened(pay_link(shop, order_id))
    tab.pay()
    tab.post({"action": "recheck", "attempt_id": shop.holder(order_id)})


def operators(shop: Shop) -> None:
    releasing(shop, 1)
    groups(shop)
    act(shop, "release", RELEASES, {"reason": "The gateway is gone."})
    shop.operator("attention", "")
    order_id, attempt_id = shop.locked()
    shop.call("recheck", order_id, attempt_id=attempt_id, person=BUYER)


def erasures(shop: Shop, orders_table: TableConnection) -> None:
    order_id = paid_in_cash(shop)
    events(orders_table)
    erase(shop, order_id)
    shop.ports.store.put_content(order_id, "LATER", CONTENT)
    events(orders_table)


def retirements(shop: Shop, orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = cancelled(shop)
    with monkeypatch.context() as patched:
        patched.setattr(wiring, "make_ports", wiring.make_ports)
        stack = Retiring(shop, orders_table)
        stack.keep(KEPT)
        stack.consume()
        shop.clock.advance(KEPT)
        stack.expire(order_id)
    wiring.ports.cache_clear()


def deadlines(shop: Shop, orders_table: TableConnection) -> None:
    order_id, _ = shop.locked(expires_in=60)
    handler_of("due_events")(TableStream(orders_table).batch(), Context())
    deliver(Timer(order_id, shop.clock.now() + TTL))
    order_id, _ = shop.locked()
    shop.clock.advance(TTL)
    shop.edit_to_three_packets(order_id, 1)
    deliver(Timer(order_id, shop.clock.now()))
    shop.locked()
    shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "no answer"))
    shop.clock.advance(TTL)
    shop.sweep()


def events(orders_table: TableConnection) -> None:
    handler_of("order_events")(TableStream(orders_table).batch(), Context())


def replays(shop: Shop) -> None:
    span = {"from": "2026-11-24T00:00:00.000Z", "to": "2026-11-25T00:00:00.000Z"}
    shop.send("replay", http_event("replay", person=OPERATOR, body=span))


def nights(shop: Shop) -> None:
    gateway = MemoryGateway(shop.clock)
    shop.gateways.made["sandbox"] = gateway
    _, attempt_id = shop.locked()
    gateway.pay(attempt_id)
    lose_callbacks(gateway)
    day = shop.clock.now().date().isoformat()
    reconcile(shop)
    client_of(OPERATOR).reconcile(day)
