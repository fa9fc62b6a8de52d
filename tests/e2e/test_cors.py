"""A storefront's page calls the API from a browser, which asks before it sends anything that matters."""

import urllib.request
from collections.abc import Mapping
from email.message import Message

import pytest

from local.stack import ALLOWED_ORIGINS, Stack

ORIGIN = ALLOWED_ORIGINS.split(",")[0]
HEADERS = ("authorization", "content-type", "idempotency-key", "if-match")


def _asked(method: str, url: str, headers: Mapping[str, str]) -> "tuple[int, Message[str, str]]":
    request = urllib.request.Request(url, method=method, headers=dict(headers))
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, answer.headers


def test_a_preflight_needs_no_token(stack: Stack) -> None:
    asks = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": ",".join(HEADERS)}
    status, headers = _asked("OPTIONS", f"{stack.api_url}/orders/7777777777777777", {"Origin": ORIGIN, **asks})

    assert status in (200, 204)
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "PATCH" in headers["Access-Control-Allow-Methods"]
    assert set(headers["Access-Control-Allow-Headers"].lower().split(",")) == set(HEADERS)


@pytest.mark.parametrize(("origin", "allowed_origin"), [(ORIGIN, ORIGIN), ("https://elsewhere.test", None)])
def test_the_page_reads_the_answer_where_its_origin_is_named(
    stack: Stack, origin: str, allowed_origin: str | None
) -> None:
    status, headers = _asked("GET", f"{stack.api_url}/openapi.json", {"Origin": origin})

    assert status == 200
    assert headers["Access-Control-Allow-Origin"] == allowed_origin
    assert (headers["Access-Control-Expose-Headers"] or "").split(",") == (
        ["ETag", "Location", "Retry-After"] if allowed_origin else [""]
    )
