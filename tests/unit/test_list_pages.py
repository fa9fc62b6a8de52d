"""A list is read page by page while orders are created: each page is the caller's own, and none is missed or repeated.

Whatever the sequence of new orders and pages is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from paylatch.domain.caller import Caller, Role
from paylatch.domain.listing import OrderFilter
from paylatch.domain.order import Content, Line
from paylatch.ports import Ports
from paylatch.use_cases.create_order import OrderRequest, create_order
from paylatch.use_cases.list_orders import list_orders
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock

SERVICE = Caller("storefront", frozenset({Role.SERVICE}))
CONTENT = Content((Line("TEA-01", "Green tea", 1, 1250),))
PEOPLE = st.sampled_from(["one", "two"])
# A new order, by its seller, its buyer and the milliseconds since the one before; many come at one time.
NEW = st.tuples(PEOPLE, PEOPLE, st.integers(0, 2))


@dataclass
class Shop:
    """Orders of two sellers and two buyers."""

    clock: SettableClock = field(default_factory=lambda: SettableClock(datetime(2026, 5, 4, tzinfo=UTC)))
    made: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ports = Ports(
            MemoryOrderStore(), cast("Any", None), self.clock, SequentialIdGenerator(), RecordedMetrics()
        )

    def create(self, seller: str, buyer: str, later: int) -> None:
        """One more order."""
        self.clock.advance(timedelta(milliseconds=later))
        request = OrderRequest(
            reference=f"r-{len(self.made)}",
            buyer_id=buyer,
            seller_id=seller,
            currency="EUR",
            content=CONTENT,
            fingerprint="f",
            # Ids of keys are in no sequence.
            idempotency_key=f"key-{len(self.made)}",
        )
        order = create_order(request, SERVICE, self.ports).order
        self.made.append((order.order_id, seller, buyer))

    def of(self, caller: Caller) -> set[str]:
        """The orders that this caller has by now."""
        place = 1 if Role.SELLER in caller.roles else 2
        return {entry[0] for entry in self.made if entry[place] == caller.subject}

    def pages(self, caller: Caller, limit: int) -> Iterator[list[str]]:
        """The pages of that caller's list, one after the other."""
        cursor, is_last = None, False
        while not is_last:
            page = list_orders(OrderFilter(), cursor, limit, caller, self.ports, lambda _: None)
            cursor, is_last = page.next_cursor, page.next_cursor is None
            yield [order.order_id for order in page.orders]


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    before=st.lists(NEW, max_size=12),
    between=st.lists(st.lists(NEW, max_size=3), max_size=6),
    limit=st.integers(1, 4),
    role=st.sampled_from([Role.SELLER, Role.BUYER]),
    subject=PEOPLE,
)
def test_pages_show_ones_own_orders_each_once_and_all_that_were_there_before_the_first_page(
    before: list[tuple[str, str, int]],
    between: list[list[tuple[str, str, int]]],
    limit: int,
    role: Role,
    subject: str,
) -> None:
    shop, caller, shown = Shop(), Caller(subject, frozenset({role})), list[str]()
    for new in before:
        shop.create(*new)
    at_first, later = shop.of(caller), iter(between)
    for page in shop.pages(caller, limit):
        assert len(page) <= limit
        shown += page
        for new in next(later, []):
            shop.create(*new)
    assert set(shown) <= shop.of(caller), "nobody else's"
    assert len(shown) == len(set(shown)), "each once"
    assert at_first <= set(shown), "none is missed"
