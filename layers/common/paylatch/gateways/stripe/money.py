"""Stripe's integer amounts against ISO 4217 minor units: the same, but for a few currencies."""

from paylatch.domain.errors import Refused

# ISO 4217 gives these no minor unit; Stripe counts them in hundredths all the same.
_COUNTED_IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
# ISO 4217 gives the ariary two decimals (of fifths); Stripe takes whole ones.
_COUNTED_WHOLE = frozenset({"MGA"})
# Stripe wants the last of three decimals to be zero.
_ROUNDED_TO_TENS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


def to_stripe(amount: int, currency: str) -> int:
    """The number Stripe means by that many minor units; amounts that it cannot express are refused."""
    if currency in _COUNTED_IN_HUNDREDTHS:
        return amount * 100
    if currency in _COUNTED_WHOLE:
        return _exact(amount, 100, currency) // 100
    if currency in _ROUNDED_TO_TENS:
        return _exact(amount, 10, currency)
    return amount


def from_stripe(amount: int, currency: str) -> int:
    """The minor units that Stripe means; what it holds is never rounded up."""
    if currency in _COUNTED_IN_HUNDREDTHS:
        return amount // 100
    return amount * 100 if currency in _COUNTED_WHOLE else amount


def _exact(amount: int, step: int, currency: str) -> int:
    if amount % step:
        raise Refused("stripe", f"{currency} amounts must be multiples of {step} minor units")
    return amount
