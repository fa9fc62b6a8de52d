"""I7, I8 and I9: a placed order exists, and a read shows the order as it was at one moment of the call."""

from dataclasses import replace

from paylatch.domain.errors import AttemptNotFound, IdempotencyKeyReused, OrderNotFound
from paylatch.domain.order import Content, Order
from paylatch.domain.payment import Attempt, PastAttempt
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import HistoryPage, Rejected
from paylatch.use_cases.create_order import OrderRequest
from paylatch.use_cases.read_order import WholeOrder
from tests.invariants import expect
from tests.model_checker.actors import BUYER, OPERATOR, ORDER, PLACED, SELLER
from tests.model_checker.history_promises import REMARK, check_pages
from tests.model_checker.process_history import answers_to, calls_of, last_order, last_read
from tests.model_checker.process_tree import Node
from tests.model_checker.reading import Consumed
from tests.model_checker.transition_invariants import summary_of

_I7 = "I7 truthful answers"
_I8 = "I8 every change leaves one event"
_I9 = "I9 one order"
SEES = "a read shows the order as it is"


def check_whole(whole: WholeOrder) -> None:
    """A head is shown with its own content."""
    shown = (whole.order.total, whole.content.total)
    expect(shown[0] == shown[1], SEES, f"a head with the total {shown[0]} is shown with content of {shown[1]}")


def check_placed(node: Node, request: OrderRequest, whole: WholeOrder) -> None:
    """After a successful placing, the order exists, is the caller's, and has its content."""
    order, seen, name = whole.order, last_order(node), node.process.name
    check_whole(whole)
    expect(
        seen is not None and order == seen, _I7, f"{name} was given {summary_of(order)}, there is {summary_of(seen)}"
    )
    expect(order.fingerprint == request.fingerprint, _I9, f"{name} was given the order of another request")
    theirs = (order.order_id, order.seller_id, order.buyer_id, order.reference, order.currency)
    asked = (ORDER, request.seller_id, request.buyer_id, request.reference, request.currency)
    expect(theirs == asked, _I9, f"{name} asked for {asked} and was given {theirs}")
    first = order.revision > 1 or whole.content == request.content
    expect(first, _I9, f"{name} placed {request.content} and was given {whole.content}")


def check_not_placed(node: Node, error: Exception) -> None:
    """A key is refused as used only where another request used it."""
    request, seen = node.process.placed, last_order(node)
    if request is None:
        return
    current_capture = seen is not None and seen.fingerprint != request.fingerprint
    refused = isinstance(error, IdempotencyKeyReused)
    expect(current_capture and refused, _I7, f"{node.process.name} got {error!r}, and there is {summary_of(seen)}")


def check_put(node: Node, content: Content) -> None:
    """A process that places an order puts the requested content, after the one read that found no such order."""
    request = node.process.placed
    before = [call.method for call in calls_of(node)]
    own = request is None or (content == request.content and before == ["read_head"] and last_read(node) is None)
    expect(own, _I9, f"{node.process.name} puts {content}")


def may_be_named(node: Node, order: Order | None) -> bool:
    """Whether an order named the content of this process at first: it was placed by the same request."""
    placed = node.process.placed
    return placed is not None and order is not None and order.fingerprint == placed.fingerprint


def is_absent(node: Node, error: Exception) -> bool:
    """Whether there was no order for this process when it was answered "not found"."""
    refused = isinstance(node.seen, Rejected) and node.seen.order is None
    return isinstance(error, OrderNotFound) and last_order(node) is None and (node.seen is None or refused)


def check_reading(node: Node, value: object) -> None:
    """A reader's answer was true at one moment of the call."""
    name = node.process.name
    match value:
        case WholeOrder() as whole:
            _check_read(node, whole)
        case Attempt() | PastAttempt() as attempt:
            _check_attempt(node, attempt)
        case Consumed(done=done):
            records = next((seen for _, seen in answers_to(node, "read_stream")), ())
            last = records[-1]["version"] if isinstance(records, tuple) and records else 0
            expect(node.had_fault or done == last, _I8, f"{name} is done with {done} of {last}, and nothing failed")
        case tuple() as pages:
            shown = [page for page in pages if isinstance(page, HistoryPage)]
            check_pages(shown, name)
            _check_stored(node, shown)
        case _:
            expect(False, _I7, f"{name} was given {value}")


def check_unread(node: Node, error: Exception) -> None:
    """What a reader does not find does not exist."""
    seen = last_read(node)
    attempt_id = node.process.attempt_id or ""
    there = seen is not None and (seen.held_by(attempt_id) or attempt_id in seen.past_attempts)
    found = isinstance(error, AttemptNotFound) and there
    expect(not found, SEES, f"{node.process.name} got {error!r}, and read {summary_of(seen)}")


def _check_read(node: Node, whole: WholeOrder) -> None:
    order, seen = whole.order, last_read(node)
    expect(order == seen, SEES, f"{node.process.name} is shown {summary_of(order)}, and there is {summary_of(seen)}")
    named = [content for call, content in answers_to(node, "read_content") if call.args == (ORDER, order.content_id)]
    expect(whole.content in named, SEES, f"{node.process.name} is shown other content than {order.content_id}")


def _check_attempt(node: Node, attempt: Attempt | PastAttempt) -> None:
    seen, attempt_id = last_read(node), node.process.attempt_id
    held = seen.attempt if seen is not None and seen.held_by(attempt_id or "") else None
    there = held or (seen.past_attempts.get(attempt_id or "") if seen is not None else None)
    expect(attempt == there, SEES, f"{node.process.name} is shown {attempt}, and there is {there}")


def _check_stored(node: Node, shown: list[HistoryPage]) -> None:
    """Each page shows exactly the events that were read; operators' remarks and names to operators only."""
    remarks = node.process.sees_remarks
    stored = [page for _, page in answers_to(node, "read_history") if isinstance(page, HistoryPage)][::-1]
    wanted = [[_as_shown(event, remarks) for event in page.events] for page in stored]
    message = [[*page.events] for page in shown]
    expect(message == wanted, SEES, f"{node.process.name} is shown {message}, and {stored} were read")


def _as_shown(event: RecordedEvent, remarks: bool) -> RecordedEvent:
    seen = {name: value for name, value in event.detail.items() if remarks or name != REMARK}
    by_itself = event.actor == "sweep" or event.actor.startswith("gateway:")
    whole = replace(event, detail=seen, reference=PLACED.reference, buyer_id=BUYER.subject, seller_id=SELLER.subject)
    return replace(whole, role=_roles(event), actor=event.actor if remarks or by_itself else "")


def _roles(event: RecordedEvent) -> str:
    known = {BUYER.subject: "buyer", SELLER.subject: "seller", OPERATOR.subject: "operator", "sweep": "system"}
    return "gateway" if event.actor.startswith("gateway:") else known.get(event.actor, "service")
