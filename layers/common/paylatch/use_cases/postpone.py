"""An order whose gateway's rate is used up waits in the queue of timers, so that no function waits for it."""

from datetime import timedelta

from paylatch.domain.errors import CallPostponed
from paylatch.domain.limits import LONGEST_POSTPONEMENT
from paylatch.ports import Ports, Timer, Timers


def postpone(timer: Timer, postponed: CallPostponed, timers: Timers, ports: Ports) -> None:
    """Send the timer again for the time at which its gateway may be called.

    Where a sweep sends another one sooner, none is sent: so an order has few timers, however long it waits. Raises
    `TimersNotSent`.
    """
    ports.metrics.fail(postponed, order_id=timer.order_id)
    now = ports.clock.now()
    longest = now + LONGEST_POSTPONEMENT
    until = longest if timer.until is None else min(timer.until, longest)
    due_at = now + timedelta(seconds=postponed.seconds)
    if due_at <= until:
        timers.send((Timer(timer.order_id, due_at, until),))
