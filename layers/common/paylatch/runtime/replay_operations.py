"""The API's call that has events published again; see `operation.py`."""

from paylatch.domain import errors
from paylatch.runtime.operation import BODIES, READS, BodySpec, Operation, ResponseSpec

REPLAY = Operation(
    route="POST /operations/replay",
    name="replay_events",
    summary="Publish events again",
    description=(
        "Those of one order, or of all orders in a span of time, from the history onto the event bus, each with its "
        "own `seq`: all subscribers get them again. About 500 a call; with `next_cursor` the next call continues. "
        "For a span, the whole table is read."
    ),
    tag="Operations",
    body=BodySpec("Replay", "REPLAY"),
    answers={200: ResponseSpec("What was published", "Replayed", "REPLAYED")},
    problems=BODIES | READS | {errors.EventNotPublished},
)
