"""The errors of a request to erase an order's personal data."""

from paylatch.domain.errors import PaylatchError


class OrderNotFinished(PaylatchError):
    """The order is neither paid nor cancelled: it can still be edited and paid."""


class MoneyOutstanding(PaylatchError):
    """Money of the order is owed, disputed or not confirmed, or may still come."""
