"""I1, I2, I3, I4, I5 and I6 on states: what holds at every moment, of the order and the gateway."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from paylatch.domain.guards import Document
from paylatch.domain.order import LOCKED, Order, PaymentStatus
from paylatch.domain.payment import IN_FLIGHT, AttemptStatus, DisputeStatus, PaymentPlace, RefundStatus
from paylatch.domain.timestamps import from_text
from paylatch.domain.without_gateway import MANUAL
from paylatch.ports import RefundState
from tests.invariants import expect
from tests.model_checker.actors import CASH
from tests.model_checker.simulated_gateway import GatewayProfile, GatewaySession, GatewayState, session_name
from tests.model_checker.spec_limits import EXPIRES_IN, GRACE, LONGEST_PROCESSING, OPENING_LASTS, OVERDUE
from tests.model_checker.transition_invariants import summary_of
from tests.model_checker.unrelated_callbacks import SECOND_PAYMENT

I4 = "I4 money is conserved"
_VISIBLE = frozenset({PaymentStatus.RELEASING, PaymentStatus.REVIEW})


def check_visible(order: Order, document: Document) -> None:
    """Exactly the orders that need attention are listed for it."""
    invariant = "I5 no lock outlives its purpose"
    seen = from_text(document["attention_at"]) if "attention_at" in document else None
    if order.status in _VISIBLE:
        expect(seen is not None, invariant, f"the attention list lacks the order, which is {order.status}")
        soon = seen is None or seen - order.last_event.at < OVERDUE / 2
        expect(soon, invariant, f"the attention list does not show yet that the order is {order.status}")
        return
    clock_times = [refund.since + OVERDUE for refund in order.refunds_due]
    clock_times += [payment.since + OVERDUE for payment in order.claimed_payments]
    clock_times += [refund.since for refund in order.refunds.values() if refund.status is RefundStatus.REFUSED]
    clock_times += [each.since for each in order.disputes.values() if each.since and each.status is DisputeStatus.OPEN]
    clock_times += [since + LONGEST_PROCESSING for since in _processing_since(order)]
    wanted = min(clock_times, default=None)
    message = f"money is to be shown from {wanted} on, and is from {seen}"
    expect(seen == wanted, "I4 money is conserved", message)


def _processing_since(order: Order) -> list[datetime]:
    attempt = order.attempt
    under_way = attempt is not None and attempt.status is AttemptStatus.PROCESSING
    return [attempt.processing_since] if under_way and attempt and attempt.processing_since else []


def check_content(order: Order, contents: Mapping[tuple[str, str], object]) -> None:
    """The content that the head names is there, and its total is the order's."""
    invariant = "I2 what is locked does not change"
    document = contents.get((order.order_id, order.content_id))
    expect(isinstance(document, Mapping), invariant, f"the content {order.content_id} that the head names is gone")
    if isinstance(document, Mapping):
        total = sum(line["quantity"] * line["unit_price"] for line in document["lines"])
        expect(total == order.total, invariant, f"the head's total is {order.total}, its content's {total}")


def check_state(order: Order, gateway_state: GatewayState, profile: GatewayProfile) -> None:
    """Check the invariants on order and gateway together, at any moment."""
    _locks_are_due(order)
    _follow_ups_are_due(order)
    _refunds_are_shown(order)
    _money_has_one_place(order)
    if order.status is PaymentStatus.PAID:
        _paid_means_paid_for_this(order, gateway_state)
    if order.status is PaymentStatus.PENDING_PAYMENT:
        expect(order.attempt is None, "I1 one attempt at a time", "an unlocked order has an attempt that holds it")
    for session in gateway_state.sessions:
        _money_goes_one_way(order, session)
        holds = order.held_by(session.attempt_id) and order.status in LOCKED
        late = order.past_attempts.get(session.attempt_id)
        # An operator may take the order back from a gateway that gives no answer.
        watched = late is not None and late.check_at is not None
        expect(
            holds or watched or not session.payable or not (profile.void_is_final or profile.waits_for_links),
            "I1 one attempt at a time",
            f"the order is {order.status} and the link of {session.attempt_id} can still be paid",
        )
        _final_link_checks_are_in_time(order, session, profile)


def _final_link_checks_are_in_time(order: Order, session: GatewaySession, profile: GatewayProfile) -> None:
    """Final checks come after the requested end of the link; a later end that the gateway reports moves them."""
    late, invariant = order.past_attempts.get(session.attempt_id), "I4 money is conserved"
    if late is None or late.check_at is None:
        return
    ends = session.link_expires_at - profile.link_overrun if session.link_expires_at is not None else None
    early = session.payable and ends is not None and late.check_at < ends + GRACE
    expect(not early, invariant, f"the final check of {late.attempt_id} is before its link has certainly ended")


def _locks_are_due(order: Order) -> None:
    paying = order.status in (PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING)
    invariant = "I5 no lock outlives its purpose"
    expect(not paying or order.due_at is not None, invariant, f"{order.status}, and no sweep will ever check it")
    expect(paying or order.due_at is None, invariant, f"the sweep checks forever an order that is {order.status}")
    if order.status is PaymentStatus.IN_PAYMENT and order.attempt is not None and not _processing_since(order):
        asked = order.attempt.deadline == order.attempt.since + EXPIRES_IN
        opening = order.attempt.status is AttemptStatus.OPENING
        ends = order.attempt.since + OPENING_LASTS if opening else order.attempt.deadline
        expect(
            asked and order.due_at == ends,
            invariant,
            f"the buyer asked for a quarter of an hour, and the sweep comes at {order.due_at}",
        )
    in_flight = order.attempt is not None and order.attempt.status in IN_FLIGHT
    expect(paying == in_flight, "I1 one attempt at a time", f"the order is {order.status}, its attempt {order.attempt}")
    _releases_have_reasons(order)
    own = order.attempt is None or order.attempt.session_id in (None, session_name(order.attempt.attempt_id))
    expect(own, "I6 only the holder's result counts", f"another attempt's session was recorded: {order.attempt}")
    opened = order.attempt is not None and order.attempt.session_id is not None
    still = order.attempt is not None and order.attempt.status is AttemptStatus.OPENING
    expect(not (opened and still), "I1 one attempt at a time", "a session was recorded and the attempt is not open")


def _releases_have_reasons(order: Order) -> None:
    releasing = order.status is PaymentStatus.RELEASING
    closing = order.attempt is not None and order.attempt.status is AttemptStatus.CLOSING
    invariant = "I5 no lock outlives its purpose"
    expect(releasing == closing, invariant, f"the order is {order.status}, and its attempt {order.attempt}")
    known = order.attempt is not None and order.attempt.reason is not None
    expect(known or not releasing, invariant, "the order is being released without a reason")


def _follow_ups_are_due(order: Order) -> None:
    clock_times = [attempt.check_at for attempt in order.past_attempts.values() if attempt.check_at is not None]
    clock_times += [refund.next_at for refund in order.refunds_due]
    clock_times += [payment.next_at for payment in order.claimed_payments if payment.next_at is not None]
    clock_times += [order.pay_by] if order.pay_by is not None and _may_end(order) else []
    expect(
        order.follow_up_at == min(clock_times, default=None),
        "I4 money is conserved",
        f"work is due from {min(clock_times, default=None)} on, and follow_up_at is {order.follow_up_at}",
    )


def _may_end(order: Order) -> bool:
    """Whether the end of the order is looked for: no money can be on its way, or a lock was written without a read."""
    if order.claimed_payments or any(attempt.check_at for attempt in order.past_attempts.values()):
        return False
    locked = order.attempt is not None and order.attempt.status in (AttemptStatus.OPENING, AttemptStatus.OPEN)
    return order.status is PaymentStatus.PENDING_PAYMENT or locked


def _paid_means_paid_for_this(order: Order, gateway_state: GatewayState) -> None:
    invariant = "I3 paid means paid for this"
    attempt = order.attempt
    free = order.total == 0 and attempt is not None and attempt.gateway == "none"
    nothing = attempt is not None and attempt.captured is None
    expect(attempt is not None and nothing == free, invariant, f"{order.total} are paid by {attempt}")
    if attempt is None or attempt.captured is None:
        return
    expect(attempt.status is AttemptStatus.SUCCEEDED, invariant, f"paid, and the attempt is {attempt.status}")
    expected = (attempt.amount, attempt.currency, attempt.revision)
    expect(
        expected == (order.total, order.currency, order.revision),
        invariant,
        f"{expected} does not pay for {summary_of(order)}",
    )
    if attempt.gateway == MANUAL:
        made = (refund for refund in order.refunds.values() if refund.status is RefundStatus.REFUNDED)
        given_back = sum(refund.amount_made for refund in made if refund.payment_id == attempt.captured.payment_id)
        declared = (CASH.amount, order.currency, given_back)
        captured = (attempt.captured.amount, attempt.captured.currency, attempt.captured.returned)
        expect(captured == declared, invariant, f"{captured} is taken for what the seller declared, {declared}")
        return
    current_capture = [
        session.capture
        for session in gateway_state.sessions
        if session.attempt_id in (attempt.attempt_id, SECOND_PAYMENT)
    ]
    expect(replace(attempt.captured, returned=0) in current_capture, invariant, "the gateway has no such payment")


def _money_has_one_place(order: Order) -> None:
    """Every captured sum is the settlement, under review, on its way back, gone, or still to be confirmed."""
    captured = order.attempt.captured.payment_id if order.attempt and order.attempt.captured else None
    for payment in order.payments.values():
        refunds = [refund for refund in order.refunds.values() if refund.payment_id == payment.payment_id]
        holds = payment.payment_id == captured
        match payment.place:
            case PaymentPlace.SETTLED:
                requested = all(refund.fingerprint is not None for refund in refunds)
                right = holds and order.status is PaymentStatus.PAID and requested
            case PaymentPlace.REVIEW:
                right = holds and order.status is PaymentStatus.REVIEW and not refunds
            case PaymentPlace.REFUND:
                right = not holds and len(refunds) == 1
            case PaymentPlace.RETURNED:
                right = not holds and not refunds and payment.returned == payment.amount
            case PaymentPlace.CLAIMED:
                right = not holds and not refunds and payment.next_at is not None
        expect(right, I4, f"{payment.payment_id} is {payment.place}, of {summary_of(order)}")


def _money_goes_one_way(order: Order, session: GatewaySession) -> None:
    capture = session.capture
    if capture is None:
        return
    known = order.payments.get(capture.payment_id)
    settles = known is not None and known.place is PaymentPlace.SETTLED
    by_the_shop = {refund_id for refund_id, refund in order.refunds.items() if refund.fingerprint is not None}
    given_back = {refund_id for refund_id, _, _ in session.refunds} - by_the_shop
    expect(not (settles and given_back), I4, f"{capture.payment_id} settles the order and was given back")
    expect(session.returned <= capture.amount, I4, f"more was given back than {capture}")
    # A refund's later failure may not be reported yet.
    left = session.manually_returned + sum(amount for _, amount, _ in session.refunds)
    expect(known is None or known.returned <= left, I4, f"{known} has not gone back")
    for refund in order.refunds.values():
        if refund.payment_id == capture.payment_id:
            # A failed refund had succeeded before; the ledgers at the end show whether its failure was recorded.
            done = any(state is not RefundState.PENDING for _, _, state in session.refunds)
            counted = refund.status is RefundStatus.REFUNDED
            expect(done or not counted, I4, f"{capture.payment_id} counts as refunded and is not")


def _refunds_are_shown(order: Order) -> None:
    """The status of an attempt whose money is not kept shows it: `refund_due` while any of it is owed."""
    for late in order.past_attempts.values():
        own = [
            each
            for each in order.refunds.values()
            if (each.attempt_id, each.gateway) == (late.attempt_id, late.gateway)
        ]
        statuses = {each.status for each in own}
        if statuses & {RefundStatus.DUE, RefundStatus.REFUSED}:
            wanted = AttemptStatus.REFUND_DUE
        elif RefundStatus.REFUNDED in statuses:
            wanted = AttemptStatus.REFUNDED
        else:
            wanted = AttemptStatus.WRITTEN_OFF
        shown = not own or late.status is wanted
        what = f"{late.attempt_id} says {late.status}, and its refunds are {[each.status.value for each in own]}"
        expect(shown, "I4 money is conserved", what)
