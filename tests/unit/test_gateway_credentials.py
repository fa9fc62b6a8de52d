"""A gateway's secret as a person may have written it: a fault is named, its value is not shown, and nothing is sent."""

from collections.abc import Callable

import pytest

from paylatch.domain.errors import Misconfigured
from paylatch.gateways.alipay.gateway import AlipayGateway
from paylatch.gateways.credentials import base_url, lines, live, required, several
from paylatch.gateways.gateway_http import GatewayHttp, Request, Response
from paylatch.gateways.payu.gateway import PayUGateway
from paylatch.gateways.stripe.gateway import StripeGateway
from paylatch.ports import Clock, Gateway
from tests.fakes.fake_alipay import key_pair
from tests.fakes.settable_clock import SettableClock

STRIPE: dict[str, object] = {"api_key": "rk_test_1"}
PAYU: dict[str, object] = {"pos_id": "1", "client_id": "1", "client_secret": "s3", "second_keys": ["k"]}
ALIPAY: dict[str, object] = {
    "app_id": "1",
    "private_key": key_pair("shop")[0],
    "alipay_public_keys": [key_pair("shop")[1]],
}
ADDRESSES: dict[str, tuple[Callable[..., Gateway], dict[str, object], str]] = {
    "stripe": (StripeGateway, STRIPE, "api_base"),
    "payu": (PayUGateway, PAYU, "api_base"),
    "alipay": (AlipayGateway, ALIPAY, "gateway_url"),
}
FAULTS: dict[str, list[object]] = {
    "the secret has no api_key": [None, ""],
    "the secret's api_key is not a text": [300746, ["rk_test_1"], " "],
    "the secret's api_key has blanks or characters that are not ASCII": ["rk_test_…", "rk test", "rk\ntest"],
}


@pytest.mark.parametrize(("fault", "value"), [(fault, value) for fault, values in FAULTS.items() for value in values])
def test_a_value_that_cannot_be_meant_is_named_and_not_shown(fault: str, value: object) -> None:
    with pytest.raises(Misconfigured) as raised:
        required("stripe", {"api_key": value}, "api_key")
    assert raised.value.cause == fault


def test_blanks_around_a_pasted_value_are_no_part_of_it() -> None:
    secret = {"api_key": " rk_test_1\n", "webhook_secrets": ["whsec_1\n", " "]}
    assert required("stripe", secret, "api_key") == "rk_test_1"
    assert several(secret, "webhook_secrets") == ("whsec_1",)


def test_a_key_may_have_the_lines_of_a_pem_file() -> None:
    assert lines("alipay", {"private_key": "-----BEGIN\nMII\n-----END\n"}, "private_key") == "-----BEGIN\nMII\n-----END"


@pytest.mark.parametrize("value", ["whsec_1", {"whsec_1": 1}, [1]])
def test_one_value_in_place_of_a_list_is_named(value: object) -> None:
    with pytest.raises(Misconfigured) as raised:
        live("stripe", {"webhook_secrets": value}, "webhook_secrets")
    assert raised.value.cause == "the secret's webhook_secrets is not a list of texts"


@pytest.mark.parametrize("gateway", ADDRESSES)
@pytest.mark.parametrize(
    "address", ["secure.snd.payu.com", "http://secure.snd.payu.com", "http://localhost.example.com", "https://", 5]
)
def test_no_gateway_is_called_unencrypted(gateway: str, address: object, clock: SettableClock) -> None:
    make, secret, name = ADDRESSES[gateway]
    with pytest.raises(Misconfigured, match=rf"{name} is not (an https URL|a text)$"):
        asked(make, {**secret, name: address}, clock)


@pytest.mark.parametrize("address", ["https://secure.payu.com/", "http://127.0.0.1:4010/", "http://localhost:4010"])
def test_an_address_is_https_or_this_machine(address: str) -> None:
    assert base_url("payu", {"api_base": address}, "api_base") == address.rstrip("/")


def asked(make: Callable[..., Gateway], secret: dict[str, object], clock: Clock) -> None:
    """Ask the gateway about a payment; fail where that sends anything."""

    def send(request: Request) -> Response:
        raise AssertionError(f"sent to {request.url}")

    make(lambda: secret, clock, GatewayHttp("any", send)).query_payment("pi_1")
