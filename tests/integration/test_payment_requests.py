"""A payment request locks the order, opens a session at the gateway, and answers with the link to pay by."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paylatch.domain.errors import GatewayError, Misconfigured, OutcomeUnknown, Refused, StoreUnavailable, Transient
from paylatch.ports import Metric
from tests.integration.shop import KEY, TTL, Shop
from tests.lambda_events import SERVICE


def test_the_answer_has_the_amount_the_link_and_the_deadline(shop: Shop) -> None:
    order_id = shop.create()
    answer = shop.pay(order_id)
    attempt_id = answer.body["attempt_id"]
    assert answer.status == 201
    assert answer.headers["location"] == f"/orders/{order_id}/payments/{attempt_id}"
    assert answer.body == {
        "attempt_id": attempt_id,
        "order_id": order_id,
        "revision": 1,
        "status": "open",
        "gateway": "sandbox",
        "amount": 2500,
        "currency": "EUR",
        "captured": None,
        "pay_url": f"https://pay.test/{attempt_id}",
        "expires_at": "2026-11-24T12:15:00.000Z",
    }
    read = shop.call("payment_read", order_id, attempt_id=attempt_id)
    assert (read.status, read.body) == (200, answer.body)


def test_the_gateway_is_asked_with_the_attempt_id_as_its_key(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    request = shop.gateway.opened[attempt_id]
    assert (request.attempt_id, request.order_id, request.reference) == (attempt_id, order_id, "2026-1001")
    assert (request.amount, request.currency) == (2500, "EUR")
    assert request.expires_at == shop.clock.now() + TTL
    assert request.callback_url.endswith("/gateways/sandbox/callbacks")
    assert len(attempt_id) <= 32


def test_a_locked_order_shows_the_attempt_that_holds_it(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    order = shop.read(order_id).body
    assert order["payment_status"] == "in_payment"
    assert order["lock"] == {
        "attempt_id": attempt_id,
        "reason": "in_payment",
        "since": "2026-11-24T12:00:00.000Z",
        "until": "2026-11-24T12:15:00.000Z",
        "overdue": False,
    }
    assert order["payment"]["pay_url"] == f"https://pay.test/{attempt_id}"


def test_the_same_key_again_gives_the_same_attempt(shop: Shop) -> None:
    order_id = shop.create()
    first = shop.pay(order_id)
    shop.clock.advance(timedelta(minutes=5))
    again = shop.pay(order_id)
    assert (again.status, again.body) == (201, first.body)
    assert len(shop.gateway.calls("open")) == 1


def test_the_same_key_from_another_caller_is_another_request(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    other = shop.pay(order_id, KEY, SERVICE)
    assert (other.status, other.code, other.body["attempt_id"]) == (409, "order-locked", attempt_id)


def test_another_key_while_locked_gets_the_holder_and_its_deadline(shop: Shop) -> None:
    order_id, attempt_id = shop.locked("first")
    shop.clock.advance(timedelta(minutes=5))
    refused = shop.pay(order_id, "second")
    assert (refused.status, refused.code) == (409, "order-locked")
    assert (refused.body["attempt_id"], refused.body["locked_until"]) == (attempt_id, "2026-11-24T12:15:00.000Z")
    assert refused.headers["retry-after"] == "600"


def test_the_same_key_after_a_crash_between_lock_and_answer_finishes_the_job(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", MemoryError("the function dies here"))
    assert shop.pay(order_id).status == 500
    assert shop.head(order_id).attempt is not None
    answer = shop.pay(order_id)
    assert (answer.status, answer.body["status"]) == (201, "open")
    keys = {request.attempt_id for request in shop.gateway.calls("open")}
    assert keys == {answer.body["attempt_id"]}, "asked twice, with one idempotency key"


def test_a_gateway_that_refuses_has_the_order_unlocked_at_once(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", Refused("sandbox", "amount too small: secret detail"))
    refused = shop.pay(order_id, "first")
    assert (refused.status, refused.code) == (502, "gateway-refused")
    assert "secret detail" not in str(refused.body)
    assert shop.status(order_id) == "pending_payment"
    assert shop.pay(order_id, "second").body["status"] == "open"


def test_a_gateway_that_refuses_a_repeated_request_is_asked_to_close_before_the_order_is_unlocked(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", MemoryError("the function dies here, with the session open"))
    shop.pay(order_id)
    shop.gateway.answer_with("open", Refused("sandbox", "opened before on other terms"))
    assert shop.pay(order_id).code == "gateway-refused"
    assert shop.gateway.closed == {shop.gateway.calls("void")[0].attempt_id}
    assert shop.status(order_id) == "pending_payment"


def test_a_lock_longer_than_the_gateway_keeps_sessions_is_refused_by_field_and_locks_nothing(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.capabilities = replace(shop.gateway.capabilities, longest_session=timedelta(minutes=10))
    refused = shop.pay(order_id, expires_in=601)
    assert (refused.status, [error["field"] for error in refused.body["errors"]]) == (400, ["expires_in"])
    assert shop.status(order_id) == "pending_payment"


@pytest.mark.parametrize("failure", [Transient, OutcomeUnknown, Misconfigured])
def test_a_gateway_that_does_not_answer_leaves_the_lock_and_the_same_key_finishes(
    shop: Shop, failure: type[GatewayError]
) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", failure("sandbox", "no answer"))
    failed = shop.pay(order_id)
    assert (failed.status, failed.code) == (503, "gateway-unavailable")
    assert failed.headers["retry-after"]
    assert shop.status(order_id) == "in_payment"
    assert shop.pay(order_id, "other").status == 409
    metric = Metric.GATEWAY_MISCONFIGURED if failure is Misconfigured else Metric.GATEWAY_UNAVAILABLE
    ids = {"gateway": "sandbox", "attempt_id": shop.holder(order_id), "order_id": order_id}
    named = {"cause": "no answer", "code": "gateway-unavailable", "error": failure.__name__, **ids}
    assert [each for each in shop.metrics.failed if each[0] is not None] == [(metric, named)]
    assert shop.pay(order_id).body["status"] == "open"


def test_a_gateway_that_never_answered_is_recovered_by_the_sweep(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", OutcomeUnknown("sandbox", "no answer"))
    shop.pay(order_id)
    shop.clock.advance(TTL)
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"
    assert shop.gateway.calls("void")[0].session_id is None
    late = shop.pay(order_id)
    assert (late.status, late.body["status"], late.body["pay_url"]) == (200, "timed_out", None)


def test_a_session_that_opens_after_its_attempt_was_cancelled_is_closed_again(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.during("open", lambda: shop.cancel_payment(order_id, shop.holder(order_id)))
    answer = shop.pay(order_id)
    assert (answer.status, answer.body["status"], answer.body["pay_url"]) == (200, "cancelled", None)
    assert shop.gateway.calls("void")[-1].session_id == f"ses_{answer.body['attempt_id']}"


def test_a_database_that_does_not_answer_is_503_without_details(shop: Shop) -> None:
    order_id = shop.create()

    def gone(*_: object) -> None:
        raise StoreUnavailable("UpdateItem: arn:aws:dynamodb")

    shop.ports.store.apply = gone  # type: ignore[method-assign, assignment]
    failed = shop.pay(order_id)
    assert (failed.status, failed.code) == (503, "store-unavailable")
    assert "dynamodb" not in str(failed.body)


def test_a_gateway_of_the_buyers_choice_must_be_configured(shop: Shop) -> None:
    order_id = shop.create()
    refused = shop.pay(order_id, gateway="stripe")
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "gateway")
    assert shop.pay(order_id, gateway="sandbox").status == 201


def test_paid_and_cancelled_orders_take_no_payment(shop: Shop) -> None:
    paid, attempt_id = shop.locked()
    shop.money(attempt_id)
    assert shop.pay(paid, "second").code == "order-paid"
    assert shop.pay(paid).body["status"] == "succeeded"
    assert shop.pay(paid).body["pay_url"] is None
    cancelled = shop.create()
    shop.call("order_cancel", cancelled)
    assert shop.pay(cancelled).code == "order-cancelled"
