"""A head is a document of plain values, and back, in every state that an order reaches."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paylatch.domain.documents import content_document, content_from_document, event_document, order_from_document
from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.ids import attempt_suffix
from paylatch.domain.order import Content, Line, Order
from paylatch.domain.payment import IN_FLIGHT, AttemptStatus
from paylatch.domain.recorded_events import event_of_head, recorded_event_document, recorded_event_from
from paylatch.store.items import document_of, item_of
from tests.next_release import Path, extended, replaced, without
from tests.recorded_events import event_of, without_head
from tests.transition_cases import ORDER_ID, STATES, head_of

HEADS = [state for state in STATES if state != "missing"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN = st.recursive(
    st.integers(-(10**18), 10**18) | TEXT | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("state", HEADS)
def test_a_head_holds_plain_values_alone(state: str) -> None:
    assert json.loads(json.dumps(head_of(state))) == head_of(state)


@pytest.mark.parametrize("state", HEADS)
def test_version_event_and_indexes_agree_in_both_forms(state: str) -> None:
    head, order = head_of(state), order_from_document(head_of(state))
    assert (order.version, order.revision, order.status) == (head["version"], head["revision"], head["payment_status"])
    assert event_document(order.last_event) == head["last_event"]
    assert order.updated_at == order.last_event.at
    assert (order.due_at is None, order.follow_up_at is None) == ("due_at" not in head, "follow_up_at" not in head)
    assert {attempt_suffix(attempt_id) for attempt_id in order.past_attempts} == set(head["past_attempts"])
    assert set(order.refunds) == set(head["refunds"])


@pytest.mark.parametrize("state", HEADS)
def test_an_unlocked_unpaid_order_has_no_trace_of_an_attempt(state: str) -> None:
    order, head = order_from_document(head_of(state)), head_of(state)
    if order.status in ("pending_payment", "cancelled"):
        assert order.attempt is None
        assert "attempt" not in head
        assert "due_at" not in head
    else:
        assert order.attempt is not None


@pytest.mark.parametrize("state", HEADS)
def test_at_most_one_attempt_is_in_flight_and_only_while_locked(state: str) -> None:
    order = order_from_document(head_of(state))
    assert all(attempt.status not in IN_FLIGHT for attempt in order.past_attempts.values())
    in_flight = order.attempt is not None and order.attempt.status in IN_FLIGHT
    assert in_flight == (order.status in ("in_payment", "releasing"))


@pytest.mark.parametrize("state", HEADS)
def test_paid_means_one_settled_attempt(state: str) -> None:
    order = order_from_document(head_of(state))
    settled = order.attempt is not None and order.attempt.status is AttemptStatus.SUCCEEDED
    assert settled == (order.status == "paid")
    if settled and state != "paid_by_decision":
        assert order.attempt is not None
        assert (order.attempt.captured is None) == (order.attempt.gateway == "none") == (order.total == 0)
    if settled and order.total and state != "paid_by_decision":
        assert order.attempt is not None
        assert order.attempt.captured is not None
        assert (order.attempt.captured.amount, order.attempt.captured.currency) == (order.total, order.currency)


@pytest.mark.parametrize("state", HEADS)
def test_an_event_is_kept_with_its_buyer_and_without_the_head(state: str) -> None:
    event = event_of(order_from_document(head_of(state)))
    assert event.seq == head_of(state)["version"]
    document = recorded_event_document(event)
    assert recorded_event_from(document) == without_head(event)
    assert set(document) <= {field.name for field in fields(event)}


@given(st.dictionaries(TEXT, PLAIN, max_size=4))
@example({"name": {"S": "a map with the name of a type"}})
def test_plain_values_come_back_from_dynamodbs_form(document: dict[str, object]) -> None:
    assert document_of(item_of(document)) == document


@given(
    st.lists(st.builds(Line, TEXT, TEXT, st.integers(1, 10**6), st.integers(0, 10**15)), max_size=5), st.none() | TEXT
)
def test_content_costs_what_its_lines_cost_in_whole_minor_units(lines: list[Line], note: str | None) -> None:
    content = Content(tuple(lines), None, note)
    assert content_from_document(content_document(content)) == content
    assert content.total == sum(line.quantity * line.unit_price for line in lines)
    assert isinstance(content.total, int)


STORED: list[tuple[dict[str, Any], Any]] = [
    ({"S": "x"}, "x"),
    ({"N": "-7"}, -7),
    ({"N": "1.5"}, Decimal("1.5")),
    ({"N": "1E-130"}, Decimal("1E-130")),
    ({"B": b"\x00"}, b"\x00"),
    ({"BOOL": True}, True),
    ({"NULL": True}, None),
    ({"L": [{"NULL": True}, {"NS": ["1"]}]}, [None, {1}]),
    ({"M": {"a": {"B": b"x"}}}, {"a": b"x"}),
    ({"SS": ["a", "b"]}, {"a", "b"}),
    ({"NS": ["1", "0.5"]}, {1, Decimal("0.5")}),
    ({"BS": [b"x"]}, {b"x"}),
]


@pytest.mark.parametrize(("value", "plain"), STORED, ids=[str(value) for value, _ in STORED])
def test_a_value_of_any_type_that_dynamodb_stores_is_read(value: dict[str, Any], plain: Any) -> None:
    assert document_of({"x": value}) == {"x": plain}


def test_an_event_of_the_next_release_can_be_kept_and_published() -> None:
    head = extended(head_of("paid"))
    event = event_of_head(ORDER_ID, head)
    document = recorded_event_document(event)
    assert recorded_event_from(json.loads(json.dumps(document))) == without_head(event)
    assert recorded_event_from(document_of(item_of(document))) == without_head(event)
    assert replace(event, detail={}) == replace(event_of(order_from_document(head_of("paid"))), detail={})


RECORDS = {("past_attempts",), ("payments",), ("refunds",), ("disputes",)}


def paths_in(document: Mapping[str, Any], above: Path = ()) -> Iterator[Path]:
    for name, value in document.items():
        yield (*above, name)
        if isinstance(value, Mapping):
            yield from paths_in(value, (*above, name))


def read_or_none(document: dict[str, Any]) -> Order | None:
    try:
        return order_from_document(document)
    except OrderUnreadable:
        return None


@pytest.mark.parametrize("state", HEADS)
def test_null_reads_as_nothing_wherever_nothing_may_stand(state: str) -> None:
    """A later release may write NULL for what this one leaves out."""
    head = head_of(state)
    # An event's data is passed on unchanged, and an existing record is not null.
    paths = [path for path in paths_in(head) if "detail" not in path[:-1] and path[:-1] not in RECORDS]
    for path in paths:
        nothing, null = read_or_none(without(head, path)), read_or_none(replaced(head, path, None))
        if nothing is not None:
            assert null == nothing, path
