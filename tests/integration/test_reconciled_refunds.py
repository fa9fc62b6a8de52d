"""Reconciliation beside the refunds that the shop makes: they are ours, and whatever else went back is found."""

from dataclasses import replace

import pytest
from sandbox.fault_plan import Fault, FaultKind, FaultPlan
from sandbox.sessions import RefundStatus as SandboxRefundStatus

from paylatch.domain.payment import RefundStatus
from tests.api.handler_transport import client_of
from tests.fakes.memory_gateway import MemoryGateway
from tests.integration.shop import Shop
from tests.integration.test_reconciliation import found, gateway, paid, reconcile, store
from tests.lambda_events import SELLER

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
    gateway.set_faults(attempt_id, FaultPlan(refund=Fault(fault=FaultKind.PENDING, seconds=86_400)))
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
