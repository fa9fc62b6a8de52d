"""The timeout sub-unit, and the one recovery loop: find what is due, and make progress on it."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from paylatch.domain.actors import SWEEP
from paylatch.domain.errors import CallPostponed, TimersNotSent
from paylatch.domain.late_money import Payment
from paylatch.domain.limits import SENDING_LASTS
from paylatch.domain.order import PAYING, Order
from paylatch.domain.payment import PastAttempt, RefundStatus
from paylatch.ports import DueSource, HasTime, Index, Metric, Ports, Timer, Timers
from paylatch.use_cases.check_links import check_link_if_due, end_dead_links
from paylatch.use_cases.circuit_breaker import CircuitBreaker
from paylatch.use_cases.due_orders import count_failure, ids_in
from paylatch.use_cases.expire_order import expire_if_due
from paylatch.use_cases.follow_payment import release_overdue
from paylatch.use_cases.missed_callbacks import count_missed_callback
from paylatch.use_cases.postpone import postpone
from paylatch.use_cases.refund_payment import refund_payment
from paylatch.use_cases.send_timers import send_timers
from paylatch.use_cases.settle_payment import settle_payment

# Returns the order after the call.
Act = Callable[[Order, Ports, HasTime], Order]
Task = tuple[str, Act]
# Yields tasks, and None where a source failed.
Tasks = Iterator[Task | None]
_END = object()


@dataclass(slots=True)
class SweepReport:
    """The result of one run; the next run continues with the rest.

    `failed` counts orders, and `postponed` those whose gateway must not be called yet; `failed_sources` names the parts
    of the indexes that could not be read; `stopped_early` is set when the time ran out before all was handled, and all
    timers were sent.
    """

    handled: int = 0
    failed: int = 0
    postponed: int = 0
    failed_sources: list[str] = field(default_factory=list)
    stopped_early: bool = False

    def add_failed_source(self, name: str, _: Exception) -> None:
        """Add a part of an index that could not be read; the log holds the error."""
        self.failed_sources.append(name)


def sweep_timeouts(has_time: HasTime, ports: Ports, timers: Timers | None = None) -> SweepReport:
    """Release what timed out, retry pending releases, make due refunds, check links that may still be live.

    With `timers`, first have them sent for what falls due soon, and leave to them what they can take; without, or where
    they fail, handle all that is due. What is not sent in 15 seconds is sent after that. Locks and follow-ups
    alternate, so that a run which ends early has processed both. A failing order or part of an index is reported and
    does not stop the run.
    """
    report = SweepReport()
    now = ports.clock.now()
    if timers is None:
        _handle(now, None, has_time, report, ports, None)
    else:
        sending = send_timers(timers, report.add_failed_source, lambda: ports.clock.now() - now < SENDING_LASTS, ports)
        _handle(now, sending.left, has_time, report, ports, timers)
        sending.go_on(has_time)
        report.stopped_early |= not sending.is_complete
    if report.stopped_early:
        ports.metrics.count(Metric.SWEEP_STOPPED_EARLY)
    return report


def _handle(
    now: datetime,
    left: Mapping[str, datetime] | None,
    has_time: HasTime,
    report: SweepReport,
    ports: Ports,
    timers: Timers | None,
) -> None:
    """Handle what is due, as far as it is left for this run to handle itself."""
    guarded = replace(ports, gateways=CircuitBreaker(ports.gateways))
    locks = _tasks(_sources(Index.DUE, now, left, ports), _release_if_due, report, ports)
    follow_ups = _tasks(_sources(Index.FOLLOW_UP, now, left, ports), _follow_up_all, report, ports)
    for task in _in_turn(locks, follow_ups):
        if not has_time():
            report.stopped_early = True
            return
        if task is not None:
            _process(*task, has_time, report, guarded, timers)


def make_progress(order: Order, ports: Ports, has_time: HasTime) -> Order:
    """Do all that is due on this order, and give it afterwards; its head decides what is due."""
    order = _release_if_due(order, ports, has_time)
    if order.follow_up_at is not None and order.follow_up_at <= ports.clock.now():
        order = _follow_up_all(order, ports, has_time)
    return order


def _sources(index: Index, now: datetime, left: Mapping[str, datetime] | None, ports: Ports) -> Iterable[DueSource]:
    """The sources to handle: all, or those of which something is left, as far as it is."""
    if left is None:
        return ports.store.due(index, now)
    times = sorted(set(left.values()))
    return (source for until in times for source in ports.store.due(index, until) if left.get(source.name) == until)


def _tasks(sources: Iterable[DueSource], act: Act, report: SweepReport, ports: Ports) -> Tasks:
    for source in sources:
        for order_id in ids_in(source, report.add_failed_source, ports):
            yield (order_id, act) if order_id is not None else None


def _in_turn(locks: Tasks, follow_ups: Tasks) -> Tasks:
    """Alternate between the two indexes; after a failure the other index goes first, because failing can take seconds.

    Locks wait only after two consecutive failures of parts of their index: one failing part does not put the other
    locks behind all follow-ups.
    """
    ready, waiting = deque([locks, follow_ups]), deque[Tasks]()
    failures = Counter[Tasks]()
    while ready or waiting:
        index = (ready or waiting).popleft()
        task: object = next(index, _END)
        if task is not _END:
            failures[index] = failures[index] + 1 if task is None else 0
            (waiting if failures[index] > (index is locks) else ready).append(index)
            yield task  # type: ignore[misc]


def _process(
    order_id: str, act: Act, has_time: HasTime, report: SweepReport, ports: Ports, timers: Timers | None
) -> None:
    try:
        done = _done(order_id, act, has_time, ports, timers)
        report.handled += done
        report.postponed += not done
    except Exception as error:  # a failing order must not delay the others
        report.failed += 1
        count_failure(Metric.SWEEP_FAILED, order_id, error, ports)


def _done(order_id: str, act: Act, has_time: HasTime, ports: Ports, timers: Timers | None) -> bool:
    """Whether the order's work was done, and not left to a timer or the next run."""
    order = ports.store.read_head(order_id)
    try:
        if order is not None:
            act(order, ports, has_time)
    except CallPostponed as postponed:
        if timers is not None:
            _leave_to_timer(Timer(order_id, ports.clock.now()), postponed, timers, ports)
        return False
    return True


def _leave_to_timer(timer: Timer, postponed: CallPostponed, timers: Timers, ports: Ports) -> None:
    try:
        postpone(timer, postponed, timers, ports)
    except TimersNotSent as error:  # the next run finds the order
        ports.metrics.fail(error, order_id=timer.order_id)


def _release_if_due(order: Order, ports: Ports, _: HasTime) -> Order:
    """Release the order if it is due by its head; the index is a hint."""
    attempt = order.attempt
    if attempt is None or order.due_at is None or order.due_at > ports.clock.now():
        return order
    if order.status not in PAYING:
        return order
    overdue = ports.clock.now() - order.due_at
    ports.metrics.count(Metric.OLDEST_LOCK_OVERDUE, int(overdue.total_seconds()), attempt_id=attempt.attempt_id)
    after = release_overdue(order, SWEEP, ports)
    count_missed_callback(attempt, after, ports)
    return after


def _follow_up_all(order: Order, ports: Ports, has_time: HasTime) -> Order:
    """Process each follow-up of the order independently; raise the first failure at the end.

    After a failure the order is read again, because it is unknown what was written. A postponed call is raised where
    nothing failed. The links that were found dead end by one write.
    """
    dead: list[PastAttempt] = []
    follow_ups: list[Act] = [
        *(partial(_refund_if_due, refund_id) for refund_id in order.refunds),
        *(partial(_confirm_if_due, payment_id) for payment_id in order.payments),
        *(partial(check_link_if_due, attempt_id, dead, SWEEP) for attempt_id in order.past_attempts),
        partial(end_dead_links, dead, SWEEP),
        # Last: money that is found meanwhile still pays for the order.
        partial(expire_if_due, SWEEP),
    ]
    failures: list[Exception] = []
    postponed: list[Exception] = []
    for follow_up in follow_ups:
        try:
            order = follow_up(order, ports, has_time)
        except Exception as error:
            if failures and not isinstance(error, CallPostponed):
                # The caller reports the first failure; one order counts as one failure.
                ports.metrics.fail(error, order_id=order.order_id)
            (postponed if isinstance(error, CallPostponed) else failures).append(error)
            order = ports.store.read_head(order.order_id) or order
    if failures or postponed:
        raise (failures or postponed)[0]
    return order


def _refund_if_due(refund_id: str, order: Order, ports: Ports, has_time: HasTime) -> Order:
    # The current order: a concurrent sweep may process the same follow-ups.
    refund, now = order.refunds[refund_id], ports.clock.now()
    if refund.status is not RefundStatus.DUE:
        return order
    ports.metrics.count(Metric.OLDEST_REFUND_OWED, int((now - refund.since).total_seconds()))
    if refund.next_at > now or not has_time():
        return order
    refund_payment(order, refund, SWEEP, ports)
    return ports.store.read_head(order.order_id) or order


def _confirm_if_due(payment_id: str, order: Order, ports: Ports, has_time: HasTime) -> Order:
    """Query a payment that its gateway reported and did not confirm; without an answer, schedule the next query."""
    claimed = order.payments[payment_id]
    if claimed.next_at is None or claimed.next_at > ports.clock.now() or not has_time():
        return order
    payment = Payment(claimed.attempt_id, claimed.gateway, claimed.capture)
    return settle_payment(order.order_id, payment, ports)
