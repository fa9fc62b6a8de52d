"""docs/events.md: the example is what the code publishes, and the table is the types and details that there are."""

import json
import re
from collections import defaultdict
from typing import Any

import pytest

from openapi.document import document as openapi_document
from paylatch.domain.actors import ActorRole
from paylatch.domain.recorded_events import RecordedEvent, shown_event_document
from paylatch.domain.transitions import EventType
from paylatch.runtime import event_bus
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.orders_table import ROOT
from tests.refusal_cases import AFTER_A_REFUSAL
from tests.transition_cases import AFTER_A_RETURN, ORDER_ID, ROWS, Rows, fitting

PAGE = (ROOT / "docs" / "events.md").read_text()
EVENT, RULE, SELLERS_RULE = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
TABLE = {
    name: set(re.findall(r"`(\w+)`", details))
    for name, details in re.findall(r"^\| `(\w+)` \| [^|]+ \| ?([^|]*)\|$", PAGE, re.MULTILINE)
}


class Bus:
    """Takes entries as EventBridge does."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.entries += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    bus = Bus()
    monkeypatch.setattr(event_bus, "_client", lambda: bus)
    monkeypatch.setenv("PAYLATCH_TABLE", "orders")
    monkeypatch.setenv("PAYLATCH_EVENT_BUS", "paylatch")
    return bus


def event_of(row: str, rows: Rows = ROWS) -> RecordedEvent:
    head, transition = fitting(row, rows)
    store = MemoryOrderStore()
    store.heads |= {ORDER_ID: head} if head else {}
    store.apply(ORDER_ID, transition)
    (event,) = store.outbox
    return event


def test_the_example_is_what_is_published(bus: Bus) -> None:
    event_bus.publish([event_of("settle")])
    (entry,) = bus.entries
    assert (EVENT["source"], EVENT["detail-type"]) == (entry["Source"], entry["DetailType"])
    assert EVENT["time"] == entry["Time"].strftime("%Y-%m-%dT%H:%M:%SZ")
    assert EVENT["detail"] == json.loads(entry["Detail"])


def test_the_rule_is_for_the_example() -> None:
    assert {name: [EVENT[name]] for name in RULE} == RULE


def test_the_rule_for_a_seller_is_by_a_field_of_every_event(bus: Bus) -> None:
    (field,) = SELLERS_RULE["detail"]
    others = [event_of(row, rows) for rows in (AFTER_A_RETURN, AFTER_A_REFUSAL) for row in rows]
    for event in [*map(event_of, ROWS), *others]:
        event_bus.publish([event])
    published = [json.loads(entry["Detail"]) for entry in bus.entries]
    assert {event["type"] for event in published} == {event_type.value for event_type in EventType}
    for event in published:
        parties = {"reference": "2026-1001", "buyer_id": "buyer-1", "seller_id": "seller-1"}
        assert {name: event[name] for name in parties} == parties, event["type"]
        assert field in event


def test_the_bus_names_no_person() -> None:
    roles = {str(role) for role in ActorRole}
    for row in ROWS:
        event = shown_event_document(event_of(row))
        assert event["actor"] in roles
        assert event.get("actor_id", "") in ("", "sandbox"), row


def test_the_table_has_every_type_and_no_other() -> None:
    assert set(TABLE) == {event_type.value for event_type in EventType}, "docs/events.md: a row for each type"


def test_the_table_has_every_detail_and_no_other() -> None:
    documented: dict[str, set[str]] = defaultdict(set)
    others = [event_of(row, rows) for rows in (AFTER_A_RETURN, AFTER_A_REFUSAL) for row in rows]
    for event in [*map(event_of, ROWS), *others]:
        documented[event.type] |= set(event.detail)
    assert documented == TABLE, "docs/events.md: the fields that `detail` may have"


def test_the_page_explains_every_field_of_an_event() -> None:
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    explained = set(re.findall(r"`(\w+)`", prose))
    assert set(openapi_document()["components"]["schemas"]["Event"]["properties"]) - {"type"} <= explained
