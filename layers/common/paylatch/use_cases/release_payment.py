"""The trigger unit: on a change instruction, close the payment at its gateway, then unlock the order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from paylatch.domain.errors import GatewayError
from paylatch.domain.late_money import Evidence, Payment
from paylatch.domain.limits import FIRST_WAIT, GRACE, TRIES, wait_after
from paylatch.domain.order import Order
from paylatch.domain.payment import IN_FLIGHT, Attempt, AttemptStatus, PastAttempt
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions import Transition, WriteContext, await_release, release
from paylatch.domain.transitions.attempt_changes import MOST_LIVE_LINKS
from paylatch.ports import Applied, Metric, Ports, ReleasePolicy, Session, VoidAnswer, VoidKind
from paylatch.use_cases.mark_payment import plan_processing
from paylatch.use_cases.settle_payment import Release, settle_payment
from paylatch.use_cases.write_planned import contended

# Plans the write that unlocks the order; the timestamp is set while the payment link stays live.
Unlock = Callable[[Order, Attempt, ReleaseReason, datetime | None, WriteContext], Transition]

# The status of an attempt whose end its gateway has not confirmed, by the transition that set it.
_WAITS = {"await_release": AttemptStatus.CLOSING, "mark_processing": AttemptStatus.PROCESSING}
_METRICS = {"await_release": Metric.RELEASE_PENDING, "mark_processing": Metric.PAYMENT_PROCESSING}


def release_payment(
    order: Order, new_reason: ReleaseReason, actor: str, ports: Ports, unlock: Unlock | None = None
) -> Order:
    """Void the session of the attempt that holds the order, and act on the gateway's answer.

    Gives the order afterwards: unlocked; still locked and `releasing`, while the gateway has not confirmed, or with a
    `processing` attempt, where it says that a payment is under way; or paid, where it reports one. An attempt that
    ended meanwhile stays ended as it is. A release keeps its first reason, whichever caller continues it. `unlock`
    plans the write that unlocks the order, in place of `release`. Raises `OrderContended` when concurrent writers kept
    changing the order.
    """
    asked, answer, planned_from = None, None, order.version
    for _ in range(TRIES):
        attempt = _in_flight(order, asked)
        if attempt is None:
            return order
        reason = attempt.reason or new_reason
        if attempt != asked:
            # The answer remains valid while the attempt is unchanged, whatever else changed in the order.
            asked, answer = attempt, void(attempt, ports)
        if answer is not None and answer.capture is not None:
            payment = Payment(attempt.attempt_id, attempt.gateway, answer.capture, Evidence.CONFIRMED)
            order = settle_payment(order.order_id, payment, ports, Release(reason, actor))
            if order.attempt != attempt:
                # The attempt ended, or its session was recorded meanwhile: then it is asked for again.
                continue
            # Nothing was written: the payment is recorded for another attempt, and a person must look at it.
            answer = None
        write_context = ports.write_context(actor)
        transition = _plan(order, attempt, reason, answer, write_context, ports, unlock or release)
        if transition.name in _WAITS and _waits_already(order, _WAITS[transition.name], write_context):
            return order
        planned_from = order.version
        outcome = ports.store.apply(order.order_id, transition)
        if isinstance(outcome, Applied):
            _count_transition(transition, attempt, ports)
            return outcome.order
        order = outcome.order or order
    return _after_all_tries(order, asked, planned_from)


def _after_all_tries(order: Order, asked: Attempt | None, planned_from: int) -> Order:
    """The order where the attempt ended all the same: by the last try with a lost response, or by another writer."""
    if _in_flight(order, asked) is None:
        return order
    raise contended(order, planned_from)


def _in_flight(order: Order, asked: Attempt | None) -> Attempt | None:
    """The attempt that holds the order in flight; None where it is not the one that the gateway was asked about."""
    attempt = order.attempt
    if attempt is None or attempt.status not in IN_FLIGHT:
        return None
    return attempt if asked is None or attempt.attempt_id == asked.attempt_id else None


def _waits_already(order: Order, waiting: AttemptStatus, write_context: WriteContext) -> bool:
    """Whether the next check is still to come: an early request neither counts as a check nor postpones the next."""
    waits = order.attempt is not None and order.attempt.status is waiting
    return waits and order.due_at is not None and order.due_at > write_context.at


def void(attempt: Attempt | PastAttempt, ports: Ports) -> VoidAnswer | None:
    """The gateway's answer to closing the session; None where it gives none, for whatever error."""
    answer = void_or_error(attempt, ports)
    return answer if isinstance(answer, VoidAnswer) else None


def void_or_error(attempt: Attempt | PastAttempt, ports: Ports) -> VoidAnswer | GatewayError:
    """The gateway's answer to closing the session, or why it gives none."""
    try:
        answer = ports.gateways.named(attempt.gateway).void(attempt)
        if answer.misconfiguration:
            count_misconfiguration(answer.misconfiguration, attempt.attempt_id, attempt.gateway, ports)
        return answer
    except GatewayError as error:
        ports.metrics.fail(error, attempt_id=attempt.attempt_id)
        return error


def count_misconfiguration(cause: str, attempt_id: str, gateway: str, ports: Ports) -> None:
    """Count a configuration error at the gateway, or in its secret, that a person must correct."""
    ports.metrics.count(Metric.GATEWAY_MISCONFIGURED, gateway=gateway, cause=cause, attempt_id=attempt_id)


def close_stray_session(attempt: Attempt | PastAttempt, session: Session, ports: Ports) -> None:
    """Close a session opened after its attempt had ended; its link was never handed out, so no payer has paid it."""
    void(replace(attempt, session_id=session.session_id), ports)


def link_ends(attempt: Attempt, ports: Ports) -> datetime:
    """The planned end of the session: after the lock's deadline where the gateway's shortest session is longer."""
    shortest = ports.gateways.named(attempt.gateway).capabilities.shortest_session
    return max(attempt.deadline, attempt.since + shortest)


def _plan(
    order: Order,
    attempt: Attempt,
    reason: ReleaseReason,
    answer: VoidAnswer | None,
    write_context: WriteContext,
    ports: Ports,
    unlock: Unlock,
) -> Transition:
    fenced = True
    match answer:
        case VoidAnswer(kind=VoidKind.VOIDED | VoidKind.ALREADY_CLOSED):
            dead = _last_look(attempt, write_context, ports)
        case VoidAnswer(kind=VoidKind.NOT_VOIDABLE, until=until):
            dead = (until or link_ends(attempt, ports)) + GRACE
            fenced = ports.gateways.policy(attempt.gateway) is ReleasePolicy.FENCED
        case VoidAnswer(kind=VoidKind.PROCESSING):
            return plan_processing(order, attempt, write_context, ports)
        case _:
            return await_release(order, attempt, reason, write_context.at + wait_after(attempt.checks), write_context)
    if dead is None or (fenced and order.live_links < MOST_LIVE_LINKS):
        return unlock(order, attempt, reason, dead, write_context)
    return await_release(order, attempt, reason, max(dead, write_context.at + FIRST_WAIT), write_context)


def _last_look(attempt: Attempt, write_context: WriteContext, ports: Ports) -> datetime | None:
    """The time of the last check of a closed session; None where none is needed."""
    final = ports.gateways.named(attempt.gateway).capabilities.void_is_final
    certain = link_ends(attempt, ports) + GRACE
    return None if final or certain <= write_context.at else certain


def _count_transition(transition: Transition, attempt: Attempt, ports: Ports) -> None:
    ports.metrics.count(_METRICS.get(transition.name, Metric.ORDER_UNLOCKED), attempt_id=attempt.attempt_id)
