"""Errors about orders that are kept no longer."""

from paylatch.domain.errors import OrderNotFound


class OrderRetired(OrderNotFound):
    """The order was kept for its time: whoever repeats what concerns it finds it no more."""
