"""An owed refund is made once, requested with backoff, and due until the gateway confirms it."""

from datetime import timedelta

import pytest

from local.api_client import ApiResponse
from paylatch.domain.errors import GatewayError, Misconfigured, OutcomeUnknown, RateLimited, Refused, Transient
from paylatch.domain.ids import derived_refund_id
from paylatch.domain.limits import FIRST_WAIT, LONGEST_WAIT
from paylatch.domain.order import Order
from paylatch.domain.payment import Capture, Refund
from paylatch.ports import Index, Metric, RefundState
from paylatch.use_cases.refund_payment import handle_refund_event
from tests.due_orders import due_orders
from tests.integration.shop import Shop


@pytest.fixture
def refund_owed(shop: Shop) -> str:
    """An order that owes its buyer the money of an older attempt."""
    order_id, attempt_id = shop.locked("old")
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    return order_id


def refund_of(order: Order) -> Refund:
    (refund,) = order.refunds.values()
    return refund


def test_the_next_sweep_refunds_whole_and_once(shop: Shop, refund_owed: str) -> None:
    shop.sweep()
    (asked,) = shop.gateway.calls("refund")
    refund_id = derived_refund_id(asked.attempt_id, asked.payment_id)
    assert (asked.amount, asked.currency, asked.refund_id) == (2500, "EUR", refund_id)
    assert refund_of(shop.head(refund_owed)).status == "refunded"
    for _ in range(3):
        shop.clock.advance(timedelta(hours=1))
        assert shop.sweep()["handled"] == 0
    assert len(shop.gateway.calls("refund")) == 1
    assert shop.metrics.times(Metric.REFUND_ISSUED) == 1


@pytest.mark.parametrize("failure", [Transient, RateLimited, OutcomeUnknown, Misconfigured])
def test_a_failing_gateway_is_asked_again_with_the_same_id_until_it_confirms(
    shop: Shop, refund_owed: str, failure: type[GatewayError]
) -> None:
    shop.gateway.answer_with("refund", *[failure("sandbox", "no")] * 3)
    shop.gateway.answer_with("query_refund", *[RefundState.UNKNOWN] * 3)
    waits = []
    for _ in range(3):
        shop.sweep()
        assert refund_of(shop.head(refund_owed)).status == "due"
        waits.append(refund_of(shop.head(refund_owed)).next_at - shop.clock.now())
        shop.clock.advance(waits[-1])
    assert waits == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    shop.sweep()
    assert refund_of(shop.head(refund_owed)).status == "refunded"
    assert len({refund.refund_id for refund in shop.gateway.calls("refund")}) == 1


@pytest.mark.parametrize(
    ("failure", "metric"),
    [
        (Transient, Metric.GATEWAY_UNAVAILABLE),
        (OutcomeUnknown, Metric.GATEWAY_UNAVAILABLE),
        (Refused, Metric.REFUND_REFUSED),
        (Misconfigured, Metric.GATEWAY_MISCONFIGURED),
    ],
)
def test_a_refund_failure_is_counted_with_its_payment(
    shop: Shop, refund_owed: str, failure: type[GatewayError], metric: Metric
) -> None:
    shop.gateway.answer_with("refund", failure("sandbox", "no"))
    shop.sweep()
    ids = {"gateway": "sandbox", "attempt_id": refund_of(shop.head(refund_owed)).attempt_id, "order_id": refund_owed}
    ((counted, named),) = shop.metrics.failed
    assert counted is metric
    assert named.items() >= {"cause": "no", **ids}.items()


def test_it_is_not_asked_again_before_its_time(shop: Shop, refund_owed: str) -> None:
    shop.gateway.answer_with("refund", OutcomeUnknown("sandbox", "no answer"))
    shop.sweep()
    shop.clock.advance(FIRST_WAIT - timedelta(milliseconds=1))
    assert shop.sweep()["handled"] == 0


def test_a_refund_whose_answer_was_lost_is_asked_about_and_not_asked_for_again(shop: Shop, refund_owed: str) -> None:
    shop.gateway.answer_with("refund", RefundState.PENDING)
    shop.sweep()
    shop.gateway.answer_with("query_refund", RefundState.PENDING, RefundState.DONE)
    for _ in range(2):
        shop.clock.advance(LONGEST_WAIT)
        shop.sweep()
    assert len(shop.gateway.calls("refund")) == 1
    assert refund_of(shop.head(refund_owed)).status == "refunded"


def test_a_refund_that_failed_at_the_gateway_is_asked_for_anew(shop: Shop, refund_owed: str) -> None:
    shop.gateway.answer_with("refund", RefundState.PENDING)
    shop.sweep()
    shop.gateway.answer_with("query_refund", RefundState.FAILED)
    shop.clock.advance(LONGEST_WAIT)
    shop.sweep()
    assert len(shop.gateway.calls("refund")) == 2
    assert refund_of(shop.head(refund_owed)).status == "refunded"


def test_the_waits_grow_to_a_quarter_of_an_hour_and_never_end(shop: Shop, refund_owed: str) -> None:
    for _ in range(12):
        shop.gateway.answer_with("refund", OutcomeUnknown("sandbox", "no answer"))
        shop.gateway.answer_with("query_refund", RefundState.UNKNOWN)
        shop.sweep()
        shop.clock.advance(LONGEST_WAIT)
    refund = refund_of(shop.head(refund_owed))
    assert (refund.status, refund.tries) == ("due", 12)
    assert refund.next_at == shop.clock.now()


def report_refund_done(shop: Shop, order_id: str) -> ApiResponse:
    refund = refund_of(shop.head(order_id))
    capture = Capture(refund.payment_id, refund.amount, refund.currency)
    return shop.callback(shop.gateway.signed("refund.succeeded", refund.attempt_id, capture))


def test_a_reported_refund_is_done_once_a_query_confirms_it(shop: Shop, refund_owed: str) -> None:
    shop.gateway.answer_with("refund", RefundState.PENDING)
    shop.sweep()
    assert report_refund_done(shop, refund_owed).status == 204
    assert refund_of(shop.head(refund_owed)).status == "refunded"
    assert report_refund_done(shop, refund_owed).status == 204
    assert shop.head(refund_owed).follow_up_at is None


def test_an_outdated_refund_callback_does_not_end_a_due_refund(shop: Shop, refund_owed: str) -> None:
    shop.sweep()
    shop.gateway.answer_with("query_refund", RefundState.FAILED)
    assert report_failed_refund(shop, refund_owed).status == 204
    shop.gateway.answer_with("query_refund", RefundState.FAILED)
    assert report_refund_done(shop, refund_owed).status == 204
    assert refund_of(shop.head(refund_owed)).status == "due"
    assert shop.head(refund_owed).follow_up_at == shop.clock.now()


def test_a_gateway_is_not_asked_about_anothers_refund(shop: Shop, refund_owed: str) -> None:
    handle_refund_event(refund_owed, refund_of(shop.head(refund_owed)).payment_id, "another", shop.ports)
    assert shop.gateway.calls("query_refund") == []


def test_a_refund_made_while_another_writer_was_faster_is_recorded_by_the_next_sweep(
    shop: Shop, refund_owed: str
) -> None:
    shop.gateway.during("refund", lambda: shop.pay(refund_owed, "new"))
    shop.sweep()
    assert refund_of(shop.head(refund_owed)).status == "due"
    shop.sweep()
    head = shop.head(refund_owed)
    assert (refund_of(head).status, head.status) == ("refunded", "in_payment")
    assert len({refund.refund_id for refund in shop.gateway.calls("refund")}) == 1


def test_a_refund_that_fails_before_it_is_recorded_stays_due(shop: Shop, refund_owed: str) -> None:
    shop.gateway.during("refund", lambda: report_refund_failed(shop, refund_owed))
    shop.sweep()
    assert refund_of(shop.head(refund_owed)).status == "due"
    shop.gateway.answer_with("query_refund", RefundState.FAILED)
    shop.sweep()
    assert refund_of(shop.head(refund_owed)).status == "refunded"


def test_a_refund_that_fails_again_before_it_is_recorded_stays_due(shop: Shop, refund_owed: str) -> None:
    shop.sweep()
    shop.gateway.answer_with("query_refund", *[RefundState.FAILED] * 3)
    assert report_failed_refund(shop, refund_owed).status == 204

    shop.gateway.during("refund", lambda: report_refund_failed(shop, refund_owed))
    shop.sweep()
    assert refund_of(shop.head(refund_owed)).status == "due"


def test_a_failed_refund_reported_twice_counts_once(shop: Shop, refund_owed: str) -> None:
    shop.sweep()
    shop.gateway.answer_with("query_refund", RefundState.FAILED, RefundState.FAILED)
    assert report_failed_refund(shop, refund_owed).status == 204
    before = shop.head(refund_owed)
    assert report_failed_refund(shop, refund_owed).status == 204
    assert shop.head(refund_owed) == before


def test_a_failed_refund_reported_twice_counts_once_while_the_gateway_does_not_answer_in_between(
    shop: Shop, refund_owed: str
) -> None:
    shop.sweep()
    report_refund_failed(shop, refund_owed)
    shop.gateway.answer_with("query_refund", *[OutcomeUnknown("sandbox", "timeout")] * 2)
    shop.sweep()
    shop.clock.advance(timedelta(hours=1))
    shop.sweep()
    before = shop.head(refund_owed)
    assert (before.last_event.type, refund_of(before).tries) == ("RefundDelayed", 3)
    report_refund_failed(shop, refund_owed)
    assert shop.head(refund_owed) == before


def test_a_try_after_an_outage_that_fails_is_recorded_as_a_new_failure(shop: Shop, refund_owed: str) -> None:
    shop.sweep()
    report_refund_failed(shop, refund_owed)
    shop.gateway.answer_with("query_refund", OutcomeUnknown("sandbox", "timeout"), *[RefundState.FAILED] * 2)
    shop.sweep()
    shop.clock.advance(timedelta(hours=1))
    shop.gateway.answer_with("refund", OutcomeUnknown("sandbox", "timeout"))
    shop.sweep()
    before = shop.head(refund_owed)
    report_refund_failed(shop, refund_owed)
    assert shop.head(refund_owed).version == before.version + 1


def test_failures_reported_twice_by_turns_count_once_each(shop: Shop) -> None:
    order_id, attempt_id = shop.locked("old")
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    captures = [shop.gateway.capture_payment(attempt_id, payment_id) for payment_id in ("pay_first", "pay_second")]
    for capture in captures:
        shop.money(attempt_id, capture)
    shop.sweep()
    shop.gateway.answer_with("query_refund", *[RefundState.FAILED] * 4)
    failed = [shop.gateway.signed("refund.failed", attempt_id, capture) for capture in captures]
    assert [shop.callback(callback).status for callback in failed] == [204, 204]
    before = shop.head(order_id)
    assert [refund.status for refund in before.refunds.values()] == ["due", "due"]
    assert [shop.callback(callback).status for callback in failed] == [204, 204]
    assert shop.head(order_id) == before


def test_the_age_of_due_refunds_is_measured(shop: Shop, refund_owed: str) -> None:
    shop.clock.advance(timedelta(hours=2))
    shop.sweep()
    ages = [value for metric, value, _ in shop.metrics.counted if metric is Metric.OLDEST_REFUND_OWED]
    assert ages == [7200]


def test_a_refund_that_is_not_made_for_over_an_hour_is_shown_to_operators(shop: Shop, refund_owed: str) -> None:
    for _ in range(8):
        shop.gateway.answer_with("refund", Transient("sandbox", "no balance"))
        shop.gateway.answer_with("query_refund", RefundState.UNKNOWN)
        shop.sweep()
        shop.clock.advance(LONGEST_WAIT)
    shown = shop.operator("attention", refund_owed).body["orders"]
    assert [order["order_id"] for order in shown] == [refund_owed]
    shop.sweep()
    assert refund_of(shop.head(refund_owed)).status == "refunded"
    assert shop.operator("attention", refund_owed).body["orders"] == []


def report_failed_refund(shop: Shop, order_id: str) -> ApiResponse:
    refund = refund_of(shop.head(order_id))
    capture = Capture(refund.payment_id, refund.amount, refund.currency)
    return shop.callback(shop.gateway.signed("refund.failed", refund.attempt_id, capture))


def report_refund_failed(shop: Shop, order_id: str) -> None:
    shop.gateway.answer_with("query_refund", RefundState.FAILED)
    assert report_failed_refund(shop, order_id).status == 204


def test_a_failed_refund_is_due_again_and_shown_at_once(shop: Shop, refund_owed: str) -> None:
    shop.sweep()
    shop.clock.advance(timedelta(hours=3))
    shop.gateway.answer_with("query_refund", *[RefundState.FAILED] * 3)
    assert report_failed_refund(shop, refund_owed).status == 204
    refund = refund_of(shop.head(refund_owed))
    assert (refund.status, refund.next_at) == ("due", shop.clock.now())
    assert due_orders(shop.ports.store, Index.ATTENTION, shop.clock.now()) == [refund_owed]
    shop.sweep()
    assert refund_of(shop.head(refund_owed)).status == "refunded"
    assert len(shop.gateway.calls("refund")) == 2


def test_an_outdated_failed_refund_callback_changes_nothing(shop: Shop, refund_owed: str) -> None:
    shop.sweep()
    before = shop.head(refund_owed)
    assert report_failed_refund(shop, refund_owed).status == 204
    assert shop.head(refund_owed) == before


def test_a_failed_refund_not_confirmed_yet_is_not_acknowledged(shop: Shop, refund_owed: str) -> None:
    shop.sweep()
    before = shop.head(refund_owed)
    shop.gateway.answer_with("query_refund", OutcomeUnknown("sandbox", "no answer"))
    assert report_failed_refund(shop, refund_owed).status == 503
    assert shop.head(refund_owed) == before


def test_a_recheck_asks_for_no_refund_that_a_sweep_made_meanwhile(shop: Shop) -> None:
    """An attempt that was paid twice owes two refunds; while one is asked for, the other one is made."""
    order_id, attempt_id = shop.locked("old")
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    first = shop.gateway.capture_payment(attempt_id, "pay_first")
    shop.money(attempt_id, first)
    shop.money(attempt_id, shop.gateway.capture_payment(attempt_id, "pay_second"))
    shop.gateway.during("refund", shop.sweep)
    assert shop.operator("recheck", order_id, attempt_id).status == 200
    assert {refund.status for refund in shop.head(order_id).refunds.values()} == {"refunded"}
    assert len([asked for asked in shop.gateway.calls("refund") if asked.payment_id == "pay_second"]) == 1
