"""Orders for the fuzzer to hit: the ids that it generates itself exist nowhere."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar
from uuid import uuid4

from local.api_client import ApiClient, ApiRequest, ApiResponse, HttpTransport, Transport
from openapi import examples
from tests.fuzz.targets import Target

STATES = ("pending_payment", "in_payment", "released", "paid", "cancelled")
UNKNOWN_ATTEMPT = "0AAAAAAA"
MOST_RETRIES = 3
# The example cannot be paid now, its time to pay has passed, and its reference can be claimed only once.
_PAYABLE = {"payable": True, "pay_by": None, "unique_reference": False}


T = TypeVar("T")


@dataclass(frozen=True)
class PreparedOrder:
    """An existing order, and its latest attempt, or one that it never had."""

    order_id: str
    attempt_id: str


def prepared_order(state: str, target: Target) -> PreparedOrder:
    """A new order in that state."""
    client = ApiClient(_send_again(HttpTransport(target.api_url)), target.tokens["service"])
    body = examples.NEW_ORDER | _PAYABLE | {"buyer_id": target.buyer_id, "seller_id": target.seller_id}
    order_id: str = client.create_order(body, uuid4().hex).expect(201)["order_id"]
    if state == "pending_payment":
        return PreparedOrder(order_id, f"{order_id}_{UNKNOWN_ATTEMPT}")
    if state == "cancelled":
        client.cancel_order(order_id).expect(200)
        return PreparedOrder(order_id, f"{order_id}_{UNKNOWN_ATTEMPT}")
    attempt = client.request_payment(order_id, examples.PAYMENT_REQUEST, uuid4().hex).expect(201)
    if state == "paid":
        target.pay(attempt)
    if state == "released":
        client.cancel_payment(order_id, attempt["attempt_id"]).expect(200, 202)
    return PreparedOrder(order_id, attempt["attempt_id"])


def chosen(seed: object, options: tuple[str, ...]) -> str:
    """One of them: for the same seed always the same."""
    return options[int.from_bytes(sha256(repr(seed).encode()).digest()[:4]) % len(options)]


def retry_unavailable(send: Callable[[], T], status_of: Callable[[T], int]) -> T:
    """Send it as the contract asks of clients: again after a 503, which a slow machine may answer."""
    for _ in range(MOST_RETRIES):
        answer = send()
        if status_of(answer) != 503:
            return answer
        time.sleep(2)
    return send()


def _send_again(send: Transport) -> Transport:
    def send_again(request: ApiRequest) -> ApiResponse:
        return retry_unavailable(lambda: send(request), lambda response: response.status)

    return send_again
