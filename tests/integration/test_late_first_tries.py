"""A refusal is never contradicted: a first try that arrives after its retry was answered changes nothing."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from local.api_client import ApiResponse
from paylatch.domain.limits import OPENING_LASTS
from paylatch.domain.transitions.attempt_changes import KEPT_ATTEMPTS
from paylatch.store.connection import TableConnection
from tests.integration.dynamodb_tap import Tap
from tests.integration.shop import Shop


@pytest.fixture
def tap(orders_table: TableConnection) -> Iterator[Tap]:
    with Tap(orders_table).attached() as tap:
        yield tap


def test_a_late_first_try_of_an_edit_destroys_no_order(shop: Shop, tap: Tap) -> None:
    """The edit times out; another tab locks; the retry is refused, its content removed; then the first try arrives."""
    order_id = shop.create()
    attempt: list[str] = []
    answer = refused_while(
        tap, 1, lambda: shop.edit_to_three_packets(order_id, 1), lambda: attempt.append(lock(shop, order_id))
    )
    assert (answer.status, answer.code) == (409, "order-locked")
    shop.cancel_payment(order_id, attempt[0])
    before = shop.head(order_id)
    tap.arrive()
    assert shop.head(order_id) == before
    assert shop.read(order_id).status == 200
    assert shop.edit_to_three_packets(order_id, 1).status == 200
    assert shop.call("order_cancel", order_id).status == 200


def test_a_late_first_try_of_a_cancellation_cancels_no_order(shop: Shop, tap: Tap) -> None:
    order_id = shop.create()
    attempt: list[str] = []
    cancel = lambda: shop.call("order_cancel", order_id)  # noqa: E731
    answer = refused_while(tap, 0, cancel, lambda: attempt.append(lock(shop, order_id)))
    assert (answer.status, answer.code) == (409, "order-locked")
    shop.cancel_payment(order_id, attempt[0])
    tap.arrive()
    assert shop.status(order_id) == "pending_payment"


def test_a_late_first_try_of_a_lock_is_soon_given_back(shop: Shop, tap: Tap) -> None:
    """It stays `opening`, so it is due after two minutes and closed like any other; the attempt never holds again."""
    order_id = shop.create()
    other: list[str] = []
    pay = lambda: shop.pay(order_id, "first")  # noqa: E731
    answer = refused_while(tap, 0, pay, lambda: other.append(lock(shop, order_id)))
    assert (answer.status, answer.code) == (409, "order-locked")
    shop.cancel_payment(order_id, other[0])
    tap.arrive()
    assert shop.status(order_id) == "in_payment"
    shop.clock.advance(OPENING_LASTS)
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"
    assert shop.edit_to_three_packets(order_id, 1).status == 200
    again = shop.pay(order_id, "first")
    assert again.body["status"] == "timed_out"
    assert shop.status(order_id) == "pending_payment"


def test_a_late_first_try_of_a_release_evicts_no_attempt_with_a_refund_due(shop: Shop, tap: Tap) -> None:
    order_id = shop.create()
    oldest = shop.pay(order_id, "oldest").body["attempt_id"]
    shop.cancel_payment(order_id, oldest)
    for number in range(KEPT_ATTEMPTS - 1):
        shop.clock.advance(timedelta(seconds=1))
        shop.cancel_payment(order_id, lock(shop, order_id, f"key-{number}"))
    shop.edit_to_three_packets(order_id, 1)
    last = lock(shop, order_id, "last")
    late_money = shop.gateway.signed("payment.succeeded", oldest, shop.gateway.capture_payment(oldest))
    del shop.gateway.money[oldest]
    released = refused_while(tap, 0, lambda: shop.cancel_payment(order_id, last), lambda: shop.callback(late_money))
    assert released.status == 200
    tap.arrive()
    head = shop.head(order_id)
    assert head.past_attempts[oldest].status == "refund_due"
    assert [refund.attempt_id for refund in head.refunds_due] == [oldest]


def test_a_late_first_try_of_stop_and_change_edits_no_order_that_is_paid(shop: Shop, tap: Tap) -> None:
    """It times out; the callback settles; the retry is refused, its content removed; then the first try arrives."""
    order_id, attempt_id = shop.locked()
    paid = shop.gateway.signed("payment.succeeded", attempt_id, shop.gateway.capture_payment(attempt_id))
    del shop.gateway.money[attempt_id]
    answer = refused_while(tap, 1, lambda: shop.stop_and_change(order_id, attempt_id), lambda: shop.callback(paid))
    assert (answer.status, answer.code) == (409, "payment-completed")
    before = shop.head(order_id)
    tap.arrive()
    assert shop.head(order_id) == before
    assert (shop.read(order_id).body["total"], shop.status(order_id)) == (2500, "paid")


def refused_while(tap: Tap, write: int, ask: Callable[[], ApiResponse], during: Callable[[], object]) -> ApiResponse:
    """What is answered where the first try of that write stays under way, and this happens before the SDK's retry."""
    tap.keep(write)
    tap.before_retry = during
    return ask()


def lock(shop: Shop, order_id: str, key: str = "another-tab") -> str:
    attempt_id: str = shop.pay(order_id, key).body["attempt_id"]
    return attempt_id
