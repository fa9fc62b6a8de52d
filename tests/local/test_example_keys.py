"""An example event is sent with the key of the stack that it is sent to."""

from datetime import UTC, datetime

import pytest

from local.example_keys import EXAMPLE_KEY, with_key
from paylatch.domain.errors import CallbackRejected
from paylatch.domain.ids import derived_attempt_id, derived_order_id, derived_refund_id
from paylatch.gateways.sandbox.credentials import signing_secret
from paylatch.gateways.signatures import verify_standard_webhook
from tests.lambda_events import (
    BUYER,
    FUNCTIONS,
    SAMPLE_ATTEMPT,
    SAMPLE_ORDER,
    SAMPLE_REFUND,
    SERVICE,
    event,
    sample_body,
)

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def test_a_callback_is_signed_anew() -> None:
    example = event("gateway_callback")
    signed = with_key(example, "key-of-the-stack", NOW)

    verify_standard_webhook(
        "sandbox", signed["headers"], signed["body"].encode(), [signing_secret("key-of-the-stack")], NOW
    )
    with pytest.raises(CallbackRejected):
        verify_standard_webhook(
            "sandbox", example["headers"], example["body"].encode(), [signing_secret("key-of-the-stack")], NOW
        )


def test_a_call_to_the_sandbox_gateway_carries_the_key() -> None:
    assert event("sandbox_gateway")["headers"]["authorization"] == f"Bearer {EXAMPLE_KEY}"

    sent = with_key(event("sandbox_gateway"), "key-of-the-stack")
    assert sent["headers"]["authorization"] == "Bearer key-of-the-stack"


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "gateway_callback"])
def test_other_events_stay_as_they_are(name: str) -> None:
    assert with_key(event(name), "key-of-the-stack") == event(name)


def test_the_ids_of_the_examples_are_those_that_their_callers_get() -> None:
    order_id = derived_order_id(SERVICE.subject, event("order_create")["headers"]["idempotency-key"])
    key = event("payment_request")["headers"]["idempotency-key"]
    payment_id = sample_body("gateway_callback")["data"]["payment"]["payment_id"]

    assert order_id == SAMPLE_ORDER
    assert derived_attempt_id(order_id, BUYER.subject, key) == SAMPLE_ATTEMPT
    assert derived_refund_id(SAMPLE_ATTEMPT, payment_id) == SAMPLE_REFUND
