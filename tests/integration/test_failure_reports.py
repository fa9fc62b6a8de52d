"""A failure that a function skips or survives is reported: once, with the ids that find it, under its own metric."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from paylatch.domain.errors import Misconfigured, OutcomeUnknown, Refused, Transient
from paylatch.domain.order import Order
from paylatch.domain.payment import Refund
from paylatch.ports import Metric, Ports
from paylatch.store.connection import TableConnection
from tests.integration.shop import TTL, Shop

OLD = timedelta(minutes=20)


@pytest.fixture
def refusing(orders_table: TableConnection) -> Iterator[Callable[[str], None]]:
    """Make the database refuse an operation, as IAM does."""
    dispatch = orders_table.connection.dispatch

    def refuse(operation: str) -> None:
        error: Any = {"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}

        def refused(asked: str, kwargs: dict[str, Any]) -> Any:
            if asked == operation:
                raise ClientError(error, operation)
            return dispatch(asked, kwargs)

        orders_table.connection.dispatch = refused  # type: ignore[method-assign, assignment]

    yield refuse
    orders_table.connection.dispatch = dispatch  # type: ignore[method-assign]


def test_refused_permission_is_no_silence_of_the_database(shop: Shop, refusing: Callable[[str], None]) -> None:
    order_id = shop.create()
    refusing("UpdateItem")
    answer = shop.pay(order_id)
    assert (answer.status, answer.code) == (500, "store-refused")
    assert "AccessDenied" not in str(answer.body)
    ((metric, line),) = shop.metrics.failed
    assert metric is Metric.STORE_REFUSED
    assert line["cause"] == "UpdateItem: AccessDeniedException: not authorized"
    assert line["order_id"] == order_id
    assert line["attempt_id"].startswith(f"{order_id}_")


def test_a_callback_that_the_database_refuses_names_order_attempt_and_gateway(
    shop: Shop, refusing: Callable[[str], None]
) -> None:
    order_id, attempt_id = shop.locked()
    refusing("UpdateItem")
    assert shop.money(attempt_id).code == "store-refused"
    ((_, line),) = shop.metrics.failed
    assert (line["order_id"], line["attempt_id"], line["gateway"]) == (order_id, attempt_id, "sandbox")


def test_indexes_that_may_not_be_read_are_refused_and_ring_in_every_function(
    shop: Shop, refusing: Callable[[str], None]
) -> None:
    order_id = shop.create()
    refusing("Query")
    assert shop.operator("attention", order_id).code == "store-refused"
    assert {metric for metric, _ in shop.metrics.failed} == {Metric.STORE_REFUSED}
    shop.metrics.failed.clear()
    assert shop.sweep()["failed_sources"]
    assert {metric for metric, _ in shop.metrics.failed} == {Metric.STORE_REFUSED}


def test_a_final_refusal_at_opening_counts_and_names_its_attempt(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", Refused("sandbox", "400 ERROR_VALUE_INVALID"))
    assert (shop.pay(order_id).code, shop.status(order_id)) == ("gateway-refused", "pending_payment")
    ((metric, line),) = shop.metrics.failed
    (attempt_id,) = shop.head(order_id).past_attempts
    assert metric is Metric.GATEWAY_REFUSED
    assert (line["attempt_id"], line["gateway"], line["cause"]) == (attempt_id, "sandbox", "400 ERROR_VALUE_INVALID")


@pytest.mark.parametrize(
    ("failure", "metric"),
    [
        (Transient, Metric.GATEWAY_UNAVAILABLE),
        (OutcomeUnknown, Metric.GATEWAY_UNAVAILABLE),
        (Refused, Metric.GATEWAY_UNAVAILABLE),
        (Misconfigured, Metric.GATEWAY_MISCONFIGURED),
    ],
)
def test_unconfirmed_money_is_logged_once_with_the_gateway_s_error(
    shop: Shop, failure: type[Exception], metric: Metric
) -> None:
    """The gateway is queried, as the statement is old; the callback is answered with 503 and comes again."""
    _, attempt_id = shop.locked()
    capture = shop.gateway.capture_payment(attempt_id)
    shop.gateway.answer_with("query_payment", failure("sandbox", "in its own words"))
    details = shop.gateway.signed("payment.succeeded", attempt_id, capture, stated_at=shop.clock.now() - OLD)
    assert (shop.callback(details).status, shop.holder(attempt_id[:16])) == (503, attempt_id)
    ((counted, line),) = shop.metrics.failed
    assert (counted, line["attempt_id"], line["gateway"]) == (metric, attempt_id, "sandbox")
    assert line["cause"].endswith("in its own words")


def test_late_money_kept_until_it_is_confirmed_is_logged_once(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    capture = shop.gateway.capture_payment(attempt_id)
    shop.gateway.answer_with("query_payment", OutcomeUnknown("sandbox", "no answer"))
    assert shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, capture)).status == 204
    ((metric, line),) = shop.metrics.failed
    assert (metric, line["order_id"], line["attempt_id"]) == (Metric.GATEWAY_UNAVAILABLE, order_id, attempt_id)


def test_each_failed_refund_of_an_order_in_a_sweep_is_logged(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id, first, second = shop.paid_twice_after_an_edit()

    def fail(order: Order, refund: Refund, actor: str, ports: Ports) -> None:
        raise ValueError(refund.attempt_id)

    monkeypatch.setattr("paylatch.use_cases.sweep_timeouts.refund_payment", fail)
    shop.metrics.failed.clear()
    assert shop.sweep()["failed"] == 1
    assert {line["cause"] for _, line in shop.metrics.failed} == {f"ValueError: {first}", f"ValueError: {second}"}
    assert {line["order_id"] for _, line in shop.metrics.failed} == {order_id}
    assert shop.metrics.times(Metric.SWEEP_FAILED) == 1


def test_a_gateway_that_is_misconfigured_rings_at_closing_too(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.clock.advance(TTL)
    shop.gateway.answer_with("void", Misconfigured("sandbox", "key refused"))
    shop.sweep()
    ((metric, line),) = shop.metrics.failed
    assert (metric, line["order_id"], line["attempt_id"]) == (Metric.GATEWAY_MISCONFIGURED, order_id, attempt_id)
    assert shop.status(order_id) == "releasing"
