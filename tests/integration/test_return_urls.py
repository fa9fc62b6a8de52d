"""The buyer returns to the shop's page with the order's and the attempt's id in its query."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from local.api_client import ApiResponse
from paylatch.ports import Rules
from paylatch.runtime import wiring
from tests.integration.shop import Shop
from tests.lambda_events import SERVICE


@pytest.fixture
def in_production(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A stack with Stage prod and two ReturnOrigins."""
    origins = frozenset({"https://shop.example", "http://old.example"})
    ports = replace(shop.ports, rules=Rules(return_origins=origins, return_by_https=True))
    monkeypatch.setattr(wiring, "make_ports", lambda: ports)
    wiring.ports.cache_clear()
    return shop


def test_the_gateway_is_given_the_address_with_both_ids(shop: Shop) -> None:
    order_id, attempt_id = shop.locked(return_url="https://shop.example/thanks?lang=de#top")
    ids = f"order_id={order_id}&attempt_id={attempt_id}"
    assert shop.gateway.opened[attempt_id].return_url == f"https://shop.example/thanks?lang=de&{ids}#top"


def test_an_opening_that_is_repeated_gives_the_same_address(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", MemoryError("the function dies here"))
    shop.pay(order_id)
    shop.pay(order_id)
    first, again = shop.gateway.calls("open")
    assert first.return_url == again.return_url
    assert again.return_url.count("attempt_id=") == 1


def for_payment(shop: Shop, order_id: str, address: str | None) -> ApiResponse:
    return shop.pay(order_id, return_url=address)


def for_link(shop: Shop, order_id: str, address: str | None) -> ApiResponse:
    return shop.call("pay_link", order_id, body={} if address is None else {"return_url": address}, person=SERVICE)


ASKING = pytest.mark.parametrize("ask", [for_payment, for_link])
Asks = Callable[[Shop, str, str | None], ApiResponse]


@ASKING
@pytest.mark.parametrize("address", ["https://shop.example/thanks", "https://SHOP.example:443/"])
def test_an_address_at_one_of_the_stacks_origins_is_taken(in_production: Shop, ask: Asks, address: str) -> None:
    assert ask(in_production, in_production.create(), address).status in (200, 201)


def test_a_link_needs_no_address(in_production: Shop) -> None:
    assert for_link(in_production, in_production.create(), None).status == 200


@ASKING
@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/thanks",
        "https://shop.example.evil.example/",
        "https://shop.example:8443/",
        "http://shop.example/",
        "http://old.example/",
    ],
)
def test_another_origin_is_refused_by_field_and_in_prod_so_is_http(
    in_production: Shop, ask: Asks, address: str
) -> None:
    order_id = in_production.create()
    before = in_production.head(order_id)
    refused = ask(in_production, order_id, address)
    assert (refused.status, [error["field"] for error in refused.body["errors"]]) == (400, ["return_url"])
    assert in_production.head(order_id) == before
