"""The sandbox gateway's ledger and the order's agree, whatever happens while the shop's refunds are made."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sandbox.fault_plan import Fault, FaultKind, FaultPlan

from tests.api.handler_transport import client_of
from tests.fakes.memory_gateway import MemoryGateway
from tests.integration.shop import Shop
from tests.lambda_events import BUYER, OPERATOR, SELLER

REASON = "it came back"


class Crashed(BaseException):
    """The function ends here; nothing handles it."""


class PaidOrder:
    """An order of 25.00 EUR, paid at the real rules of the sandbox gateway."""

    def __init__(self, shop: Shop, gateway: MemoryGateway) -> None:
        self.shop, self.gateway = shop, gateway
        self.order_id = shop.create()
        self.attempt_id: str = shop.pay(self.order_id).body["attempt_id"]
        gateway.pay(self.attempt_id)
        self.deliver()
        assert shop.status(self.order_id) == "paid"

    def refund(self, amount: int | None, key: str = "return-1") -> Any:
        return client_of(SELLER).refund(self.order_id, key, amount, REASON)

    def deliver(self) -> None:
        """All callbacks arrive, each twice, the last one first."""
        for callback in reversed(self.gateway.all_callbacks()):
            for _ in range(2):
                assert self.shop.callback(callback).status == 204

    def settle_down(self) -> None:
        """Sweeps and callbacks, until nothing is due any more."""
        for _ in range(4):
            self.shop.sweep()
            self.gateway.run_schedule()
            self.deliver()
            self.shop.clock.advance(timedelta(minutes=20))

    def both_ledgers(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """By refunds of ours and in other ways: as the gateway has it, and as the order has it."""
        theirs = self.gateway.ledgers()[self.attempt_id]
        by_hand = sum(each["amount"] for each in theirs["refunds"] if each.get("manually_returned"))
        ours = client_of(BUYER).read_order(self.order_id).body["ledger"]
        assert ours["captured"] == sum(ours[part] for part in ("refunded", "returned", "owed", "written_off", "kept"))
        return (theirs["refunded"] - by_hand, by_hand + theirs["lost"]), (ours["refunded"], ours["returned"])

    def agree_on(self, refunded: int, returned: int) -> None:
        assert self.both_ledgers() == ((refunded, returned), (refunded, returned))


@pytest.fixture
def order(shop: Shop) -> PaidOrder:
    gateway = MemoryGateway(shop.clock)
    shop.gateways.made["sandbox"] = gateway
    return PaidOrder(shop, gateway)


def test_two_refunds_and_one_above_the_rest(order: PaidOrder) -> None:
    assert [order.refund(1000).status, order.refund(1500, "return-2").status] == [201, 201]
    assert order.refund(1, "return-3").code == "refund-exceeds-payment"
    order.settle_down()
    order.agree_on(2500, 0)


def test_two_requests_at_once_never_take_more_than_was_paid(order: PaidOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second request is made between the first one's read and its write."""
    store, apply = order.shop.ports.store, order.shop.ports.store.apply
    answers: list[Any] = []

    def with_another_request(*arguments: Any) -> Any:
        monkeypatch.setattr(store, "apply", apply)
        answers.append(order.refund(2000, "return-2"))
        return apply(*arguments)

    monkeypatch.setattr(store, "apply", with_another_request)
    refused = order.refund(1000)
    assert ([answer.status for answer in answers], refused.code, refused.body["left"]) == (
        [201],
        "refund-exceeds-payment",
        500,
    )
    order.settle_down()
    order.agree_on(2000, 0)


@pytest.mark.parametrize("fault", [FaultKind.NO_ANSWER, FaultKind.PENDING])
def test_a_refund_that_meets_a_fault_is_made_once(order: PaidOrder, fault: FaultKind) -> None:
    order.gateway.set_faults(order.attempt_id, FaultPlan(refund=Fault(fault, times=1)))
    order.refund(1000)
    order.settle_down()
    order.agree_on(1000, 0)


def test_a_refund_waits_for_the_shops_balance(order: PaidOrder) -> None:
    order.gateway.set_faults(order.attempt_id, FaultPlan(refund=Fault(FaultKind.NO_BALANCE)))
    order.refund(1000)
    order.settle_down()
    assert client_of(BUYER).read_order(order.order_id).body["ledger"]["owed"] == 1000
    order.gateway.set_faults(order.attempt_id, FaultPlan())
    order.settle_down()
    order.agree_on(1000, 0)


def test_a_refund_that_fails_later_is_made_again(order: PaidOrder) -> None:
    order.gateway.set_faults(order.attempt_id, FaultPlan(refund=Fault(FaultKind.FAIL, times=1)))
    order.refund(1000)
    order.settle_down()
    order.agree_on(1000, 0)


def test_a_final_refusal_leaves_the_sum_owed_until_a_person_acts(order: PaidOrder) -> None:
    order.gateway.set_faults(order.attempt_id, FaultPlan(refund=Fault(FaultKind.REFUSE, times=1)))
    order.refund(1000)
    order.settle_down()
    assert client_of(BUYER).read_order(order.order_id).body["ledger"]["owed"] == 1000
    order.shop.operator("recheck", order.order_id, order.attempt_id)
    order.settle_down()
    order.agree_on(1000, 0)


@pytest.mark.parametrize("moment", ["before the request", "before the refund", "after the refund", "pending"])
def test_a_refund_by_hand_meanwhile_is_counted_beside_ours(order: PaidOrder, moment: str) -> None:
    def by_hand() -> None:
        order.gateway.refund_by_hand(order.attempt_id, 700)
        order.deliver()

    if moment == "before the request":
        by_hand()
    if moment == "pending":
        order.gateway.set_faults(order.attempt_id, FaultPlan(refund=Fault(FaultKind.PENDING)))
    order.refund(1000)
    if moment == "before the refund":
        by_hand()
    order.shop.sweep()
    if moment in ("after the refund", "pending"):
        by_hand()
    order.settle_down()
    order.agree_on(1000, 700)


def test_all_of_it_refunded_by_hand_leaves_nothing_to_pay_twice(order: PaidOrder) -> None:
    order.refund(None)
    order.gateway.refund_by_hand(order.attempt_id)
    order.settle_down()
    theirs, ours = order.both_ledgers()
    assert (sum(theirs), sum(ours)) == (2500, 2500)


def test_a_lost_dispute_after_a_refund_takes_the_rest(order: PaidOrder) -> None:
    order.refund(1000)
    order.settle_down()
    order.gateway.dispute(order.attempt_id, "open")
    order.deliver()
    assert order.refund(1, "return-2").code == "refund-disputed"
    order.gateway.dispute(order.attempt_id, "lost")
    order.settle_down()
    order.agree_on(1000, 1500)


def crash_at(number: int, order: PaidOrder, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Crash before that call of store or gateway, counted from 0; gives how many calls were made."""
    made = [0]

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            made[0] += 1
            if made[0] - 1 == number:
                raise Crashed
            return call(*arguments, **named)

        return wrapped

    for owner, name in (
        (order.shop.ports.store, "read_head"),
        (order.shop.ports.store, "apply"),
        (order.gateway, "refund"),
        (order.gateway, "query_refund"),
        (order.gateway, "query_payment"),
    ):
        monkeypatch.setattr(owner, name, counted(getattr(owner, name)))
    return lambda: made[0]


@pytest.mark.parametrize("number", range(9))
def test_a_crash_between_any_two_calls_moves_no_money_twice(
    order: PaidOrder, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        crash_at(number, order, patched)
        for act in (lambda: order.refund(1000), order.shop.sweep, lambda: order.refund(300, "return-2")):
            try:
                act()
            except Crashed:
                continue
    order.refund(1000)
    order.refund(300, "return-2")
    order.settle_down()
    order.agree_on(1300, 0)


def test_what_a_lost_dispute_took_is_returned_and_a_refund_that_was_due_is_refused(order: PaidOrder) -> None:
    """A refund that the gateway never made is never shown as made; operators are shown it, and can write it off."""
    order.refund(1000)
    order.gateway.dispute(order.attempt_id, "open")
    order.gateway.dispute(order.attempt_id, "lost")
    order.deliver()
    order.settle_down()
    order.agree_on(0, 2500)
    shown = client_of(BUYER).read_order(order.order_id).body
    (refund,) = shown["refunds"]
    assert (refund["status"], shown["ledger"]["owed"], shown["ledger"]["kept"]) == ("refused", 0, 0)
    assert order.order_id in str(client_of(OPERATOR).list_attention().body["orders"])
    assert client_of(OPERATOR).write_off(order.order_id, refund["refund_id"], "lost in a dispute").status == 200
    order.agree_on(0, 2500)


def test_what_a_lost_dispute_took_is_returned_before_its_callback_came(order: PaidOrder) -> None:
    order.refund(1000)
    order.gateway.dispute(order.attempt_id, "open")
    order.gateway.dispute(order.attempt_id, "lost")
    order.settle_down()
    order.agree_on(0, 2500)


def test_a_refund_that_was_made_before_the_rest_was_lost_stays_made(
    order: PaidOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function ends between the gateway's refund and our record of it; then the payer wins a dispute."""
    order.refund(1000)
    with monkeypatch.context() as patched:
        crash_at(2, order, patched)
        with pytest.raises(Crashed):
            order.shop.sweep()
    assert order.both_ledgers() == ((1000, 0), (0, 0)), "made at the gateway, and not recorded"
    order.gateway.dispute(order.attempt_id, "open")
    order.gateway.dispute(order.attempt_id, "lost")
    order.settle_down()
    order.agree_on(1000, 1500)


def test_a_dispute_that_took_a_part_leaves_the_rest_to_the_refund(order: PaidOrder) -> None:
    order.refund(1000)
    order.gateway.dispute(order.attempt_id, "open", 1500)
    order.gateway.dispute(order.attempt_id, "lost")
    order.settle_down()
    order.agree_on(1000, 1500)
