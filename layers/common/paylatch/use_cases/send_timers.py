"""The look-ahead of a sweep: it sends timers for what falls due before the next one, and for what is overdue again."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from threading import Lock

from paylatch.domain.errors import TimersNotSent
from paylatch.domain.limits import LOOK_AHEAD
from paylatch.ports import Index, Metric, Ports, Timer, Timers, TimerSource, batches_of
from paylatch.use_cases.due_orders import OnFailure, counted

SOURCES = (Index.DUE, Index.FOLLOW_UP)
WIDTH = 16
# A queue with fewer timers that could be delivered now is short.
SHORT_QUEUE = 1000
# Of one source, in one run.
MOST_SENT_AGAIN = 1000
# So many of a source's oldest entries are not sent again: those that fail each time would only fill the dead letters.
LEFT_TO_THE_SWEEP = 5


def send_timers(timers: Timers, on_failure: OnFailure, ports: Ports) -> Mapping[str, datetime]:
    """Send a timer for each order due within the next 75 seconds, and again for each overdue one while few wait.

    Up to 16 sources are read at once. Each fails alone, after `on_failure` was called and the failure counted. Gives
    what is left for the sweep to handle itself: for each such source, the time until which its entries are left. Those
    are what is overdue for longer than 75 seconds, and what could not be sent again. The memory in use does not depend
    on how much is due.
    """
    # Imported here, because no other function needs it when it starts.
    from concurrent.futures import ThreadPoolExecutor

    run = _Run(timers, on_failure, ports)
    sources = [source for index in SOURCES for source in ports.store.timers_in(index)]
    with ThreadPoolExecutor(WIDTH) as pool:
        left = list(pool.map(run.send, sources))
    return {source.name: until for source, until in zip(sources, left, strict=True) if until is not None}


class _Run:
    def __init__(self, timers: Timers, on_failure: OnFailure, ports: Ports) -> None:
        self._timers = timers
        self._on_failure = on_failure
        self._metrics = ports.metrics
        self._now = ports.clock.now()
        self._asking = Lock()
        self._short: bool | None = None

    def send(self, source: TimerSource) -> datetime | None:
        """Send the timers of one source; give the time until which the sweep handles its entries itself."""
        left: list[datetime] = []
        try:
            for batch in batches_of(self._wanted(source, left)):
                self._timers.send(batch)
        except TimersNotSent as error:
            self._metrics.fail(error, source=source.name)
            return self._now
        except Exception as error:  # a failing source must not delay the others
            self._on_failure(source.name, error)
            self._metrics.fail(error, counted(error, Metric.READ_FAILED), source=source.name)
        return max(left, default=None)

    def _wanted(self, source: TimerSource, left: list[datetime]) -> Iterator[Timer]:
        """What is to be sent; `left` receives the times until which the other entries are."""
        late, horizon = self._now - LOOK_AHEAD, self._now + LOOK_AHEAD
        for place, timer in enumerate(source.read(None, horizon)):
            if timer.due_at > self._now:
                yield timer
            elif place == MOST_SENT_AGAIN or not self._queue_is_short():
                left.append(self._now)
                # What falls due next is sent on time, however much is overdue.
                yield from source.read(self._now, horizon)
                return
            else:
                if timer.due_at <= late:
                    left.append(late)
                if timer.due_at > late or place >= LEFT_TO_THE_SWEEP:
                    yield timer

    def _queue_is_short(self) -> bool:
        """Asked once in a run, and only where something is overdue."""
        with self._asking:
            if self._short is None:
                self._short = self._ask()
            return self._short

    def _ask(self) -> bool:
        try:
            return self._timers.waiting() < SHORT_QUEUE
        except Exception as error:  # what falls due next is sent nevertheless
            self._metrics.fail(error)
            return False
