"""Conversion between Stripe's integer amounts and ISO 4217 minor units, which differ for a few currencies."""

from paylatch.domain.amount_rules import AmountRules
from paylatch.domain.errors import Refused

# ISO 4217 gives these no minor unit; Stripe counts them in hundredths.
_COUNTED_IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
# ISO 4217 gives the ariary two decimals (of fifths); Stripe takes whole ones.
_COUNTED_WHOLE = frozenset({"MGA"})
# Stripe requires the last of three decimals to be zero.
_ROUNDED_TO_TENS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
_STEPS = {**dict.fromkeys(_COUNTED_WHOLE, 100), **dict.fromkeys(_ROUNDED_TO_TENS, 10)}
AMOUNTS = AmountRules(currencies=None, steps=_STEPS)


def to_stripe(amount: int, currency: str) -> int:
    """Stripe's number for that many minor units. Raises `Refused` for an amount that Stripe cannot express."""
    if currency in _COUNTED_IN_HUNDREDTHS:
        return amount * 100
    exact = _exact(amount, _STEPS.get(currency, 1), currency)
    return exact // 100 if currency in _COUNTED_WHOLE else exact


def from_stripe(amount: int, currency: str) -> int:
    """The minor units of Stripe's number; never rounded up."""
    if currency in _COUNTED_IN_HUNDREDTHS:
        return amount // 100
    return amount * 100 if currency in _COUNTED_WHOLE else amount


def _exact(amount: int, step: int, currency: str) -> int:
    if amount % step:
        raise Refused("stripe", f"{currency} amounts must be multiples of {step} minor units")
    return amount
