"""An operator's overview of an outage: the orders that need a person, by gateway and cause."""

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from itertools import islice

from paylatch.domain.attention import Group, concerns_of
from paylatch.domain.caller import Caller
from paylatch.domain.errors import StoreUnavailable
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.order import Order
from paylatch.ports import HasTime, Index, Ports
from paylatch.use_cases.access import authorize_operators
from paylatch.use_cases.due_orders import Unread, ids_of, orders_of

MOST_GROUPED = 500


@dataclasses.dataclass(slots=True)
class GroupSummary:
    """A group as far as it was read: ids of its orders, since when the oldest waits, and its money by currency.

    The money is in minor units.
    """

    oldest: datetime
    order_ids: list[str] = field(default_factory=list)
    sums: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class GroupedAttention:
    """The groups, the largest first. `is_complete`: no further orders need a person, but for those in `unread`."""

    groups: Mapping[Group, GroupSummary]
    unread: Unread
    is_complete: bool


def group_attention(caller: Caller, has_time: HasTime, ports: Ports) -> GroupedAttention:
    """The orders that need a person, 500 at most, by gateway and cause; an order can be in several groups.

    Raises `NotAllowed`, and `StoreUnavailable` or `StoreRefused` where no part of the index can be read.
    """
    authorize_operators(caller)
    now, unread = ports.clock.now(), Unread()
    sources = ports.store.due(Index.ATTENTION, now)
    ids = list(islice(ids_of(sources, has_time, unread, ports), MOST_GROUPED + 1))
    if len(unread.sources) + len(unread.skipped) == len(sources):
        raise unread.refusal or StoreUnavailable("no part of the index could be read")
    groups: dict[Group, GroupSummary] = {}
    for order in orders_of(ids[:MOST_GROUPED], has_time, unread, ports):
        _add(order, groups, now)
    largest_first = sorted(groups.items(), key=lambda item: (-len(item[1].order_ids), item[0].gateway, item[0].cause))
    return GroupedAttention(dict(largest_first), unread, len(ids) <= MOST_GROUPED)


def _add(order: Order, groups: dict[Group, GroupSummary], now: datetime) -> None:
    for concern in concerns_of(order, now):
        summary = groups.setdefault(concern.group, GroupSummary(concern.since))
        summary.oldest = min(summary.oldest, concern.since)
        summary.sums[concern.currency] += concern.amount
        if order.order_id not in summary.order_ids:
            summary.order_ids.append(order.order_id)
