"""I1, I2, I4, I5, I6 and I7 on actions, and ownership: each process asks and does only what its use case is for."""

from datetime import timedelta

from paylatch.domain.errors import Refused
from paylatch.domain.order import Content, Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus, Refund, RefundStatus
from paylatch.ports import (
    Applied,
    GatewayEventKind,
    RefundState,
    Rejected,
    SessionReport,
    SessionRequest,
    SessionState,
    VoidAnswer,
    VoidKind,
)
from tests.invariants import expect
from tests.model_checker.evidence import check_evidence, went_back
from tests.model_checker.money_invariants import REQUESTED_AGAIN
from tests.model_checker.process import Process
from tests.model_checker.process_history import (
    calls_of,
    first_order,
    last_order,
    last_read,
    last_seen,
    reads_of,
    steps_of,
)
from tests.model_checker.process_tree import Node
from tests.model_checker.reading_answers import check_put
from tests.model_checker.release_reasons import check_reason, is_touch
from tests.model_checker.scripted_ports import NOON, Call, Raised
from tests.model_checker.simulated_gateway import GatewayProfile
from tests.model_checker.spec_limits import EXPIRES_IN, GRACE
from tests.model_checker.transition_invariants import summary_of
from tests.model_checker.unrelated_callbacks import is_spoofed

_EDITS = frozenset({"edit", "release_and_edit"})
_PAYING = frozenset({PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING})
_FINISHED = frozenset({PaymentStatus.PAID, PaymentStatus.CANCELLED})
_GIVEN_UP = frozenset({RefundStatus.REFUSED, RefundStatus.WRITTEN_OFF})
_RELEASES = frozenset({"release", "release_and_edit", "await_release", "force_release"})


def check_call(node: Node, call: Call, profile: GatewayProfile) -> None:
    """A process requests a refund without a query only the first time; later it asks the gateway for the refund's state
    first. A requested link lives as long as the lock, or as the gateway's shortest session.
    """
    invariant = "I4 money is conserved"
    begun = isinstance(node.seen, Applied) and _requested_again(node.seen.order) is not None
    expect(
        not begun or call.method == "query_refund",
        invariant,
        f"{node.process.name} settled without asking the gateway anew",
    )
    _check_permitted_call(node, call)
    _check_undo(node, call)
    match call.method, call.args:
        case "put_content", (_, _, Content() as content):
            check_put(node, content)
        case "refund", (Refund(tries=tries),) if tries:
            asked = node.seen in (RefundState.UNKNOWN, RefundState.FAILED)
            expect(asked, invariant, f"{node.process.name} asks for a refund again, and knows of it: {node.seen}")
        case "open", (SessionRequest(expires_at=ends),):
            seen = last_order(node)
            attempt = seen.attempt if seen else None
            expected = attempt and attempt.since + max(EXPIRES_IN, profile.shortest_session)
            expect(
                ends == expected, "I5 no lock outlives its purpose", f"{node.process.name} asks for a link until {ends}"
            )
        case "refund", (Refund(),):
            # Where the gateway is asked for a payment's total, it is asked which of our refunds that total counts.
            counts = any(made.method == "query_payment" for made in calls_of(node))
            asked = isinstance(node.seen, RefundState) and not counts
            expect(not asked, invariant, f"{node.process.name} asks for the state of a refund that was never requested")


def _check_permitted_call(node: Node, call: Call) -> None:
    """A process calls only for its own order and attempt, and puts content only for an order that can be edited."""
    process, read = node.process, last_read(node)
    asks = call.method in ("refund", "query_refund")
    spoofed = process.gateway_event is not None and is_spoofed(process.gateway_event)
    expect(not (asks and spoofed), "I6 only the holder's result counts", f"{process.name} is asked after")
    free = read is not None and (read.status is PaymentStatus.PENDING_PAYMENT or _stops(node, process, read))
    # A process that places an order has not read one.
    free = free or (process.erases and read is not None and read.status in _FINISHED)
    while_locked = call.method == "put_content" and not free and process.placed is None
    expect(not while_locked, "I2 what is locked does not change", f"{process.name} puts content for {summary_of(read)}")
    if (process.sweeps or process.runs_timer) and call.of_gateway:
        _check_due(node, call)


def _stops(node: Node, process: Process, read: Order) -> bool:
    """Whether this process stops the payment that holds the order, to edit the revision that it read, or has just
    released it from another attempt.
    """
    seen = last_order(node)
    if process.stops and seen is not None and seen.status is PaymentStatus.PENDING_PAYMENT:
        return True
    held = process.stops and read.held_by(process.attempt_id or "")
    return held and read.status in _PAYING and read.revision == process.revision


def _check_undo(node: Node, call: Call) -> None:
    """Only the writer of a content removes it, and a payer's session is closed only if it is not recorded as open."""
    name = node.process.name
    if call.method == "remove_content":
        put = [earlier.args[1] for earlier in calls_of(node) if earlier.method == "put_content"]
        own = node.process.erases or node.process.consumes
        own = own or (call.args[1] in put and node.applied.isdisjoint({"create", *_EDITS}))
        expect(
            own,
            "I2 what is locked does not change",
            f"{name} removes content that is not its own, or that a head names",
        )
    pays = node.process.pays and call.method == "void"
    unsure = isinstance(node.seen, Raised) and not isinstance(node.seen.make(), Refused)
    invariant = "I7 truthful answers"
    expect(not (pays and unsure), invariant, f"{name} closes the session that it may have recorded as open")


def _check_due(node: Node, call: Call) -> None:
    """A sweep handles nothing before it is due, and nothing after its own time budget is spent."""
    order, name, invariant = last_order(node), node.process.name, "I5 no lock outlives its purpose"
    expect(order is not None, invariant, f"{name} calls {call.method} for no order")
    if order is None:
        return
    now = NOON + timedelta(seconds=node.clock_time + node.skew)
    subject = call.args[0].refund_id if isinstance(call.args[0], Refund) else call.args[0]
    begun = last_seen(node, Applied)
    requested_again = _requested_again(order) if begun and begun.order is order else None
    due = {
        refund.refund_id
        for refund in order.refunds_due
        if refund.next_at <= now or refund.payment_id == requested_again
    }
    due |= {
        left.attempt_id for left in order.past_attempts.values() if left.check_at is not None and left.check_at <= now
    }
    # Its own write about a refund that was due was refused: a person had given it up meanwhile.
    due |= {subject} if call.method == "query_refund" and _was_given_up(node, subject) else set()
    # A sweep reads a due order again before it asks the gateway: another sweep may have asked in between.
    claims = [claim for read in reads_of(node) for claim in read.claimed_payments]
    due |= {claim.payment_id for claim in claims if claim.next_at is not None and claim.next_at <= now}
    holds = order.attempt is not None and order.held_by(subject)
    # A sweep whose write is refused because of another writer goes on with what was due when it began.
    expired = node.seen is not order or (order.due_at is not None and order.due_at <= now)
    timely = expired if holds else subject in due
    expect(timely, invariant, f"{name} asks for {call.method} of {subject}, not due in {summary_of(order)}")
    expect(holds or node.process.has_time, invariant, f"{name} has no time left for {call.method}")


def _was_given_up(node: Node, refund_id: str) -> bool:
    refused = [step.seen.order for step in steps_of(node) if isinstance(step.seen, Rejected)]
    refunds = [order.refunds.get(refund_id) for order in refused if order is not None]
    return any(refund is not None and refund.status in _GIVEN_UP for refund in refunds)


def _requested_again(order: Order) -> object:
    """The payment whose refund an operator has just requested again."""
    detail = order.last_event.detail or {}
    return detail["payment_id"] if detail.get("cause") == REQUESTED_AGAIN else None


def check_action(node: Node, order: Order, applied: str | None, profile: GatewayProfile) -> None:
    """An unlock demands the hold, an edit demands the revision that was read, and an unauthorised caller writes
    nothing.
    """
    process = node.process
    refused = not process.authorised
    expect(applied is None or not refused, "ownership is part of the write", f"{process.name} made {applied}")
    if process.edits is not None and applied in _EDITS:
        seen = order.revision == process.revision + 1 if process.revision else False
        expect(
            seen, "I2 what is locked does not change", f"{process.name} saw {process.revision}, made {order.revision}"
        )
    hint = process.gateway_event is not None and process.gateway_event.kind in (
        GatewayEventKind.TRY_FAILED,
        GatewayEventKind.IN_PROGRESS,
    )
    invariant = "I6 only the holder's result counts"
    asked = last_seen(node, SessionReport) is not None
    expect(applied is None or not hint or asked, invariant, f"{process.name} made {applied} without a query")
    if applied == "mark_processing":
        _check_said_to_be_under_way(node)
    spoofed = process.gateway_event is not None and is_spoofed(process.gateway_event)
    expect(applied is None or not spoofed, invariant, f"another gateway reported it, and {process.name} made {applied}")
    if process.attempt_id is not None and applied in _RELEASES:
        own = order.last_event.attempt_id == process.attempt_id or is_touch(node, order.last_event.attempt_id)
        expect(own, invariant, f"{process.name} made {applied} of another attempt")
    actor = order.last_event.actor
    own_name = process.actor is None or applied not in process.writes or actor == process.actor
    expect(own_name, "ownership is part of the write", f"{process.name} made {applied} in the name of {actor}")
    if applied in ("release", "release_and_edit"):
        _check_closed_first(node, profile)
    if applied in ("settle", "accept_late"):
        check_evidence(node, order, applied)
    if applied in _RELEASES:
        check_reason(node, order)
        _check_final_link_check(node, order, profile)


def _check_said_to_be_under_way(node: Node) -> None:
    """Only a gateway's answer says that a payment is under way; where it is known to be, silence changes nothing."""
    report, void, seen = last_seen(node, SessionReport), last_seen(node, VoidAnswer), first_order(node)
    said = report is not None and report.state is SessionState.IN_PROGRESS
    said = said or (void is not None and void.kind is VoidKind.PROCESSING)
    known = seen is not None and seen.attempt is not None and seen.attempt.status is AttemptStatus.PROCESSING
    invariant = "I5 no lock outlives its purpose"
    expect(said or known, invariant, f"{node.process.name} marked a payment as under way, and no gateway said so")


def _check_closed_first(node: Node, profile: GatewayProfile) -> None:
    """No process unlocks before the gateway has answered, except after a first try that the gateway refused."""
    void = last_seen(node, VoidAnswer)
    enough = {VoidKind.VOIDED, VoidKind.ALREADY_CLOSED} | (
        set() if profile.waits_for_links else {VoidKind.NOT_VOIDABLE}
    )
    closed = void is not None and void.kind in enough
    refusal = last_seen(node, Raised)
    first = refusal is not None and isinstance(refusal.make(), Refused) and "lock" in node.applied
    expect(
        closed or first or went_back(node),
        "I1 one attempt at a time",
        f"{node.process.name} unlocked without asking the gateway to close the session",
    )


def _check_final_link_check(node: Node, order: Order, profile: GatewayProfile) -> None:
    """A closed link that cannot be paid any more when its payment is cancelled needs no final check."""
    response = last_seen(node, VoidAnswer)
    closed = response is not None and response.kind in (VoidKind.VOIDED, VoidKind.ALREADY_CLOSED)
    left = order.past_attempts.get(order.last_event.attempt_id or "")
    next_check = left.check_at if left is not None else None
    dead = next_check is not None and (next_check <= order.last_event.at or profile.void_is_final)
    needless = closed and dead
    invariant = "I5 no lock outlives its purpose"
    expect(not needless, invariant, f"{node.process.name} schedules a check of a link that has certainly expired")
    until = response.until if response is not None else None
    early = until is not None and next_check is not None and next_check < until + GRACE
    expect(not early, "I4 money is conserved", f"{node.process.name} schedules a check of a link before {until}")
