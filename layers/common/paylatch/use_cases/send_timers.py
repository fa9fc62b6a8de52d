"""The look-ahead of a sweep: it sends timers for what falls due before the next one, and for what is overdue again."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from threading import Lock

from paylatch.domain.errors import TimersNotSent
from paylatch.domain.limits import LOOK_AHEAD
from paylatch.ports import HasTime, Index, Metric, Ports, Timer, Timers, TimerSource, batches_of
from paylatch.use_cases.due_orders import OnFailure, counted

SOURCES = (Index.DUE, Index.FOLLOW_UP)
WIDTH = 16
# A queue with fewer timers that could be delivered now is short.
SHORT_QUEUE = 1000
# Of one source, in one run.
MOST_SENT_AGAIN = 1000
# So many of a source's oldest entries are not sent again: those that fail each time would only fill the dead letters.
LEFT_TO_THE_SWEEP = 5


def send_timers(timers: Timers, on_failure: OnFailure, has_time: HasTime, ports: Ports) -> "Sending":
    """Send a timer for each order due within the next 75 seconds, and again for each overdue one while few wait.

    Up to 16 sources are read at once, while there is time. Each fails alone, after `on_failure` was called and the
    failure counted. The memory in use does not depend on how much is due.
    """
    sending = Sending(timers, on_failure, ports)
    sending.go_on(has_time)
    return sending


class Sending:
    """The timers of one run of the sweep. What there was no time for can be sent later in the same run."""

    def __init__(self, timers: Timers, on_failure: OnFailure, ports: Ports) -> None:
        run = _Run(timers, on_failure, ports)
        self._sources = [_Source(source, run) for index in SOURCES for source in ports.store.timers_in(index)]

    @property
    def is_complete(self) -> bool:
        """Whether all timers were sent, or failed."""
        return all(source.is_complete for source in self._sources)

    @property
    def left(self) -> Mapping[str, datetime]:
        """What is left for the sweep to handle itself: for each such source, the time until which its entries are.

        Those are what is overdue for longer than 75 seconds, and what could not be sent again.
        """
        return {source.name: max(source.left) for source in self._sources if source.left}

    def go_on(self, has_time: HasTime) -> None:
        """Send what is not sent yet, while there is time."""
        unsent = [source for source in self._sources if not source.is_complete]
        if not unsent:
            return
        # Imported here, because no other function needs it when it starts.
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(WIDTH) as pool:
            for sent in [pool.submit(source.send, has_time) for source in unsent]:
                sent.result()


class _Run:
    """What the sources of a run share."""

    def __init__(self, timers: Timers, on_failure: OnFailure, ports: Ports) -> None:
        self.timers = timers
        self.on_failure = on_failure
        self.metrics = ports.metrics
        self.now = ports.clock.now()
        self._asking = Lock()
        self._short: bool | None = None

    def queue_is_short(self) -> bool:
        """Asked once in a run, and only where something is overdue."""
        with self._asking:
            if self._short is None:
                self._short = self._ask()
            return self._short

    def _ask(self) -> bool:
        try:
            return self.timers.waiting() < SHORT_QUEUE
        except Exception as error:  # what falls due next is sent nevertheless
            self.metrics.fail(error)
            return False


class _Source:
    """The timers of one source, which are read as they are sent."""

    def __init__(self, source: TimerSource, run: _Run) -> None:
        self.name = source.name
        # The times until which entries are left to the sweep.
        self.left: list[datetime] = []
        self.is_complete = False
        self._source = source
        self._run = run
        self._overdue_are_read = False
        self._batches = batches_of(self._wanted())

    def send(self, has_time: HasTime) -> None:
        """Send what is not sent yet, while there is time."""
        try:
            self._send(has_time)
        except TimersNotSent as error:
            self._fail(error, None)
            self.left.append(self._run.now)
        except Exception as error:  # a failing source must not delay the others
            self._run.on_failure(self.name, error)
            self._fail(error, counted(error, Metric.READ_FAILED))

    def _send(self, has_time: HasTime) -> None:
        while has_time():
            batch = next(self._batches, None)
            if batch is None:
                self.is_complete = True
                return
            self._run.timers.send(batch)
        if not self._overdue_are_read:
            self.left.append(self._run.now)

    def _fail(self, error: Exception, metric: Metric | None) -> None:
        self._run.metrics.fail(error, metric, source=self.name)
        self.is_complete = True

    def _wanted(self) -> Iterator[Timer]:
        now, late, horizon = self._run.now, self._run.now - LOOK_AHEAD, self._run.now + LOOK_AHEAD
        for place, timer in enumerate(self._source.read(None, horizon)):
            if timer.due_at > now:
                self._overdue_are_read = True
                yield timer
            elif place == MOST_SENT_AGAIN or not self._run.queue_is_short():
                self.left.append(now)
                # What falls due next is sent on time, however much is overdue.
                yield from self._source.read(now, horizon)
                return
            else:
                if timer.due_at <= late:
                    self.left.append(late)
                if timer.due_at > late or place >= LEFT_TO_THE_SWEEP:
                    yield timer
