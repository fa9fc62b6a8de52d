"""An overdue lock refuses a caller's change: a timer is sent at once, so that nobody waits for the sweep."""

from collections.abc import Iterator
from contextlib import contextmanager

from paylatch.domain.errors import OrderLocked
from paylatch.ports import Ports, Timer, Timers


@contextmanager
def sending_overdue_timer(order_id: str, timers: Timers | None, ports: Ports) -> Iterator[None]:
    """Within this context, a write that an overdue lock refuses sends that order's timer, where there are `timers`.

    The refusal, `OrderLocked`, is raised all the same, also where the timer could not be sent: that failure is
    reported, and the sweep ends the lock.
    """
    try:
        yield
    except OrderLocked as refusal:
        if timers is not None and refusal.overdue and refusal.retry_at is not None:
            _send(Timer(order_id, refusal.retry_at), timers, ports)
        raise


def _send(timer: Timer, timers: Timers, ports: Ports) -> None:
    try:
        timers.send((timer,))
    except Exception as error:  # a failing queue must not change the answer
        ports.metrics.fail(error, order_id=timer.order_id)
