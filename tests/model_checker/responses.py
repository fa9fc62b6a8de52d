"""I7 on answers, and I1, I3 and I5 where one shows them: each answer is true of what was written."""

from collections.abc import Mapping
from dataclasses import replace

from paylatch.domain.errors import (
    GatewayError,
    OrderLocked,
    PaylatchError,
    PaymentCompleted,
    PaymentProcessing,
    StoreUnavailable,
)
from paylatch.domain.ids import order_id_of
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import (
    IN_FLIGHT,
    Attempt,
    AttemptStatus,
    Capture,
    DisputeStatus,
    PastAttempt,
    Refund,
    RefundStatus,
)
from paylatch.domain.without_gateway import MANUAL
from paylatch.ports import (
    Acknowledgement,
    GatewayEvent,
    GatewayEventKind,
    RefundState,
    Session,
    SessionReport,
    SessionState,
    VoidAnswer,
    VoidKind,
)
from paylatch.use_cases.read_order import WholeOrder
from paylatch.use_cases.request_refund import RequestedRefund
from paylatch.use_cases.sweep_timeouts import SweepReport
from tests.invariants import InvariantViolated, expect
from tests.model_checker.actors import BUYER, CONTENT, NEXT_BUYER
from tests.model_checker.error_responses import INVARIANT, check_not_found, check_refusal, is_decided
from tests.model_checker.evidence import went_back
from tests.model_checker.process import Process
from tests.model_checker.process_history import calls_of, first_order, last_order, last_seen, steps_of
from tests.model_checker.process_tree import Node, Response
from tests.model_checker.reading_answers import (
    check_not_placed,
    check_placed,
    check_reading,
    check_unread,
    check_whole,
    may_be_named,
)
from tests.model_checker.spec_limits import MOST_LIVE_LINKS
from tests.model_checker.transition_invariants import summary_of
from tests.model_checker.unrelated_callbacks import is_spoofed


def check_response(node: Node) -> None:
    """Check the invariants on the answer with which a process ended."""
    if node.crash is not None:
        raise InvariantViolated("no crash", f"{node.process.name} met {node.crash}")
    response = node.response
    if response is None:
        return
    expect(response.error is not None or response.value is not None, "no crash", f"{node.process.name} gave no answer")
    if response.error is not None:
        _check_error(node, response.error)
    elif node.process.gateway_event is not None and isinstance(response.value, Acknowledgement):
        _check_acknowledged(node, node.process.gateway_event)
    elif isinstance(response.value, RequestedRefund):
        _check_requested(node, response.value)
    elif "issue_link" in node.process.writes:
        _check_link(node, response.value)
    else:
        _check_success(node, response)
    _check_orphaned_content(node)


def _check_error(node: Node, error: Exception) -> None:
    expect(isinstance(error, PaylatchError), "no crash", f"{node.process.name} met {error!r}")
    name = node.process.name
    odd = node.process.gateway_event is not None and order_id_of(node.process.gateway_event.attempt_id) is None
    expect(not odd, INVARIANT, f"a callback that names no attempt of ours was answered {error!r}")
    stopped = node.process.sweeps
    expect(not stopped, "I5 no lock outlives its purpose", f"one order or index stopped the whole {name}: {error!r}")
    if isinstance(error, StoreUnavailable):
        fault = node.had_fault or _was_left_unprocessed(node)
        expect(fault, INVARIANT, f"{name} got an outage as its answer, and no fault happened")
        return
    expect("settle_free" not in node.applied, INVARIANT, f"{name} paid a free order, and got {error!r}")
    if isinstance(error, OrderLocked):
        own = error.attempt_id == node.process.attempt_id and node.process.pays
        expect(not own, INVARIANT, f"{name} was refused because of another's lock, and it is its own lock")
    check_refusal(node, error)
    check_not_found(node, error)
    check_not_placed(node, error)
    if node.process.reads:
        check_unread(node, error)
    if isinstance(error, PaymentCompleted):
        expect(
            _was_paid(node),
            INVARIANT,
            f"{name} was answered that the payment succeeded, and read {summary_of(last_order(node))}",
        )
        return
    seen = last_order(node)
    if isinstance(error, PaymentProcessing):
        under_way = seen is not None and seen.attempt is not None and seen.attempt.status is AttemptStatus.PROCESSING
        own = seen is not None and seen.held_by(node.process.attempt_id or "")
        expect(under_way and own, INVARIANT, f"{name} was answered that it is under way, and read {summary_of(seen)}")
    made = seen is not None and _is_made(node.process, seen)
    made = made or (node.process.stops and seen is not None and _is_made_by_stop(node, seen))
    expect(not made, INVARIANT, f"{name} got {error!r}, and its edit was made")
    done = node.applied & node.process.writes
    expect(isinstance(error, GatewayError) or not done, INVARIANT, f"{name} did {sorted(done)} and got {error!r}")


def _was_left_unprocessed(node: Node) -> bool:
    """Whether the database answered that it did not get to what this process wrote."""
    return any(isinstance(step.seen, Mapping) and step.seen for step in steps_of(node))


def _refund_of(order: Order | None, capture: Capture, refund_id: str) -> Refund | None:
    refunds = order.refunds.values() if order else ()
    named = [refund for refund in refunds if refund.payment_id == capture.payment_id]
    return next((refund for refund in named if refund_id in ("", refund.refund_id)), None)


def _is_recorded(refund: Refund, state: RefundState | None) -> bool:
    given_up = refund.status in (RefundStatus.REFUSED, RefundStatus.WRITTEN_OFF)
    if state is RefundState.FAILED and given_up:
        return True
    settled = {RefundState.DONE: RefundStatus.REFUNDED, RefundState.FAILED: RefundStatus.DUE}
    return state is not None and settled.get(state, refund.status) is refund.status


def _was_paid(node: Node) -> bool:
    order = last_order(node)
    if order is None or node.process.attempt_id is None:
        return False
    return order.status in (PaymentStatus.PAID, PaymentStatus.REVIEW) and order.held_by(node.process.attempt_id)


def _check_success(node: Node, response: Response) -> None:
    name, value = node.process.name, response.value
    if node.process.reads or node.process.consumes:
        check_reading(node, value)
    elif isinstance(value, (Attempt, PastAttempt)):
        expect(value.attempt_id == node.process.attempt_id, INVARIANT, f"{name} was given the attempt of another")
        expected = node.process.revision in (None, value.revision)
        expect(expected, "I3 paid means paid for this", f"{name} agreed to another revision than {value.revision}")
        own = value.fingerprint == node.process.fingerprint
        expect(own, INVARIANT, f"{name} was given the payment of another request")
        _check_pay_url(name, value)
        _check_stray_session(node, value)
    elif isinstance(value, WholeOrder) and node.process.placed is not None:
        check_placed(node, node.process.placed, value)
    elif isinstance(value, WholeOrder):
        _check_order(node, value)
        if node.process.stops:
            _check_stopped(node, value)
    elif not node.process.has_time and isinstance(value, tuple):
        handled = [report.handled for report in value if isinstance(report, SweepReport)]
        expect(handled in ([0, 0], [0, 1]), "I5 no lock outlives its purpose", f"a sweep had no time, and {value}")
    elif not node.process.authorised:
        expect(value == [], "ownership is part of the write", f"tries {value} of {name} were not refused")


def _check_link(node: Node, link_id: object) -> None:
    order = last_order(node)
    known = order is not None and order.link_id == link_id
    expect(known, INVARIANT, f"{node.process.name} was given {link_id}, and read {order and order.link_id}")


def _check_requested(node: Node, requested: RequestedRefund) -> None:
    """The refund that is answered is recorded, of the sum that was asked for; it is new where this process wrote it."""
    order, request = last_order(node), node.process.refund_request
    message = f"{node.process.name} was given {requested}, and read {summary_of(order)}"
    kept = order.refunds.get(request.refund_id) if order and request else None
    expect(kept == requested.refund and kept is not None, INVARIANT, message)
    expect(request is None or request.amount in (None, requested.refund.amount), INVARIANT, message)
    # After a lost answer and another's write it is only known to be there.
    written = bool(node.applied & node.process.writes)
    expect(requested.is_new == written or (written and node.had_fault), INVARIANT, message)


def _check_orphaned_content(node: Node) -> None:
    """A process that put content no head names removes it again."""
    calls = [call.method for call in calls_of(node)]
    named = bool(node.applied & {"create", "edit", "release_and_edit", "erase"}) or may_be_named(node, last_order(node))
    # Another erasure deletes every content that the head does not name.
    named = named or (node.process.erases and node.response is not None and node.response.error is None)
    left = "put_content" in calls and "remove_content" not in calls and not named
    expect(node.had_fault or not left, INVARIANT, f"{node.process.name} left content behind that no head names")


def _check_pay_url(name: str, attempt: Attempt | PastAttempt) -> None:
    without = attempt.status is AttemptStatus.OPENING
    if isinstance(attempt, Attempt) and attempt.status is AttemptStatus.OPEN:
        without = attempt.pay_url != f"pay/{attempt.attempt_id}"
    expect(not without, INVARIANT, f"{name} was given a payment without a place to pay")


def _check_stray_session(node: Node, attempt: Attempt | PastAttempt) -> None:
    """A process that opened a session for a payment cancelled in the meantime has asked the gateway to close it."""
    session = last_seen(node, Session)
    stray = session is not None and attempt.session_id != session.session_id
    closed = last_seen(node, VoidAnswer) is not None or node.had_fault
    expect(
        closed or not stray,
        "I1 one attempt at a time",
        f"{node.process.name} left a session open that no attempt needs",
    )


def _check_acknowledged(node: Node, gateway_event: GatewayEvent) -> None:
    """An acknowledged callback has had its effect: the gateway may never send it again."""
    if is_spoofed(gateway_event):
        return
    order = last_order(node)
    message = f"{node.process.name} was acknowledged without effect: {summary_of(order)}"
    match gateway_event.kind, gateway_event.capture:
        case GatewayEventKind.PAID, capture if capture is not None:
            # Where the gateway does not confirm it, the payment is kept as claimed and queried again.
            expect(order is not None and capture.payment_id in order.payments, INVARIANT, message)
        case GatewayEventKind.REFUNDED | GatewayEventKind.REFUND_FAILED, capture if capture is not None:
            refund = _refund_of(order, capture, gateway_event.refund_id)
            # The gateway's answer to the query counts, not the callback, which may be old.
            recorded = refund is None or _is_recorded(refund, last_seen(node, RefundState))
            expect(order is not None and recorded, INVARIANT, message)
        case GatewayEventKind.MONEY_RETURNED, capture if capture is not None:
            payment, stated = order.payments.get(capture.payment_id) if order else None, last_seen(node, Capture)
            # The gateway's total counts our refunds that are under way, too.
            owed = sum(refund.amount for refund in order.refunds_due) if order else 0
            known = payment is not None and stated is not None and payment.returned + owed >= stated.returned
            expect(known or stated is None or stated.returned == 0, INVARIANT, message)
        case GatewayEventKind.DISPUTED, _ if gateway_event.dispute is not None:
            known_dispute = order.disputes.get(gateway_event.dispute.dispute_id) if order else None
            ended = known_dispute is not None and known_dispute.status is not DisputeStatus.OPEN
            as_stated = known_dispute and replace(known_dispute, since=None) == gateway_event.dispute
            expect(as_stated or ended, INVARIANT, message)
        case GatewayEventKind.IN_PROGRESS, _:
            report = last_seen(node, SessionReport)
            said = report is not None and report.state is SessionState.IN_PROGRESS and order is not None
            held = order.attempt if said and order is not None and order.held_by(gateway_event.attempt_id) else None
            marked = held is None or held.status not in IN_FLIGHT or held.status is AttemptStatus.PROCESSING
            expect(marked, INVARIANT, message)
        case GatewayEventKind.EXPIRED | GatewayEventKind.CLOSED | GatewayEventKind.DECLINED, _:
            locked = order is None or (
                order.status is PaymentStatus.IN_PAYMENT and order.held_by(gateway_event.attempt_id)
            )
            expect(not locked, INVARIANT, message)


def _check_order(node: Node, whole: WholeOrder) -> None:
    process, order = node.process, whole.order
    name = process.name
    message = f"{name} succeeded, and the order is {order.status} at revision {order.revision}"
    check_whole(whole)
    if node.process.attempt_id is not None:
        held = order.held_by(node.process.attempt_id)
        waits = order.status is PaymentStatus.RELEASING and not process.releases_by_force
        expect(not held or waits, INVARIANT, message)
        sure = not node.had_fault and order.live_links < MOST_LIVE_LINKS
        void = last_seen(node, VoidAnswer)
        closed = sure and void is not None and void.kind in (VoidKind.VOIDED, VoidKind.ALREADY_CLOSED)
        expect(not (held and closed), "I5 no lock outlives its purpose", f"{name}: closed, and {order.status}")
    elif node.process.edits is not None:
        expect("edit" in node.applied or whole.content == node.process.edits(CONTENT), INVARIANT, message)
    elif process.edits_as_read:
        expect("edit" in node.applied, INVARIANT, message)
    elif process.decision is not None:
        expect(is_decided(process.decision, order), INVARIANT, message)
    elif process.rechecked_attempt_id is not None:
        report = last_seen(node, SessionReport)
        capture = report.capture if report else None
        recorded = report is not None and (capture is None or order.records(capture.payment_id))
        recorded = recorded or (report is None and not _may_have_news(order, process.rechecked_attempt_id))
        expect(recorded, INVARIANT, f"{message}, and the gateway said {report}")
        releasing = order.status is PaymentStatus.RELEASING and order.held_by(process.rechecked_attempt_id)
        asked = node.had_fault or last_seen(node, VoidAnswer) is not None
        expect(asked or not releasing, "I5 no lock outlives its purpose", f"{message}, without a request to close it")
    elif process.refund_id is not None:
        status = order.refunds[process.refund_id].status
        expect(status is RefundStatus.WRITTEN_OFF, INVARIANT, f"{message}, with its refund {status}")
    elif process.writes & {"cancel_order", "hand_over", "settle_manually", "erase"}:
        expect(_has_ended_as_asked(process, order), INVARIANT, message)


def _has_ended_as_asked(process: Process, order: Order) -> bool:
    if "cancel_order" in process.writes:
        return order.status is PaymentStatus.CANCELLED
    if process.erases:
        return order.erased_at is not None
    if "hand_over" in process.writes:
        return order.buyer_id == NEXT_BUYER
    by_hand = order.attempt is not None and order.attempt.gateway == MANUAL
    return order.status is PaymentStatus.PAID and by_hand


def _may_have_news(order: Order, attempt_id: str) -> bool:
    """Whether a gateway may say something new of the attempt: only then is it asked for a buyer."""
    held = order.attempt if order.held_by(attempt_id) else None
    past = order.past_attempts.get(attempt_id)
    claimed = any(payment.attempt_id == attempt_id for payment in order.claimed_payments)
    in_flight = held is not None and held.status in IN_FLIGHT
    return in_flight or claimed or (past is not None and past.check_at is not None)


def _check_stopped(node: Node, whole: WholeOrder) -> None:
    """The edit was made once where the order is given back, and not at all where it is still locked."""
    held = whole.order.held_by(node.process.attempt_id or "")
    message = f"{node.process.name} succeeded, and read {summary_of(whole.order)}"
    edited = node.applied & {"edit", "release_and_edit"}
    expect(not (held and edited), INVARIANT, f"{message}, still locked after {sorted(edited)}")
    asked = node.process.edits(CONTENT) if node.process.edits else None
    made = bool(edited) or whole.content == asked or _is_made_by_stop(node, whole.order)
    expect(held or made, INVARIANT, f"{message}, without the edit")
    past = whole.order.past_attempts.get(node.process.attempt_id or "")
    kept = past is None or past.edit is not None
    expect(kept or not (edited or _is_own_release(node)), INVARIANT, f"{message}, and its attempt keeps no edit")


def _is_own_release(node: Node) -> bool:
    """Whether this process released the attempt that it was to stop, for an edit that changes nothing."""
    first = first_order(node)
    own = first is not None and first.held_by(node.process.attempt_id or "")
    return own and "release" in node.applied and not went_back(node)


def _is_made_by_stop(node: Node, order: Order) -> bool:
    """Whether the attempt keeps this process's edit of revision 1, which made revision 2, or changed nothing."""
    past = order.past_attempts.get(node.process.attempt_id or "")
    edit = past.edit if past is not None else None
    own = edit is not None and edit.fingerprint == node.process.fingerprint
    return own and edit is not None and (edit.revision, edit.from_revision) in ((2, None), (1, 1))


def _is_made(process: Process, order: Order) -> bool:
    """Whether the process's own edit of revision 1, or its equal, was the order's last change."""
    if process.edits is None or process.stops:
        return False
    last, total = order.last_event, process.edits(CONTENT).total
    return (last.type, last.actor, order.revision, order.total) == ("OrderEdited", BUYER.subject, 2, total)
