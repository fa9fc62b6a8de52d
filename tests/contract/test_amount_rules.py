"""What the adapters know beforehand of the sums that their gateways take."""

import pytest

from paylatch.domain.amount_rules import AmountRules
from paylatch.domain.errors import Refused
from paylatch.gateways.alipay.gateway import AlipayGateway
from paylatch.gateways.payu.gateway import PayUGateway
from paylatch.gateways.sandbox.gateway import SandboxGateway
from paylatch.gateways.stripe.gateway import StripeGateway
from paylatch.gateways.stripe.money import to_stripe


def rules_of(adapter: type[StripeGateway | AlipayGateway]) -> AmountRules:
    rules = adapter.capabilities.amounts
    assert rules is not None
    return rules


@pytest.mark.parametrize(
    ("total", "currency", "field"),
    [
        (1, "EUR", None),
        (1, "ISK", None),
        (5_124, "KWD", "total"),
        (5_120, "KWD", None),
        (150, "MGA", "total"),
        (200, "MGA", None),
    ],
)
def test_stripe_takes_some_currencies_in_steps(total: int, currency: str, field: str | None) -> None:
    assert list(rules_of(StripeGateway).faults_of(total, currency)) == ([field] if field else [])


@pytest.mark.parametrize("currency", ["KWD", "MGA", "EUR", "JPY", "UGX"])
def test_what_stripe_cannot_express_is_known_beforehand(currency: str) -> None:
    for total in range(1_000, 1_201):
        known = bool(rules_of(StripeGateway).faults_of(total, currency))
        try:
            to_stripe(total, currency)
        except Refused:
            assert known
        else:
            assert not known


def test_alipay_takes_yuan_alone() -> None:
    faults = {currency: rules_of(AlipayGateway).faults_of(1, currency) for currency in ("CNY", "EUR", "HKD")}
    assert {currency: list(fault) for currency, fault in faults.items()} == {
        "CNY": [],
        "EUR": ["currency"],
        "HKD": ["currency"],
    }


def test_payu_s_currencies_are_those_that_the_shop_is_configured_for_there_and_only_payu_knows_them() -> None:
    """PayU Europe, integration references: cards in any currency, other methods in CZK, EUR and PLN."""
    assert PayUGateway.capabilities.amounts is None


def test_the_sandbox_takes_every_sum() -> None:
    assert SandboxGateway.capabilities.amounts is None
