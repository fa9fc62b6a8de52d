"""I3: money pays for an order only where its gateway still holds all of it, by a late statement or by its answer."""

from paylatch.domain.order import Order
from paylatch.domain.payment import Capture
from paylatch.ports import GatewayEventKind, SessionReport, VoidAnswer
from tests.invariants import expect
from tests.model_checker.process_history import last_seen
from tests.model_checker.process_tree import Node
from tests.model_checker.spec_limits import STATEMENT_LASTS

INVARIANT = "I3 paid means paid for this"


def check_evidence(node: Node, order: Order, applied: str) -> None:
    """A settlement follows a query; for the payment that holds the order, a statement up to 15 minutes old suffices."""
    captured = order.attempt.captured if order.attempt else None
    if captured is None:
        return
    asked = any(response == captured for response in _answers(node))
    recently = applied == "settle" and _is_stated_recently(node, order)
    message = f"{node.process.name} made {applied}, without asking the gateway whether it holds {captured}"
    expect(asked or recently, INVARIANT, message)


def went_back(node: Node) -> bool:
    """Whether the gateway answered that it holds none of the captured money any more."""
    return any(response.held == 0 for response in _answers(node))


def _answers(node: Node) -> list[Capture]:
    void, report, capture = last_seen(node, VoidAnswer), last_seen(node, SessionReport), last_seen(node, Capture)
    found = (void.capture if void else None, report.capture if report else None, capture)
    return [response for response in found if response is not None]


def _is_stated_recently(node: Node, order: Order) -> bool:
    gateway_event = node.process.gateway_event
    if gateway_event is None or gateway_event.kind is not GatewayEventKind.PAID or gateway_event.stated_at is None:
        return False
    return abs(order.last_event.at - gateway_event.stated_at) <= STATEMENT_LASTS
