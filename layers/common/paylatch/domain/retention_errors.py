"""Errors about orders that are kept no longer."""

from paylatch.domain.errors import OrderNotFound


class OrderRetired(OrderNotFound):
    """The order was retired, and a repeated request does not find it."""
