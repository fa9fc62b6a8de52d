"""The same processes through the real handlers: each function is given what its use case was given, call by call.

A handler that made another call, or gave another answer than its use case, is reported. So what the schedules show of
the use cases is shown of the functions that are deployed.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest import mock

from local.api_client import ApiResponse
from paylatch.domain.errors import OrderLocked, PaylatchError, RevisionMismatch
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import IN_FLIGHT, Attempt, PastAttempt, RefundStatus
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import Acknowledgement, HistoryPage, Index, Ports
from paylatch.runtime import wiring
from paylatch.runtime.observability import logger
from paylatch.use_cases.read_order import WholeOrder
from paylatch.use_cases.request_refund import RequestedRefund
from paylatch.use_cases.sweep_timeouts import SweepReport
from tests.invariants import InvariantViolated, expect
from tests.model_checker.actors import PUBLIC_URL
from tests.model_checker.handler_calls import HandlerCall, handler_call_of, sweep
from tests.model_checker.page_answers import PAGE_ENVIRONMENT, reads_for_the_page, shows_page
from tests.model_checker.process_tree import Node, ProcessTree, Response
from tests.model_checker.reading import Consumed
from tests.model_checker.scenarios import PROFILES, Scenario
from tests.model_checker.scripted_ports import Call, Raised, Suspended, scripted_ports
from tests.model_checker.search import Failure, explored
from tests.model_checker.spec_problems import PROBLEMS
from tests.model_checker.state_space import StateSpace
from tests.model_checker.transition_invariants import summary_of

_INVARIANT = "I7 truthful answers"


def compare_handlers(scenario: Scenario, process_tree: ProcessTree, known: int = 0) -> int | Failure:
    """How many histories, beside those that were `known` before, the functions replayed with the same calls as their
    use cases.

    `known` is the number of the process tree's nodes before the scenario was explored.
    """
    compared = 0
    with _function_environment():
        for node in process_tree.nodes[known:]:
            handler_call = handler_call_of(node.process)
            if handler_call is None or node.resent or node.duplicate:
                continue
            compared += 1
            try:
                check_handler(handler_call, process_tree, node)
            except InvariantViolated as violation:
                return Failure(f"functions {scenario.code}", violation.invariant, violation.what, tuple(_trace(node)))
            except Exception as error:
                return Failure(f"functions {scenario.code}", "no crash", repr(error), tuple(_trace(node)))
    return compared


def compare_handlers_again(code: str) -> int | Failure:
    """The result of `compare_handlers` for the scenario of this code."""
    scenario = Scenario.named(code.removeprefix("functions "))
    state_space = StateSpace(PROFILES[scenario.profile])
    found = explored(scenario, state_space)
    return found if isinstance(found, Failure) else compare_handlers(scenario, state_space.process_tree)


def check_handler(handler_call: HandlerCall, process_tree: ProcessTree, node: Node) -> None:
    """The handler makes the call that the use case makes, or returns its result. Raises `InvariantViolated`."""
    script = process_tree.script(node)
    with _ports(scripted_ports(script, process_tree.profile, node.process.gateway_event)):
        try:
            http_response = handler_call(node)
        except Suspended as suspended:
            _check_call(node, suspended.call)
            return
        except PaylatchError as error:
            # The schedule's function fails, so that retries and alarms see it; the others answer.
            same = handler_call is sweep and node.response is not None and type(error) is type(node.response.error)
            expect(
                same, _INVARIANT, f"the function of {node.process.name} raised {error!r}, its use case {node.response}"
            )
            return
    name = node.process.name
    expect(script.position == len(script.responses), _INVARIANT, f"the function of {name} answered before its use case")
    expect(node.response is not None, _INVARIANT, f"the function of {name} answered instead of calling {node.call}")
    if node.response is not None:
        check = _check_delivery if node.process.runs_timer else _check_answer
        check(node, node.response, http_response)


def _trace(node: Node) -> list[str]:
    calls = [(step.parent.call.method, step.seen) for step in _path(node) if step.parent and step.parent.call]
    return [f"{node.process.name}: {method}, answered with {_summary_of_seen(seen)}" for method, seen in calls]


def _summary_of_seen(seen: object) -> str:
    order = getattr(seen, "order", seen)
    if isinstance(order, Order):
        return f"{type(seen).__name__}: {summary_of(order)}"
    return repr(seen.make()) if isinstance(seen, Raised) else str(seen)


def _path(node: Node) -> list[Node]:
    return [*(_path(node.parent) if node.parent else ()), node]


def _check_call(node: Node, call: Call) -> None:
    if node.response is not None and node.process.link_id is not None:
        expect(reads_for_the_page(node.response, call), _INVARIANT, f"after {node.response} its function calls {call}")
        return
    if node.response is not None and isinstance(node.response.value, SweepReport):
        measures = call.method == "due" and call.args[0] is Index.ATTENTION
        expect(measures, _INVARIANT, f"after a sweep its function calls {call}")
        return
    expect(call == node.call, _INVARIANT, f"the function of {node.process.name} calls {call}, its use case {node.call}")


def _check_delivery(node: Node, response: Response, delivery: ApiResponse) -> None:
    """A message that failed comes again, and no other does."""
    same = delivery.document == {"failed": int(response.error is not None)}
    expect(same, _INVARIANT, f"the message of {node.process.name} was answered {delivery}, its use case {response}")


def _check_answer(node: Node, response: Response, http_response: ApiResponse) -> None:
    """Written down once more, from the HTTP contract."""
    wrong = f"{node.process.name} got {http_response}, and the use case's result is {response}"
    if node.process.link_id is not None:
        expect(shows_page(http_response, response), _INVARIANT, wrong)
        return
    match response:
        case Response(error=PaylatchError() as error):
            shows_response = _shows_problem(http_response, error)
        case Response(value=WholeOrder(order=order)) if node.process.placed is not None:
            shows_response = (
                _shows_order(http_response, order, 201)
                and http_response.headers["location"] == f"/orders/{order.order_id}"
            )
        case Response(value=WholeOrder(order=order)):
            waits = node.process.cancels_payment and order.status is PaymentStatus.RELEASING
            own = node.process.attempt_id is not None and order.held_by(node.process.attempt_id)
            shows_response = _shows_order(http_response, order, 202 if waits and own else 200)
        case Response(value=Attempt() | PastAttempt() as attempt):
            new = attempt.status in IN_FLIGHT or "settle_free" in node.applied
            shows_response = _shows_attempt(http_response, attempt, 201 if new and not node.process.reads else 200)
        case Response(value=value):
            shows_response = _shows_other(http_response, value)
    expect(shows_response, _INVARIANT, wrong)


def _shows_other(http_response: ApiResponse, value: object) -> bool:
    match value:
        case RequestedRefund():
            return _shows_refund(http_response, value)
        case Consumed(done=done):
            return http_response.document == {"done": done}
        case tuple():
            return _tells_pages(http_response, value)
    return value == Acknowledgement(
        str(http_response.body), http_response.headers["content-type"], http_response.status
    )


def _shows_refund(http_response: ApiResponse, requested: RequestedRefund) -> bool:
    refund = requested.refund
    ended = not requested.is_new and refund.status is not RefundStatus.DUE
    shown = [http_response.document[field] for field in ("refund_id", "amount", "currency", "status", "reason")]
    expected = [refund.refund_id, refund.amount, refund.currency, refund.status.value, refund.reason]
    return (http_response.status, shown) == (200 if ended else 201, expected)


def _shows_problem(http_response: ApiResponse, error: PaylatchError) -> bool:
    members = _members(error)
    waiting_helps = http_response.status == 503 or isinstance(error, OrderLocked)
    return (
        (http_response.status, http_response.document["code"]) == PROBLEMS[type(error)]
        and ("retry-after" in http_response.headers) == waiting_helps
        and {member: http_response.document.get(member) for member in members} == members
    )


def _shows_order(http_response: ApiResponse, order: Order, status: int) -> bool:
    shown = [http_response.document[field] for field in ("revision", "payment_status", "total")]
    return (
        http_response.status == status
        and http_response.headers["etag"] == f'"{order.revision}.{order.version}"'
        and shown == [order.revision, order.status.value, order.total]
        and (http_response.document["lock"] is not None) == order.locked
    )


def _tells_pages(http_response: ApiResponse, pages: tuple[HistoryPage, ...]) -> bool:
    shown = [
        {"events": [_shown_event(event) for event in page.events], "next_after": page.next_after} for page in pages
    ]
    return http_response.status == 200 and http_response.document == {"pages": shown}


def _shown_event(event: RecordedEvent) -> dict[str, object]:
    shown = {
        "order_id": event.order_id,
        "seq": event.seq,
        "type": event.type,
        "at": _time_told(event.at),
        "actor": event.role,
        "actor_id": _named(event),
        "reference": event.reference,
        "buyer_id": event.buyer_id,
        "seller_id": event.seller_id,
        "changes": event.changes or None,
        "attempt_id": event.attempt_id,
        "payment_status": event.payment_status,
        "revision": event.revision,
        "detail": dict(event.detail) or None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _named(event: RecordedEvent) -> str | None:
    if event.role == "gateway":
        return event.actor.removeprefix("gateway:")
    refunds = event.type in ("RefundDue", "RefundIssued") and event.role in ("seller", "service")
    accountable = event.role == "operator" or "method" in event.detail or refunds
    return (event.actor or None) if accountable else None


def _time_told(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shows_attempt(http_response: ApiResponse, attempt: Attempt | PastAttempt, status: int) -> bool:
    link = attempt.pay_url if isinstance(attempt, Attempt) and attempt.status in IN_FLIGHT else None
    shown = [
        http_response.document[field] for field in ("attempt_id", "status", "amount", "currency", "revision", "pay_url")
    ]
    terms = [attempt.amount, attempt.currency, attempt.revision]
    return http_response.status == status and shown == [attempt.attempt_id, attempt.status.value, *terms, link]


def _members(error: PaylatchError) -> dict[str, object]:
    """The members of an answer beside its code, which a caller needs to go on."""
    if isinstance(error, OrderLocked):
        until = error.until and _time_told(error.until)
        return {"attempt_id": error.attempt_id, "locked_until": until}
    return {"revision": error.current} if isinstance(error, RevisionMismatch) else {}


@contextmanager
def _function_environment() -> Iterator[None]:
    """Everything but the ports is the same for all histories, and slow to replace."""
    environment = {"PAYLATCH_TABLE": "of-no-interest", "PAYLATCH_PUBLIC_URL": PUBLIC_URL, **PAGE_ENVIRONMENT}
    level = logger.log_level
    with mock.patch.dict("os.environ", environment), warnings.catch_warnings():
        # Powertools warns of every call that emits no metric, and no metric is emitted here.
        warnings.simplefilter("ignore", UserWarning)
        logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            logger.setLevel(level)


@contextmanager
def _ports(ports: Ports) -> Iterator[None]:
    # A function, because a mock object takes longer to make than a history to replay.
    def make_ports(*_: object) -> Ports:
        return ports

    with mock.patch.object(wiring, "make_ports", make_ports):
        wiring.ports.cache_clear()
        try:
            yield
        finally:
            wiring.ports.cache_clear()
