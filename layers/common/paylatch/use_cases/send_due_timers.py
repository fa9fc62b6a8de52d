"""Timers for what fell due by its own write, many in one request."""

from collections.abc import Mapping

from paylatch.domain.errors import TimersNotSent
from paylatch.ports import HasTime, Timer, Timers, batches_of


def send_due_timers(due: Mapping[int, Timer], timers: Timers, has_time: HasTime) -> Mapping[int, Exception]:
    """Send each of these timers once, ten in a request; gives the errors by the place of the first that failed.

    A request that fails does not keep back the others, which are made while there is time. Safe to repeat: a doubled
    timer does nothing.
    """
    first = {timer: place for place, timer in reversed([*due.items()])}
    failures: dict[int, Exception] = {}
    for batch in batches_of(sorted(first, key=first.__getitem__)):
        try:
            _send(batch, timers, has_time)
        except TimersNotSent as error:
            failures[first[batch[0]]] = error
    return failures


def _send(batch: list[Timer], timers: Timers, has_time: HasTime) -> None:
    if not has_time():
        raise TimersNotSent("no time was left to send timers")
    timers.send(batch)
