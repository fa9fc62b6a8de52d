"""The network of `make test-clients` loses answers to payment requests, and says so where it lost none."""

from collections.abc import Iterator

import pytest

from local.api_client import ApiRequest, HttpTransport, NoResponse
from tests.clients.losing_api import LosingApi
from tests.fakes.loopback_server import LoopbackServer, json_reply


@pytest.fixture
def api() -> Iterator[LoopbackServer]:
    with LoopbackServer(lambda asked: json_reply({"attempt_id": "1"}, 201)) as server:
        yield server


@pytest.fixture
def losing(api: LoopbackServer) -> Iterator[LosingApi]:
    with LosingApi(api.url) as server:
        yield server


def sent(losing: LosingApi, method: str, path: str) -> int:
    request = ApiRequest(method, path, {"Idempotency-Key": "key-1"}, b"{}" if method == "POST" else b"")
    return HttpTransport(losing.url)(request).status


def test_a_payment_request_is_made_each_time_and_the_third_answer_comes(losing: LosingApi, api: LoopbackServer) -> None:
    with pytest.raises(NoResponse):
        sent(losing, "POST", "/orders/1/payments")
    assert [sent(losing, "POST", "/orders/1/payments") for _ in range(2)] == [503, 201]
    assert len(api.asked) == 3
    losing.expect_losses()


def test_a_purchase_whose_payment_request_was_not_repeated_does_not_pass(losing: LosingApi) -> None:
    assert sent(losing, "GET", "/orders/1") == 201
    with pytest.raises(AssertionError, match="no answer to a payment request got lost"):
        losing.expect_losses()
    with pytest.raises(NoResponse):
        sent(losing, "POST", "/orders/1/payments")
    with pytest.raises(AssertionError):
        losing.expect_losses()
