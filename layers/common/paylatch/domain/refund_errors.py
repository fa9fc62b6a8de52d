"""The errors of what people decide about captured money: a refund that the shop requests, and a review."""

from paylatch.domain.errors import PaylatchError


class OrderNotPaid(PaylatchError):
    """The order is not paid: there is no payment to refund."""


class RefundExceedsPayment(PaylatchError):
    """A refund of more than is left of the order's payment; `left` is in minor units of `currency`."""

    def __init__(self, left: int, currency: str) -> None:
        super().__init__(f"{left} of the payment can still be refunded, in minor units of {currency}.")
        self.left = left
        self.currency = currency


class TooManyRefunds(PaylatchError):
    """The shop has requested the largest number of refunds of one order."""


class RefundDisputed(PaylatchError):
    """The payer disputes the payment at the gateway, which decides: meanwhile nothing is refunded."""


class DecidedOtherwise(PaylatchError):
    """An operator made the other decision about this payment before."""
