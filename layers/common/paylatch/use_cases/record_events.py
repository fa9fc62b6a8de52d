"""Events of the table's stream go into their orders' histories, then onto the event bus, many in one request."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from paylatch.domain.errors import EventRefused, PaylatchError, StoreUnavailable
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import HasTime
from paylatch.use_cases.describe_edits import EditDescriptions, ReadContents

# A request's answer: the error of each event that was not accepted, by its order.
Send = Callable[[Sequence[RecordedEvent]], Mapping[str, PaylatchError]]
# Events that were not accepted, and why.
Failures = list[tuple[RecordedEvent, Exception]]
# Before each try. Both receivers leave out single events while they are busy.
PAUSES_SECONDS = (0, 0.05, 0.1, 0.2, 0.4)


@dataclass(frozen=True, slots=True)
class Receiver:
    """The history or the bus: `send` takes at most `capacity` events, one of an order, and only while `has_time`.

    `out_of_time` is the error of the events that there was no time for. `pause` waits so many seconds.
    """

    send: Send
    capacity: int
    has_time: HasTime
    out_of_time: PaylatchError
    pause: Callable[[float], None]


def record_events(
    events: Sequence[RecordedEvent], read_contents: ReadContents, history: Receiver, bus: Receiver
) -> Mapping[int, Exception]:
    """Store the events in the history, then publish those that are stored. Gives the errors by place in `events`.

    Edits are described first, where there are any; their contents are read within the history's time.

    An order's events stay in sequence: what follows a failed one is neither stored nor published. Other orders are
    not affected. An event that its receiver refuses for good (`EventRefused`) holds up nothing: what follows it goes
    on. Safe to repeat: the history does not change; subscribers may receive an event twice.
    """
    described, not_described = _described(events, read_contents, history)
    stored, not_stored = send_all(described, history)
    _, not_published = send_all(stored, bus)
    failures = not_described + not_stored + not_published
    # Of an order's failures the last is kept: an event that is not published comes before one that is not stored, and
    # that before an edit that is not described.
    waiting = {event.order_id: (event, error) for event, error in failures if not _is_refused(error)}
    refused = [(event, error) for event, error in failures if _is_refused(error)]
    places = {(event.order_id, event.seq): place for place, event in reversed([*enumerate(events)])}
    return {places[event.order_id, event.seq]: error for event, error in [*refused, *waiting.values()]}


def _described(
    events: Sequence[RecordedEvent], read_contents: ReadContents, history: Receiver
) -> tuple[list[RecordedEvent], Failures]:
    """The events up to each order's first edit that could not be described for now, and these edits."""
    edits = [event for event in events if event.edited_contents]
    descriptions = EditDescriptions(read_contents)
    _, failures = send_all(edits, replace(history, send=descriptions.describe))
    first = {event.order_id: event.seq for event, _ in reversed(failures)}
    ready = [event for event in events if event.order_id not in first or event.seq < first[event.order_id]]
    return [descriptions.of(event) for event in ready], failures


def requests_of(events: Iterable[RecordedEvent], capacity: int) -> list[list[RecordedEvent]]:
    """The events in as few requests as their sequence allows: each is in a later one than its order's event before.

    One of an order in a request: the receivers accept some events of a request and refuse others.
    """
    requests: list[list[RecordedEvent]] = []
    following: dict[str, int] = {}
    for event in events:
        first = following.get(event.order_id, 0)
        place = next((n for n in range(first, len(requests)) if len(requests[n]) < capacity), len(requests))
        if place == len(requests):
            requests.append([])
        requests[place].append(event)
        following[event.order_id] = place + 1
    return requests


def _is_refused(error: Exception) -> bool:
    return isinstance(error, EventRefused)


def send_all(events: Iterable[RecordedEvent], receiver: Receiver) -> tuple[list[RecordedEvent], Failures]:
    """Give the receiver the events, each order's in sequence; those that it accepted, and the others with why.

    What follows an event that was not accepted is not sent, and in neither list; an `EventRefused` holds up nothing.
    """
    accepted: list[RecordedEvent] = []
    failures: Failures = []
    waiting: set[str] = set()
    for request in requests_of(events, receiver.capacity):
        ready = [event for event in request if event.order_id not in waiting]
        errors = _send(ready, receiver) if ready else {}
        failures += [(event, errors[event.order_id]) for event in ready if event.order_id in errors]
        waiting |= {order_id for order_id, error in errors.items() if not _is_refused(error)}
        accepted += [event for event in ready if event.order_id not in errors]
    return accepted, failures


def _send(events: Sequence[RecordedEvent], receiver: Receiver) -> Mapping[str, Exception]:
    try:
        return _send_until_accepted(events, receiver)
    except StoreUnavailable as error:
        return {event.order_id: error for event in events}
    except Exception as error:
        # One event may have made the request invalid.
        return _send_each(events, receiver) if len(events) > 1 else {events[0].order_id: error}


def _send_each(events: Sequence[RecordedEvent], receiver: Receiver) -> Mapping[str, Exception]:
    return {order_id: error for event in events for order_id, error in _send_alone(event, receiver).items()}


def _send_alone(event: RecordedEvent, receiver: Receiver) -> Mapping[str, Exception]:
    try:
        return _send_until_accepted([event], receiver)
    except Exception as error:
        return {event.order_id: error}


def _send_until_accepted(events: Sequence[RecordedEvent], receiver: Receiver) -> Mapping[str, Exception]:
    refused: dict[str, Exception] = {}
    errors: Mapping[str, Exception] = {}
    for seconds in PAUSES_SECONDS:
        if not receiver.has_time():
            raise receiver.out_of_time
        receiver.pause(seconds)
        errors = receiver.send(events)
        refused |= {order_id: error for order_id, error in errors.items() if _is_refused(error)}
        events = [event for event in events if event.order_id in errors and event.order_id not in refused]
        if not events:
            break
    return {**refused, **errors}
