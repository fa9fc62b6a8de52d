"""I8: the reason of a release is the one that it was begun for, whichever process brings the confirmation."""

from datetime import timedelta

from paylatch.domain.errors import Refused
from paylatch.domain.order import Order
from paylatch.domain.payment import AttemptStatus
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.ports import GatewayEvent, GatewayEventKind, SessionReport, SessionState
from tests.invariants import expect
from tests.model_checker.actors import BUYER, OPERATOR, PAYER, SELLER
from tests.model_checker.evidence import went_back
from tests.model_checker.process_history import answers_to, last_order, last_seen, steps_of
from tests.model_checker.process_tree import Node
from tests.model_checker.scripted_ports import NOON, Call, Raised
from tests.model_checker.simulated_gateway import NAME, GatewaySession

INVARIANT = "I8 every change leaves one event"
_GATEWAY = f"gateway:{NAME}"
_EITHER = frozenset({ReleaseReason.CANCELLED, ReleaseReason.TIMED_OUT})


def check_reason(node: Node, order: Order) -> None:
    """Continuing a release keeps the reason it was begun for; a buyer cancels, a gateway reports an end."""
    event = order.last_event
    recorded = (event.detail or {}).get("reason")
    allowed = _allowed_reasons(node, order)
    expect(
        recorded in allowed,
        INVARIANT,
        f"{node.process.name} releases as {recorded}, not {' or '.join(sorted(allowed))}",
    )


def _allowed_reasons(node: Node, order: Order) -> frozenset[ReleaseReason]:
    known, actor = _recorded(node), order.last_event.actor
    if known is None and _failed(node):
        return frozenset({ReleaseReason.DECLINED})
    if is_touch(node, order.last_event.attempt_id):
        return frozenset({known or ReleaseReason.TIMED_OUT})
    match actor:
        case BUYER.subject if node.process.rechecked_attempt_id is not None:
            return frozenset({known}) if known else _found_closed(node)
        case BUYER.subject | SELLER.subject | PAYER.subject:
            return frozenset({known or ReleaseReason.CANCELLED, ReleaseReason.CANCELLED})
        case OPERATOR.subject if node.process.rechecked_attempt_id is not None:
            return frozenset({known}) if known else _found_closed(node)
        case "sweep":
            return frozenset({known or ReleaseReason.TIMED_OUT})
        case _:
            return frozenset({known}) if known else _stated_reasons(node, node.process.gateway_event)


def _failed(node: Node) -> bool:
    """Whether this process asked about a payment that was `processing`, and it was no longer under way."""
    report, seen = last_seen(node, SessionReport), last_order(node)
    under_way = seen is not None and seen.attempt is not None and seen.attempt.status is AttemptStatus.PROCESSING
    return under_way and report is not None and report.state is not SessionState.IN_PROGRESS


def _found_closed(node: Node) -> frozenset[ReleaseReason]:
    """By the time of the query that found the session closed; nothing else lets a recheck begin a release."""
    asked, seen = (
        next((step for step in steps_of(node) if isinstance(step.seen, SessionReport)), None),
        last_order(node),
    )
    if asked is None or not isinstance(asked.seen, SessionReport) or asked.seen.state is not SessionState.CLOSED:
        return frozenset()
    at = NOON + timedelta(seconds=asked.clock_time + asked.skew)
    early = seen is not None and seen.attempt is not None and at < seen.attempt.deadline
    return frozenset({ReleaseReason.CANCELLED if early else ReleaseReason.TIMED_OUT})


def is_touch(node: Node, attempt_id: str | None) -> bool:
    """Whether a payment request or a cancellation found another attempt's lock overdue, and released it."""
    process, seen = node.process, last_order(node)
    touches = (process.pays or process.cancels_payment) and process.attempt_id != attempt_id
    return touches and seen is not None and seen.held_by(attempt_id or "") and _is_overdue(node)


def _is_overdue(node: Node) -> bool:
    """Whether an order that this process saw was overdue then."""
    orders = [getattr(step.seen, "order", step.seen) for step in steps_of(node)]
    now = NOON + timedelta(seconds=node.clock_time + node.skew)
    return any(isinstance(order, Order) and order.due_at is not None and order.due_at <= now for order in orders)


def _stated_reasons(node: Node, gateway_event: GatewayEvent | None) -> frozenset[ReleaseReason]:
    """The reasons that a gateway's statement implies. Its refusal of an opening comes without a callback."""
    refused = gateway_event is None and node.process.pays and not went_back(node)
    if (
        refused
        or _is_opening_refused(node)
        or (gateway_event is not None and gateway_event.kind is GatewayEventKind.DECLINED)
    ):
        return frozenset({ReleaseReason.DECLINED})
    seen = last_order(node)
    if (
        seen is None
        or seen.attempt is None
        or (gateway_event is not None and gateway_event.kind is GatewayEventKind.EXPIRED)
    ):
        return frozenset({ReleaseReason.TIMED_OUT})
    closed = (
        gateway_event.stated_at if gateway_event is not None and gateway_event.kind is GatewayEventKind.CLOSED else None
    )
    # For money that was returned before it paid, no statement says when its payment was cancelled.
    at = closed or NOON + timedelta(seconds=node.clock_time + node.skew)
    return frozenset({ReleaseReason.CANCELLED if at < seen.attempt.deadline else ReleaseReason.TIMED_OUT})


def _is_opening_refused(node: Node) -> bool:
    """Whether the gateway refused to open this process's payment, whatever it said of an earlier one."""
    answer = next((seen for _, seen in answers_to(node, "open")), None)
    return isinstance(answer, Raised) and isinstance(answer.make(), Refused)


def _recorded(node: Node) -> ReleaseReason | None:
    """The recorded reason of the release, as far as this process has read it."""
    seen = last_order(node)
    return seen.attempt.reason if seen and seen.attempt else None


def closes_for(node: Node, call: Call, seconds: int) -> tuple[str, frozenset[ReleaseReason]] | None:
    """The attempt whose session this process closes, and the reasons for which it may be doing so."""
    order = last_order(node)
    attempt = order.attempt if order else None
    if call.method != "void" or attempt is None or call.args[0] != attempt.attempt_id:
        return None
    overdue = NOON + timedelta(seconds=seconds) >= attempt.deadline
    if attempt.reason is None and _failed(node):
        return attempt.attempt_id, frozenset({ReleaseReason.DECLINED})
    if is_touch(node, attempt.attempt_id):
        return attempt.attempt_id, frozenset({attempt.reason or ReleaseReason.TIMED_OUT})
    if node.process.cancels_payment:
        # A cancellation after the deadline also finds the time limit passed.
        both = overdue and not attempt.reason
        return attempt.attempt_id, _EITHER if both else frozenset({attempt.reason or ReleaseReason.CANCELLED})
    if node.process.sweeps or node.process.runs_timer:
        # By a wrong clock, or because nothing opened it: a sweep then closes before the deadline (ADR 9).
        early = bool(node.skew) or (attempt.status is AttemptStatus.OPENING and not overdue)
        both = early and not attempt.reason
        return attempt.attempt_id, _EITHER if both else frozenset({attempt.reason or ReleaseReason.TIMED_OUT})
    return None


def unlocks_for(node: Node, order: Order) -> tuple[str, str] | None:
    """The attempt that a gateway's word alone released, and the reason that was recorded for it."""
    event = order.last_event
    if event.actor != _GATEWAY or node.process.gateway_event is None or _recorded(node):
        return None
    return event.attempt_id or "", str((event.detail or {}).get("reason"))


def check_confirmed(session: GatewaySession | None, reason: str) -> None:
    """An attempt that a process closed is released for that process's reason, even where the gateway's statement came
    first.
    """
    if session is not None and session.closed_for:
        allowed = " or ".join(sorted(session.closed_for))
        expect(
            reason in session.closed_for,
            INVARIANT,
            f"{session.attempt_id} was closed as {allowed}, released as {reason}",
        )
