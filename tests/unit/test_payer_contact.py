"""What gateways are given of the payer: nothing that would make them refuse the payment."""

import pytest

from paylatch.gateways.payer_contact import ascii_email, closest_language
from paylatch.gateways.payu.buyer import buyer_of
from paylatch.gateways.stripe.checkout import contact_of
from paylatch.runtime.request_models import ContentBody

SPOKEN = "de en en-GB nb pt pt-BR zh zh-HK zh-TW"
LINE = {"sku": "tea", "name": "Tea", "quantity": 1, "unit_price": 1}


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("en-GB", "en-GB"),
        ("en-US", "en"),
        ("pt-BR", "pt-BR"),
        ("no", "nb"),
        ("nn-NO", "nb"),
        ("zh-Hant", "zh-TW"),
        ("zh-Hant-HK", "zh-HK"),
        ("zh-Hans", "zh"),
        ("eo", None),
        (None, None),
    ],
)
def test_a_page_is_in_the_closest_language_that_it_has(locale: str | None, language: str | None) -> None:
    assert closest_language(locale, SPOKEN) == language


def test_an_address_in_another_script_is_left_to_the_payer() -> None:
    assert (ascii_email("ada@example.com"), ascii_email("用户@例子.广告"), ascii_email(None)) == (
        "ada@example.com",
        None,
        None,
    )


def test_stripe_gets_customer_email_and_locale() -> None:
    assert contact_of("ada@example.com", "sv-SE") == {"customer_email": "ada@example.com", "locale": "sv"}
    assert contact_of("ada@example.com", None) == {"customer_email": "ada@example.com"}
    assert contact_of(None, "eo") == {}


def test_payu_gets_a_buyer_where_there_is_an_email_address() -> None:
    assert buyer_of("ada@example.com", "pl-PL") == {"buyer": {"email": "ada@example.com", "language": "pl"}}
    assert buyer_of("ada@example.com", "sv") == {"buyer": {"email": "ada@example.com"}}
    assert buyer_of(None, "pl") == {}


@pytest.mark.parametrize("email", ["a@b.se", "a.b+c_d-e@sub.example.co.uk", "o'hara@example.ie", "用户@例子.广告"])
@pytest.mark.parametrize("locale", ["sv", "pt-BR", "zh-Hant-HK", "es-419", "fil"])
def test_addresses_and_tags_of_all_countries_are_accepted(email: str, locale: str) -> None:
    body = ContentBody.model_validate({"lines": [LINE], "email": email, "locale": locale})
    assert (body.email, body.locale) == (email, locale)
