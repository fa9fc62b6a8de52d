"""What is owed goes back once, is asked for with backoff, and stays due until the gateway confirms it."""

from datetime import timedelta

import pytest

from paylatch.domain.backoff import FIRST_WAIT, LONGEST_WAIT
from paylatch.domain.errors import GatewayError, Misconfigured, OutcomeUnknown, RateLimited, Refused, Transient
from paylatch.domain.ids import derived_refund_id
from paylatch.domain.order import Order
from paylatch.domain.payment import Capture, Refund
from paylatch.ports import Index, Metric, RefundState
from paylatch.use_cases.refund_payment import hear_of_refund
from tests.due_orders import due_orders
from tests.integration.shop import Answer, Shop


@pytest.fixture
def owing(shop: Shop) -> str:
    """An order that owes its buyer the money of an older attempt."""
    order_id, attempt_id = shop.locked("old")
    shop.cancel_payment(order_id, attempt_id)
    shop.order_of_three(order_id, 1)
    shop.money(attempt_id)
    return order_id


def refund_of(order: Order) -> Refund:
    (refund,) = order.refunds.values()
    return refund


def test_the_next_sweep_refunds_whole_and_once(shop: Shop, owing: str) -> None:
    shop.sweep()
    (asked,) = shop.gateway.calls("refund")
    refund_id = derived_refund_id(asked.attempt_id, asked.payment_id)
    assert (asked.amount, asked.currency, asked.refund_id) == (2500, "EUR", refund_id)
    assert refund_of(shop.head(owing)).status == "refunded"
    for _ in range(3):
        shop.clock.advance(timedelta(hours=1))
        assert shop.sweep()["handled"] == 0
    assert len(shop.gateway.calls("refund")) == 1
    assert shop.watch.times(Metric.REFUND_ISSUED) == 1


@pytest.mark.parametrize("trouble", [Transient, RateLimited, OutcomeUnknown, Misconfigured])
def test_a_gateway_in_trouble_is_asked_again_with_the_same_id_until_it_confirms(
    shop: Shop, owing: str, trouble: type[GatewayError]
) -> None:
    shop.gateway.will("refund", *[trouble("sandbox", "no")] * 3)
    shop.gateway.will("query_refund", *[RefundState.UNKNOWN] * 3)
    waits = []
    for _ in range(3):
        shop.sweep()
        assert refund_of(shop.head(owing)).status == "due"
        waits.append(refund_of(shop.head(owing)).next_at - shop.clock.now())
        shop.clock.advance(waits[-1])
    assert waits == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    shop.sweep()
    assert refund_of(shop.head(owing)).status == "refunded"
    assert len({refund.refund_id for refund in shop.gateway.calls("refund")}) == 1


@pytest.mark.parametrize(
    ("trouble", "metric"),
    [
        (Transient, Metric.GATEWAY_UNAVAILABLE),
        (OutcomeUnknown, Metric.GATEWAY_UNAVAILABLE),
        (Refused, Metric.REFUND_REFUSED),
        (Misconfigured, Metric.GATEWAY_MISCONFIGURED),
    ],
)
def test_what_the_gateway_does_not_do_is_told_with_the_payment(
    shop: Shop, owing: str, trouble: type[GatewayError], metric: Metric
) -> None:
    shop.gateway.will("refund", trouble("sandbox", "no"))
    shop.sweep()
    ids = {"gateway": "sandbox", "attempt_id": refund_of(shop.head(owing)).attempt_id, "order_id": owing}
    ((counted, named),) = shop.watch.failed
    assert counted is metric
    assert named.items() >= {"cause": "no", **ids}.items()


def test_it_is_not_asked_again_before_its_time(shop: Shop, owing: str) -> None:
    shop.gateway.will("refund", OutcomeUnknown("sandbox", "no answer"))
    shop.sweep()
    shop.clock.advance(FIRST_WAIT - timedelta(milliseconds=1))
    assert shop.sweep()["handled"] == 0


def test_a_refund_whose_answer_was_lost_is_asked_about_and_not_asked_for_again(shop: Shop, owing: str) -> None:
    shop.gateway.will("refund", RefundState.PENDING)
    shop.sweep()
    shop.gateway.will("query_refund", RefundState.PENDING, RefundState.DONE)
    for _ in range(2):
        shop.clock.advance(LONGEST_WAIT)
        shop.sweep()
    assert len(shop.gateway.calls("refund")) == 1
    assert refund_of(shop.head(owing)).status == "refunded"


def test_a_refund_that_failed_at_the_gateway_is_asked_for_anew(shop: Shop, owing: str) -> None:
    shop.gateway.will("refund", RefundState.PENDING)
    shop.sweep()
    shop.gateway.will("query_refund", RefundState.FAILED)
    shop.clock.advance(LONGEST_WAIT)
    shop.sweep()
    assert len(shop.gateway.calls("refund")) == 2
    assert refund_of(shop.head(owing)).status == "refunded"


def test_the_waits_grow_to_a_quarter_of_an_hour_and_never_end(shop: Shop, owing: str) -> None:
    for _ in range(12):
        shop.gateway.will("refund", OutcomeUnknown("sandbox", "no answer"))
        shop.gateway.will("query_refund", RefundState.UNKNOWN)
        shop.sweep()
        shop.clock.advance(LONGEST_WAIT)
    refund = refund_of(shop.head(owing))
    assert (refund.status, refund.tries) == ("due", 12)
    assert refund.next_at == shop.clock.now()


def is_told_done(shop: Shop, order_id: str) -> Answer:
    refund = refund_of(shop.head(order_id))
    capture = Capture(refund.payment_id, refund.amount, refund.currency)
    return shop.callback(shop.gateway.signed("refund.succeeded", refund.attempt_id, capture))


def test_a_refund_that_the_gateway_tells_of_is_done_once_it_says_so_when_asked(shop: Shop, owing: str) -> None:
    shop.gateway.will("refund", RefundState.PENDING)
    shop.sweep()
    assert is_told_done(shop, owing).status == 204
    assert refund_of(shop.head(owing)).status == "refunded"
    assert is_told_done(shop, owing).status == 204
    assert shop.head(owing).owed_at is None


def test_an_old_message_that_the_refund_is_done_ends_no_debt(shop: Shop, owing: str) -> None:
    shop.sweep()
    shop.gateway.will("query_refund", RefundState.FAILED)
    assert bounces(shop, owing).status == 204
    shop.gateway.will("query_refund", RefundState.FAILED)
    assert is_told_done(shop, owing).status == 204
    assert refund_of(shop.head(owing)).status == "due"
    assert shop.head(owing).owed_at == shop.clock.now()


def test_a_gateway_is_not_asked_about_anothers_refund(shop: Shop, owing: str) -> None:
    hear_of_refund(owing, refund_of(shop.head(owing)).payment_id, "another", shop.ports)
    assert shop.gateway.calls("query_refund") == []


def test_a_refund_made_while_another_writer_was_faster_is_recorded_by_the_next_sweep(shop: Shop, owing: str) -> None:
    shop.gateway.meanwhile("refund", lambda: shop.pay(owing, "new"))
    shop.sweep()
    assert refund_of(shop.head(owing)).status == "due"
    shop.sweep()
    head = shop.head(owing)
    assert (refund_of(head).status, head.status) == ("refunded", "in_payment")
    assert len({refund.refund_id for refund in shop.gateway.calls("refund")}) == 1


def test_a_refund_that_bounces_before_it_is_recorded_as_done_stays_owed(shop: Shop, owing: str) -> None:
    shop.gateway.meanwhile("refund", lambda: is_told_that_it_failed(shop, owing))
    shop.sweep()
    assert refund_of(shop.head(owing)).status == "due"
    shop.gateway.will("query_refund", RefundState.FAILED)
    shop.sweep()
    assert refund_of(shop.head(owing)).status == "refunded"


def test_a_refund_that_bounces_again_before_it_is_recorded_as_done_stays_owed(shop: Shop, owing: str) -> None:
    shop.sweep()
    shop.gateway.will("query_refund", RefundState.FAILED, RefundState.FAILED)
    assert bounces(shop, owing).status == 204

    shop.gateway.meanwhile("refund", lambda: is_told_that_it_failed(shop, owing))
    shop.sweep()
    assert refund_of(shop.head(owing)).status == "due"


def test_a_bounce_that_is_told_twice_is_one(shop: Shop, owing: str) -> None:
    shop.sweep()
    shop.gateway.will("query_refund", RefundState.FAILED, RefundState.FAILED)
    assert bounces(shop, owing).status == 204
    before = shop.head(owing)
    assert bounces(shop, owing).status == 204
    assert shop.head(owing) == before


def test_the_age_of_what_is_owed_is_measured(shop: Shop, owing: str) -> None:
    shop.clock.advance(timedelta(hours=2))
    shop.sweep()
    ages = [value for metric, value, _ in shop.watch.counted if metric is Metric.OLDEST_REFUND_OWED]
    assert ages == [7200]


def test_a_refund_that_is_not_made_for_over_an_hour_is_shown_to_operators(shop: Shop, owing: str) -> None:
    for _ in range(8):
        shop.gateway.will("refund", Transient("sandbox", "no balance"))
        shop.gateway.will("query_refund", RefundState.UNKNOWN)
        shop.sweep()
        shop.clock.advance(LONGEST_WAIT)
    shown = shop.operator("attention", owing).body["orders"]
    assert [order["order_id"] for order in shown] == [owing]
    shop.sweep()
    assert refund_of(shop.head(owing)).status == "refunded"
    assert shop.operator("attention", owing).body["orders"] == []


def bounces(shop: Shop, order_id: str) -> Answer:
    refund = refund_of(shop.head(order_id))
    capture = Capture(refund.payment_id, refund.amount, refund.currency)
    return shop.callback(shop.gateway.signed("refund.failed", refund.attempt_id, capture))


def is_told_that_it_failed(shop: Shop, order_id: str) -> None:
    shop.gateway.will("query_refund", RefundState.FAILED)
    assert bounces(shop, order_id).status == 204


def test_a_refund_that_bounced_is_owed_once_more_and_shown_at_once(shop: Shop, owing: str) -> None:
    shop.sweep()
    shop.clock.advance(timedelta(hours=3))
    shop.gateway.will("query_refund", RefundState.FAILED, RefundState.FAILED)
    assert bounces(shop, owing).status == 204
    refund = refund_of(shop.head(owing))
    assert (refund.status, refund.next_at) == ("due", shop.clock.now())
    assert due_orders(shop.ports.store, Index.ATTENTION, shop.clock.now()) == [owing]
    shop.sweep()
    assert refund_of(shop.head(owing)).status == "refunded"
    assert len(shop.gateway.calls("refund")) == 2


def test_an_old_message_of_a_bounce_changes_nothing(shop: Shop, owing: str) -> None:
    shop.sweep()
    before = shop.head(owing)
    assert bounces(shop, owing).status == 204
    assert shop.head(owing) == before


def test_a_bounce_that_the_gateway_does_not_confirm_yet_is_told_again(shop: Shop, owing: str) -> None:
    shop.sweep()
    before = shop.head(owing)
    shop.gateway.will("query_refund", OutcomeUnknown("sandbox", "no answer"))
    assert bounces(shop, owing).status == 503
    assert shop.head(owing) == before


def test_a_recheck_asks_for_no_refund_that_a_sweep_made_meanwhile(shop: Shop) -> None:
    """An attempt that was paid twice owes two refunds; while one is asked for, the other one is made."""
    order_id, attempt_id = shop.locked("old")
    shop.cancel_payment(order_id, attempt_id)
    shop.order_of_three(order_id, 1)
    first = shop.gateway.take_money(attempt_id, "pay_first")
    shop.money(attempt_id, first)
    shop.money(attempt_id, shop.gateway.take_money(attempt_id, "pay_second"))
    shop.gateway.meanwhile("refund", shop.sweep)
    assert shop.operator("recheck", order_id, attempt_id).status == 200
    assert {refund.status for refund in shop.head(order_id).refunds.values()} == {"refunded"}
    assert len([asked for asked in shop.gateway.calls("refund") if asked.payment_id == "pay_second"]) == 1
