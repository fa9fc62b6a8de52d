"""A caller whose write was applied gets success, even when DynamoDB's response was lost, without another read."""

import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from local.api_client import ApiResponse
from paylatch.store.connection import TRIES_AFTER_THE_FIRST, TableConnection
from tests.integration.dynamodb_tap import Tap
from tests.integration.shop import Shop
from tests.integration.writing_operations import OPERATIONS

EVERY_TRY = TRIES_AFTER_THE_FIRST + 1
CASES = [(name, write) for name, operation in OPERATIONS.items() for write in range(operation.writes)]
NAMES = [f"{name}: write {write + 1}" for name, write in CASES]


@pytest.fixture
def tap(orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tap]:
    # The SDK waits before a retry; tests do not.
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None))
    with Tap(orders_table).attached() as tap:
        yield tap


def without_ids(outcome: Any) -> str:
    """What was answered, with the ids of this run taken out."""
    shown = [outcome.status, outcome.body] if isinstance(outcome, ApiResponse) else outcome
    text = json.dumps(shown, sort_keys=True)
    return re.sub(r"[0-9A-Z]{16}(_[0-9A-Z]{8,13})?", "ID", text)


def head_without_ids(shop: Shop, order_id: str) -> str:
    head = shop.head(order_id)
    return re.sub(r"[0-9A-Z]{12,16}(_[0-9A-Z]{8,13})?", "ID", repr(head))


@pytest.mark.parametrize("kind", ["timeout", "500"])
@pytest.mark.parametrize(("name", "write"), CASES, ids=NAMES)
def test_the_response_is_the_same_as_if_nothing_had_been_lost(
    shop: Shop, tap: Tap, name: str, write: int, kind: str
) -> None:
    operation, noon = OPERATIONS[name], shop.clock.now()
    order_id, attempt_id = operation.arrange(shop)
    tap.sent.clear()
    expected, sent = without_ids(operation.act(shop, order_id, attempt_id)), list(tap.sent)
    expected_head = head_without_ids(shop, order_id)
    assert sum(request in ("UpdateItem", "PutItem", "DeleteItem") for request in sent) == operation.writes

    shop.clock.advance(noon - shop.clock.now())
    other_id, other_attempt = operation.arrange(shop)
    tap.sent.clear()
    tap.lose(kind, write)
    outcome, lossy = without_ids(operation.act(shop, other_id, other_attempt)), list(tap.sent)
    assert outcome == expected
    assert head_without_ids(shop, other_id) == expected_head
    assert len(lossy) == len(sent) + 1, "the SDK's own second try, and nothing else"
    assert lossy.count("GetItem") == sent.count("GetItem")


CERTAIN = [
    "create",
    "cancel the order",
    "request a payment",
    "settle",
    "cancel the payment",
    "stop and change",
    "owe a refund",
]


@pytest.mark.parametrize(("name", "write"), [case for case in CASES if case[0] in CERTAIN])
def test_when_every_response_is_lost_the_caller_gets_503_and_a_retry_answers_truthfully(
    shop: Shop, tap: Tap, name: str, write: int
) -> None:
    operation = OPERATIONS[name]
    order_id, attempt_id = operation.arrange(shop)
    tap.lose("timeout", write, EVERY_TRY)
    unknown = operation.act(shop, order_id, attempt_id)
    assert (unknown.status, unknown.code) == (503, "store-unavailable")
    assert unknown.headers["retry-after"]
    version = shop.head(order_id).version
    again = operation.act(shop, order_id, attempt_id)
    assert again.status < 300
    assert shop.head(order_id).version - version <= operation.writes
    assert operation.act(shop, order_id, attempt_id).body == again.body


def test_an_edit_whose_every_response_was_lost_is_recognised_by_its_result(shop: Shop, tap: Tap) -> None:
    order_id = shop.create()
    tap.lose("500", 1, EVERY_TRY)
    assert shop.edit_to_three_packets(order_id, 1).status == 503
    again = shop.edit_to_three_packets(order_id, 1)
    assert (again.status, again.body["revision"]) == (200, 2)
    assert shop.read(order_id).body == again.body


def test_only_the_same_edit_is_recognised(shop: Shop, tap: Tap) -> None:
    order_id = shop.create()
    assert shop.edit_to_three_packets(order_id, 1).status == 200
    other = shop.edit(order_id, 1, note="another edit of the revision before")
    assert (other.status, other.body["revision"]) == (412, 2)
    assert shop.edit_to_three_packets(order_id, 3).status == 412
    assert shop.edit(order_id, 2, note="since then").status == 200
    assert shop.edit_to_three_packets(order_id, 1).status == 412
    locked = shop.create()
    assert shop.edit_to_three_packets(locked, 1).status == 200
    shop.pay(locked)
    assert shop.edit_to_three_packets(locked, 1).body["payment_status"] == "in_payment"
    assert shop.edit(locked, 1, note="another edit").code == "order-locked"


def test_a_sweep_whose_writes_get_lost_is_finished_by_the_next(shop: Shop, tap: Tap) -> None:
    order_id, _ = OPERATIONS["time out"].arrange(shop)
    tap.lose("timeout", 0, EVERY_TRY)
    assert shop.sweep()["failed"] == 1
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"


def test_an_edit_overtaken_after_its_lost_response_is_answered_with_the_current_order(shop: Shop, tap: Tap) -> None:
    order_id = shop.create()
    apply, store = shop.ports.store.apply, shop.ports.store

    def lost_and_overtaken(*arguments: Any) -> Any:
        store.apply = apply  # type: ignore[method-assign]
        apply(*arguments)
        assert shop.edit(order_id, 2, note="the other's").status == 200
        return apply(*arguments)

    store.apply = lost_and_overtaken  # type: ignore[method-assign, assignment]
    answer = shop.edit_to_three_packets(order_id, 1)
    assert answer.status == 200
    assert answer.body == shop.read(order_id).body
    assert (answer.body["lines"][0]["quantity"], answer.body["note"]) == (3, "the other's")


def test_what_was_never_sent_is_not_done(shop: Shop, tap: Tap) -> None:
    order_id = shop.create()
    before = shop.head(order_id)
    tap.lose("refused connection", 0, EVERY_TRY)
    assert shop.pay(order_id).code == "store-unavailable"
    assert shop.head(order_id) == before
