"""A storefront's page calls the API from a browser, which asks before it sends anything that matters."""

from collections.abc import Mapping

import pytest

from local.api_client import ApiRequest, ApiResponse, HttpTransport
from local.stack import ALLOWED_ORIGINS, Stack

ORIGIN = ALLOWED_ORIGINS.split(",")[0]
HEADERS = ("authorization", "content-type", "idempotency-key", "if-match")


def _asked(method: str, stack: Stack, path: str, headers: Mapping[str, str]) -> ApiResponse:
    return HttpTransport(stack.api_url)(ApiRequest(method, path, headers))


def test_a_preflight_needs_no_token(stack: Stack) -> None:
    asks = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": ",".join(HEADERS)}
    answer = _asked("OPTIONS", stack, "/orders/7777777777777777", {"Origin": ORIGIN, **asks})

    assert answer.status in (200, 204)
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert set(answer.headers["access-control-allow-headers"].lower().split(",")) == set(HEADERS)


@pytest.mark.parametrize(("origin", "allowed_origin"), [(ORIGIN, ORIGIN), ("https://elsewhere.test", None)])
def test_the_page_reads_the_answer_where_its_origin_is_named(
    stack: Stack, origin: str, allowed_origin: str | None
) -> None:
    answer = _asked("GET", stack, "/openapi.json", {"Origin": origin})

    assert answer.status == 200
    assert answer.headers.get("access-control-allow-origin") == allowed_origin
    assert answer.headers.get("access-control-expose-headers", "").split(",") == (
        ["ETag", "Location", "Retry-After"] if allowed_origin else [""]
    )
