"""What retention asks of the table of orders, beside its heads."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from paylatch.domain.errors import PaylatchError
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.order import Order


class RetentionStore(Protocol):
    """The items of finished orders. Every call raises what those of an `OrderStore` raise."""

    def schedule(self, times: Mapping[str, datetime]) -> Mapping[str, PaylatchError]:
        """Have at most `LARGEST_WRITE` orders looked at, each some time after its own; it replaces an earlier one.

        Gives the error of each order that was not scheduled for now. Where the call raises, any of them may be.
        """
        ...

    def retire(self, order: Order, now: datetime) -> bool:
        """Put a tombstone in the place of the head, unless another write came after the one that was read.

        Whether there is a tombstone then, by this call or an earlier one.
        """
        ...

    def remains(self, order_id: str) -> tuple[str, ...]:
        """The keys of at most `LARGEST_WRITE` items that a retired order still has beside its tombstone."""
        ...

    def remove(self, order_id: str, keys: Sequence[str]) -> None:
        """Delete these items. Raises `StoreUnavailable` also where some are left."""
        ...


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a finished order is kept after its last event, for ever where `keep` is None, and the store of that."""

    keep: timedelta | None
    store: RetentionStore
