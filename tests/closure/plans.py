"""What may be planned: for each transition one function that gives every plan of it, without a read or from a head.

A gateway's statement is adversarial: any attempt, any payment, any sum. The plans from a head are those that the use
cases make from it, for every answer of the gateway.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from typing import cast

from paylatch.domain import transitions
from paylatch.domain.attempt_edit import AttemptEdit, StopRequest
from paylatch.domain.late_money import Decision, Evidence, Payment, Situation, agrees, decision_on, situation_of
from paylatch.domain.ledger import OPEN_REFUNDS, open_disputes, refundable, settled_payment
from paylatch.domain.manual_settlement import ManualMethod, ManualSettlement
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import IN_FLIGHT, Attempt, AttemptStatus, Capture, Dispute, DisputeStatus, RefundStatus
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions import NewAttempt, NewContent, NewOrder, WriteContext, attempt_changes
from paylatch.domain.without_gateway import MANUAL
from paylatch.ports import Ports
from paylatch.use_cases.settle_payment import _entry, _plan, owed_refund
from tests.closure.configuration import (
    BUYER,
    CONTENTS,
    DEADLINE,
    LATER,
    MUCH_LATER,
    NOW,
    ORDER_ID,
    OTHER_CALLER,
    PART,
    TOTALS,
    UNKNOWN_ATTEMPT,
    Configuration,
)
from tests.closure.erasure_plans import erasures
from tests.closure.link_plans import free_settlements_by_link, links, locks_by_link
from tests.closure.plan import WRITE_CONTEXT, Plan, is_not_settled_free, no_payment_begins
from tests.closure.statements import described, made, statements
from tests.closure.term_plans import ends, hand_overs, named

RETURN_URL, FINGERPRINT = "https://shop.test/thanks", "0QRS5TV7WX9Y"
SESSION, PAY_URL = "session", "https://pay.test/session"

_BEING_PAID = frozenset({PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING})
_WRITES_NOTHING = {Decision.NOTHING, Decision.ASK, Decision.WAIT}


Planner = Callable[[Configuration], Iterator[Plan]]
PlannerFromHead = Callable[[Order, Configuration], Iterator[Plan]]


def create() -> Plan:
    """The order's creation; later, the same creation again."""
    order = NewOrder(
        order_id=ORDER_ID,
        reference="2026-1001",
        buyer_id="buyer-1",
        seller_id="seller-1",
        content_id=CONTENTS[TOTALS[0]],
        total=TOTALS[0],
        currency="EUR",
        fingerprint="W3E5R7T9Y1AB",
    )
    return Plan("create", transitions.create(order, WRITE_CONTEXT), blind=True, forbidden=lambda _: True)


def _created_again(_: Configuration) -> Iterator[Plan]:
    yield create()


def _locks(configuration: Configuration) -> Iterator[Plan]:
    for attempt_id, gateway in product(configuration.attempt_ids, configuration.gateways):
        new = NewAttempt(
            attempt_id=attempt_id,
            gateway=gateway,
            deadline=DEADLINE,
            return_url=RETURN_URL,
            fingerprint=FINGERPRINT,
        )
        description = f"lock by {attempt_id} at {gateway}"
        yield Plan(
            description, transitions.lock(new, BUYER, None, WRITE_CONTEXT), blind=True, forbidden=no_payment_begins
        )
        yield from locks_by_link(new, description, configuration)
        if configuration.refused:
            yield Plan(
                f"{description}, by an unauthorised caller",
                transitions.lock(new, OTHER_CALLER, None, WRITE_CONTEXT),
                blind=True,
                forbidden=lambda _: True,
            )
            yield Plan(
                f"{description}, if revision 1",
                transitions.lock(new, BUYER, 1, WRITE_CONTEXT),
                blind=True,
                forbidden=lambda order: order.revision != 1,
            )


def _sessions(configuration: Configuration) -> Iterator[Plan]:
    for attempt_id, gateway in product(configuration.attempt_ids, configuration.gateways):
        transition = transitions.record_session(_as_locked(attempt_id, gateway), SESSION, PAY_URL, WRITE_CONTEXT)
        yield Plan(f"record_session of {attempt_id} at {gateway}", transition, blind=True)


def _as_locked(attempt_id: str, gateway: str) -> Attempt:
    """The attempt as the process that locked the order saw it; recording the session writes nothing else of it."""
    return Attempt(
        attempt_id=attempt_id,
        status=AttemptStatus.OPENING,
        amount=0,
        currency="EUR",
        revision=1,
        gateway=gateway,
        since=NOW,
        deadline=DEADLINE,
        return_url=RETURN_URL,
        fingerprint=FINGERPRINT,
    )


def _settlements(configuration: Configuration) -> Iterator[Plan]:
    """As `settle_payment` tries before it reads the order; not with partly returned money."""
    for payment in statements(frozenset(configuration.attempt_ids), configuration):
        if not payment.capture.returned:
            transition = transitions.settle(_entry(payment, Decision.SETTLE, None, WRITE_CONTEXT), None, WRITE_CONTEXT)
            yield Plan(f"settle by {described(payment)}", transition, blind=True, capture=payment.capture)


def _cancellations(order: Order, configuration: Configuration) -> Iterator[Plan]:
    yield Plan("cancel_order", transitions.cancel_order(order, BUYER, WRITE_CONTEXT))
    if configuration.refused:
        yield Plan(
            "cancel_order by an unauthorised caller",
            transitions.cancel_order(order, OTHER_CALLER, WRITE_CONTEXT),
            forbidden=lambda _: True,
        )


def _manual_settlements(order: Order, configuration: Configuration) -> Iterator[Plan]:
    # Two payments of an order that is paid by hand are two of one that is paid by a gateway.
    if configuration.payments > 1 or configuration.requested > 1:
        return
    if order.status is not PaymentStatus.PENDING_PAYMENT and not configuration.guards_alone:
        return
    settlement = ManualSettlement(ManualMethod.CASH, order.total, "receipt 4711")
    transition = transitions.settle_manually(order, settlement, WRITE_CONTEXT)
    yield Plan("settle_manually", transition, capture=settlement.payment(order, NOW).capture)


def _edits(order: Order, configuration: Configuration) -> Iterator[Plan]:
    if order.status is not PaymentStatus.PENDING_PAYMENT and not configuration.guards_alone:
        return
    for total, terms in product(configuration.totals, configuration.payment_terms):
        transition = transitions.edit(order, BUYER, CONTENTS[total], total, WRITE_CONTEXT, terms=terms)
        yield Plan(f"edit to {total}{named(terms)}", transition)
        if configuration.refused:
            transition = transitions.edit(order, OTHER_CALLER, CONTENTS[total], total, WRITE_CONTEXT)
            yield Plan(f"edit to {total} by an unauthorised caller", transition, forbidden=lambda _: True)
    # Only the attempt's own record depends on which one it is made for, and on what is edited.
    for attempt_id in list(order.past_attempts)[:1]:
        total, stop = configuration.totals[0], StopRequest(attempt_id, FINGERPRINT)
        transition = transitions.edit(order, BUYER, CONTENTS[total], total, WRITE_CONTEXT, stop)
        yield Plan(f"edit to {total} for {attempt_id}", transition, edit_of=attempt_id)


def _free_settlements(order: Order, configuration: Configuration) -> Iterator[Plan]:
    """By an attempt that the order has not had, while it may have one more."""
    free = order.status is PaymentStatus.PENDING_PAYMENT and order.total == 0
    if not (free or configuration.guards_alone) or order.attempts_made >= attempt_changes.MOST_ATTEMPTS:
        return
    for attempt_id in configuration.attempt_ids:
        if attempt_id not in made(order):
            transition = transitions.settle_free(order, attempt_id, FINGERPRINT, BUYER, WRITE_CONTEXT)
            yield Plan(f"settle_free by {attempt_id}", transition, forbidden=is_not_settled_free)
            yield from free_settlements_by_link(order, attempt_id, configuration)
            if configuration.refused:
                transition = transitions.settle_free(order, attempt_id, FINGERPRINT, OTHER_CALLER, WRITE_CONTEXT)
                yield Plan(
                    f"settle_free by {attempt_id}, by an unauthorised caller", transition, forbidden=lambda _: True
                )


def _releases(order: Order, configuration: Configuration) -> Iterator[Plan]:
    for attempt in _holders(order, configuration):
        if attempt.status in IN_FLIGHT or configuration.guards_alone:
            yield from _releases_of(attempt, order)
            yield from _stops_of(attempt, order, configuration)


def _stops_of(attempt: Attempt, order: Order, configuration: Configuration) -> Iterator[Plan]:
    reason = attempt.reason or ReleaseReason.CANCELLED
    live = (None, LATER) if order.live_links < attempt_changes.MOST_LIVE_LINKS else (None,)
    for total, terms, check_at in product(configuration.totals, configuration.payment_terms, live):
        what = f"of {attempt.attempt_id} to {total}{named(terms)}{', the link stays live' if check_at else ''}"
        new = NewContent(CONTENTS[total], total, FINGERPRINT, terms=terms)
        transition = transitions.release_and_edit(order, attempt, reason, check_at, BUYER, new, WRITE_CONTEXT)
        yield Plan(f"release_and_edit {what}", transition, edit_of=attempt.attempt_id)
        if configuration.refused:
            transition = transitions.release_and_edit(
                order, attempt, reason, check_at, OTHER_CALLER, new, WRITE_CONTEXT
            )
            yield Plan(f"release_and_edit {what} by an unauthorised caller", transition, forbidden=lambda _: True)


def _releases_of(attempt: Attempt, order: Order) -> Iterator[Plan]:
    reason, what = attempt.reason or ReleaseReason.CANCELLED, f"of {attempt.attempt_id}"
    yield Plan(f"release {what}", transitions.release(order, attempt, reason, None, WRITE_CONTEXT))
    kept = AttemptEdit(FINGERPRINT, order.revision, from_revision=order.revision)
    transition = transitions.release(order, attempt, reason, None, WRITE_CONTEXT, edit=kept)
    yield Plan(f"release {what} for an edit that changes nothing", transition, edit_of=attempt.attempt_id)
    if order.live_links < attempt_changes.MOST_LIVE_LINKS:
        transition = transitions.release(order, attempt, reason, LATER, WRITE_CONTEXT)
        yield Plan(f"release {what}, the link stays live", transition)
    yield Plan(f"force_release {what}", transitions.force_release(order, attempt, reason, LATER, "gone", WRITE_CONTEXT))
    yield Plan(f"await_release {what}", transitions.await_release(order, attempt, reason, LATER, WRITE_CONTEXT))
    transition = transitions.mark_processing(order, attempt, MUCH_LATER, LATER, WRITE_CONTEXT)
    yield Plan(f"mark_processing {what}", transition)


def _holders(order: Order, configuration: Configuration) -> Iterator[Attempt]:
    """The attempt that holds the order; with `guards_alone`, also every other one."""
    if order.attempt is not None:
        others = configuration.attempt_ids if configuration.guards_alone else (order.attempt.attempt_id,)
        yield from (replace(order.attempt, attempt_id=attempt_id) for attempt_id in others)


def _money_from_a_head(order: Order, configuration: Configuration) -> Iterator[Plan]:
    """By the late-money table, for every answer of the gateway about the sum that it still holds, and for none."""
    for payment in statements(frozenset({*made(order), UNKNOWN_ATTEMPT}), configuration):
        found = _decisions(situation_of(order, payment), payment)
        alone = [(decision, Evidence.CONFIRMED) for decision in _possible(order, payment)]
        for decision, evidence in alone if configuration.guards_alone else found:
            known = replace(payment, evidence=evidence)
            transition = _plan(decision, situation_of(order, known), order, known, None, _FIXED_PORTS)
            yield Plan(
                f"{transition.name} by {described(payment)}", transition, capture=_to_be_recorded(known, decision)
            )


@cache
def _decisions(situation: Situation, payment: Payment) -> tuple[tuple[Decision, Evidence], ...]:
    """All decisions about a payment for an order in this state, with their evidence: confirmed, or only stated."""
    description = [replace(payment, evidence=evidence, stated_at=at) for evidence in Evidence for at in (NOW, None)]
    found = {(decision_on(situation, each, NOW), _kind_of(each.evidence)) for each in description}
    return tuple(sorted((decision, evidence) for decision, evidence in found if decision not in _WRITES_NOTHING))


def _kind_of(evidence: Evidence) -> Evidence:
    return evidence if evidence is Evidence.CONFIRMED else Evidence.STATED


def _to_be_recorded(payment: Payment, decision: Decision) -> Capture:
    """A return that was only reported may have failed since; a claim keeps the report until it is confirmed."""
    whole = payment.evidence is Evidence.CONFIRMED or decision is Decision.CLAIM
    return payment.capture if whole else replace(payment.capture, returned=0)


def _possible(order: Order, payment: Payment) -> Iterator[Decision]:
    """All plans about a payment, right or wrong; its sum is compared in the plan, not by a guard."""
    late = order.past_attempts.get(payment.attempt_id)
    whole = not payment.capture.returned
    known, held = order.records(payment.capture.payment_id), payment.capture.held
    if not (order.held_by(payment.attempt_id) and order.status in _BEING_PAID):
        yield from (Decision.OWE_REFUND,) if held else ()
        yield from (Decision.RECORD_RETURN,) if not held and not known else ()
    yield Decision.QUARANTINE
    yield from (Decision.SETTLE,) if whole else ()
    yield from (Decision.CLAIM,) if late is not None else ()
    yield from (Decision.ACCEPT_LATE,) if late is not None and agrees(payment.capture, late) and whole else ()
    yield from (Decision.RELEASE,) if order.attempt is not None and not held else ()


class _FixedContextPorts:
    """The ports that a plan needs: the same write context at all times."""

    def write_context(self, actor: str) -> WriteContext:
        return WRITE_CONTEXT


_FIXED_PORTS = cast("Ports", _FixedContextPorts())


def _returns(order: Order, configuration: Configuration) -> Iterator[Plan]:
    for payment in order.payments.values():
        for total in configuration.returned_totals:
            more = total > payment.returned or (configuration.guards_alone and total != payment.returned)
            if order.records(payment.payment_id) and more:
                transition = transitions.money_returned(order, replace(payment, returned=total), WRITE_CONTEXT)
                yield Plan(f"money_returned of {payment.payment_id}: {total} by now", transition)


def _refunds(order: Order, configuration: Configuration) -> Iterator[Plan]:
    for refund in order.refunds.values():
        what, alone = f"of {refund.payment_id}", configuration.guards_alone
        if refund.status in OPEN_REFUNDS or alone:
            yield Plan(
                f"delay_refund {what}", transitions.delay_refund(order, refund, LATER, "no answer", WRITE_CONTEXT)
            )
            yield Plan(f"refuse_refund {what}", transitions.refuse_refund(order, refund, "disputed", WRITE_CONTEXT))
            yield Plan(f"write_off {what}", transitions.write_off(order, refund, "never made", WRITE_CONTEXT))
        if refund.status is not RefundStatus.REFUNDED or alone:
            yield Plan(f"refunded {what}", transitions.refunded(order, refund, WRITE_CONTEXT))
        if refund.status in (RefundStatus.DUE, RefundStatus.REFUNDED) or alone:
            yield Plan(f"refund_failed {what}", transitions.refund_failed(order, refund, WRITE_CONTEXT))


def _requested_refunds(order: Order, configuration: Configuration) -> Iterator[Plan]:
    """Of the payment for the order, while something is left of it and nobody disputes it."""
    payment = settled_payment(order)
    disputed = {dispute.payment_id for dispute in open_disputes(order)}
    if payment is None or payment.payment_id in disputed:
        return
    left = refundable(order, payment)
    make = transitions.refund_manually if payment.gateway == MANUAL else transitions.request_refund
    for request in configuration.refund_requests:
        amount = left if request.amount is None else request.amount
        if request.refund_id not in order.refunds and 0 < amount <= left:
            refund = request.refund(payment, amount, RefundStatus.DUE, NOW)
            yield Plan(f"refund of {amount} by {request.idempotency_key}", make(order, refund, WRITE_CONTEXT))


def _disputes(order: Order, configuration: Configuration) -> Iterator[Plan]:
    for dispute_id, payment_id in product(configuration.dispute_ids, configuration.payment_ids):
        for status in DisputeStatus:
            known = order.disputes.get(dispute_id)
            opened = status is DisputeStatus.OPEN
            already_recorded = known is not None and (opened or known.status is not DisputeStatus.OPEN)
            if not already_recorded or configuration.guards_alone:
                dispute = Dispute(dispute_id, payment_id, PART, "EUR", status)
                make = transitions.dispute_opened if opened else transitions.dispute_closed
                yield Plan(
                    f"dispute {dispute_id} of {payment_id} {status}",
                    make(order, dispute, UNKNOWN_ATTEMPT, WRITE_CONTEXT),
                )


def _links(order: Order, _: Configuration) -> Iterator[Plan]:
    live = [attempt for attempt in order.past_attempts.values() if attempt.check_at is not None]
    if len(live) > 1:
        yield Plan(f"end_links of {len(live)} attempts", transitions.end_links(order, live, WRITE_CONTEXT))
    for attempt in live:
        yield Plan(f"end_links of {attempt.attempt_id}", transitions.end_links(order, [attempt], WRITE_CONTEXT))
        transition = transitions.watch_link(order, attempt, LATER, WRITE_CONTEXT)
        yield Plan(f"watch_link of {attempt.attempt_id}", transition)


def _reviews(order: Order, configuration: Configuration) -> Iterator[Plan]:
    for attempt in _holders(order, configuration):
        payment = order.payments.get(attempt.captured.payment_id) if attempt.captured else None
        if payment is None or (order.status is not PaymentStatus.REVIEW and not configuration.guards_alone):
            continue
        what = f"of {attempt.attempt_id}"
        yield Plan(f"settle_review {what}", transitions.settle_review(order, attempt, payment, "enough", WRITE_CONTEXT))
        refund = owed_refund(payment, "given back", WRITE_CONTEXT) if payment.capture.held else None
        transition = transitions.refund_review(order, attempt, payment, refund, "too little", WRITE_CONTEXT)
        yield Plan(f"refund_review {what}", transition)


BLIND: tuple[Planner, ...] = (_created_again, _locks, _sessions, _settlements)
FROM_A_HEAD: tuple[PlannerFromHead, ...] = (
    _edits,
    _free_settlements,
    _cancellations,
    _manual_settlements,
    _releases,
    _money_from_a_head,
    _returns,
    _refunds,
    _requested_refunds,
    _disputes,
    _links,
    _reviews,
    ends,
    hand_overs,
    links,
    erasures,
)


def blind_plans(configuration: Configuration) -> Iterator[Plan]:
    """All plans that are written without a read: the same at every head."""
    for planner in BLIND:
        yield from planner(configuration)


def plans_from(order: Order, configuration: Configuration) -> Iterator[Plan]:
    """All plans of a process that has just read this order."""
    for planner in FROM_A_HEAD:
        yield from planner(order, configuration)
