"""A long random walk over all operations of a store, determined by its seed, run on the store in memory."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from paylatch.domain.documents import order_from_document
from paylatch.domain.ids import derived_order_id
from paylatch.domain.listing import Listing, ListingIndex
from paylatch.domain.order import Content, Line, PaymentStatus
from paylatch.domain.transitions import STATE_TABLE, Transition
from paylatch.ports import Applied, Index
from tests.conftest import NOON
from tests.contract.store_drivers import MemoryStoreDriver
from tests.differential import operations
from tests.differential.operations import StoreCall
from tests.differential.random_transitions import RandomTransitions, odd_text
from tests.recorded_events import event_of

ORDERS_AT_A_TIME = 5
STEPS_WITH_AN_ORDER = 220
KINDS = ("transition",) * 12 + ("document", "head", "content", "content", "content", "history", "history", "index")

LISTINGS = (Listing(ListingIndex.BY_SELLER, "seller-1"), Listing(ListingIndex.BY_BUYER, "buyer-1"))
# Often enough, an order is locked and released again, so that it has past attempts.
_TO_AND_FRO = {PaymentStatus.PENDING_PAYMENT: "lock", PaymentStatus.IN_PAYMENT: "release"}


@dataclass(frozen=True, slots=True)
class Step:
    """An operation and the answer of the store in memory."""

    operation: StoreCall
    answer: Any


class Walk:
    """Runs on a store in memory, as most operations are made from the results of earlier ones."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.seed = seed
        self.driver = MemoryStoreDriver()
        self.transitions = RandomTransitions(self.random)
        self.past: dict[str, list[dict[str, Any]]] = {}
        self.tried: dict[str, list[Transition]] = {}
        self.contents: dict[str, int] = {}

    def steps(self, number: int) -> list[Step]:
        """So many steps."""
        return [self._step(place) for place in range(number)]

    def _step(self, place: int) -> Step:
        order_id = self._order(place)
        operation = getattr(self, f"_{self.random.choice(KINDS)}")(order_id)
        answer = operation.on(self.driver)
        if operation.kind == "transition" and isinstance(answer, Applied):
            self.past.setdefault(order_id, []).append(self.driver.store.heads[order_id])
        return Step(operation, answer)

    def _order(self, place: int) -> str:
        """One of the few orders of the walk at this position; they change over time."""
        first = place // STEPS_WITH_AN_ORDER * ORDERS_AT_A_TIME
        return derived_order_id("walk", f"{self.seed}-{first + self.random.randrange(ORDERS_AT_A_TIME)}")

    def _transition(self, order_id: str) -> StoreCall:
        tried = self.tried.setdefault(order_id, [])
        if tried and self.random.random() < 0.08:
            return operations.applied(order_id, self.random.choice(tried[-3:]))
        transition = self._fresh(order_id)
        tried.append(transition)
        return operations.applied(order_id, transition)

    def _fresh(self, order_id: str) -> Transition:
        heads = self.past.get(order_id, [])
        if not heads:
            return self.transitions.create(order_id)
        stale = self.random.choice((1, 1, 1, 1, 1, 1, 2, 3))
        order = order_from_document(heads[-min(stale, len(heads))])
        while True:
            made = self.transitions.made(self._row(order.status), order)
            if made is not None:
                return made

    def _row(self, status: PaymentStatus) -> str:
        if status in _TO_AND_FRO and self.random.random() < 0.3:
            return _TO_AND_FRO[status]
        if self.random.random() < 0.3:
            return self.random.choice(sorted(STATE_TABLE))
        return self.random.choice(sorted(name for name, rule in STATE_TABLE.items() if status in rule.sources))

    def _document(self, order_id: str) -> StoreCall:
        return operations.document_looked_at(order_id)

    def _head(self, order_id: str) -> StoreCall:
        return operations.head_read(order_id)

    def _content(self, order_id: str) -> StoreCall:
        number = self.contents.get(order_id, 0)
        content_id = f"C{self.random.randint(0, number):015d}"
        what = self.random.random()
        if what < 0.4:
            self.contents[order_id] = number + 1
            return operations.content_put(order_id, f"C{number:015d}", self._any_content())
        if what < 0.85:
            return operations.content_read(order_id, content_id)
        return operations.content_removed(order_id, content_id)

    def _any_content(self) -> Content:
        lines = tuple(
            Line(
                odd_text(self.random),
                odd_text(self.random),
                self.random.randint(1, 10_000),
                self.random.randint(0, 10**10),
            )
            for _ in range(self.random.choice((1, 2, 5, 40)))
        )
        address = {"recipient": odd_text(self.random), "country": "CN"} if self.random.random() < 0.5 else None
        return Content(lines, address, odd_text(self.random) if self.random.random() < 0.5 else None)

    def _history(self, order_id: str) -> StoreCall:
        heads = self.past.get(order_id)
        if heads and self.random.random() < 0.7:
            return operations.event_recorded(event_of(order_from_document(self.random.choice(heads[-6:]))))
        return operations.history_read(order_id)

    def _index(self, order_id: str) -> StoreCall:
        kind = self.random.random()
        if kind < 0.2:
            return operations.listing_read(self.random.choice(LISTINGS))
        if kind < 0.4 and self.past.get(order_id):
            return operations.reference_read("seller-1", self.past[order_id][0]["reference"])
        until: datetime = NOON + timedelta(seconds=self.random.randint(-60, 7200))
        return operations.due_read(self.random.choice(list(Index)), until)
