"""Refunds of ours beside other writers: what the gateway made is recorded, and counted once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sandbox.fault_plan import Fault, FaultKind, FaultPlan

from paylatch.domain.errors import OutcomeUnknown
from tests.api.handler_transport import client_of
from tests.integration.test_refund_ledger import PaidOrder, order
from tests.lambda_events import BUYER, OPERATOR

__all__ = ["order"]


@contextmanager
def once_during(
    owner: object, name: str, act: Callable[[], object], *, call: int = 1, first: bool = False
) -> Iterator[None]:
    """Act once, when that call of the owner's method has its answer and before its caller does; or first."""
    real, made = getattr(owner, name), [0]

    def wrapped(*arguments: Any) -> Any:
        made[0] += 1
        number = made[0]
        if first and number == call:
            act()
        answer = real(*arguments)
        if not first and number == call:
            act()
        return answer

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(owner, name, wrapped)
        yield


def body(order: PaidOrder) -> Any:
    return client_of(BUYER).read_order(order.order_id).body


def statuses(order: PaidOrder) -> list[str]:
    return [refund["status"] for refund in body(order)["refunds"]]


def write_off(order: PaidOrder, refund_id: str) -> Any:
    return client_of(OPERATOR).write_off(order.order_id, refund_id, "never made")


def problems(answer: Any) -> dict[str, str]:
    return {error["field"]: error["problem"] for error in answer.body["errors"]}


def fault(order: PaidOrder, kind: FaultKind, **of: Any) -> None:
    order.gateway.set_faults(order.attempt_id, FaultPlan(refund=Fault(kind, **of)))


def test_a_refund_that_is_made_while_an_operator_writes_it_off_is_recorded_as_made(order: PaidOrder) -> None:
    refund_id = order.refund(1000).body["refund_id"]
    with once_during(order.gateway, "refund", lambda: silent_write_off(order, refund_id)):
        order.shop.sweep()
    assert statuses(order) == ["refunded"]
    order.agree_on(1000, 0)


def silent_write_off(order: PaidOrder, refund_id: str) -> None:
    """The gateway does not answer the operator's question."""
    with unanswered(order, "query_refund"):
        assert write_off(order, refund_id).status == 200


@contextmanager
def unanswered(order: PaidOrder, name: str) -> Iterator[None]:
    def silent(_: object) -> Any:
        raise OutcomeUnknown("sandbox", "no answer")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(order.gateway, name, silent)
        yield


def test_a_lost_answer_and_a_write_off_meanwhile_lose_no_refund(order: PaidOrder) -> None:
    refund_id = order.refund(1000).body["refund_id"]
    fault(order, FaultKind.NO_ANSWER, times=1)
    real = order.gateway.refund

    def refund(asked: Any) -> Any:
        try:
            return real(asked)
        finally:
            silent_write_off(order, refund_id)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(order.gateway, "refund", refund)
        order.shop.sweep()
    assert statuses(order) == ["refunded"]
    order.agree_on(1000, 0)


def test_a_write_off_after_a_lost_answer_finds_the_refund_made(order: PaidOrder) -> None:
    refund_id = order.refund(1000).body["refund_id"]
    fault(order, FaultKind.NO_ANSWER, times=1)
    order.shop.sweep()
    answer = write_off(order, refund_id)
    assert (answer.status, problems(answer)) == (400, {"refund_id": "must be due or refused, and is refunded"})
    assert statuses(order) == ["refunded"]
    assert order.refund(2000, "return-2").code == "refund-exceeds-payment"
    order.agree_on(1000, 0)


def test_a_write_off_of_a_refund_under_way_is_refused_and_changes_nothing(order: PaidOrder) -> None:
    refund_id = order.refund(1000).body["refund_id"]
    fault(order, FaultKind.PENDING, seconds=3600)
    order.shop.sweep()
    before = body(order)
    answer = write_off(order, refund_id)
    assert (answer.status, problems(answer)) == (
        400,
        {"refund_id": "must not be under way: the gateway is making this refund"},
    )
    assert body(order) == before
    order.shop.clock.advance(timedelta(hours=2))
    order.settle_down()
    order.agree_on(1000, 0)


def test_a_write_off_without_an_answer_of_the_gateway_is_the_operators_word(order: PaidOrder) -> None:
    refund_id = order.refund(1000).body["refund_id"]
    silent_write_off(order, refund_id)
    assert statuses(order) == ["written_off"]
    assert [fields["error"] for _, fields in order.shop.metrics.failed] == ["OutcomeUnknown"]


def test_a_refund_that_is_asked_for_while_an_operator_decides_is_asked_about_again(order: PaidOrder) -> None:
    refund_id = order.refund(1000).body["refund_id"]
    fault(order, FaultKind.NO_ANSWER, times=1)
    with once_during(order.gateway, "query_refund", order.shop.sweep):
        assert write_off(order, refund_id).status == 400
    assert statuses(order) == ["refunded"]


MOMENTS = [
    ("query_payment", 1, False),
    ("query_payment", 2, True),
    ("query_refund", 1, False),
    ("query_refund", 2, False),
]


@pytest.mark.parametrize("first", [FaultKind.PENDING, FaultKind.REFUSE, None])
@pytest.mark.parametrize(("asked", "call", "before"), MOMENTS)
def test_a_refund_of_ours_made_while_a_return_is_recorded_is_never_counted_as_returned_elsewhere(
    order: PaidOrder, first: FaultKind | None, asked: str, call: int, before: bool
) -> None:
    if first is not None:
        fault(order, first, times=1, **({"seconds": 3600} if first is FaultKind.PENDING else {}))
    order.refund(300)
    order.shop.sweep()
    fault_free(order)
    order.gateway.refund_by_hand(order.attempt_id, 500)

    def another() -> None:
        order.refund(1000, "return-2")
        order.shop.sweep()

    with once_during(order.gateway, asked, another, call=call, first=before):
        order.deliver()
    order.shop.clock.advance(timedelta(hours=2))
    order.settle_down()
    theirs, ours = order.both_ledgers()
    assert theirs == ours
    assert ours[1] == 500


def fault_free(order: PaidOrder) -> None:
    order.gateway.set_faults(order.attempt_id, FaultPlan())


def test_a_refund_of_ours_made_before_the_write_of_a_return_leaves_both_recorded(order: PaidOrder) -> None:
    order.gateway.refund_by_hand(order.attempt_id, 500)
    store, acted = order.shop.ports.store, [False]
    apply = store.apply

    def overtaken(order_id: str, transition: Any) -> Any:
        if transition.name == "money_returned" and not acted[0]:
            acted[0] = True
            order.refund(1000)
            order.shop.sweep()
        return apply(order_id, transition)

    report = order.gateway.all_callbacks()[-1]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "apply", overtaken)
        assert order.shop.callback(report).status == 204
    assert acted == [True]
    order.agree_on(1000, 500)
