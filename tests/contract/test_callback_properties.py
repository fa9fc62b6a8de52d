"""For any input from an outsider, an adapter raises `CallbackRejected` and nothing else."""

import contextlib
import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paylatch.domain.errors import CallbackRejected
from paylatch.gateways import fields, signatures
from paylatch.gateways.alipay import rsa2
from paylatch.gateways.payu.gateway import PayUGateway
from paylatch.gateways.stripe.gateway import StripeGateway
from paylatch.gateways.stripe.money import from_stripe, to_stripe
from paylatch.ports import Callback
from tests.contract.gateway_drivers import GATEWAY_DRIVERS
from tests.contract.gateway_drivers.gateway_driver import NOW, GatewayDriver
from tests.contract.gateway_drivers.payu_driver import SECOND_KEYS
from tests.contract.gateway_drivers.stripe_driver import SECRETS, StripeDriver
from tests.fakes.fake_alipay import key_pair
from tests.fakes.fake_payu import POS_ID
from tests.fakes.provider_signatures import sign_payu, sign_stripe
from tests.fakes.settable_clock import SettableClock

NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature", "stripe-signature", "openpayu-signature")
TIME = str(int(NOW.timestamp()))
PIECES = st.sampled_from(
    ["t=", "v1=", "v1,", ",", ";", " ", TIME, "signature=", "algorithm=MD5", "=", ".", "é", "\ud800"]
)
VALUES = st.text(max_size=60) | st.lists(PIECES, max_size=8).map("".join)
HEADERS = st.dictionaries(st.sampled_from(NAMES), VALUES)
BODIES = st.binary(max_size=200) | st.lists(
    st.sampled_from([b"sign=", b"sign_type=RSA2", b"&", b"=", b"%FF", b"%00", b"app_id", b"\xff", b"{", b'"order":'])
).map(b"".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda items: st.lists(items, max_size=4) | st.dictionaries(st.text(max_size=10), items, max_size=4),
    max_leaves=8,
)

CLOCK = SettableClock(NOW)
STRIPE = StripeGateway(lambda: {"webhook_secrets": [SECRETS[0]], "api_key": "sk_test_1"}, CLOCK)
PAYU = PayUGateway(lambda: {"second_keys": [SECOND_KEYS[0]], "pos_id": POS_ID}, CLOCK)


@pytest.fixture(scope="module", params=GATEWAY_DRIVERS)
def driver(request: pytest.FixtureRequest) -> Iterator[GatewayDriver]:
    with GATEWAY_DRIVERS[request.param]() as driver:
        yield driver


@given(headers=HEADERS, body=BODIES)
@settings(max_examples=100, deadline=None)
def test_nothing_an_outsider_sends_is_accepted(driver: GatewayDriver, headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(CallbackRejected):
        driver.gateway.parse_callback(Callback(headers, body))


OBJECTS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("metadata", "status", "payment_status", "currency", "amount", "payment_intent", "id"), JSON
    ),
)
EVENTS = st.fixed_dictionaries(
    {"livemode": st.just(False)},
    optional={
        "type": st.sampled_from(sorted(StripeDriver.gateway_events)).map(
            lambda gateway_event: gateway_event.partition(", ")[0]
        )
        | JSON,
        "data": OBJECTS.map(lambda document: {"object": document}) | JSON,
        **dict.fromkeys(("created", "request", "account", "order", "refund"), JSON),
    },
)


@given(event=EVENTS)
@settings(max_examples=100, deadline=None)
def test_signed_nonsense_is_rejected_or_names_no_attempt(event: dict[str, object]) -> None:
    body = json.dumps(event).encode()
    genuine = {
        "stripe": sign_stripe(SECRETS[0], NOW, body),
        "payu": sign_payu(SECOND_KEYS[0], body),
    }
    for gateway, headers in ((STRIPE, genuine["stripe"]), (PAYU, genuine["payu"])):
        with contextlib.suppress(CallbackRejected):
            fields = gateway.parse_callback(Callback(headers, body))
            assert [gateway_event.attempt_id for gateway_event in fields] in ([], [""])


@given(body=st.binary(max_size=300))
def test_signing_and_verifying_agree(body: bytes) -> None:
    signatures.verify_stripe("stripe", sign_stripe("whsec_1", NOW, body), body, ["whsec_1"], NOW)
    signatures.verify_payu("payu", sign_payu("key", body), body, ["key"])
    standard = signatures.sign_standard_webhook("whsec_c2VjcmV0", "msg_1", NOW, body)
    signatures.verify_standard_webhook("sandbox", standard, body, ["whsec_c2VjcmV0"], NOW)


@given(content=st.binary(max_size=100), signature=st.text(max_size=100))
def test_no_text_passes_for_an_rsa_signature(content: bytes, signature: str) -> None:
    assert not rsa2.verified([key_pair("alipay")[1], "", "bm8="], content, signature)


@given(body=st.binary(max_size=100) | JSON.map(lambda value: repr(value).encode("utf-8", "replace")))
def test_a_body_is_a_document_or_malformed(body: bytes) -> None:
    with contextlib.suppress(fields.Malformed):
        fields.parse(body)


@given(amount=st.integers(0, 10**9), currency=st.sampled_from(["EUR", "JPY", "ISK", "UGX", "MGA", "KWD"]))
def test_amounts_come_back_from_stripe_as_they_went(amount: int, currency: str) -> None:
    amount -= amount % {"MGA": 100, "KWD": 10}.get(currency, 1)
    assert from_stripe(to_stripe(amount, currency), currency) == amount
