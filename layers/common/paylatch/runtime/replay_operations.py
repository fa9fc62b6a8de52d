"""The API's call that has events published again; see `operation.py`."""

import time

from paylatch.domain import errors
from paylatch.domain.caller import Caller
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.operation import BODIES, READS, BodySpec, Operation, ResponseSpec
from paylatch.runtime.replay_models import ReplayBody, cursor_of, key_in, seq_in, span_of
from paylatch.runtime.replay_types import Replayed
from paylatch.runtime.time_budget import STORE_REQUEST_SECONDS, time_for
from paylatch.runtime.wiring import event_scan, ports
from paylatch.use_cases.record_events import Receiver
from paylatch.use_cases.replay_events import Replay, replay_between, replay_order

REPLAY = Operation(
    route="POST /operations/replay",
    name="replay_events",
    summary="Publish events again",
    description=(
        "Those of one order, or of all orders in a span of time, from the history onto the event bus, each with its "
        "own `seq`: all subscribers get them again. About 500 a call; called again with `next_cursor`, it goes on. "
        "For a span, the whole table is read."
    ),
    tag="Operations",
    body=BodySpec("Replay", "REPLAY"),
    answers={200: ResponseSpec("What was published", "Replayed", "REPLAYED")},
    problems=BODIES | READS | {errors.EventNotPublished},
)
# A read of a page and one of its orders; the page is published by single requests.
PAGE_SECONDS = 2 * STORE_REQUEST_SECONDS


def replay(body: ReplayBody, caller: Caller, context: LambdaContext) -> Replayed:
    """Do what the body asks for. Raises `InvalidRequest`, and what the use cases raise."""
    span = span_of(body)
    bus = _bus(context)
    if span is None:
        has_time = time_for(PAGE_SECONDS, context)
        return _shown(replay_order(body.order_id or "", seq_in(body.cursor), caller, bus, has_time, ports()))
    after = key_in(body.cursor)
    return _shown(replay_between(*span, after, caller, bus, time_for(PAGE_SECONDS, context), event_scan(), ports()))


def _bus(context: LambdaContext) -> Receiver:
    # Imported here, so that the function's other calls do not load it.
    from paylatch.runtime.event_bus import LARGEST_PUBLICATION, PUBLICATION_SECONDS, publish

    late = errors.EventNotPublished("no time was left to publish the event")
    return Receiver(publish, LARGEST_PUBLICATION, time_for(PUBLICATION_SECONDS, context), late, time.sleep)


def _shown(done: Replay[int] | Replay[tuple[str, str]]) -> Replayed:
    return {
        "published": done.published,
        "skipped": list(dict.fromkeys(done.skipped)),
        "next_cursor": cursor_of(done.next_position),
    }
