"""Text from outside is logged without secrets and personal data, and with what identifies the cause."""

import pytest

from paylatch.domain.errors import (
    AttemptNotFound,
    EditNotAllowed,
    InvalidRequest,
    NotAllowed,
    OrderNotFound,
    PaylatchError,
    RefundNotFound,
)
from paylatch.runtime.failure_log import MOST_FRAMES, failure_fields
from paylatch.runtime.redaction import LONGEST, redacted

PEM = "-----BEGIN RSA PRIVATE KEY----- MIIEpAIBAAKCAQEA"
SECRETS = [
    ("Invalid API Key provided: sk_live_51Habc", "sk_live_51Habc"),
    ("no whsec_MfKQ9r8GKYqrTwjU here", "MfKQ9r8GKYqrTwjU"),
    ("Authorization: Bearer abc.def-ghi was refused", "abc.def-ghi"),
    ('{"client_secret": "12f071174cb7eb79d4aac5bc2f07563f"}', "12f071174cb7eb79d4aac5bc2f07563f"),
    ("second_key=b6ca15b0d1020e8094d9b5f8d163db54", "b6ca15b0d1020e8094d9b5f8d163db54"),
    ("b6ca15b0d1020e8094d9b5f8d163db54", "b6ca15b0d1020e8094d9b5f8d163db54"),
    (f"the key {PEM}", "MIIEpAIBAAKCAQEA"),
    ("key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY is wrong", "wJalrXUtnFEMI"),
    ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2ln expired", "eyJzdWIi"),
    ("POST https://user:pass@api.example/v1/x?token=abc#frag failed", "pass"),
    ("POST https://api.example/v1/pay/abcdef?token=abc failed", "abcdef"),
    ("Max retries exceeded with url: /v1/orders?buyer=jane (Caused by", "jane"),
    ("buyer jane.doe@shop.example is unknown", "jane"),
    ("Invalid email address: o'hara+x@sub.example.ie", "hara"),
    ("no buyer (用户@例子.广告) there", "用户"),
    ("card 4242 4242 4242 4242 was declined", "4242"),
    ("card 4242424242424242 was declined", "4242"),
]
KEPT = [
    "UpdateItem: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/paylatch-OrdersRole-1ABC/fn",
    "is not authorized to perform: dynamodb:UpdateItem on resource: arn:aws:dynamodb:eu-west-1:1234:table/Orders",
    "the secret paylatch/PaylatchProduction1/gateways/stripe cannot be read: ResourceNotFoundException",
    "An error occurred (ThrottlingException) on request (LDM6CJP8RMQ1FHKSC1RBVJFPNVV4KQNSO5AEMF66Q9ASUAAJG) on table",
    "400 ERROR_VALUE_INVALID currencyCode",
    "the secret has no webhook_secrets",
    "the secret's webhook_secrets is not a list of texts",
    "no live secret made this signature",
    "The order has no payment attempt Q89683FB7M1E9QR4_YEMRWA4C.",
    "does not confirm payment 2026112422001444440501234567: 429",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_what_is_secret_or_personal_is_left_out(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in redacted(text)


@pytest.mark.parametrize("text", KEPT)
def test_what_finds_the_cause_is_kept(text: str) -> None:
    assert redacted(text) == text


def test_whom_a_call_was_for_is_kept_of_its_address() -> None:
    assert redacted("GET https://api.stripe.com/v1/x?y=1 failed") == "GET https://api.stripe.com/… failed"


def test_it_is_one_short_line() -> None:
    text = redacted("a b\n" * 10_000)
    assert "\n" not in text
    assert len(text) == LONGEST


ADA = "Ada Lovelace, 12 St James Square"
MADE_UP: list[PaylatchError] = [
    OrderNotFound(ADA),
    OrderNotFound("Ada-Lovelace"),
    AttemptNotFound(ADA),
    AttemptNotFound("Ada-Lovelace"),
    RefundNotFound(ADA),
    InvalidRequest({ADA: "Extra inputs are not permitted"}),
    InvalidRequest({f"metadata.{ADA}": "Input should be a valid string"}),
    InvalidRequest({"edit.metadata.lovelace": "Input should be a valid string"}),
    InvalidRequest({"reference": "must hold something visible", f"lines.0.{ADA}": "Extra inputs are not permitted"}),
]


@pytest.mark.parametrize("error", MADE_UP, ids=lambda error: f"{type(error).__name__}: {error}")
def test_what_a_caller_made_up_is_in_no_log_line(error: PaylatchError) -> None:
    assert "lovelace" in str(error).lower()
    assert "lovelace" not in str(failure_fields(error)).lower()


def test_of_a_refused_edit_the_fields_are_logged_and_nothing_of_the_order() -> None:
    error = EditNotAllowed({"shipping_address.country": "stays GB in a buyer's edit", "lines": "ADA-1: is fixed"})
    assert failure_fields(error)["cause"] == "The order's buyer may not make this edit: shipping_address.country, lines"


def test_a_path_s_gateway_that_is_none_is_in_no_log_line() -> None:
    assert "gateway" not in failure_fields(NotAllowed("This is for operators."), {"gateway": "Ada-Lovelace"})
    assert failure_fields(NotAllowed("This is for operators."), {"gateway": "sandbox"})["gateway"] == "sandbox"


NAMED: list[tuple[PaylatchError, dict[str, str]]] = [
    (OrderNotFound("Q89683FB7M1E9QR4"), {"order_id": "Q89683FB7M1E9QR4", "cause": "There is no such order"}),
    (
        AttemptNotFound("Q89683FB7M1E9QR4_YEMRWA4C"),
        {"order_id": "Q89683FB7M1E9QR4", "attempt_id": "Q89683FB7M1E9QR4_YEMRWA4C"},
    ),
    (InvalidRequest({"lines.0.unit_price": "must be less"}), {"cause": "lines.0.unit_price: must be less"}),
    (
        InvalidRequest({"If-Match": "is wrong", "metadata": "is too long"}),
        {"cause": "If-Match: is wrong; metadata: is too long"},
    ),
    (
        InvalidRequest({f"lines.{n}.sku": "is missing" for n in range(5)}, more=7),
        {"cause": "lines.0.sku: is missing; lines.1.sku: is missing; lines.2.sku: is missing; and 9 more"},
    ),
]


@pytest.mark.parametrize(("error", "fields"), NAMED, ids=lambda value: type(value).__name__)
def test_what_has_the_form_of_ours_is_logged(error: PaylatchError, fields: dict[str, str]) -> None:
    assert fields.items() <= failure_fields(error).items()


def test_an_unexpected_error_shows_its_places_in_the_code_and_no_secret() -> None:
    try:
        try:
            raise ValueError("sk_live_51Habc")
        except ValueError as cause:
            raise KeyError("sk_live_51Habc") from cause
    except KeyError as error:
        fields = failure_fields(error)
    assert "sk_live" not in str(fields)
    assert fields["stack"][-1].startswith("unit/test_redaction.py:")
    assert "led to KeyError" in fields["stack"]


def test_of_a_deep_fault_the_places_nearest_to_it_are_shown() -> None:
    def fail(calls: int) -> None:
        if not calls:
            raise KeyError
        fail(calls - 1)

    with pytest.raises(KeyError) as caught:
        fail(3 * MOST_FRAMES)
    stack = failure_fields(caught.value)["stack"]
    assert len(stack) == MOST_FRAMES
    assert all(place.endswith(" fail") for place in stack)
