"""The in-memory store with its table's stream: what every change left of the head, and how far that was handled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from paylatch.domain.errors import PaylatchError
from paylatch.domain.guards import Document
from paylatch.domain.order import Order
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.transitions import Transition
from paylatch.ports import Applied, Rejected
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.model_checker.actors import ORDER


@dataclass(frozen=True, slots=True)
class Stream:
    """The order's events. `records` are the heads after each change, None where nobody follows them.

    `done` counts the records that will not be handed out again, `published` holds the `seq` of the published events,
    `history` what was recorded, by `seq`.
    """

    records: tuple[Document, ...] | None = None
    done: int = 0
    published: frozenset[int] = frozenset()
    history: Mapping[int, RecordedEvent] = field(default_factory=dict)

    @property
    def key(self) -> object:
        """Equal for streams that no process can distinguish."""
        if self.records is None:
            return None
        # An erasure replaces texts in recorded events.
        recorded = tuple((seq, repr(self.history[seq].detail)) for seq in sorted(self.history))
        return (tuple(map(repr, self.records)), self.done, self.published, recorded)


class StreamedStore(MemoryOrderStore):
    """Implements `OrderStore`, and what the stream's consumer asks for beside it."""

    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self._stream = stream
        self.history = {ORDER: dict(stream.history)}
        self._last_read: tuple[Document, Order | None] | None = None

    @property
    def stream(self) -> Stream:
        """The stream as it is now."""
        return replace(self._stream, history=dict(self.history[ORDER]))

    def read_head(self, order_id: str) -> Order | None:
        # A head's document is replaced, never changed, and reading it is slow.
        document = self.heads.get(order_id, {})
        if self._last_read is None or self._last_read[0] is not document:
            self._last_read = (document, super().read_head(order_id))
        return self._last_read[1]

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        known = len(self.outbox)
        outcome = super().apply(order_id, transition)
        if self._stream.records is not None and len(self.outbox) > known:
            self._stream = replace(self._stream, records=(*self._stream.records, self.heads[order_id]))
        return outcome

    def read_stream(self) -> tuple[Document, ...]:
        """The records that are not checkpointed yet."""
        return (self._stream.records or ())[self._stream.done :]

    def publish(self, events: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        """Publish events; the bus takes all of them."""
        self._stream = replace(self._stream, published=self._stream.published | {event.seq for event in events})
        return {}

    def checkpoint(self, done: int) -> None:
        """That many records are not handed out again."""
        self._stream = replace(self._stream, done=max(done, self._stream.done))
