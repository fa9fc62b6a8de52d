"""A replayed key gets the answer of the first time, as far as it still holds, whatever has changed since."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.errors import Refused
from paylatch.ports import Rules
from paylatch.runtime import wiring
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.integration.shop import KEY, TTL, Shop

SPELLED_OUT = [
    {"expires_in": 900},
    {"gateway": None},
    {"gateway": "sandbox"},
    {"expires_in": 900, "gateway": "sandbox"},
]


def rules(shop: Shop, monkeypatch: pytest.MonkeyPatch, **changed: Any) -> None:
    """The stack is deployed anew with other rules."""
    ports = replace(shop.ports, rules=Rules(**changed))
    monkeypatch.setattr(wiring, "make_ports", lambda: ports)
    wiring.ports.cache_clear()


def test_a_refused_opening_is_refused_again_and_the_gateway_is_not_asked_again(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", Refused("sandbox", "amount too small"))
    first = shop.pay(order_id)
    again = shop.pay(order_id)
    assert (again.status, again.code) == (first.status, first.code) == (502, "gateway-refused")
    assert again.body == first.body
    assert len(shop.gateway.calls("open")) == 1
    assert shop.status(order_id) == "pending_payment"


def test_a_refused_opening_stays_refused_while_another_payment_holds_the_order(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", Refused("sandbox", "amount too small"))
    shop.pay(order_id, "first")
    shop.pay(order_id, "second")
    assert shop.pay(order_id, "first").code == "gateway-refused"


def test_a_payment_that_was_opened_and_then_declined_is_an_attempt_that_ended(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.callback(shop.gateway.signed("session.declined", attempt_id))
    again = shop.pay(order_id)
    assert (again.status, again.body["status"], again.body["pay_url"]) == (200, "declined", None)


def test_an_ended_attempt_under_its_old_key_is_200(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    again = shop.pay(order_id)
    assert (again.status, again.body["status"]) == (200, "cancelled")
    assert again.headers["location"] == f"/orders/{order_id}/payments/{attempt_id}"


def test_a_paid_attempt_under_its_old_key_is_200(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    again = shop.pay(order_id)
    assert (again.status, again.body["status"]) == (200, "succeeded")


@pytest.mark.parametrize("first", [{}, *SPELLED_OUT])
@pytest.mark.parametrize("again", [{}, *SPELLED_OUT])
def test_defaults_that_are_spelled_out_are_the_same_request(
    shop: Shop, first: dict[str, Any], again: dict[str, Any]
) -> None:
    order_id = shop.create()
    opened, repeated = (
        shop.call("payment_request", order_id, body={"return_url": "https://shop.example/thanks", **fields})
        for fields in (first, again)
    )
    assert (repeated.status, repeated.body) == (opened.status, opened.body) == (201, opened.body)


def test_a_request_that_named_no_gateway_is_the_same_after_the_default_has_changed(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateways.made["other"] = ScriptedGateway(shop.clock)
    shop.gateways.default = "other"
    assert shop.pay(order_id).body["attempt_id"] == attempt_id
    assert shop.pay(order_id, gateway="sandbox").body["attempt_id"] == attempt_id
    assert shop.pay(order_id, gateway="other").code == "idempotency-key-reused"


@pytest.mark.parametrize("gateway", [{}, {"gateway": "sandbox"}])
def test_a_key_replayed_after_its_gateway_was_retired_gives_its_attempt(shop: Shop, gateway: dict[str, Any]) -> None:
    order_id = shop.create()
    first = shop.pay(order_id, **gateway)
    shop.gateways.retired.add("sandbox")
    again = shop.pay(order_id, **gateway)
    assert (again.status, again.body) == (201, first.body)
    assert shop.pay(order_id, "new").code == "invalid-request"
    shop.clock.advance(TTL)
    shop.sweep()
    assert shop.pay(order_id, **gateway).status == 200


def test_an_opening_that_died_is_finished_at_the_gateway_that_was_retired_since(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", MemoryError("the function dies here"))
    shop.pay(order_id)
    shop.gateways.retired.add("sandbox")
    again = shop.pay(order_id)
    assert (again.status, again.body["status"]) == (201, "open")


def test_a_key_is_replayed_whatever_the_stack_takes_by_now(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capabilities = replace(shop.gateway.capabilities, longest_session=timedelta(minutes=1))
    assert shop.pay(order_id).body["attempt_id"] == attempt_id
    rules(shop, monkeypatch, return_origins=frozenset({"https://other.example"}))
    assert shop.pay(order_id).body["attempt_id"] == attempt_id
    assert shop.pay(order_id, "new").code == "invalid-request"


def test_another_request_under_the_key_of_a_retired_gateway_is_refused(shop: Shop) -> None:
    order_id, _ = shop.locked()
    shop.gateways.retired.add("sandbox")
    assert shop.pay(order_id, KEY, expires_in=60).code == "idempotency-key-reused"
