"""Orders in memory whose store and gateway take simulated time; the use cases are the product's."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from bench.simulated_time import EPOCH, SimulatedClock, Taking
from paylatch.domain.caller import Caller, Role
from paylatch.domain.order import Content, Line, PaymentStatus
from paylatch.domain.timestamps import as_text, from_text
from paylatch.domain.transitions import Transition
from paylatch.domain.transitions.rule import EventType
from paylatch.ports import Applied, Gateway, Index, OrderStore, Ports, Rejected, Timer, TimerSource
from paylatch.use_cases.create_order import OrderRequest, create_order
from paylatch.use_cases.payment_request import PaymentRequest
from paylatch.use_cases.request_payment import request_payment
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator

STORE_SECONDS = 0.006
GATEWAY_SECONDS = 0.4
SHOP = Caller("shop", frozenset({Role.SERVICE}))
BUYER = Caller("buyer-1", frozenset({Role.BUYER}))
CONTENT = Content((Line("sku-1", "Article", 1, 1250),), None)


class IndexedStore(MemoryOrderStore):
    """The orders in memory, with each index kept sorted: a query reads only what it yields."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[str, list[tuple[str, str]]] = defaultdict(list)
        # The order of each release, in the order of the writes.
        self.releases: list[str] = []

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        outcome = super().apply(order_id, transition)
        if isinstance(outcome, Applied):
            self._index(self.heads[order_id])
            self.releases += [event.order_id for event in self.outbox if event.type == EventType.ORDER_UNLOCKED]
        self.outbox.clear()
        return outcome

    def timers_in(self, index: Index) -> tuple[TimerSource, ...]:
        return tuple(
            TimerSource(source.name, partial(self._sorted_timers, index, source.name))
            for source in super().timers_in(index)
        )

    def _index(self, document: dict[str, Any]) -> None:
        for index in Index:
            time: str | None = document.get(f"{index.value}_at")
            if time is None:
                continue
            entry, entries = (time, str(document["order_id"])), self._entries[f"{index.value}/{document['shard']}"]
            place = bisect_left(entries, entry)
            if entries[place : place + 1] != [entry]:
                entries.insert(place, entry)

    def _sorted_timers(self, index: Index, name: str, after: datetime | None, until: datetime) -> Iterator[Timer]:
        entries = self._entries[name]
        first = 0 if after is None else bisect_right(entries, (as_text(after), "~"))
        for time, order_id in entries[first : bisect_right(entries, (as_text(until), "~"))]:
            # An entry that its order has left behind.
            if self.heads[order_id].get(f"{index.value}_at") == time:
                yield Timer(order_id, from_text(time))


class SimulatedShop:
    """A shop with one gateway; `clock` is the clock of whoever calls."""

    def __init__(self) -> None:
        self.clock = SimulatedClock()
        self.orders = IndexedStore()
        self.gateway = ScriptedGateway(self.clock)
        self._ids = SequentialIdGenerator()
        self._number = 0
        self.metrics = RecordedMetrics()
        self.instant_ports = self._ports(0.0, 0.0)
        self.ports = self._ports(STORE_SECONDS, GATEWAY_SECONDS)

    def lock(self, at: float, seconds: float) -> str:
        """Place an order at that time and lock it for so long; returns its id."""
        self.clock.seconds, self._number = at, self._number + 1
        request = OrderRequest(
            reference=str(self._number),
            buyer_id=BUYER.subject,
            seller_id="seller-1",
            currency="EUR",
            content=CONTENT,
            fingerprint="0QRS5TV7WX9Y",
            idempotency_key=None,
        )
        order_id = create_order(request, SHOP, self.instant_ports).order.order_id
        payment = PaymentRequest(
            order_id=order_id,
            idempotency_key="1",
            return_url="https://shop.example/thanks",
            expires_in=timedelta(seconds=seconds),
            gateway=None,
            revision=None,
            callback_base="https://api.example",
        )
        request_payment(payment, BUYER, self.instant_ports)
        self.gateway.asked.clear()
        return order_id

    def due_at(self, order_id: str) -> float:
        """When the order's lock is due."""
        return (from_text(self.orders.heads[order_id]["due_at"]) - EPOCH).total_seconds()

    def is_unlocked(self, order_id: str) -> bool:
        """Whether the order is given back."""
        unlocked: bool = self.orders.heads[order_id]["payment_status"] == PaymentStatus.PENDING_PAYMENT
        return unlocked

    def locked(self) -> int:
        """How many orders are locked still."""
        return sum(not self.is_unlocked(order_id) for order_id in self.orders.heads)

    def _ports(self, store_seconds: float, gateway_seconds: float) -> Ports:
        store = cast("OrderStore", Taking(self.orders, store_seconds, self.clock))
        gateway = cast("Gateway", Taking(self.gateway, gateway_seconds, self.clock))
        return Ports(store, FixedGateways({"sandbox": gateway}), self.clock, self._ids, self.metrics)
