"""The events' schemas are printed files that fit what is published, and no release breaks their readers."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from openapi.asyncapi import (
    ASYNCAPI,
    RELEASED_EVENTS,
    SCHEMAS,
    asyncapi_document,
    breaking_event_changes,
    event_files,
)
from openapi.breaking_changes import may_break
from openapi.event_schemas import DETAILS, event_schema
from paylatch.domain.recorded_events import RecordedEvent, shown_event_document
from paylatch.domain.transitions import EventType
from paylatch.runtime import event_bus
from paylatch.version import VERSION
from tests.event_validation import faults_of
from tests.refusal_cases import AFTER_A_REFUSAL
from tests.transition_cases import AFTER_A_RETURN, ROWS
from tests.unit.test_events_page import EVENT, TABLE, event_of

Document = dict[str, Any]
EVENTS: list[RecordedEvent] = [event_of(row, rows) for rows in (ROWS, AFTER_A_RETURN, AFTER_A_REFUSAL) for row in rows]


@pytest.mark.parametrize("path", event_files(), ids=lambda path: path.name)
def test_a_printed_file_is_up_to_date(path: Any) -> None:
    assert path.read_text() == event_files()[path], "run: python -m openapi, and review what changed"


def test_there_is_a_schema_of_each_type_and_no_other() -> None:
    assert {path.stem for path in SCHEMAS.iterdir()} == {event_type.value for event_type in EventType}
    assert set(DETAILS) == set(EventType)


def test_the_events_of_every_transition_fit_their_schemas() -> None:
    assert {event.type for event in EVENTS} == {event_type.value for event_type in EventType}
    assert [fault for event in EVENTS for fault in faults_of(shown_event_document(event, with_names=True))] == []


def test_a_schema_declares_the_details_that_the_page_names() -> None:
    declared = {name.value: {*always.split(), *sometimes.split()} for name, (always, sometimes) in DETAILS.items()}

    assert declared == TABLE


def test_a_whole_entry_of_the_bus_fits_its_message() -> None:
    document = asyncapi_document()
    payload = document["components"]["messages"]["OrderPaid"]["payload"]
    validator = Draft202012Validator({**payload, "components": document["components"]})

    assert [*validator.iter_errors(EVENT)] == []
    assert [*validator.iter_errors({**EVENT, "source": "paylatch.refunds"})] != []
    assert EVENT["source"] == event_bus.SOURCE


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"seq": "9"}, "'9' is not of type 'integer'"),
        ({"seq": None}, "None is not of type 'integer'"),
        ({"payment_status": "payed"}, "'payed' is not one of"),
        ({"detail": {"amount": 2500}}, "'currency' is a required property"),
        ({"detail": {"amount": 2500, "currency": "EUR", "until": "later"}}, "'until' was unexpected"),
        ({"buyer": "buyer-1"}, "'buyer' was unexpected"),
    ],
)
def test_an_event_of_another_form_does_not_fit(change: Document, fault: str) -> None:
    assert fault in " ".join(faults_of({**EVENT["detail"], **change}))


def test_what_a_later_release_adds_fits_the_published_schemas() -> None:
    event = deepcopy(EVENT["detail"])
    later = {**event, "channel": "web", "detail": {**event["detail"], "fee": 12}}

    assert [*Draft202012Validator(event_schema(EventType.ORDER_PAID)).iter_errors(later)] == []


def test_the_events_break_no_reader_of_the_last_release() -> None:
    release = json.loads(RELEASED_EVENTS.read_text())
    broken = [*breaking_event_changes(release, json.loads(ASYNCAPI.read_text()))]

    assert may_break(release["info"]["version"], VERSION) or broken == [], "undo this, or raise the version"


def order_paid(document: Document) -> Document:
    found: Document = document["components"]["schemas"]["OrderPaid"]
    return found


def envelope(document: Document) -> Document:
    found: Document = document["components"]["messages"]["OrderPaid"]["payload"]
    return found


BREAKING: dict[str, tuple[Callable[[Document], Any], str]] = {
    "a type is gone": (lambda d: d["components"]["messages"].pop("OrderPaid"), "OrderPaid: is gone"),
    "a member is gone": (lambda d: order_paid(d)["properties"].pop("revision"), "OrderPaid.detail.revision: is gone"),
    "a member may be missing": (
        lambda d: order_paid(d)["required"].remove("revision"),
        "OrderPaid.detail.revision: may now be missing",
    ),
    "a detail has another type": (
        lambda d: order_paid(d)["properties"]["detail"]["properties"].update(amount={"type": "string"}),
        "OrderPaid.detail.detail.amount: may now be string",
    ),
    "the source has another name": (
        lambda d: envelope(d)["properties"].update(source={"const": "paylatch"}),
        "OrderPaid.source: is now always 'paylatch'",
    ),
}
HARMLESS: dict[str, Callable[[Document], Any]] = {
    "a further member": lambda d: order_paid(d)["properties"].update(channel={"type": "string"}),
    "a further value": lambda d: order_paid(d)["properties"]["payment_status"]["enum"].append("archived"),
    "a further type": lambda d: d["components"]["messages"].update(OrderSplit={"payload": {"type": "object"}}),
}


@pytest.mark.parametrize("change", BREAKING)
def test_a_change_that_breaks_readers_is_named(change: str) -> None:
    alter, line = BREAKING[change]
    changed = deepcopy(asyncapi_document())
    alter(changed)

    assert [*breaking_event_changes(asyncapi_document(), changed)] == [line]


@pytest.mark.parametrize("change", HARMLESS)
def test_what_readers_must_be_prepared_for_breaks_nothing(change: str) -> None:
    changed = deepcopy(asyncapi_document())
    HARMLESS[change](changed)

    assert [*breaking_event_changes(asyncapi_document(), changed)] == []
