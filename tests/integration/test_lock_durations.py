"""How long a lock lasts: the stack's default, the longest that it permits, and what the gateway can keep open."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.api_client import ApiResponse
from paylatch.ports import Rules
from paylatch.runtime import wiring
from tests.integration.shop import Shop

MINUTE = timedelta(minutes=1)


def deployed(shop: Shop, monkeypatch: pytest.MonkeyPatch, **changed: Any) -> None:
    """The stack is deployed anew with these rules."""
    ports = replace(shop.ports, rules=Rules(**changed))
    monkeypatch.setattr(wiring, "make_ports", lambda: ports)
    wiring.ports.cache_clear()


def pay(shop: Shop, order_id: str, **fields: Any) -> ApiResponse:
    """A payment request with these fields beside the address."""
    return shop.call("payment_request", order_id, body={"return_url": "https://shop.example/thanks", **fields})


def lasts(shop: Shop, order_id: str) -> timedelta | None:
    """How long the order's lock still lasts."""
    attempt = shop.head(order_id).attempt
    return attempt.deadline - shop.clock.now() if attempt else None


def test_a_request_that_does_not_say_gets_the_stacks_default(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed(shop, monkeypatch, default_lock=20 * MINUTE)
    order_id = shop.create()
    pay(shop, order_id)
    assert lasts(shop, order_id) == 20 * MINUTE


def test_a_default_is_shortened_to_what_the_gateway_keeps_open(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.gateway.capabilities = replace(shop.gateway.capabilities, longest_session=10 * MINUTE)
    deployed(shop, monkeypatch, default_lock=20 * MINUTE)
    order_id = shop.create()
    pay(shop, order_id)
    assert lasts(shop, order_id) == 10 * MINUTE


def test_a_lock_longer_than_the_stack_permits_is_refused_by_field(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed(shop, monkeypatch, longest_lock=30 * MINUTE)
    order_id = shop.create()
    refused = pay(shop, order_id, expires_in=1801)
    assert (refused.status, [error["field"] for error in refused.body["errors"]]) == (400, ["expires_in"])
    assert shop.status(order_id) == "pending_payment"
    assert pay(shop, order_id, expires_in=1800).status == 201


def test_a_payment_that_was_begun_is_repeated_after_the_stack_changed_its_locks(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.create()
    first = pay(shop, order_id)
    deployed(shop, monkeypatch, default_lock=MINUTE, longest_lock=2 * MINUTE)
    assert pay(shop, order_id).body == first.body


def test_another_duration_under_the_same_key_is_another_request(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed(shop, monkeypatch, default_lock=20 * MINUTE)
    order_id = shop.create()
    pay(shop, order_id)
    assert pay(shop, order_id, expires_in=900).code == "idempotency-key-reused"
    assert pay(shop, order_id, expires_in=1200).status == 201
