"""The shop's reference is shown to payers and in ledgers at every gateway, within the rules of each field."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl, unquote_plus, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylatch.domain.documents import order_from_document
from paylatch.gateways.gateway_http import HttpSender, Request, Response
from paylatch.gateways.order_title import LONGEST_TITLE, order_title
from paylatch.ports import VoidKind
from tests.contract.gateway_drivers import GATEWAY_DRIVERS
from tests.transition_cases import head_of


def sent_to_open(name: str, reference: str) -> str:
    """All that the gateway or the payer's browser is sent, decoded; escapes of JSON included."""
    sent: list[str] = []

    def record(request: Request) -> Response:
        sent.append((request.body or b"").decode())
        return HttpSender()(request)

    with GATEWAY_DRIVERS[name]() as driver:
        session = driver.gateway_over(record).open(replace(driver.request(), reference=reference))
    text = unquote_plus(" ".join([*sent, session.pay_url]))
    return text.encode().decode("unicode_escape") if name in ("payu", "sandbox") else text


@pytest.mark.parametrize("name", GATEWAY_DRIVERS)
def test_every_gateway_gets_the_shops_reference(name: str) -> None:
    assert "2026-0042" in sent_to_open(name, "2026-0042")


def test_stripe_shows_it_on_its_page_and_in_the_accounts_payments() -> None:
    sent = sent_to_open("stripe", "2026-0042")
    assert "line_items[0][price_data][product_data][name]=Order 2026-0042" in sent
    assert "payment_intent_data[description]=Order 2026-0042" in sent


def test_alipays_subject_has_none_of_the_characters_that_it_refuses() -> None:
    with GATEWAY_DRIVERS["alipay"]() as driver:
        session = driver.gateway.open(replace(driver.request(), reference="Tea/42 & Sons=7"))
    subject = json.loads(dict(parse_qsl(urlsplit(session.pay_url).query))["biz_content"])["subject"]
    assert subject == "Order Tea-42 - Sons-7"


def test_an_opening_without_response_is_claimed_with_the_same_parameters() -> None:
    with GATEWAY_DRIVERS["stripe"]() as driver:
        request = driver.request()
        session = driver.gateway.open(request)
        assert driver.gateway.void(driver.attempt(request)).kind is VoidKind.VOIDED
        assert driver.gateway.void(driver.attempt(request, session)).kind is VoidKind.ALREADY_CLOSED


@pytest.mark.parametrize("state", ["opening", "open", "releasing"])
def test_an_attempt_knows_the_reference_of_its_order(state: str) -> None:
    order = order_from_document(head_of(state))
    assert order.attempt is not None
    assert order.attempt.reference == order.reference


@given(st.text(min_size=1, max_size=64))
def test_a_title_fits_into_every_field(reference: str) -> None:
    title = order_title(reference.encode(errors="ignore").decode(), "/=&")
    assert title.startswith("Order ")
    assert len(title.encode()) <= LONGEST_TITLE
    assert not set(title) & set("/=&")


def test_only_a_title_that_is_too_long_is_shortened() -> None:
    assert order_title("x" * 64) == f"Order {'x' * 64}"
    long = order_title("🏴" * 64)
    assert long.startswith("Order 🏴")
    assert long.endswith("🏴…")
