"""Orders for the fuzzer to hit: the ids that it generates itself exist nowhere."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol, TypeVar
from uuid import uuid4

import requests

from openapi import examples
from tests.fuzz.targets import Target

STATES = ("pending_payment", "in_payment", "released", "paid", "cancelled")
UNKNOWN_ATTEMPT = "0AAAAAAA"
MOST_RETRIES = 3


class HasStatus(Protocol):
    """Any library's response."""

    @property
    def status_code(self) -> int: ...


T = TypeVar("T", bound=HasStatus)


@dataclass(frozen=True)
class PreparedOrder:
    """An existing order, and its latest attempt, or one that it never had."""

    order_id: str
    attempt_id: str


def prepared_order(state: str, target: Target) -> PreparedOrder:
    """A new order in that state."""
    body = examples.NEW_ORDER | {"buyer_id": target.buyer_id, "seller_id": target.seller_id}
    order_id = _post(target, "/orders", body)["order_id"]
    if state == "pending_payment":
        return PreparedOrder(order_id, f"{order_id}_{UNKNOWN_ATTEMPT}")
    if state == "cancelled":
        _post(target, f"/orders/{order_id}/cancellation")
        return PreparedOrder(order_id, f"{order_id}_{UNKNOWN_ATTEMPT}")
    attempt = _post(target, f"/orders/{order_id}/payments", examples.PAYMENT_REQUEST)
    if state == "paid":
        target.pay(attempt)
    if state == "released":
        _post(target, f"/orders/{order_id}/payments/{attempt['attempt_id']}/cancellation")
    return PreparedOrder(order_id, attempt["attempt_id"])


def chosen(seed: object, options: tuple[str, ...]) -> str:
    """One of them: for the same seed always the same."""
    return options[int.from_bytes(sha256(repr(seed).encode()).digest()[:4]) % len(options)]


def retry_unavailable(send: Callable[[], T]) -> T:
    """Send it as the contract asks of clients: again after a 503, which a slow machine may answer."""
    for _ in range(MOST_RETRIES):
        answer = send()
        if answer.status_code != 503:
            return answer
        time.sleep(2)
    return send()


def _post(target: Target, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {target.tokens['service']}", "Idempotency-Key": uuid4().hex}
    answer = retry_unavailable(lambda: requests.post(f"{target.api_url}{path}", json=body, headers=headers, timeout=30))
    answer.raise_for_status()
    document: dict[str, Any] = answer.json()
    return document
