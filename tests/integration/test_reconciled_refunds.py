"""Reconciliation beside the refunds that the shop makes: they are ours, and whatever else went back is found."""

from dataclasses import replace
from typing import Any

import pytest
from sandbox.fault_plan import Fault, FaultKind, FaultPlan
from sandbox.sessions import RefundStatus as SandboxRefundStatus

from paylatch.domain.discrepancies import agrees_with
from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.payment import Capture, Dispute, DisputeStatus, RefundStatus
from paylatch.domain.statement import ListedDispute, ListedRefund, ListedState, Owner
from paylatch.use_cases.put_right import Case, put_right
from paylatch.use_cases.record_dispute import record_dispute
from tests.api.handler_transport import client_of
from tests.fakes.memory_gateway import MemoryGateway
from tests.fakes.memory_reconciliation_store import MemoryReconciliationStore
from tests.integration.shop import Shop
from tests.integration.test_reconciliation import found, gateway, paid, reconcile, store
from tests.lambda_events import OPERATOR, SELLER

__all__ = ["gateway", "store"]


def refund(shop: Shop, order_id: str, amount: int, key: str = "return-1") -> None:
    assert client_of(SELLER).refund(order_id, key, amount).status == 201


def test_refunds_of_the_shop_are_no_difference_and_what_was_made_by_hand_beside_them_is(
    shop: Shop, gateway: MemoryGateway
) -> None:
    order_id, attempt_id = paid(shop, gateway)
    refund(shop, order_id, 1000)
    refund(shop, order_id, 300, "return-2")
    shop.sweep()
    gateway.refund_by_hand(attempt_id, 200)

    assert found(reconcile(shop)) == [("partial_refund", True)]
    assert [payment.returned for payment in shop.head(order_id).payments.values()] == [1500]


def test_a_refund_of_the_shop_that_is_under_way_explains_what_the_gateway_counts(
    shop: Shop, gateway: MemoryGateway
) -> None:
    order_id, attempt_id = paid(shop, gateway)
    gateway.set_faults(attempt_id, FaultPlan(refund=Fault(fault=FaultKind.PENDING, seconds=200_000)))
    refund(shop, order_id, 1000)
    shop.sweep()

    assert found(reconcile(shop)) == []
    assert [each.status for each in shop.head(order_id).refunds.values()] == [RefundStatus.DUE]


@pytest.mark.parametrize("other", [0, 400])
def test_one_of_several_refunds_of_the_shop_that_failed_is_due_again(
    shop: Shop, gateway: MemoryGateway, other: int
) -> None:
    order_id, attempt_id = paid(shop, gateway)
    refund(shop, order_id, 1000)
    if other:
        refund(shop, order_id, other, "return-2")
    shop.sweep()
    session = gateway.look(attempt_id)
    failing = next(each for each in session.refunds if each.amount == 1000)
    failed = replace(failing, status=SandboxRefundStatus.FAILED, at=shop.clock.now())
    refunds = tuple(failed if each is failing else each for each in session.refunds)
    assert gateway.sessions.write(replace(session, refunds=refunds))

    assert found(reconcile(shop)) == [("refund_failed", True)]
    statuses = {each.amount: each.status for each in shop.head(order_id).refunds.values()}
    assert statuses == {1000: RefundStatus.DUE, **({other: RefundStatus.REFUNDED} if other else {})}
    assert [payment.returned for payment in shop.head(order_id).payments.values()] == [other]


def test_a_refund_by_hand_beside_one_that_was_asked_for_and_not_made_is_found(
    shop: Shop, gateway: MemoryGateway
) -> None:
    order_id, attempt_id = paid(shop, gateway)
    gateway.set_faults(attempt_id, FaultPlan(refund=Fault(FaultKind.NO_BALANCE)))
    refund(shop, order_id, 1000)
    shop.sweep()
    gateway.refund_by_hand(attempt_id, 500)

    assert found(reconcile(shop)) == [("partial_refund", True)]
    assert [payment.returned for payment in shop.head(order_id).payments.values()] == [500]


def test_a_refund_by_hand_is_found_by_the_total_that_comes_with_a_refund_of_ours(
    shop: Shop, gateway: MemoryGateway
) -> None:
    order_id, attempt_id = paid(shop, gateway)
    refund(shop, order_id, 1000)
    shop.sweep()
    head = shop.head(order_id)
    gateway.refund_by_hand(attempt_id, 500)
    (known,) = head.payments.values()
    (own,) = head.refunds
    total = Capture(known.payment_id, known.amount, known.currency, 1500)
    entry = ListedRefund(own, total, ListedState.DONE, Owner(attempt_id), shop.clock.now(), is_ours=True)

    put_right(Case("sandbox", entry, attempt_id, MemoryReconciliationStore(), shop.ports, (), set()), head, None)

    assert [payment.returned for payment in shop.head(order_id).payments.values()] == [1500]


def test_a_refund_that_was_written_off_and_is_still_under_way_is_no_difference(
    shop: Shop, gateway: MemoryGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, attempt_id = paid(shop, gateway)
    gateway.set_faults(attempt_id, FaultPlan(refund=Fault(FaultKind.PENDING, seconds=200_000)))
    refund(shop, order_id, 1000)
    shop.sweep()
    (refund_id,) = shop.head(order_id).refunds
    with monkeypatch.context() as patched:
        patched.setattr(gateway, "query_refund", silent)
        assert client_of(OPERATOR).write_off(order_id, refund_id, "never made").status == 200

    assert found(reconcile(shop)) == []


def silent(_: object) -> Any:
    raise OutcomeUnknown("sandbox", "no answer")


def test_a_lost_dispute_beside_a_refund_is_found_where_its_callback_was_given_up(
    shop: Shop, gateway: MemoryGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, attempt_id = paid(shop, gateway)
    refund(shop, order_id, 1500)
    shop.sweep()
    gateway.dispute(attempt_id, "open")
    gateway.dispute(attempt_id, "lost")
    with monkeypatch.context() as patched:
        patched.setattr(gateway, "query_payment", silent)
        for callback in gateway.all_callbacks():
            shop.callback(callback)

    assert [each.status for each in shop.head(order_id).disputes.values()] == [DisputeStatus.OPEN]
    assert ("dispute_lost", True) in found(reconcile(shop))
    assert [payment.returned for payment in shop.head(order_id).payments.values()] == [2500]


def test_the_sum_of_a_dispute_that_is_recorded_as_lost_is_found_although_refunds_reach_it(
    shop: Shop, gateway: MemoryGateway
) -> None:
    order_id, attempt_id = paid(shop, gateway)
    refund(shop, order_id, 1500)
    shop.sweep()
    gateway.dispute(attempt_id, "open")
    gateway.dispute(attempt_id, "lost")
    (known,) = shop.head(order_id).payments.values()
    lost = Dispute("du_1", known.payment_id, 1000, known.currency, DisputeStatus.LOST, None, shop.clock.now())
    record_dispute(order_id, attempt_id, lost, "sandbox", shop.ports)

    assert not agrees_with(shop.head(order_id), ListedDispute(lost, Owner(attempt_id), shop.clock.now()))
