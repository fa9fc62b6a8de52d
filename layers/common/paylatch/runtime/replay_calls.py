"""What a call does that has events published again. Only that call loads this module and what it needs."""

import time

from paylatch.domain import errors
from paylatch.domain.caller import Caller
from paylatch.runtime import event_bus
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.replay_models import ReplayBody, check_of, cursor_of, key_in, seq_in, span_of
from paylatch.runtime.replay_types import Replayed
from paylatch.runtime.time_budget import STORE_REQUEST_SECONDS, time_for
from paylatch.runtime.wiring import event_scan, ports
from paylatch.use_cases.record_events import Receiver
from paylatch.use_cases.replay_events import Replay, replay_between, replay_order

# A read of a page and one of its orders; the page is published by single requests.
PAGE_SECONDS = 2 * STORE_REQUEST_SECONDS


def replay(body: ReplayBody, caller: Caller, context: LambdaContext) -> Replayed:
    """Do what the body asks for. Raises `InvalidRequest`, and what the use cases raise."""
    span = span_of(body)
    bus, has_time, check = _bus(context), time_for(PAGE_SECONDS, context), check_of(body.order_id, span)
    if span is None:
        return _shown(replay_order(body.order_id or "", seq_in(body, check), caller, bus, has_time, ports()), check)
    after = key_in(body, check)
    return _shown(replay_between(*span, after, caller, bus, has_time, event_scan(), ports()), check)


def _bus(context: LambdaContext) -> Receiver:
    late = errors.EventNotPublished("no time was left to publish the event")
    has_time = time_for(event_bus.PUBLICATION_SECONDS, context)
    return Receiver(event_bus.publish, event_bus.LARGEST_PUBLICATION, has_time, late, time.sleep)


def _shown(done: Replay[int] | Replay[tuple[str, str]], check: str) -> Replayed:
    return {
        "published": done.published,
        "skipped": list(dict.fromkeys(done.skipped)),
        "next_cursor": cursor_of(done.next_position, check),
    }
