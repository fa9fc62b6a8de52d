"""What may be planned: for each transition one function that gives every plan of it, blindly or from a head.

A gateway's statement is adversarial: any attempt, any payment, any sum. What is planned from a head is what the use
cases plan from it, whatever the gateway answers them.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import product

from paylatch.domain import transitions
from paylatch.domain.instructions import Instruction
from paylatch.domain.late_money import DECISIONS, Decision, Payment, situation_of
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import IN_FLIGHT, Attempt, Capture, RefundStatus
from paylatch.domain.transitions import NewAttempt, NewOrder, Stamp, Transition
from paylatch.domain.transitions.pieces import MOST_LIVE_LINKS
from paylatch.use_cases.settle_payment import owed_refund
from tests.closure.configuration import (
    BUYER,
    CONTENTS,
    DEADLINE,
    LATER,
    NOW,
    ORDER_ID,
    STRANGER,
    TOTALS,
    UNMADE,
    Configuration,
)

SESSION, PAY_URL = "session", "https://pay.test/session"
STAMP = Stamp("W2E4R6T8Y0ABCDEF", NOW, "somebody")


def never(_: Order) -> bool:
    """No head forbids it."""
    return False


@dataclass(frozen=True, slots=True)
class Plan:
    """One transition that a process may write. `blind` is written without a read; `capture` is what it is about.

    `forbidden` says which orders it must never be let through by, whatever else holds.
    """

    said: str
    transition: Transition
    blind: bool = False
    capture: Capture | None = None
    forbidden: Callable[[Order], bool] = never


Planner = Callable[[Configuration], Iterator[Plan]]
PlannerFromHead = Callable[[Order, Configuration], Iterator[Plan]]


def create() -> Plan:
    """The order comes into being; later, its creation asked for again."""
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
    return Plan("create", transitions.create(order, STAMP), blind=True, forbidden=lambda _: True)


def _created_again(_: Configuration) -> Iterator[Plan]:
    yield create()


def _locks(configuration: Configuration) -> Iterator[Plan]:
    for attempt_id, gateway in product(configuration.attempt_ids, configuration.gateways):
        new = NewAttempt(
            attempt_id=attempt_id,
            gateway=gateway,
            deadline=DEADLINE,
            return_url="https://shop.test/thanks",
            fingerprint="0QRS5TV7WX9Y",
        )
        said = f"lock by {attempt_id} at {gateway}"
        yield Plan(said, transitions.lock(new, BUYER, None, STAMP), blind=True)
        if configuration.refused:
            yield Plan(
                f"{said}, of a stranger",
                transitions.lock(new, STRANGER, None, STAMP),
                blind=True,
                forbidden=lambda _: True,
            )
            yield Plan(
                f"{said}, if revision 1",
                transitions.lock(new, BUYER, 1, STAMP),
                blind=True,
                forbidden=lambda order: order.revision != 1,
            )


def _sessions(configuration: Configuration) -> Iterator[Plan]:
    for attempt_id in configuration.attempt_ids:
        transition = transitions.record_session(attempt_id, SESSION, PAY_URL, STAMP)
        yield Plan(f"record_session of {attempt_id}", transition, blind=True)


def _settlements(configuration: Configuration) -> Iterator[Plan]:
    for payment in _statements(configuration.attempt_ids, configuration):
        transition = transitions.settle(payment.attempt_id, payment.gateway, payment.capture, STAMP)
        yield Plan(f"settle by {_said(payment)}", transition, blind=True, capture=payment.capture)


def _cancellations(configuration: Configuration) -> Iterator[Plan]:
    yield Plan("cancel_order", transitions.cancel_order(BUYER, STAMP), blind=True)
    if configuration.refused:
        yield Plan(
            "cancel_order of a stranger",
            transitions.cancel_order(STRANGER, STAMP),
            blind=True,
            forbidden=lambda _: True,
        )


def _edits(order: Order, configuration: Configuration) -> Iterator[Plan]:
    if order.status is not PaymentStatus.PENDING_PAYMENT:
        return
    for total in configuration.totals:
        transition = transitions.edit(order, BUYER, CONTENTS[total], total, STAMP)
        yield Plan(f"edit to {total}", transition)
        if configuration.refused:
            transition = transitions.edit(order, STRANGER, CONTENTS[total], total, STAMP)
            yield Plan(f"edit to {total} of a stranger", transition, forbidden=lambda _: True)


def _releases(order: Order, _: Configuration) -> Iterator[Plan]:
    attempt = _in_flight(order)
    if attempt is None:
        return
    reason = Instruction.CANCELLED
    yield Plan("release", transitions.release(order, attempt, reason, None, STAMP))
    if order.live_links < MOST_LIVE_LINKS:
        transition = transitions.release(order, attempt, reason, LATER, STAMP)
        yield Plan("release, the link stays live", transition)
    yield Plan("await_release", transitions.await_release(order, attempt, reason, LATER, STAMP))


def _money_from_a_head(order: Order, configuration: Configuration) -> Iterator[Plan]:
    for payment in _statements([*_made(order), UNMADE], configuration):
        situation = situation_of(order, payment)
        transition = _by_the_table(DECISIONS[situation], order, payment)
        if transition is not None:
            yield Plan(f"{transition.name} by {_said(payment)}", transition, capture=payment.capture)


def _by_the_table(decision: Decision, order: Order, payment: Payment) -> Transition | None:
    match decision:
        case Decision.QUARANTINE:
            return transitions.quarantine(payment.attempt_id, payment.capture, STAMP)
        case Decision.ACCEPT_LATE:
            return transitions.accept_late(order, order.superseded[payment.attempt_id], payment.capture, STAMP)
        case Decision.OWE_REFUND:
            return transitions.owe_refund(order, owed_refund(payment, "no place", STAMP), STAMP)
        case _:
            return None


def _refunds(order: Order, _: Configuration) -> Iterator[Plan]:
    for refund in order.refunds.values():
        what = f"of {refund.payment_id}"
        if refund.status is RefundStatus.DUE:
            yield Plan(f"delay_refund {what}", transitions.delay_refund(order, refund, LATER, "no answer", STAMP))
            yield Plan(f"refunded {what}", transitions.refunded(order, refund, STAMP))
        yield Plan(f"refund_failed {what}", transitions.refund_failed(order, refund, STAMP))


def _links(order: Order, _: Configuration) -> Iterator[Plan]:
    for attempt in order.superseded.values():
        if attempt.check_at is not None:
            yield Plan(f"end_link of {attempt.attempt_id}", transitions.end_link(order, attempt, STAMP))
            transition = transitions.watch_link(order, attempt, LATER, STAMP)
            yield Plan(f"watch_link of {attempt.attempt_id}", transition)


def _reviews(order: Order, _: Configuration) -> Iterator[Plan]:
    attempt = order.attempt
    if order.status is not PaymentStatus.REVIEW or attempt is None or attempt.captured is None:
        return
    yield Plan("settle_review", transitions.settle_review(attempt.attempt_id, "enough", STAMP))
    refund = owed_refund(Payment(attempt.attempt_id, attempt.gateway, attempt.captured), "given back", STAMP)
    yield Plan("refund_review", transitions.refund_review(order, attempt, refund, "too little", STAMP))


BLIND: tuple[Planner, ...] = (_created_again, _locks, _sessions, _settlements, _cancellations)
FROM_A_HEAD: tuple[PlannerFromHead, ...] = (
    _edits,
    _releases,
    _money_from_a_head,
    _refunds,
    _links,
    _reviews,
)


def blind_plans(configuration: Configuration) -> Iterator[Plan]:
    """All that is written without a read: the same at every head."""
    for planner in BLIND:
        yield from planner(configuration)


def plans_from(order: Order, configuration: Configuration) -> Iterator[Plan]:
    """All that a process may plan that has just read this order."""
    for planner in FROM_A_HEAD:
        yield from planner(order, configuration)


def _in_flight(order: Order) -> Attempt | None:
    return order.attempt if order.attempt is not None and order.attempt.status in IN_FLIGHT else None


def _made(order: Order) -> set[str]:
    """The attempts that a gateway can have heard of: each was locked before it was opened there."""
    return {*order.superseded, *order.forgotten, *([order.attempt.attempt_id] if order.attempt else [])}


def _statements(attempt_ids: Collection[str], configuration: Configuration) -> Iterator[Payment]:
    for parts in product(sorted(attempt_ids), configuration.gateways, configuration.captures):
        yield Payment(*parts)


def _said(payment: Payment) -> str:
    capture = payment.capture
    return f"{capture.payment_id}, {capture.amount} {capture.currency} for {payment.attempt_id} at {payment.gateway}"
