"""The faults of `make drill-poison`, each with the orders that are locked beside it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from local.stack import Stack
from local.throttling_proxy import ThrottledShard, ThrottlingProxy
from paylatch.domain.shards import shard_of
from tests.drills.deadlines import Deadlines, LockedOrder, wait_until
from tests.drills.table import head_key, table_client

# The locks beside one fault, and the seconds between their deadlines.
LOCKS = 8
APART = 0.5
# Seconds from the beginning: to deadlines that only a sweep sees coming, on a slow machine too, and to those beside the
# other faults.
SEEN_BY_SWEEPS = 115.0
FIRST_WINDOW = 124.0
WINDOW = 7.0
# One of so many orders is being paid at the silent gateway.
ONE_IN = 4
# A lock of this many seconds gets its timer from the stream.
SHORT_LOCK = 78.0
UNREADABLE = "a-status-of-a-later-version"
POISON = ("ORDER#POISONED00000000", "no order's key")


@dataclass(frozen=True, slots=True)
class Beside:
    """The orders locked beside one fault: those that it hits, and all others."""

    fault: str
    others: Sequence[LockedOrder]
    hit: Sequence[LockedOrder] = ()

    @property
    def last_deadline(self) -> float:
        """In seconds since 1970."""
        return max(order.due_at for order in (*self.others, *self.hit))


def warm_up(deadlines: Deadlines) -> None:
    """Lock orders that nobody measures; their timers start as many workers of the functions as there will be.

    Otherwise the first locks would measure how long workers take to start side by side.
    """
    for order_id in [deadlines.place() for _ in range(LOCKS)]:
        deadlines.lock(order_id, 0.0)


@dataclass(frozen=True, slots=True)
class Faults:
    """Causes each fault on the stack and locks the orders beside it; `begin` is in seconds since 1970."""

    stack: Stack
    deadlines: Deadlines
    begin: float

    def throttled_shard(self, proxy: ThrottlingProxy) -> Beside:
        """The shard with most of the orders is throttled before any sweep could see them."""
        placed = [self.deadlines.place() for _ in range(LOCKS)]
        ((shard, _),) = Counter(map(shard_of, placed)).most_common(1)
        proxy.throttled = ThrottledShard("due", shard)
        locked = self._lock(placed, self.begin + SEEN_BY_SWEEPS)
        return Beside(
            f"shard {shard} of the index `due` is throttled",
            [order for order in locked if shard_of(order.order_id) != shard],
            [order for order in locked if shard_of(order.order_id) == shard],
        )

    def none(self) -> Beside:
        """No fault: what the others are compared with."""
        return Beside("no fault", self._lock(self._placed_for(0), self._window(0)))

    def unreadable_order(self) -> Beside:
        """The first order's status becomes a word that this version does not know."""
        first, *others = self._lock(self._placed_for(1), self._window(1))
        table_client(self.stack.aws_endpoint_url).update_item(
            TableName=self.stack.table,
            Key=head_key(first.order_id),
            UpdateExpression="SET payment_status = :unknown",
            ExpressionAttributeValues={":unknown": {"S": UNREADABLE}},
        )
        return Beside("an order cannot be read", others, [first])

    def poisoned_stream(self) -> Beside:
        """Before the orders are locked, the stream gets records that nobody can read."""
        placed = self._placed_for(2)
        table = table_client(self.stack.aws_endpoint_url)
        for pk in POISON:
            event = {"M": {"due_at": {"S": "no time"}, "type": {"N": "1"}}}
            table.put_item(TableName=self.stack.table, Item={"pk": {"S": pk}, "sk": {"S": "HEAD"}, "last_event": event})
        return Beside("records of the stream cannot be read", self._lock(placed, self._window(2)))

    def silent_gateway(self, throttled: str) -> Beside:
        """One in four orders is being paid at the silent gateway; last due, because it keeps timers busy for a while.

        Only sweeps see them coming. An order has a message from each sweep that does, at most two, so that these orders
        occupy fewer invocations than there are: more of them would hold up the others, as docs/operations.md says. None
        is in the throttled shard: no sweep would see it coming.
        """
        outside = (each for each in iter(lambda: self.deadlines.place("CNY"), None) if shard_of(each) != throttled)
        placed = list(islice(outside, LOCKS))
        gateways = ["alipay", *["sandbox"] * (ONE_IN - 1)] * (LOCKS // ONE_IN)
        locked = self._lock(placed, self._window(3), gateways)
        others = [order for order, gateway in zip(locked, gateways, strict=True) if gateway == "sandbox"]
        return Beside("a gateway is silent", others, locked[::ONE_IN])

    def _placed_for(self, window: int) -> list[str]:
        """Orders of that window, placed so late that their locks are short."""
        wait_until(self._window(window) - SHORT_LOCK)
        return [self.deadlines.place() for _ in range(LOCKS)]

    def _window(self, window: int) -> float:
        return self.begin + FIRST_WINDOW + window * WINDOW

    def _lock(
        self, placed: Sequence[str], first: float, gateways: Sequence[str] = ("sandbox",) * LOCKS
    ) -> list[LockedOrder]:
        return [
            self.deadlines.lock(order_id, first + number * APART, gateway)
            for number, (order_id, gateway) in enumerate(zip(placed, gateways, strict=True))
        ]
