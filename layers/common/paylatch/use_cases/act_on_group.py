"""An operator acts on all orders of a group, as they would on each: asks their gateway again, or releases them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import groupby
from operator import attrgetter

from paylatch.domain.attention import MOST_ACTED_ON, START, Cause, Group, GroupPosition, concerns_in
from paylatch.domain.caller import Caller
from paylatch.domain.errors import (
    CallPostponed,
    GatewayError,
    InvalidRequest,
    Misconfigured,
    Refused,
    StoreRefused,
    StoreUnavailable,
)
from paylatch.domain.order import Order
from paylatch.ports import HasTime, Index, Metric, Ports, Timer, TimerSource
from paylatch.use_cases.access import authorize_operators
from paylatch.use_cases.due_orders import counted
from paylatch.use_cases.force_release import release_by_operator
from paylatch.use_cases.gateways_of_one_run import GatewaysOfOneRun
from paylatch.use_cases.read_order import WholeOrder
from paylatch.use_cases.recheck_payment import recheck_payment

MOST_LOOKED_AT = 250
# After this many orders in a row whose gateway gives no answer, a call ends.
MOST_UNANSWERED = 3
RELEASABLE = frozenset({Cause.RELEASE_UNCONFIRMED, Cause.PROCESSING_TOO_LONG})
# What is done about one attempt of an order.
Act = Callable[[str, str, Ports], WholeOrder]
Entry = tuple[GroupPosition, str]


@dataclass(slots=True)
class GroupProgress:
    """What one call did, by order id. `next_position` is None where the group is done.

    `done` are not in the group any more, `waiting` still are; `refused` have the error of each. `unread` are the parts
    of the index that could not be read. `retry_after` is how many seconds the gateway's rate leaves no further call.
    """

    done: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    refused: dict[str, Exception] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    next_position: GroupPosition | None = None
    retry_after: float | None = None

    @property
    def acted_on(self) -> int:
        """The number of orders of the group that were acted on."""
        return len(self.done) + len(self.waiting) + len(self.refused)


def recheck_group(
    group: Group, after: GroupPosition | None, caller: Caller, has_time: HasTime, ports: Ports
) -> GroupProgress:
    """Have the gateway asked again about each order of the group, 25 at most, by `recheck_payment`.

    Each order fails alone; `ports` keep the gateway's rate. The next call goes on after `next_position`. A crash loses
    nothing, because nothing but the orders is written. Raises `NotAllowed`, `InvalidRequest` for a gateway that neither
    the stack nor an order has, and `StoreUnavailable` or `StoreRefused` where no part of the index can be read.
    """

    def act(order_id: str, attempt_id: str, ports: Ports) -> WholeOrder:
        return recheck_payment(order_id, attempt_id, caller, ports)

    return _act_on(group, after, act, caller, has_time, ports)


def release_group(
    group: Group, after: GroupPosition | None, remark: str, caller: Caller, has_time: HasTime, ports: Ports
) -> GroupProgress:
    """Unlock each order of the group, 25 at most, by `release_by_operator`; otherwise as `recheck_group`.

    Raises `InvalidRequest` also for a cause that no release ends.
    """
    authorize_operators(caller)
    if group.cause not in RELEASABLE:
        raise InvalidRequest({"cause": f"only {' and '.join(sorted(RELEASABLE))} can be released"})

    def act(order_id: str, attempt_id: str, ports: Ports) -> WholeOrder:
        return release_by_operator(order_id, attempt_id, remark, caller, ports)

    return _act_on(group, after, act, caller, has_time, ports)


def _act_on(
    group: Group, after: GroupPosition | None, act: Act, caller: Caller, has_time: HasTime, ports: Ports
) -> GroupProgress:
    authorize_operators(caller)
    progress, position, unanswered = GroupProgress(), after or START, 0
    for looked_at, (place, order_id) in enumerate(_entries(position, progress, ports)):
        full = progress.acted_on == MOST_ACTED_ON or looked_at == MOST_LOOKED_AT
        # The first order is always begun: a call that ends where it began would never end.
        if full or unanswered == MOST_UNANSWERED or (looked_at and not has_time()):
            progress.next_position = position
            return progress
        try:
            _act_on_order(order_id, group, act, progress, ports)
        except CallPostponed as postponed:
            progress.next_position, progress.retry_after = position, postponed.seconds
            return progress
        position = place
        unanswered = unanswered + 1 if _is_unanswered(progress.refused.get(order_id)) else 0
    if not progress.acted_on and not progress.unread and after is None:
        _refuse_unknown(group.gateway, ports)
    return progress


def _act_on_order(order_id: str, group: Group, act: Act, progress: GroupProgress, ports: Ports) -> None:
    """Act on the order where it is in the group. Raises only `CallPostponed`."""
    # One piece of work for the gateway's rate, however many calls it takes.
    ports = replace(ports, gateways=GatewaysOfOneRun(ports.gateways))
    try:
        order = ports.store.read_head(order_id)
        attempt_ids = _attempts_in(order, group, ports)
        for attempt_id in attempt_ids:
            order = act(order_id, attempt_id, ports).order
    except CallPostponed:
        raise
    except Exception as error:  # a failing order must not delay the others
        progress.refused[order_id] = error
        ports.metrics.fail(error, order_id=order_id)
        return
    if attempt_ids:
        (progress.waiting if _attempts_in(order, group, ports) else progress.done).append(order_id)


def _attempts_in(order: Order | None, group: Group, ports: Ports) -> list[str]:
    concerns = concerns_in(order, group, ports.clock.now()) if order is not None else ()
    return list(dict.fromkeys(concern.attempt_id for concern in concerns))


def _is_unanswered(error: Exception | None) -> bool:
    return isinstance(error, GatewayError) and not isinstance(error, Refused)


def _entries(after: GroupPosition, progress: GroupProgress, ports: Ports) -> Iterator[Entry]:
    """The entries of the index behind that one. A part that cannot be read is named, and hides no other."""
    failures: list[Exception] = []
    sources = [(shard, source) for shard, source in _sources(ports) if shard >= after.shard]
    for shard, source in sources:
        try:
            yield from _entries_of(source, shard, after, ports)
        except Exception as error:  # a failing part must not delay the others
            failures.append(error)
            progress.unread.append(source.name)
            ports.metrics.fail(error, counted(error, Metric.READ_FAILED), source=source.name)
    if failures and len(failures) == len(sources) and not progress.acted_on:
        refusals = (error for error in failures if isinstance(error, StoreRefused))
        raise next(refusals, StoreUnavailable("no part of the index could be read"))


def _sources(ports: Ports) -> Iterator[tuple[int, TimerSource]]:
    """The parts of the index, each with the number of its shard, the lowest first."""
    sources = ports.store.timers_in(Index.ATTENTION)
    return ((int(source.name.rpartition("/")[2]), source) for source in sources)


def _entries_of(source: TimerSource, shard: int, after: GroupPosition, ports: Ports) -> Iterator[Entry]:
    now, begun = ports.clock.now(), shard == after.shard
    start = after.at - timedelta(milliseconds=1) if begun else None
    for at, same in groupby(source.read(start, now), key=attrgetter("due_at")):
        # Entries of one time come in any order: by their ids they have one.
        for order_id in sorted(_ids(same)):
            if not begun or (at, order_id) > (after.at, after.order_id):
                yield GroupPosition(shard, at, order_id), order_id


def _ids(entries: Iterator[Timer]) -> Iterator[str]:
    return (entry.order_id for entry in entries)


def _refuse_unknown(gateway: str, ports: Ports) -> None:
    """Refuse a gateway that the stack does not have, unless an order waits for it."""
    try:
        ports.gateways.named(gateway)
    except Misconfigured:
        fault = "this stack has no such gateway, and no order that needs a person is paid by one"
        raise InvalidRequest({"gateway": fault}) from None
