"""A function with slow dependencies still writes its results: the request counts behind the time budget."""

from collections.abc import Callable, Iterator
from math import ceil
from typing import Any

import pytest

from paylatch.gateways.gateway_http import ConnectionFailed, HttpSender, Request
from paylatch.runtime import wiring
from paylatch.runtime.time_budget import CALL_SECONDS, REQUESTS_AFTER_A_CALL, SLOWEST_ORDER_SECONDS, Handler
from paylatch.store.connection import TableConnection
from tests.api.handlers import Context
from tests.fakes.loopback_server import LoopbackServer, Reply
from tests.integration.dynamodb_tap import Tap
from tests.integration.shop import TTL, Shop, swept
from tests.orders_table import ROOT
from tests.template.test_functions import TALK_TO_GATEWAYS


@pytest.fixture
def tap(orders_table: TableConnection) -> Iterator[Tap]:
    with Tap(orders_table).attached() as tap:
        yield tap


def about_the_order(tap: Tap) -> list[str]:
    """What was sent, without a sweep's questions for other orders."""
    return [request for request in tap.sent if request != "Query"]


def cancelled(shop: Shop, order_id: str, attempt_id: str) -> object:
    return shop.cancel_payment(order_id, attempt_id)


def timed_out(shop: Shop, order_id: str, attempt_id: str) -> object:
    shop.clock.advance(TTL)
    return shop.sweep()


def rechecked(shop: Shop, order_id: str, attempt_id: str) -> object:
    return shop.operator("recheck", order_id, attempt_id)


WAYS = [(cancelled, "void"), (timed_out, "void"), (rechecked, "query")]


@pytest.mark.parametrize(("act", "question"), WAYS, ids=lambda each: getattr(each, "__name__", each))
@pytest.mark.parametrize("amount", [2500, 1], ids=["the money", "other money"])
def test_after_a_gateway_s_answer_no_more_is_sent_than_the_budget_counts(
    shop: Shop, tap: Tap, act: Callable[[Shop, str, str], object], question: str, amount: int
) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id, amount=amount)
    asked_after: list[int] = []
    shop.gateway.during(question, lambda: asked_after.append(len(about_the_order(tap))))
    tap.sent.clear()
    act(shop, order_id, attempt_id)
    assert asked_after == [1]
    assert len(about_the_order(tap)) - 1 <= REQUESTS_AFTER_A_CALL
    assert shop.status(order_id) in ("paid", "review")


@pytest.mark.parametrize("folder", TALK_TO_GATEWAYS)
def test_every_function_that_talks_to_gateways_ends_in_time(folder: str) -> None:
    app = (ROOT / "functions" / folder / "app.py").read_text()
    decorated = [f"\n@entry.{kind}\ndef handler(" in app for kind in ("http", "scheduled", "queue", "queue_of_hints")]
    assert sum((*decorated, "\nhandler = entry.pages(" in app)) == 1


def test_a_sweep_begins_no_order_that_it_might_not_end(shop: Shop) -> None:
    order_id, _ = shop.locked()
    shop.clock.advance(TTL)
    assert shop.sweep(lambda: int(SLOWEST_ORDER_SECONDS * 1000)) == swept(0, stopped_early=True)
    assert shop.status(order_id) == "in_payment"
    assert shop.sweep(lambda: int(SLOWEST_ORDER_SECONDS * 1000) + 1)["handled"] == 1


@pytest.mark.parametrize(("left", "sent"), [(CALL_SECONDS, 1), (CALL_SECONDS - 0.1, 0)], ids=["enough", "not enough"])
@pytest.mark.parametrize("entry", [wiring.entry.http, wiring.entry.scheduled], ids=["http", "scheduled"])
def test_a_call_is_begun_while_there_is_time_for_what_comes_after_it(
    entry: Callable[[Handler], Handler], left: float, sent: int
) -> None:
    with LoopbackServer(lambda asked: Reply(200, b"ok")) as loopback:

        @entry
        def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
            try:
                return {"status": HttpSender()(Request("GET", loopback.url, {})).status}
            except ConnectionFailed:
                return {}

        handler({}, Context(lambda: ceil(left * 1000)))  # type: ignore[arg-type]
        assert len(loopback.asked) == sent
