"""The order ids of an index, from all its sources."""

from datetime import datetime

from paylatch.ports import Index, OrderStore


def due_orders(store: OrderStore, index: Index, until: datetime) -> list[str]:
    """The ids of all sources, one after the other."""
    return [order_id for source in store.due(index, until) for order_id in source.read()]
