"""Locked orders with deadlines, each beside an echo for the same second, and how late each was unlocked."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from bench.echo import Echo
from local.example_orders import PAYMENT, tea_order
from local.stack import Stack
from tests.drills.shop import answered
from tests.drills.table import read_head

SHORTEST_LOCK = 60
_numbers = count()


@dataclass(frozen=True, slots=True)
class LockedOrder:
    """A locked order; `due_at` is its deadline in seconds since 1970, `number` that of its echo."""

    order_id: str
    attempt_id: str
    due_at: float
    number: int


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds from an order's deadline to its unlocking, and to its echo; infinite where it is still locked."""

    order: float
    echo: float

    @property
    def beyond_echo(self) -> float:
        """How much later than its echo the order was unlocked, in seconds."""
        return self.order - self.echo


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Places and locks orders on a stack, and measures how late they are unlocked."""

    stack: Stack
    echo: Echo

    def place(self, currency: str = "EUR") -> str:
        """A new order that nobody pays."""
        order = tea_order(f"drill-{next(_numbers)}", self.stack.buyer_id, self.stack.seller_id)
        return str(self.stack.client("service").create_order({**order, "currency": currency}).expect(201)["order_id"])

    def lock(self, order_id: str, wanted: float, gateway: str = "sandbox") -> LockedOrder:
        """Lock the order until that time, in seconds since 1970, or for the shortest lock where that is later."""
        number = next(_numbers)
        payment = {**PAYMENT, "gateway": gateway, "expires_in": max(SHORTEST_LOCK, int(wanted - time.time()))}
        buyer = self.stack.client("buyer")
        opened = answered(lambda: buyer.request_payment(order_id, payment, key=order_id)).expect(201)
        due_at = datetime.fromisoformat(opened["expires_at"]).timestamp()
        self.echo.send(number, due_at)
        return LockedOrder(order_id, str(opened["attempt_id"]), due_at, number)

    def delays(self, orders: Sequence[LockedOrder]) -> list[Delays]:
        """How late each of them was, in their sequence."""
        echoes = self.echo.delays()
        return [Delays(self._delay(each), echoes.get(each.number, math.inf)) for each in orders]

    def locked(self, orders: Sequence[LockedOrder]) -> list[LockedOrder]:
        """Those of them that are still locked."""
        return [each for each in orders if math.isinf(self._delay(each))]

    def wait_until_unlocked(self, orders: Sequence[LockedOrder], within: float) -> bool:
        """Whether all were unlocked within so many seconds from now."""
        deadline = time.monotonic() + within
        while left := self.locked(orders):
            if time.monotonic() > deadline:
                return False
            orders = left
            time.sleep(0.25)
        return True

    def _delay(self, order: LockedOrder) -> float:
        # From the head, because the history lags behind it.
        last = read_head(self.stack, order.order_id)["last_event"]["M"]
        if last["type"]["S"] != "OrderUnlocked":
            return math.inf
        return datetime.fromisoformat(last["at"]["S"]).timestamp() - order.due_at


def wait_until(timestamp: float) -> None:
    """Wait until that time, in seconds since 1970."""
    while (rest := timestamp - time.time()) > 0:
        time.sleep(min(rest, 0.5))
