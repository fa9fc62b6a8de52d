"""What reconciliation finds and no rule puts right waits for a person: once, visibly, and no longer than it is true."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sandbox.fault_plan import FaultPlan, PaymentFault

from local.api_client import ApiResponse
from paylatch.domain.caller import Caller, Role
from paylatch.domain.errors import NotAllowed, StoreUnavailable
from paylatch.domain.statement import Discrepancy, FindingKey
from paylatch.ports import Metric
from paylatch.runtime import wiring
from paylatch.store.connection import TableConnection
from paylatch.store.statements import DynamoReconciliationStore
from paylatch.use_cases.list_findings import list_findings
from paylatch.use_cases.reconcile_on_demand import finding_named
from tests.api.handler_transport import client_of
from tests.api.handlers import Context, handler_of
from tests.fakes.memory_gateway import MemoryGateway
from tests.integration.shop import Shop
from tests.lambda_events import OPERATOR, http_event
from tests.orders_table import client_of as dynamodb
from tests.orders_table import template
from tests.store_calls import FINDING

DAY = "2026-11-24"
NAME = {"gateway": "sandbox", "day": DAY, "discrepancy": "unknown_order"}


@pytest.fixture
def gateway(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> MemoryGateway:
    """The sandbox behind the shop; its callbacks wait until a test hands them over."""
    gateway = MemoryGateway(shop.clock)
    shop.gateways.made["sandbox"] = gateway
    monkeypatch.setenv("PAYLATCH_GATEWAYS", "sandbox")
    return gateway


class LostOrder:
    """A paid order whose record is missing in the table, the day after; it can be restored."""

    def __init__(self, shop: Shop, gateway: MemoryGateway, table: TableConnection) -> None:
        order_id, attempt_id = shop.locked()
        gateway.pay(attempt_id)
        for callback in gateway.all_callbacks():
            assert shop.callback(callback).status == 204
        self.shop, self._table = shop, table
        key = {"pk": {"S": f"ORDER#{order_id}"}, "sk": {"S": "HEAD"}}
        self._item = dynamodb(table).get_item(TableName=table.table, Key=key)["Item"]
        dynamodb(table).delete_item(TableName=table.table, Key=key)
        shop.clock.advance(timedelta(days=1))

    def restore(self) -> None:
        dynamodb(self._table).put_item(TableName=self._table.table, Item=self._item)


@pytest.fixture
def lost(shop: Shop, gateway: MemoryGateway, orders_table: TableConnection) -> LostOrder:
    return LostOrder(shop, gateway, orders_table)


def reconciled(*, again: bool = False) -> list[dict[str, Any]]:
    answer = client_of(OPERATOR).reconcile(DAY, again=again).expect(200)
    assert answer["done"] is True
    findings: list[dict[str, Any]] = answer["findings"]
    return findings


def waiting() -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = client_of(OPERATOR).list_attention().expect(200)["findings"]
    return findings


def refused_fields(answer: ApiResponse) -> list[str]:
    return [error["field"] for error in answer.body["errors"]]


def under_review(shop: Shop, gateway: MemoryGateway) -> str:
    order_id, attempt_id = shop.locked("second")
    gateway.set_faults(attempt_id, FaultPlan(payment=PaymentFault(amount=2400)))
    gateway.pay(attempt_id)
    for callback in gateway.all_callbacks():
        shop.callback(callback)
    assert shop.status(order_id) == "review"
    return order_id


def test_what_no_rule_puts_right_waits_for_a_person_with_its_remedy(lost: LostOrder) -> None:
    (found,) = reconciled()
    assert [found] == waiting()
    assert {name: found[name] for name in NAME} == NAME
    assert (found["amount"], found["put_right"], found["handled_at"]) == (2500, False, None)
    assert "restore the order" in found["remedy"]
    groups = client_of(OPERATOR).call("GET", "/operations/attention/groups").expect(200)
    assert groups["findings"] == [{"gateway": "sandbox", "discrepancy": "unknown_order", "count": 1}]


def test_orders_are_listed_beside_findings_as_before(lost: LostOrder, gateway: MemoryGateway) -> None:
    order_id = under_review(lost.shop, gateway)
    reconciled()
    shown = client_of(OPERATOR).list_attention().body
    assert ([order["order_id"] for order in shown["orders"]], len(shown["findings"])) == ([order_id], 1)
    assert shown["unread"] == {"orders": [], "sources": []}


def test_a_finding_that_cannot_be_read_is_named_and_hides_no_other(
    lost: LostOrder, orders_table: TableConnection
) -> None:
    (found,) = reconciled()
    store = DynamoReconciliationStore(orders_table)
    store.add_finding(replace(FINDING, discrepancy=Discrepancy.UNKNOWN_ORDER, put_right=False), lost.shop.clock.now())
    dynamodb(orders_table).update_item(
        TableName=orders_table.table,
        Key={"pk": {"S": f"STATEMENT#sandbox#{DAY}"}, "sk": {"S": "FINDING#unknown_order#pay_1"}},
        UpdateExpression="SET currency = :gone REMOVE amount",
        ExpressionAttributeValues={":gone": {"NULL": True}},
    )

    shown = client_of(OPERATOR).list_attention().expect(200)
    assert lost.shop.metrics.times(Metric.READ_FAILED) == 1
    assert shown["findings"] == [found]
    assert shown["unread"] == {"orders": [], "sources": [f"findings/sandbox/{DAY}/unknown_order/pay_1"]}
    groups = client_of(OPERATOR).call("GET", "/operations/attention/groups").expect(200)
    assert groups["findings"] == [{"gateway": "sandbox", "discrepancy": "unknown_order", "count": 1}]
    assert reconciled() == [found]
    lost.restore()
    failed = lost.shop.metrics.times(Metric.READ_FAILED)
    assert [each["explained_at"] is not None for each in reconciled(again=True)] == [True]
    assert lost.shop.metrics.times(Metric.READ_FAILED) > failed


def test_a_day_that_is_reconciled_again_shows_and_counts_it_once(lost: LostOrder) -> None:
    reconciled()
    reconciled(again=True)
    assert len(waiting()) == 1
    assert lost.shop.metrics.times(Metric.STATEMENT_DIFFERS) == 1


def test_an_operator_marks_it_as_handled_for_good(lost: LostOrder) -> None:
    (found,) = reconciled()
    first, second = (client_of(OPERATOR).handle_finding(found).expect(200) for _ in range(2))
    assert first == second == {**found, "remedy": None, "handled_at": first["handled_at"]}
    assert waiting() == []
    assert [each["handled_at"] for each in reconciled(again=True)] == [first["handled_at"]]
    assert waiting() == []


def test_a_later_run_that_does_not_find_it_any_more_ends_it(lost: LostOrder) -> None:
    reconciled()
    lost.restore()
    (explained,) = reconciled(again=True)
    assert (waiting(), explained["remedy"]) == ([], None)
    assert explained["explained_at"] is not None


def test_what_is_found_again_after_it_was_explained_waits_again(
    lost: LostOrder, gateway: MemoryGateway, orders_table: TableConnection
) -> None:
    (found,) = reconciled()
    DynamoReconciliationStore(orders_table).mark_explained(finding_key(found), lost.shop.clock.now())
    assert waiting() == []
    reconciled(again=True)
    assert len(waiting()) == 1
    assert lost.shop.metrics.times(Metric.STATEMENT_DIFFERS) == 2


def finding_key(found: dict[str, Any]) -> FindingKey:
    return finding_named(*(found[name] for name in ("gateway", "day", "discrepancy", "payment_id")))


def test_what_is_put_right_waits_for_nobody(shop: Shop, gateway: MemoryGateway) -> None:
    order_id, attempt_id = shop.locked()
    gateway.pay(attempt_id)
    shop.clock.advance(timedelta(days=1))
    (found,) = reconciled()
    assert (found["discrepancy"], found["put_right"], shop.status(order_id)) == ("missing_webhook", True, "paid")
    assert waiting() == []
    refused = client_of(OPERATOR).handle_finding(found)
    assert (refused.status, refused_fields(refused)) == (400, ["payment_id"])


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("payment_id", "pay_else"),
        ("payment_id", "p" * 256),
        ("day", "2026-11-23"),
        ("gateway", "Sandbox"),
        ("discrepancy", "lost"),
    ],
)
def test_a_name_that_no_finding_has_is_refused_and_changes_nothing(lost: LostOrder, part: str, value: str) -> None:
    (found,) = reconciled()
    refused = client_of(OPERATOR).handle_finding({**found, part: value})
    assert (refused.status, refused.code) == (400, "invalid-request")
    assert waiting() == [found]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "day"),
        ({"day": "yesterday"}, "day"),
        ({"day": "2026-12-24"}, "day"),
        ({"day": DAY, "gateway": "payu"}, "gateway"),
        ({"day": DAY, "again": "perhaps"}, "again"),
        ({"day": DAY, "dry_run": True}, "dry_run"),
    ],
)
def test_a_day_that_cannot_be_reconciled_is_refused_by_its_field(
    lost: LostOrder, body: dict[str, object], field: str
) -> None:
    refused = client_of(OPERATOR).call("POST", "/operations/reconciliation", body)
    assert (refused.status, refused_fields(refused)) == (400, [field])
    assert lost.shop.metrics.times(Metric.STATEMENT_DIFFERS) == 0


def test_a_call_has_time_to_go_through_a_day_before_the_function_ends(lost: LostOrder) -> None:
    seconds = template()["Resources"]["OperationsFunction"]["Properties"]["Timeout"]
    event = {**http_event("reconcile_day", person=OPERATOR), "body": f'{{"day": "{DAY}"}}'}
    answer = json.loads(handler_of("operations")(event, Context(lambda: 1000 * seconds))["body"])
    assert (answer["done"], len(answer["findings"])) == (True, 1)


def test_a_call_without_time_left_says_so_and_the_next_one_goes_on(lost: LostOrder) -> None:
    event = {**http_event("reconcile_day", person=OPERATOR), "body": f'{{"day": "{DAY}"}}'}
    answer = handler_of("operations")(event, Context(lambda: 1_000))
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["done"] is False
    assert len(reconciled()) == 1


def test_a_gateway_that_does_not_list_is_named(lost: LostOrder, gateway: MemoryGateway) -> None:
    def silent(*_: object) -> None:
        raise StoreUnavailable("no answer")

    gateway.list_statement = silent  # type: ignore[method-assign,assignment]
    answer = client_of(OPERATOR).reconcile(DAY).expect(200)
    assert (answer["done"], answer["failed"], answer["findings"]) == (False, ["sandbox"], [])


def fail(call: str, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr(DynamoReconciliationStore, call, failing)


def test_findings_that_cannot_be_read_hide_no_order(
    lost: LostOrder, gateway: MemoryGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = under_review(lost.shop, gateway)
    fail("open_findings", monkeypatch, StoreUnavailable("no answer"))
    shown = client_of(OPERATOR).list_attention().expect(200)
    assert [order["order_id"] for order in shown["orders"]] == [order_id]
    assert (shown["findings"], shown["unread"]["sources"]) == ([], ["findings"])
    assert lost.shop.metrics.times(Metric.READ_FAILED) == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_findings_are_for_operators_alone_whatever_was_read_before(orders_table: TableConnection, role: Role) -> None:
    with pytest.raises(NotAllowed):
        list_findings(Caller("a-subject", frozenset({role})), DynamoReconciliationStore(orders_table), wiring.ports())


def test_findings_that_cannot_be_read_stay_open_and_stop_no_run(
    lost: LostOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    reconciled()
    lost.restore()
    with monkeypatch.context() as patched:
        fail("open_findings", patched, StoreUnavailable("no answer"))
        reconciled(again=True)
    assert len(waiting()) == 1
    assert lost.shop.metrics.times(Metric.READ_FAILED) == 1


def test_two_runs_that_begin_a_day_anew_at_once_do_not_mix(lost: LostOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    reconciled()
    monkeypatch.setattr(DynamoReconciliationStore, "save_progress", lambda *_: False)
    refused = client_of(OPERATOR).reconcile(DAY, again=True)
    assert (refused.status, refused.code) == (503, "store-unavailable")
