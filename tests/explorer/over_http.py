"""The same processes through the real handlers: each function is given what its use case was given, call by call.

A handler that made another call, or told another answer than its use case gave, would be seen. So what the schedules
show of the use cases is shown of the functions that are deployed.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest import mock

from paylatch.domain.errors import OrderLocked, PaylatchError, RevisionMismatch
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import IN_FLIGHT, Attempt, SupersededAttempt
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import Acknowledgement, HistoryPage, Index, Ports
from paylatch.runtime import wiring
from paylatch.runtime.observability import logger
from paylatch.use_cases.read_order import WholeOrder
from paylatch.use_cases.sweep_timeouts import SweepReport
from tests.explorer.agreed_answers import PROBLEMS
from tests.explorer.http_requests import Ask, Told, asking, sweeps
from tests.explorer.nodes import Answer, Forest, Node
from tests.explorer.people import PUBLIC_URL
from tests.explorer.processes import READERS
from tests.explorer.promises import Broken, expect, in_short
from tests.explorer.reading import Consumed
from tests.explorer.scenarios import TEMPERS, Scenario
from tests.explorer.search import Failure, explored
from tests.explorer.suspended import Call, Raised, Suspended, scripted_ports
from tests.explorer.universe import Universe

_PROMISE = "I7 truthful answers"


def told_alike(scenario: Scenario, forest: Forest, known: int = 0) -> int | Failure:
    """How many histories, beside those that were `known` before, the functions were given and did as their use cases.

    `known` is the number of the forest's nodes before the scenario was explored.
    """
    asked = 0
    for node in forest.nodes[known:]:
        ask = asking(node.process.name)
        if ask is None or node.resent or node.duplicate:
            continue
        asked += 1
        try:
            check_told(ask, forest, node)
        except Broken as broken:
            return Failure(f"functions {scenario.code}", broken.promise, broken.what, tuple(_story(node)))
        except Exception as error:
            return Failure(f"functions {scenario.code}", "no crash", repr(error), tuple(_story(node)))
    return asked


def asked_again(code: str) -> int | Failure:
    """What `told_alike` said of the scenario of this code."""
    scenario = Scenario.named(code.removeprefix("functions "))
    universe = Universe(TEMPERS[scenario.temper])
    found = explored(scenario, universe)
    return found if isinstance(found, Failure) else told_alike(scenario, universe.forest)


def check_told(ask: Ask, forest: Forest, node: Node) -> None:
    """The function of this process makes the next call of its use case, or tells its answer. Raises `Broken`."""
    script = forest.script(node)
    with _ports(scripted_ports(script, forest.temper, node.process.notice)):
        try:
            told = ask(node)
        except Suspended as suspended:
            _check_call(node, suspended.call)
            return
        except PaylatchError as error:
            # The schedule's function fails, so that retries and alarms see it; the others answer.
            same = ask is sweeps and node.answer is not None and type(error) is type(node.answer.error)
            expect(same, _PROMISE, f"the function of {node.process.name} raised {error!r}, its use case {node.answer}")
            return
    name = node.process.name
    expect(script.position == len(script.answers), _PROMISE, f"the function of {name} answered before its use case")
    expect(node.answer is not None, _PROMISE, f"the function of {name} answered instead of calling {node.call}")
    if node.answer is not None:
        _check_answer(node, node.answer, told)


def _story(node: Node) -> list[str]:
    calls = [(step.parent.call.method, step.seen) for step in _path(node) if step.parent and step.parent.call]
    return [f"{node.process.name}: {method}, answered with {_seen_in_short(seen)}" for method, seen in calls]


def _seen_in_short(seen: object) -> str:
    order = getattr(seen, "order", seen)
    if isinstance(order, Order):
        return f"{type(seen).__name__}: {in_short(order)}"
    return repr(seen.make()) if isinstance(seen, Raised) else str(seen)


def _path(node: Node) -> list[Node]:
    return [*(_path(node.parent) if node.parent else ()), node]


def _check_call(node: Node, call: Call) -> None:
    if node.answer is not None and isinstance(node.answer.value, SweepReport):
        measures = call.method == "due" and call.args[0] is Index.ATTENTION
        expect(measures, _PROMISE, f"after a sweep its function calls {call}")
        return
    expect(call == node.call, _PROMISE, f"the function of {node.process.name} calls {call}, its use case {node.call}")


def _check_answer(node: Node, answer: Answer, told: Told) -> None:
    """Written down once more, from the HTTP contract."""
    wrong = f"{node.process.name} was told {told}, and it is {answer}"
    match answer:
        case Answer(error=PaylatchError() as error):
            told_so = _tells_problem(told, error)
        case Answer(value=WholeOrder(order=order)) if node.process.placed is not None:
            told_so = _tells_order(told, order, 201) and told.headers["location"] == f"/orders/{order.order_id}"
        case Answer(value=WholeOrder(order=order)):
            waits = node.process.name.startswith("cancel-") and order.status is PaymentStatus.RELEASING
            own = node.process.attempt_id is not None and order.held_by(node.process.attempt_id)
            told_so = _tells_order(told, order, 202 if waits and own else 200)
        case Answer(value=Attempt() | SupersededAttempt() as attempt):
            reads = node.process.name in READERS
            told_so = _tells_attempt(told, attempt, 201 if attempt.status in IN_FLIGHT and not reads else 200)
        case Answer(value=Consumed(done=done)):
            told_so = told.body == {"done": done}
        case Answer(value=tuple() as pages):
            told_so = _tells_pages(told, pages)
        case Answer(value=value):
            told_so = value == Acknowledgement(str(told.body["text"]), told.headers["content-type"], told.status)
    expect(told_so, _PROMISE, wrong)


def _tells_problem(told: Told, error: PaylatchError) -> bool:
    members = _members(error)
    waiting_helps = told.status == 503 or isinstance(error, OrderLocked)
    return (
        (told.status, told.body["code"]) == PROBLEMS[type(error)]
        and ("retry-after" in told.headers) == waiting_helps
        and {member: told.body.get(member) for member in members} == members
    )


def _tells_order(told: Told, order: Order, status: int) -> bool:
    shown = [told.body[field] for field in ("revision", "payment_status", "total")]
    return (
        told.status == status
        and told.headers["etag"] == f'"{order.revision}.{order.version}"'
        and shown == [order.revision, order.status.value, order.total]
        and (told.body["lock"] is not None) == order.locked
    )


def _tells_pages(told: Told, pages: tuple[HistoryPage, ...]) -> bool:
    shown = [
        {"events": [_shown_event(event) for event in page.events], "next_after": page.next_after} for page in pages
    ]
    return told.status == 200 and told.body == {"pages": shown}


def _shown_event(event: RecordedEvent) -> dict[str, object]:
    shown = {
        "order_id": event.order_id,
        "seq": event.seq,
        "type": event.type,
        "at": _time_told(event.at),
        "actor": event.actor,
        "attempt_id": event.attempt_id,
        "payment_status": event.payment_status,
        "revision": event.revision,
        "detail": dict(event.detail) or None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _time_told(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _tells_attempt(told: Told, attempt: Attempt | SupersededAttempt, status: int) -> bool:
    link = attempt.pay_url if isinstance(attempt, Attempt) and attempt.status in IN_FLIGHT else None
    shown = [told.body[field] for field in ("attempt_id", "status", "amount", "currency", "revision", "pay_url")]
    terms = [attempt.amount, attempt.currency, attempt.revision]
    return told.status == status and shown == [attempt.attempt_id, attempt.status.value, *terms, link]


def _members(error: PaylatchError) -> dict[str, object]:
    """What a caller is told beside the code, so that they know what to do next."""
    if isinstance(error, OrderLocked):
        until = error.until and _time_told(error.until)
        return {"attempt_id": error.attempt_id, "locked_until": until}
    return {"revision": error.current} if isinstance(error, RevisionMismatch) else {}


@contextmanager
def _ports(ports: Ports) -> Iterator[None]:
    environment = {"PAYLATCH_TABLE": "of-no-interest", "PAYLATCH_PUBLIC_URL": PUBLIC_URL}
    level = logger.log_level
    with (
        mock.patch.object(wiring, "make_ports", return_value=ports),
        mock.patch.dict("os.environ", environment),
        warnings.catch_warnings(),
    ):
        # Powertools warns of every call that counted nothing, and here nothing is counted.
        warnings.simplefilter("ignore", UserWarning)
        logger.setLevel(logging.CRITICAL)
        wiring.ports.cache_clear()
        try:
            yield
        finally:
            logger.setLevel(level)
            wiring.ports.cache_clear()
