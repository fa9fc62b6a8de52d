"""A timer goes off: the sweep's own work, on one order."""

from paylatch.domain.errors import CallPostponed
from paylatch.ports import HasTime, Ports, Timer, Timers
from paylatch.use_cases.postpone import postpone
from paylatch.use_cases.sweep_timeouts import make_progress


def run_timer(timer: Timer, timers: Timers, has_time: HasTime, ports: Ports) -> None:
    """Make progress on the timer's order, where it is due by its head.

    A timer that comes early, or for which no time is left, is sent again with the rest of its delay; one whose gateway
    must not be called yet, with the time until it may. A late, repeated or outdated one does nothing. Raises what the
    order's work raises, and `TimersNotSent`.
    """
    if timer.due_at > ports.clock.now() or not has_time():
        timers.send((timer,))
        return
    order = ports.store.read_head(timer.order_id)
    if order is None:
        return
    try:
        make_progress(order, ports, has_time)
    except CallPostponed as postponed:
        postpone(timer, postponed, timers, ports)
