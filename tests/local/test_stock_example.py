"""The example `examples/stock`: what it holds follows the events, in whatever sequence and however often they come."""

import base64
import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from examples.stock.stock import Receiver, Warehouse
from local.api_client import ApiRequest, HttpTransport
from paylatch.domain.order import LineKind
from tests.fakes.loopback_server import LoopbackServer, json_reply

KEY = base64.b64encode(b"k" * 24).decode()
STATUSES = ("pending_payment", "in_payment", "pending_payment", "in_payment", "paid", "paid")
LINES = {"tea-01": 2, "pot-01": 1}
FREE, HELD, TAKEN = (
    {"pot-01": pot, "tea-01": tea} for pot, tea in (((5, 5), (9, 9)), ((5, 4), (9, 7)), ((4, 4), (7, 7)))
)


def event(seq: int, status: str = "", order_id: str = "A") -> dict[str, Any]:
    return {"order_id": order_id, "seq": seq, "payment_status": status or STATUSES[seq - 1]}


def filled(file: Path) -> Warehouse:
    warehouse = Warehouse(file, lambda order_id: LINES)
    warehouse.put("tea-01", 9)
    warehouse.put("pot-01", 5)
    return warehouse


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "stock.sqlite"


def test_goods_are_held_while_their_order_is_being_paid_and_taken_once_it_is_paid(file: Path) -> None:
    warehouse, seen = filled(file), []
    for seq in range(1, 7):
        warehouse.receive(event(seq))
        seen.append(warehouse.levels())
    assert seen == [FREE, HELD, FREE, HELD, TAKEN, TAKEN]


@pytest.mark.parametrize("status", ["releasing", "review"])
def test_goods_stay_held_while_it_is_not_known_whether_the_money_came(file: Path, status: str) -> None:
    warehouse = filled(file)
    warehouse.receive(event(3, status))
    assert warehouse.levels() == HELD


def test_a_cancelled_order_holds_nothing(file: Path) -> None:
    warehouse = filled(file)
    warehouse.receive(event(2))
    warehouse.receive(event(3, "cancelled"))
    assert warehouse.levels() == FREE


@pytest.mark.parametrize("sequence", list(permutations((2, 3, 4, 5))), ids=str)
def test_events_in_any_sequence_and_twice_end_the_same(file: Path, sequence: tuple[int, ...]) -> None:
    warehouse = filled(file)
    for seq in (*sequence, *sequence):
        warehouse.receive(event(seq))
    assert warehouse.levels() == TAKEN


def test_a_restart_changes_nothing_and_events_that_come_again_do_not_either(file: Path) -> None:
    before = filled(file)
    for seq in range(1, 5):
        before.receive(event(seq))
    after = Warehouse(file, lambda order_id: LINES)
    for seq in range(1, 5):
        after.receive(event(seq))
    assert after.levels() == HELD


def test_each_order_has_its_own_events(file: Path) -> None:
    warehouse = filled(file)
    for order_id in ("A", "B"):
        warehouse.receive(event(2, order_id=order_id))
    assert warehouse.levels() == {"pot-01": (5, 3), "tea-01": (9, 5)}
    warehouse.receive(event(3, order_id="A"))
    assert warehouse.levels() == HELD


def test_goods_that_are_not_there_are_shown_as_missing(file: Path) -> None:
    warehouse = Warehouse(file, lambda order_id: LINES)
    warehouse.receive(event(2))
    assert warehouse.levels() == {"pot-01": (0, -1), "tea-01": (0, -2)}


def test_where_the_order_cannot_be_read_nothing_changes_and_the_event_acts_when_it_comes_again(file: Path) -> None:
    def unreadable(order_id: str) -> dict[str, int]:
        raise TimeoutError

    filled(file)
    warehouse = Warehouse(file, unreadable)
    with pytest.raises(TimeoutError):
        warehouse.receive(event(2))
    again = Warehouse(file, lambda order_id: LINES)
    assert again.levels() == FREE
    again.receive(event(2))
    assert again.levels() == HELD


def test_a_later_event_that_is_faster_is_not_undone(file: Path) -> None:
    def read_slowly(order_id: str) -> dict[str, int]:
        filled_before.receive(event(3))
        return LINES

    filled_before = filled(file)
    Warehouse(file, read_slowly).receive(event(2))
    assert filled_before.levels() == FREE


def test_an_event_that_fails_half_way_leaves_all_as_it_was(file: Path) -> None:
    filled(file).receive(event(2))
    bad: dict[str, Any] = {"tea-01": 1, "pot-01": None}
    with pytest.raises(sqlite3.IntegrityError):
        Warehouse(file, lambda order_id: bad).receive(event(4))
    again = Warehouse(file, lambda order_id: LINES)
    assert again.levels() == HELD
    again.receive(event(3))
    assert again.levels() == FREE


@pytest.fixture
def api() -> Iterator[LoopbackServer]:
    beside = [{"sku": kind, "quantity": 1, "kind": kind} for kind in LineKind if kind is not LineKind.ITEM]
    # The contract lets an item name its kind, and leave it out.
    lines = [{"sku": "tea-01", "quantity": 1}, {"sku": "tea-01", "quantity": 1, "kind": "item"}, *beside]
    with LoopbackServer(lambda asked: json_reply({"lines": lines})) as server:
        yield server


@pytest.fixture
def receiver(tmp_path: Path, file: Path, api: LoopbackServer) -> Iterator[Receiver]:
    stack_file = tmp_path / "stack.json"
    stack_file.write_text(json.dumps({"api_url": api.url, "tokens": {"service": "t"}, "webhook_key": KEY}))
    with Receiver(stack_file, file, 0) as receiver:
        threading.Thread(target=receiver.serve_forever, args=(0.01,), daemon=True).start()
        yield receiver
        receiver.shutdown()


def post(receiver: Receiver, key: str = KEY, path: str = "/webhooks", **other: str) -> int:
    now, body = datetime.now(UTC), json.dumps({"data": event(2)})
    headers = {
        "webhook-id": "evt_A_2",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(key).sign("evt_A_2", now, body),
        **{name.replace("_", "-"): value for name, value in other.items()},
    }
    transport = HttpTransport(f"http://127.0.0.1:{receiver.server_port}")
    return transport(ApiRequest("POST", path, headers, body.encode())).status


def test_a_genuine_webhook_is_acted_on_with_the_goods_of_the_order_that_the_service_reads(
    receiver: Receiver, api: LoopbackServer
) -> None:
    assert post(receiver) == 204
    assert receiver.warehouse.levels() == {"tea-01": (0, -2)}
    assert [(asked.path, asked.headers["authorization"]) for asked in api.asked] == [("/orders/A", "Bearer t")]


def test_a_forged_webhook_is_refused_and_nothing_changes(receiver: Receiver) -> None:
    assert post(receiver, base64.b64encode(b"x" * 24).decode()) == 400
    assert post(receiver, path="/elsewhere") == 404
    assert receiver.warehouse.levels() == {}


@pytest.mark.parametrize("signature", ["v1,forged", "v1", "v1,\xe9"])
def test_a_webhook_whose_signature_has_no_form_is_refused_like_any_forged_one(
    receiver: Receiver, signature: str
) -> None:
    assert post(receiver, webhook_signature=signature) == 400
    assert receiver.warehouse.levels() == {}


@pytest.mark.parametrize(("length", "status"), [("ten", 400), ("-1", 400), ("9" * 9, 413), ("9" * 5000, 413)])
def test_a_length_that_is_none_or_too_large_is_refused(receiver: Receiver, length: str, status: int) -> None:
    connection = HTTPConnection("127.0.0.1", receiver.server_port, timeout=5)
    connection.request("POST", "/webhooks", headers={"Content-Length": length})
    assert connection.getresponse().status == status
    connection.close()


def test_where_the_api_fails_the_answer_asks_for_the_event_again(receiver: Receiver, api: LoopbackServer) -> None:
    api.answers = lambda asked: json_reply({}, 503)
    assert post(receiver) == 503
    assert receiver.warehouse.levels() == {}
