"""The outside sees who made a change by their part in the order; a named person stays accountable to the shop."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.payment import Capture
from paylatch.ports import SessionReport, SessionState
from paylatch.store.connection import TableConnection
from tests.api.handlers import Context, handler_of
from tests.integration.head_edits import edit_head
from tests.integration.shop import TTL, Shop
from tests.integration.table_stream import TableStream
from tests.lambda_events import BUYER, OPERATOR, SELLER, SERVICE, Person
from tests.recorded_events import event_of

WHY = {"reason": "The gateway has closed our account."}
CASH = {"method": "cash", "amount": 2500, "note": "receipt 4711"}
PEOPLE = (BUYER, SELLER, SERVICE, OPERATOR)


def last_event(shop: Shop, order_id: str, person: Person = OPERATOR) -> dict[str, Any]:
    """The event of the last change, as that person sees it in the history."""
    shop.ports.store.record_events([event_of(shop.head(order_id))])
    event: dict[str, Any] = shop.call("order_history", order_id, person=person).body["events"][-1]
    return event


def who(shop: Shop, order_id: str) -> tuple[str, str | None]:
    event = last_event(shop, order_id)
    return event["actor"], event.get("actor_id")


def test_buyer_seller_and_service_are_named_by_their_part(shop: Shop) -> None:
    order_id = shop.create()
    assert who(shop, order_id) == ("service", None)
    for revision, (person, role) in enumerate([(BUYER, "buyer"), (SELLER, "seller"), (SERVICE, "service")], 1):
        shop.edit(order_id, revision, person, note=role)
        assert who(shop, order_id) == (role, None)


def test_a_gateway_is_named_and_a_sweep_is_the_system(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    assert who(shop, order_id) == ("gateway", "sandbox")
    shop.clock.advance(TTL)
    shop.sweep()
    assert (who(shop, order_id), shop.status(order_id)) == (("system", None), "pending_payment")
    shop.money(attempt_id)
    assert who(shop, order_id) == ("gateway", "sandbox")


def test_an_operator_who_decides_is_named(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, Capture("pay-1", 1000, "EUR"))
    shop.operator("resolution", order_id, attempt_id, body={"action": "settle", "reason": "as agreed"})
    assert who(shop, order_id) == ("operator", OPERATOR.subject)


def test_an_operator_who_releases_is_named(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.operator("release", order_id, attempt_id, body=WHY)
    assert who(shop, order_id) == ("operator", OPERATOR.subject)


def test_an_operator_whose_recheck_unlocks_an_order_is_named_and_a_service_is_not(shop: Shop) -> None:
    for person, expected in ((OPERATOR, ("operator", OPERATOR.subject)), (SERVICE, ("service", None))):
        order_id, attempt_id = shop.locked(person.role)
        shop.gateway.answer_with("query", SessionReport(SessionState.CLOSED))
        shop.call("recheck", order_id, attempt_id=attempt_id, person=person)
        assert (shop.status(order_id), who(shop, order_id)) == ("pending_payment", expected)


@pytest.mark.parametrize("person", [SELLER, SERVICE, OPERATOR], ids=["seller", "service", "operator"])
def test_whoever_declares_an_order_paid_is_named(shop: Shop, person: Person) -> None:
    order_id = shop.create()
    assert shop.call("settlement", order_id, body=CASH, person=person).status == 200
    assert who(shop, order_id) == (person.role, person.subject)


@pytest.mark.parametrize("person", [SELLER, SERVICE, OPERATOR], ids=["seller", "service", "operator"])
@pytest.mark.parametrize("by_hand", [False, True], ids=["at the gateway", "by hand"])
def test_whoever_refunds_an_order_is_named(shop: Shop, person: Person, by_hand: bool) -> None:
    order_id = shop.create()
    if by_hand:
        shop.call("settlement", order_id, body=CASH, person=SELLER)
    else:
        shop.money(shop.pay(order_id).body["attempt_id"])
    assert shop.call("refund", order_id, body={"reason": "damaged"}, person=person).status == 201
    assert who(shop, order_id) == (person.role, person.subject)
    assert "actor_id" not in last_event(shop, order_id, BUYER)


def test_the_person_is_shown_to_seller_service_and_operator_and_not_to_the_buyer(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "no answer"))
    shop.operator("release", order_id, attempt_id, body=WHY)
    seen = {person.role: last_event(shop, order_id, person) for person in PEOPLE}
    assert {event["actor"] for event in seen.values()} == {"operator"}
    assert {role for role, event in seen.items() if event.get("actor_id") == OPERATOR.subject} == {
        "seller",
        "service",
        "operator",
    }
    assert OPERATOR.subject not in json.dumps(seen["buyer"])


def test_an_operators_decision_from_before_roles_were_stored_is_an_operators(
    shop: Shop, orders_table: TableConnection
) -> None:
    order_id, attempt_id = shop.locked()
    shop.operator("release", order_id, attempt_id, body=WHY)

    def as_before(head: Mapping[str, Any]) -> dict[str, Any]:
        stored = {name: value for name, value in head["last_event"].items() if name != "role"}
        return {**head, "last_event": stored}

    edit_head(orders_table, order_id, as_before)
    assert who(shop, order_id) == ("operator", OPERATOR.subject)
    assert last_event(shop, order_id, BUYER)["actor"] == "operator"


def test_every_published_event_has_the_orders_parties_and_no_persons_name(
    shop: Shop, orders_table: TableConnection, published: list[dict[str, Any]]
) -> None:
    order_id, attempt_id = shop.locked()
    shop.operator("release", order_id, attempt_id, body=WHY)
    shop.call("settlement", order_id, body=CASH, person=OPERATOR)
    assert handler_of("order_events")(TableStream(orders_table).batch(), Context()) == {"batchItemFailures": []}
    order = shop.head(order_id)
    parties = {"reference": order.reference, "buyer_id": order.buyer_id, "seller_id": order.seller_id}
    details = [json.loads(entry["Detail"]) for entry in published]
    assert [detail["actor"] for detail in details] == ["service", "buyer", "gateway", "operator", "operator"]
    for detail in details:
        assert {name: detail[name] for name in parties} == parties
        assert OPERATOR.subject not in json.dumps(detail)
    history = shop.call("order_history", order_id).body["events"]
    assert [{name: event[name] for name in parties} for event in history] == [parties] * 5


def test_the_history_stores_whose_order_it_was_and_no_other_party(shop: Shop, orders_table: TableConnection) -> None:
    shop.create()
    handler_of("order_events")(TableStream(orders_table).batch(), Context())
    (event,) = shop.ports.store.read_history(shop_order(orders_table)).events
    assert (event.reference, event.buyer_id, event.seller_id) == (None, BUYER.subject, None)


def test_a_hand_over_leaves_what_happened_before_as_it_was_published(
    shop: Shop, orders_table: TableConnection, published: list[dict[str, Any]]
) -> None:
    order_id = shop.create()
    shop.edit(order_id, 1, BUYER, note="Ring twice.")
    shop.edit(order_id, 2, SELLER, note="Ring once.")
    shop.edit(order_id, 3, SERVICE, buyer_id="account-1")
    shop.edit(order_id, 3, Person("account-1", "buyer"), note="Knock.")
    handler_of("order_events")(TableStream(orders_table).batch(), Context())
    on_bus = [json.loads(entry["Detail"]) for entry in published]
    history = shop.call("order_history", order_id, person=SELLER).body["events"]
    seen = [[(event["actor"], event["buyer_id"]) for event in events] for events in (history, on_bus)]
    before, after = BUYER.subject, "account-1"
    roles = ("service", before), ("buyer", before), ("seller", before), ("service", after), ("buyer", after)
    assert seen == [[*roles], [*roles]]


@pytest.mark.parametrize("person", [SELLER, SERVICE, OPERATOR], ids=lambda person: person.role)
def test_a_hand_over_names_both_buyers_to_the_shop(shop: Shop, person: Person) -> None:
    order_id = shop.create()
    shop.edit(order_id, 1, SERVICE, buyer_id="account-1")
    detail = last_event(shop, order_id, person)["detail"]
    assert detail == {"previous_buyer_id": BUYER.subject, "buyer_id": "account-1"}


def test_a_buyer_is_not_told_who_the_buyer_was_before(shop: Shop, orders_table: TableConnection) -> None:
    order_id = shop.create()
    shop.edit(order_id, 1, BUYER, note="Ring twice.")
    shop.edit(order_id, 2, SERVICE, buyer_id="account-1")
    handler_of("order_events")(TableStream(orders_table).batch(), Context())
    events = shop.call("order_history", order_id, person=Person("account-1", "buyer")).body["events"]
    assert BUYER.subject not in json.dumps(events)
    assert [(event["actor"], event.get("buyer_id")) for event in events] == [
        ("service", None),
        ("buyer", None),
        ("service", "account-1"),
    ]


def shop_order(table: TableConnection) -> str:
    record, *_ = TableStream(table).batch()["Records"]
    partition: str = record["dynamodb"]["Keys"]["pk"]["S"]
    return partition.removeprefix("ORDER#")


@pytest.mark.parametrize("lacking", ["reference", "buyer_id", "seller_id"])
def test_an_event_is_published_without_a_party_that_the_head_lacks(
    shop: Shop, orders_table: TableConnection, published: list[dict[str, Any]], lacking: str
) -> None:
    shop.create()
    batch = TableStream(orders_table).batch()
    for record in batch["Records"]:
        record["dynamodb"]["NewImage"].pop(lacking, None)
    assert handler_of("order_events")(batch, Context()) == {"batchItemFailures": []}
    (entry,) = published
    assert lacking not in json.loads(entry["Detail"])
