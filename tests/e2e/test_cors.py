"""A storefront's page calls the API from a browser, which asks before it sends anything that matters."""

from collections.abc import Mapping

import pytest

from local.api_client import ApiRequest, ApiResponse, HttpTransport
from local.stack import ALLOWED_ORIGINS, Stack

ORIGIN = ALLOWED_ORIGINS.split(",")[0]
HEADERS = ("authorization", "content-type", "idempotency-key", "if-match")


def _asked(method: str, stack: Stack, path: str, headers: Mapping[str, str]) -> ApiResponse:
    return HttpTransport(stack.api_url)(ApiRequest(method, path, headers))


@pytest.fixture(params=["a storefront", "the pages"])
def origin(request: pytest.FixtureRequest, stack: Stack) -> str:
    """An origin that may call: one that the parameter names, or that of the order desk."""
    return stack.pages_url if request.param == "the pages" else ORIGIN


def test_a_preflight_needs_no_token(stack: Stack, origin: str) -> None:
    asks = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": ",".join(HEADERS)}
    answer = _asked("OPTIONS", stack, "/orders/7777777777777777", {"Origin": origin, **asks})

    assert answer.status in (200, 204)
    assert answer.headers["access-control-allow-origin"] == origin
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert set(answer.headers["access-control-allow-headers"].lower().split(",")) == set(HEADERS)


def test_a_page_of_such_an_origin_reads_the_answer(stack: Stack, origin: str) -> None:
    answer = _asked("GET", stack, "/openapi.json", {"Origin": origin})

    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-expose-headers"].split(",") == ["ETag", "Location", "Retry-After"]


def test_a_page_from_elsewhere_does_not(stack: Stack) -> None:
    answer = _asked("GET", stack, "/openapi.json", {"Origin": "https://elsewhere.test"})

    assert answer.status == 200
    assert {"access-control-allow-origin", "access-control-expose-headers"} & set(answer.headers) == set()
