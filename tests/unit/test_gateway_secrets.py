"""A secret is cached for minutes while it works, and for seconds where it does not; no message contains its value."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from paylatch.domain.errors import CallbackRejected, Misconfigured
from paylatch.gateways.alipay.gateway import AlipayGateway
from paylatch.gateways.payu.gateway import PayUGateway
from paylatch.gateways.sandbox.gateway import SandboxGateway
from paylatch.gateways.stripe.gateway import StripeGateway
from paylatch.ports import Callback, Gateway
from paylatch.runtime import gateway_secrets, wiring
from paylatch.runtime.settings import settings_from
from tests.fakes.settable_clock import SettableClock

NAME = "paylatch/test/gateways/stripe"
VALUE = "sk_live_of_the_shop"
UNSIGNED = Callback({}, b"{}")


class SecretsManager:
    """Gives `answer`, or raises it; `asked` lists the names that were asked for."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:  # noqa: N803
        self.asked.append(SecretId)
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"SecretString": self.answer}


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> SecretsManager:
    manager = SecretsManager(json.dumps({"api_key": VALUE}))
    monkeypatch.setattr(gateway_secrets, "_client", lambda: manager)
    return manager


@pytest.fixture
def secret(manager: SecretsManager, clock: SettableClock) -> gateway_secrets.GatewaySecret:
    return gateway_secrets.GatewaySecret("stripe", "paylatch/test/gateways/", clock.now)


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": VALUE}}, "GetSecretValue")


UNUSABLE: list[tuple[Any, str]] = [
    (refusal("ResourceNotFoundException"), "cannot be read: ResourceNotFoundException"),
    (refusal("AccessDeniedException"), "cannot be read: AccessDeniedException"),
    (refusal("DecryptionFailure"), "cannot be read: DecryptionFailure"),
    (ReadTimeoutError(endpoint_url="https://secretsmanager"), "cannot be read: ReadTimeoutError"),
    (f"api_key={VALUE}", "is not JSON"),
    ("", "is not JSON"),
    ("[" * 100_000, "is not JSON"),
    (f'["{VALUE}"]', "is not a JSON object"),
    (f'"{VALUE}"', "is not a JSON object"),
]


def test_a_secret_that_serves_is_read_once_in_five_minutes(
    secret: gateway_secrets.GatewaySecret, manager: SecretsManager, clock: SettableClock
) -> None:
    assert secret() == secret() == {"api_key": VALUE}
    clock.advance(timedelta(minutes=4, seconds=59))
    secret()
    assert manager.asked == [NAME]
    manager.answer = json.dumps({"api_key": "rotated"})
    clock.advance(timedelta(seconds=1))
    assert secret() == {"api_key": "rotated"}


@pytest.mark.parametrize(("answer", "cause"), UNUSABLE, ids=[cause for _, cause in UNUSABLE])
def test_an_unusable_secret_is_misconfigured_by_name_and_its_value_is_never_shown(
    secret: gateway_secrets.GatewaySecret, manager: SecretsManager, answer: Any, cause: str
) -> None:
    manager.answer = answer
    with pytest.raises(Misconfigured) as caught:
        secret()
    assert (caught.value.gateway, caught.value.cause) == ("stripe", f"the secret {NAME} {cause}")
    assert VALUE not in str(caught.value)


@pytest.mark.parametrize(("answer", "cause"), UNUSABLE, ids=[cause for _, cause in UNUSABLE])
def test_one_that_cannot_be_used_is_read_anew_after_seconds_and_not_at_every_call(
    secret: gateway_secrets.GatewaySecret, manager: SecretsManager, clock: SettableClock, answer: Any, cause: str
) -> None:
    usable, manager.answer = manager.answer, answer
    for _ in range(3):
        with pytest.raises(Misconfigured):
            secret()
    assert len(manager.asked) == 1
    manager.answer = usable
    clock.advance(timedelta(seconds=5))
    assert secret() == {"api_key": VALUE}


def test_a_clock_that_is_set_back_keeps_no_secret_for_longer(
    secret: gateway_secrets.GatewaySecret, manager: SecretsManager, clock: SettableClock
) -> None:
    secret()
    clock.advance(timedelta(hours=-1))
    secret()
    assert len(manager.asked) == 2


@pytest.mark.parametrize(
    ("wrong", "mended"),
    [
        ({"api_key": "sk_test_1"}, {"api_key": "sk_test_1", "webhook_secrets": ["whsec_1"]}),
        ({"api_key": "sk_test_1", "webhook_secrets": []}, {"api_key": "sk_test_1", "webhook_secrets": ["whsec_1"]}),
        ({"webhook_secrets": ["whsec_1"]}, {"api_key": "sk_test_1", "webhook_secrets": ["whsec_1"]}),
    ],
)
def test_one_that_lacks_something_is_read_anew_after_seconds(
    manager: SecretsManager, clock: SettableClock, wrong: dict[str, Any], mended: dict[str, Any]
) -> None:
    environment = {"PAYLATCH_TABLE": "orders", "PAYLATCH_GATEWAYS": "stripe"}
    gateway = wiring.ConfiguredGateways(settings_from(environment), clock).named("stripe")
    manager.answer = json.dumps(wrong)
    with pytest.raises(Misconfigured):
        gateway.parse_callback(UNSIGNED)
    manager.answer = json.dumps(mended)
    clock.advance(timedelta(seconds=5))
    with pytest.raises(CallbackRejected):
        gateway.parse_callback(UNSIGNED)


Made = Callable[[dict[str, object], SettableClock], Gateway]
KEY = "MIIB not a key"
NOTHING_TO_VERIFY_BY: list[tuple[Made, dict[str, object]]] = [
    (lambda secret, clock: StripeGateway(lambda: secret, clock), {"api_key": "sk_test_1"}),
    (lambda secret, clock: StripeGateway(lambda: secret, clock), {"api_key": "sk_test_1", "webhook_secrets": []}),
    (lambda secret, clock: StripeGateway(lambda: secret, clock), {"api_key": "sk_test_1", "webhook_secrets": [7, ""]}),
    (lambda secret, clock: StripeGateway(lambda: secret, clock), {"api_key": "sk_test_1", "webhook_secrets": "whsec"}),
    (lambda secret, clock: StripeGateway(lambda: secret, clock), {"webhook_secrets": ["whsec_1"]}),
    (lambda secret, clock: PayUGateway(lambda: secret, clock), {"pos_id": "1", "second_keys": []}),
    (lambda secret, clock: PayUGateway(lambda: secret, clock), {"pos_id": "1", "second_keys": [None]}),
    (lambda secret, clock: PayUGateway(lambda: secret, clock), {"second_keys": ["k"]}),
    (lambda secret, clock: AlipayGateway(lambda: secret, clock), {"app_id": "1", "seller_id": "2"}),
    (
        lambda secret, clock: AlipayGateway(lambda: secret, clock),
        {"app_id": "1", "seller_id": "2", "alipay_public_keys": []},
    ),
    (
        lambda secret, clock: AlipayGateway(lambda: secret, clock),
        {"app_id": "1", "seller_id": "2", "alipay_public_keys": [KEY]},
    ),
    (lambda secret, clock: SandboxGateway("http://sandbox.test", lambda: secret, clock), {}),
    (lambda secret, clock: SandboxGateway("http://sandbox.test", lambda: secret, clock), {"api_key": ""}),
]


@pytest.mark.parametrize(
    ("made", "secret"), NOTHING_TO_VERIFY_BY, ids=lambda each: "" if callable(each) else str(each)[:60]
)
def test_a_callback_that_nothing_can_verify_is_our_fault_and_no_forgery(
    made: Made, secret: dict[str, object], clock: SettableClock
) -> None:
    with pytest.raises(Misconfigured) as caught:
        made(secret, clock).parse_callback(UNSIGNED)
    assert KEY not in str(caught.value)


def test_a_secret_that_is_kept_as_binary_serves_as_well(
    secret: gateway_secrets.GatewaySecret, manager: SecretsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"SecretBinary": json.dumps({"api_key": VALUE}).encode()}
    monkeypatch.setattr(manager, "get_secret_value", lambda SecretId: kept)  # noqa: N803
    assert secret() == {"api_key": VALUE}
