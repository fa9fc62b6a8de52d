"""A queue of timers in memory."""

from collections.abc import Sequence

from paylatch.domain.errors import TimersNotSent
from paylatch.ports import Timer


class MemoryTimers:
    """Implements `Timers`: `sent` has every timer in its order; while `failing`, it takes none."""

    def __init__(self) -> None:
        self.sent: list[Timer] = []
        self.batches: list[int] = []
        self.asked = 0
        self.length = 0
        self.failing: bool | Exception = False

    def send(self, timers: Sequence[Timer]) -> None:
        if self.failing:
            raise self.failing if isinstance(self.failing, Exception) else TimersNotSent("no answer")
        self.batches.append(len(timers))
        self.sent += timers

    def waiting(self) -> int:
        self.asked += 1
        return self.length

    @property
    def order_ids(self) -> set[str]:
        return {timer.order_id for timer in self.sent}
