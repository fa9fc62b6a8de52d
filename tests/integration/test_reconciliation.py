"""Reconciliation: what a gateway did on a day, and no callback reported, is named and put right."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sandbox.fault_plan import Fault, FaultKind, FaultPlan, PaymentFault
from sandbox.sessions import RefundStatus as SandboxRefundStatus

from paylatch.domain.errors import InvalidRequest
from paylatch.domain.payment import DisputeStatus, PaymentPlace, RefundStatus
from paylatch.ports import Metric, SessionRequest
from paylatch.store.connection import TableConnection
from paylatch.store.statements import DynamoReconciliationStore
from tests.api.handlers import Context, handler_of
from tests.fakes.memory_gateway import MemoryGateway
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.integration.shop import Shop

DAY = timedelta(days=1)


@pytest.fixture
def store(orders_table: TableConnection) -> DynamoReconciliationStore:
    return DynamoReconciliationStore(orders_table)


@pytest.fixture
def gateway(shop: Shop, store: DynamoReconciliationStore, monkeypatch: pytest.MonkeyPatch) -> MemoryGateway:
    """The sandbox behind the shop; its callbacks wait until a test hands them over."""
    gateway = MemoryGateway(shop.clock)
    shop.gateways.made["sandbox"] = gateway
    monkeypatch.setenv("PAYLATCH_GATEWAYS", "sandbox")
    return gateway


def reconcile(shop: Shop, milliseconds: Callable[[], int] = lambda: 600_000) -> dict[str, Any]:
    """A day later, the day of the clock is reconciled."""
    day = shop.clock.now().date().isoformat()
    shop.clock.advance(DAY)
    return again(day, milliseconds)


def again(day: str, milliseconds: Callable[[], int] = lambda: 600_000) -> dict[str, Any]:
    report: dict[str, Any] = handler_of("reconciliation")({"day": day}, Context(milliseconds))
    return report


def found(report: dict[str, Any]) -> list[tuple[str, bool]]:
    return sorted((finding["discrepancy"], finding["put_right"]) for finding in report["findings"])


def paid(shop: Shop, gateway: MemoryGateway, key: str = "checkout") -> tuple[str, str]:
    """An order that is paid, as its callback reported."""
    order_id, attempt_id = shop.locked(key)
    gateway.pay(attempt_id)
    for callback in gateway.all_callbacks():
        assert shop.callback(callback).status == 204
    return order_id, attempt_id


def lose_callbacks(gateway: MemoryGateway) -> None:
    gateway.pending.clear()


def test_a_payment_that_no_callback_told_pays_for_its_order(shop: Shop, gateway: MemoryGateway) -> None:
    order_id, attempt_id = shop.locked()
    gateway.pay(attempt_id)

    report = reconcile(shop)

    assert report["done"] is True
    assert found(report) == [("missing_webhook", True)]
    assert shop.status(order_id) == "paid"
    assert shop.metrics.times(Metric.STATEMENT_DIFFERS) == 1


def test_where_statement_and_orders_agree_nothing_is_found_or_written(shop: Shop, gateway: MemoryGateway) -> None:
    order_id, attempt_id = paid(shop, gateway)
    gateway.refund_by_hand(attempt_id, 500)
    gateway.dispute(attempt_id, "open", 700)
    gateway.dispute(attempt_id, "lost")
    for callback in gateway.all_callbacks():
        shop.callback(callback)
    before = shop.head(order_id)

    report = reconcile(shop)

    assert (report["done"], report["findings"]) == (True, [])
    assert [(each["list"], each["listed"]) for each in report["days"][0]["lists"]] == [
        ("disputes", 1),
        ("refunds", 1),
        ("captures", 1),
    ]
    assert shop.head(order_id) == before
    assert shop.metrics.times(Metric.STATEMENT_DIFFERS) == 0


@pytest.mark.parametrize(
    ("fault", "name"), [({"amount": 2400}, "wrong_amount"), ({"currency": "USD"}, "wrong_currency")]
)
def test_another_sum_than_agreed_brings_the_order_under_review(
    shop: Shop, gateway: MemoryGateway, fault: dict[str, Any], name: str
) -> None:
    order_id, attempt_id = shop.locked()
    gateway.set_faults(attempt_id, FaultPlan(payment=PaymentFault(**fault)))
    gateway.pay(attempt_id)

    assert found(reconcile(shop)) == [(name, True)]
    assert shop.status(order_id) == "review"


@pytest.mark.parametrize(("amount", "name"), [(None, "refund_by_hand"), (900, "partial_refund")])
def test_money_returned_by_hand_is_recorded(shop: Shop, gateway: MemoryGateway, amount: int | None, name: str) -> None:
    order_id, attempt_id = paid(shop, gateway)
    gateway.refund_by_hand(attempt_id, amount)

    assert found(reconcile(shop)) == [(name, True)]
    (payment,) = shop.head(order_id).payments.values()
    assert payment.returned == (amount or payment.amount)


def test_a_dispute_that_was_lost_unheard_is_recorded_with_its_money(shop: Shop, gateway: MemoryGateway) -> None:
    order_id, attempt_id = paid(shop, gateway)
    gateway.dispute(attempt_id, "open", 700)
    gateway.dispute(attempt_id, "lost")

    assert found(reconcile(shop)) == [("dispute_lost", True)]
    head = shop.head(order_id)
    assert [dispute.status for dispute in head.disputes.values()] == [DisputeStatus.LOST]
    assert [payment.returned for payment in head.payments.values()] == [700]


@pytest.mark.parametrize(("end", "name"), [("lost", "dispute_lost"), ("won", "dispute_unrecorded")])
def test_a_recorded_dispute_whose_end_no_callback_reported_is_ended(
    shop: Shop, gateway: MemoryGateway, end: str, name: str
) -> None:
    order_id, attempt_id = paid(shop, gateway)
    gateway.dispute(attempt_id, "open", 700)
    shop.callback(gateway.next_callback())
    gateway.dispute(attempt_id, end)

    assert found(reconcile(shop)) == [(name, True)]
    assert [dispute.status.value for dispute in shop.head(order_id).disputes.values()] == [end]


def test_a_lost_dispute_of_a_payment_that_no_callback_reported_finds_both(shop: Shop, gateway: MemoryGateway) -> None:
    order_id, attempt_id = shop.locked()
    gateway.pay(attempt_id)
    gateway.dispute(attempt_id, "open", 700)
    gateway.dispute(attempt_id, "lost")

    assert found(reconcile(shop)) == [("dispute_lost", True), ("missing_webhook", True)]
    head = shop.head(order_id)
    assert head.status.value == "review"
    assert [(payment.place, payment.returned) for payment in head.payments.values()] == [(PaymentPlace.REVIEW, 700)]


def test_a_dispute_that_was_opened_unheard_is_recorded(shop: Shop, gateway: MemoryGateway) -> None:
    order_id, attempt_id = paid(shop, gateway)
    gateway.dispute(attempt_id, "open")

    assert found(reconcile(shop)) == [("dispute_unrecorded", True)]
    assert [dispute.status for dispute in shop.head(order_id).disputes.values()] == [DisputeStatus.OPEN]


def late_link(shop: Shop, gateway: MemoryGateway) -> tuple[str, str]:
    """An order whose payment was cancelled while its link stays live."""
    order_id, attempt_id = shop.locked("late")
    gateway.set_faults(attempt_id, FaultPlan(void=Fault(fault=FaultKind.NOT_VOIDABLE)))
    shop.cancel_payment(order_id, attempt_id)
    return order_id, attempt_id


def test_money_of_a_cancelled_order_is_owed_back(shop: Shop, gateway: MemoryGateway) -> None:
    order_id, attempt_id = late_link(shop, gateway)
    shop.call("order_cancel", order_id)
    gateway.pay(attempt_id)

    assert found(reconcile(shop)) == [("captured_after_cancel", True)]
    assert [refund.status for refund in shop.head(order_id).refunds.values()] == [RefundStatus.DUE]


def test_a_second_payment_of_a_paid_order_is_owed_back(shop: Shop, gateway: MemoryGateway) -> None:
    order_id, first = late_link(shop, gateway)
    second: str = shop.pay(order_id, "second").body["attempt_id"]
    gateway.pay(second)
    shop.callback(gateway.next_callback())
    lose_callbacks(gateway)
    gateway.pay(first)

    assert found(reconcile(shop)) == [("double_capture", True)]
    assert [refund.attempt_id for refund in shop.head(order_id).refunds.values()] == [first]


def fail_refund(shop: Shop, gateway: MemoryGateway, attempt_id: str) -> None:
    """The bank sends a refund back that the gateway had made."""
    session = gateway.look(attempt_id)
    (refund,) = session.refunds
    failed = replace(refund, status=SandboxRefundStatus.FAILED, at=shop.clock.now())
    assert gateway.sessions.write(replace(session, refunds=(failed,)))


def owing(shop: Shop, gateway: MemoryGateway) -> tuple[str, str]:
    """An order that owes the money of a cancelled payment, because it was edited since."""
    order_id, attempt_id = late_link(shop, gateway)
    shop.edit_to_three_packets(order_id, 1)
    gateway.pay(attempt_id)
    shop.callback(gateway.next_callback())
    return order_id, attempt_id


def test_a_refund_of_ours_that_failed_unheard_is_due_again(shop: Shop, gateway: MemoryGateway) -> None:
    order_id, attempt_id = owing(shop, gateway)
    shop.sweep()
    assert [refund.status for refund in shop.head(order_id).refunds.values()] == [RefundStatus.REFUNDED]
    fail_refund(shop, gateway, attempt_id)

    assert found(reconcile(shop)) == [("refund_failed", True)]
    assert [refund.status for refund in shop.head(order_id).refunds.values()] == [RefundStatus.DUE]


def test_a_refund_that_is_due_and_asked_for_is_no_difference(shop: Shop, gateway: MemoryGateway) -> None:
    order_id, attempt_id = owing(shop, gateway)
    gateway.set_faults(attempt_id, FaultPlan(refund=Fault(fault=FaultKind.PENDING, seconds=86_400)))
    shop.sweep()
    assert [refund.status for refund in shop.head(order_id).refunds.values()] == [RefundStatus.DUE]

    shop.clock.advance(timedelta(minutes=20))
    assert again(shop.clock.now().date().isoformat())["findings"] == []


def test_a_refund_by_hand_is_found_although_one_of_ours_is_due_and_not_asked_for(
    shop: Shop, gateway: MemoryGateway
) -> None:
    _, attempt_id = owing(shop, gateway)
    gateway.refund_by_hand(attempt_id, 500)

    assert ("partial_refund", True) in found(reconcile(shop))


def test_a_payment_of_an_order_that_does_not_exist_is_named_once_and_left_alone(
    shop: Shop, gateway: MemoryGateway
) -> None:
    _, attempt_id = shop.locked()
    gateway.open(replace(shop_request(gateway, attempt_id), attempt_id="0" * 16 + "_" + "0" * 8))
    gateway.pay("0" * 16 + "_" + "0" * 8)

    assert found(reconcile(shop)) == [("unknown_order", False)]
    assert shop.metrics.times(Metric.UNKNOWN_PAYMENT) == 1
    assert found(again("2026-11-24")) == [("unknown_order", False)]
    assert shop.metrics.times(Metric.UNKNOWN_PAYMENT) == 1


def shop_request(gateway: MemoryGateway, attempt_id: str) -> SessionRequest:
    """The request that would open the session of that attempt again."""
    terms = gateway.look(attempt_id).terms
    return SessionRequest(
        attempt_id=attempt_id,
        order_id=terms.order_id,
        reference=terms.description,
        amount=terms.amount,
        currency=terms.currency,
        expires_at=terms.expires_at,
        return_url=terms.return_url,
        callback_url=terms.callback_url,
    )


def test_a_payment_of_another_stack_is_counted_as_foreign_and_raises_no_alarm(
    shop: Shop, gateway: MemoryGateway
) -> None:
    _, attempt_id = shop.locked()
    session = gateway.look(attempt_id)
    assert gateway.sessions.write(replace(session, terms=replace(session.terms, stack="another")))
    gateway.pay(attempt_id)

    report = reconcile(shop)

    assert (report["done"], report["findings"]) == (True, [])
    assert [each["foreign"] for each in report["days"][0]["lists"]] == [0, 0, 1]
    assert shop.metrics.times(Metric.FOREIGN_PAYMENT) == 1
    assert shop.metrics.times(Metric.STATEMENT_DIFFERS) == 0


def test_a_second_run_of_a_day_changes_nothing(shop: Shop, gateway: MemoryGateway) -> None:
    order_id, attempt_id = shop.locked()
    gateway.pay(attempt_id)
    reconcile(shop)
    head = shop.head(order_id)

    report = again("2026-11-24")

    assert (report["done"], found(report)) == (True, [("missing_webhook", True)])
    assert shop.head(order_id) == head
    assert shop.metrics.times(Metric.STATEMENT_DIFFERS) == 1


def test_a_day_that_is_not_over_is_gone_through_again(shop: Shop, gateway: MemoryGateway) -> None:
    paid(shop, gateway)
    shop.clock.advance(timedelta(hours=1))
    assert again("2026-11-24")["findings"] == []
    _, attempt_id = shop.locked("second")
    gateway.pay(attempt_id)

    assert found(reconcile(shop)) == [("missing_webhook", True)]


def test_the_schedule_looks_at_the_three_days_before(shop: Shop, gateway: MemoryGateway) -> None:
    order_id, attempt_id = shop.locked()
    gateway.pay(attempt_id)
    shop.clock.advance(2 * DAY)

    report = handler_of("reconciliation")({}, Context())

    assert [day["day"] for day in report["days"]] == ["2026-11-25", "2026-11-24", "2026-11-23"]
    assert report["done"] is True
    assert shop.status(order_id) == "paid"


def test_a_run_without_time_lists_nothing_and_the_next_one_goes_on(shop: Shop, gateway: MemoryGateway) -> None:
    order_id, attempt_id = shop.locked()
    gateway.pay(attempt_id)

    report = reconcile(shop, lambda: 1_000)

    assert report["done"] is False
    assert shop.status(order_id) != "paid"
    assert again("2026-11-24")["done"] is True
    assert shop.status(order_id) == "paid"


@pytest.mark.parametrize("day", ["24.11.2026", "2026-11-31", "20261124", "", None, 5, "2026-11-25", "0001-01-01"])
def test_a_day_that_is_none_or_is_to_come_is_refused_and_nothing_is_written(
    gateway: MemoryGateway, nothing_written: Callable[[], bool], day: Any
) -> None:
    with pytest.raises(InvalidRequest, match=r"^day: "):
        handler_of("reconciliation")({"day": day}, Context())
    assert nothing_written()


def test_a_gateway_that_lists_nothing_is_named(shop: Shop, gateway: MemoryGateway) -> None:
    shop.gateways.made["sandbox"] = ScriptedGateway(shop.clock)

    report = reconcile(shop)

    assert report["done"] is True
    assert report["days"][0]["not_available"] == ["sandbox"]
