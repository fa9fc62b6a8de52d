"""The receiving unit: a payment request locks the order and sends the buyer to the gateway."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from paylatch.domain.actors import gateway_actor
from paylatch.domain.caller import Caller
from paylatch.domain.error_ids import concerning
from paylatch.domain.errors import (
    AttemptNotFound,
    IdempotencyKeyReused,
    InvalidRequest,
    OrderContended,
    PaylatchError,
    Refused,
    TooManyAttempts,
)
from paylatch.domain.ids import derived_attempt_id
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus, PastAttempt
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions import NewAttempt, Transition, lock, record_session, release
from paylatch.domain.transitions.attempt_changes import MOST_ATTEMPTS
from paylatch.domain.without_gateway import NO_GATEWAY
from paylatch.ports import Applied, Metric, Ports, Rejected, Session, SessionRequest
from paylatch.use_cases.access import authorize_payer, conflict_for, may_pay, refusal_by_terms
from paylatch.use_cases.follow_payment import release_overdue
from paylatch.use_cases.payment_request import PaymentRequest, RequestedPayment, without_link
from paylatch.use_cases.read_contact import read_contact
from paylatch.use_cases.read_order import attempt_of
from paylatch.use_cases.refuse_sum import refuse_sum
from paylatch.use_cases.release_payment import close_stray_session, link_ends, release_payment
from paylatch.use_cases.return_address import refuse_return_address
from paylatch.use_cases.settle_free_order import is_free, settle_free_order
from paylatch.use_cases.write_planned import write_planned

# The text is the gateway's cause.
EndOpening = Callable[[Order, Attempt, str, Ports], None]


def request_payment(request: PaymentRequest, caller: Caller, ports: Ports) -> RequestedPayment:
    """Lock by one conditional write, open a session with the attempt id as idempotency key, record the session.

    Where another attempt holds the order beyond its time, it is released from that one first. The same key again
    gives the same attempt, or the same refusal by its gateway, and completes what an earlier try left between lock
    and response, even if the stack no longer accepts such a request. An order that costs nothing is not locked: one
    write settles it, and no gateway is asked. Raises what `authorize_payer` and `conflict_for` give, `TooManyAttempts`,
    `IdempotencyKeyReused`, `InvalidRequest` for what this stack does not accept, `Refused` (unlocked again), and
    `Transient`, `OutcomeUnknown` or `Misconfigured` (still locked).
    """
    attempt_id = derived_attempt_id(request.order_id, caller.subject, request.idempotency_key)
    with concerning(order_id=request.order_id, attempt_id=attempt_id):
        return _lock_and_open(attempt_id, request, caller, ports)


def _lock_and_open(attempt_id: str, request: PaymentRequest, caller: Caller, ports: Ports) -> RequestedPayment:
    try:
        gateway = _chosen(request, caller, ports)
    except InvalidRequest:
        head = ports.store.read_head(request.order_id)
        if not _is_known(attempt_id, head, caller):
            raise
        return RequestedPayment(_replay(head, attempt_id, request, caller, ports))
    refuse_sum(gateway, request, caller, ports, unless=lambda head: _is_known(attempt_id, head, caller))
    outcome = _lock_or_settle(attempt_id, gateway, request, caller, ports)
    if isinstance(outcome, Rejected):
        return RequestedPayment(_replay(outcome.order, attempt_id, request, caller, ports))
    attempt = attempt_of(outcome.order, attempt_id)
    if attempt.gateway == NO_GATEWAY:
        ports.metrics.count(Metric.ORDER_PAID, attempt_id=attempt_id, gateway=NO_GATEWAY)
        return RequestedPayment(attempt, settled_now=True)
    ports.metrics.count(Metric.ORDER_LOCKED, attempt_id=attempt_id)
    return RequestedPayment(_open(outcome.order, request, _unlock_again, caller, ports))


def _lock_or_settle(
    attempt_id: str, gateway: str, request: PaymentRequest, caller: Caller, ports: Ports
) -> Applied | Rejected:
    outcome = _lock_again(attempt_id, gateway, request, caller, ports)
    free = _unpaid_order(outcome, attempt_id, caller)
    if free is None or not is_free(free):
        return outcome
    outcome = settle_free_order(free, attempt_id, request.fingerprint, request.revision, caller, ports)
    # Where it was refused, the order may cost money by now.
    return outcome if isinstance(outcome, Applied) else _lock(attempt_id, gateway, request, caller, ports)


def _lock_again(
    attempt_id: str, gateway: str, request: PaymentRequest, caller: Caller, ports: Ports
) -> Applied | Rejected:
    """Lock the order, released from another attempt's overdue lock first where that is what refuses it."""
    outcome = _lock(attempt_id, gateway, request, caller, ports)
    overdue = _unpaid_order(outcome, attempt_id, caller)
    if overdue is None or not overdue.is_overdue(ports.clock.now()):
        return outcome
    freed = release_overdue(overdue, caller.subject, ports)
    free = freed.status is PaymentStatus.PENDING_PAYMENT
    return _lock(attempt_id, gateway, request, caller, ports) if free else Rejected(freed)


def _lock(attempt_id: str, gateway: str, request: PaymentRequest, caller: Caller, ports: Ports) -> Applied | Rejected:
    write_context = ports.write_context(caller.subject)
    draft = NewAttempt(
        attempt_id=attempt_id,
        gateway=gateway,
        deadline=write_context.at + _lasting(request, gateway, ports),
        return_url=request.return_url,
        fingerprint=request.fingerprint,
    )
    return ports.store.apply(request.order_id, lock(draft, caller, request.revision, write_context))


def _unpaid_order(outcome: Applied | Rejected, attempt_id: str, caller: Caller) -> Order | None:
    """The caller's order, where it refused this attempt and has not had it."""
    head = outcome.order if isinstance(outcome, Rejected) else None
    if head is None or not may_pay(head, caller):
        return None
    return None if _is_known(attempt_id, head, caller) else head


def _lasting(request: PaymentRequest, gateway: str, ports: Ports) -> timedelta:
    if request.expires_in is not None:
        return request.expires_in
    return min(ports.rules.default_lock, ports.gateways.named(gateway).capabilities.longest_session)


def _chosen(request: PaymentRequest, caller: Caller, ports: Ports) -> str:
    gateway = request.gateway or ports.gateways.default
    if not ports.gateways.takes_payments(gateway):
        raise InvalidRequest({"gateway": f"{gateway} is not a gateway that takes payments in this stack"})
    lasts = _lasting(request, gateway, ports)
    longest_lock = ports.rules.longest_lock
    if lasts > longest_lock:
        raise InvalidRequest({"expires_in": f"must be at most {longest_lock.total_seconds():.0f} in this stack"})
    longest = ports.gateways.named(gateway).capabilities.longest_session
    if lasts > longest:
        raise InvalidRequest({"expires_in": f"must be at most {longest.total_seconds():.0f} at {gateway}"})
    # A payment by link returns to the link's own page.
    if caller.link_id is None:
        refuse_return_address(request.return_url, ports.rules)
    return gateway


def _is_known(attempt_id: str, head: Order | None, caller: Caller) -> bool:
    return head is not None and may_pay(head, caller) and head.had(attempt_id)


def _replay(
    head: Order | None, attempt_id: str, request: PaymentRequest, caller: Caller, ports: Ports
) -> Attempt | PastAttempt:
    order = _authorize_replay(head, attempt_id, request, caller, ports)
    if attempt_id in order.evicted_attempt_ids:
        raise IdempotencyKeyReused("The payment attempt of this Idempotency-Key ended too long ago. Use a new key.")
    try:
        earlier = attempt_of(order, attempt_id)
    except AttemptNotFound:
        raise _refusal_of_lock(order, request.revision, ports) from None
    if not request.is_of(earlier, ports.gateways.default, ports.rules.default_lock):
        raise IdempotencyKeyReused("This Idempotency-Key was used for another payment request.")
    if earlier.status is AttemptStatus.OPENING:
        return _open(order, request, _close_and_unlock, caller, ports)
    return _unless_refused(earlier)


def _authorize_replay(
    head: Order | None, attempt_id: str, request: PaymentRequest, caller: Caller, ports: Ports
) -> Order:
    """The order, also for the link that this very attempt returns to: it was renewed after it locked the order."""
    if head is not None and caller.link_id is not None:
        earlier = head.attempt if head.held_by(attempt_id) else head.past_attempts.get(attempt_id)
        if earlier and request.is_of(earlier, ports.gateways.default, ports.rules.default_lock):
            return head
    return authorize_payer(request.order_id, head, caller)


def _unless_refused(attempt: Attempt | PastAttempt) -> Attempt | PastAttempt:
    """The attempt.

    Raises `Refused` where its gateway declined it, now or earlier, before a session was recorded.
    """
    if attempt.status is AttemptStatus.DECLINED and attempt.session_id is None:
        raise Refused(attempt.gateway, f"the opening of {attempt.attempt_id} was refused")
    return attempt


def _refusal_of_lock(order: Order, revision: int | None, ports: Ports) -> PaylatchError:
    if order.status is PaymentStatus.PENDING_PAYMENT and revision in (None, order.revision):
        if order.attempts_made >= MOST_ATTEMPTS:
            return TooManyAttempts(f"This order has had {order.attempts_made} payment attempts. Place another order.")
        return refusal_by_terms(order, ports.clock.now()) or OrderContended("The order kept changing; try again.")
    return conflict_for(order, ports.clock.now())


def _open(
    order: Order, request: PaymentRequest, end_opening: EndOpening, caller: Caller, ports: Ports
) -> Attempt | PastAttempt:
    attempt = order.attempt
    if attempt is None:
        raise AttemptNotFound(order.order_id)
    gateway = ports.gateways.named(attempt.gateway)
    try:
        session = gateway.open(_session_request(order, attempt, request, ports))
    except Refused as refusal:
        end_opening(order, attempt, without_link(refusal.cause, order), ports)
        if not caller.sees_causes_of(order.seller_id):
            raise
        raise Refused(refusal.gateway, refusal.cause, shown_cause=refusal.cause) from refusal
    return _record(attempt, session, order.order_id, ports)


def _session_request(order: Order, attempt: Attempt, request: PaymentRequest, ports: Ports) -> SessionRequest:
    return SessionRequest(
        attempt_id=attempt.attempt_id,
        order_id=order.order_id,
        reference=order.reference,
        amount=attempt.amount,
        currency=attempt.currency,
        expires_at=link_ends(attempt, ports),
        return_url=attempt.return_address,
        callback_url=f"{request.callback_base}/gateways/{attempt.gateway}/callbacks",
        **read_contact(order, ports),
    )


def _unlock_again(order: Order, attempt: Attempt, cause: str, ports: Ports) -> None:
    def plan(head: Order) -> Transition | None:
        opening = head.held_by(attempt.attempt_id) and head.attempt == attempt
        write_context = ports.write_context(gateway_actor(attempt.gateway))
        return release(head, attempt, ReleaseReason.DECLINED, None, write_context, cause=cause) if opening else None

    write_planned(order, plan, ports)


def _close_and_unlock(order: Order, attempt: Attempt, cause: str, ports: Ports) -> None:
    # An earlier try with this key may have opened a session before a crash, so a refusal now does not mean that no
    # session was opened.
    unlock = partial(release, cause=cause)
    release_payment(order, ReleaseReason.DECLINED, gateway_actor(attempt.gateway), ports, unlock)


def _record(attempt: Attempt, session: Session, order_id: str, ports: Ports) -> Attempt | PastAttempt:
    write_context = ports.write_context(gateway_actor(attempt.gateway))
    outcome = ports.store.apply(order_id, record_session(attempt, session.session_id, session.pay_url, write_context))
    if outcome.order is None:
        raise AttemptNotFound(attempt.attempt_id)
    found = attempt_of(outcome.order, attempt.attempt_id)
    if found.session_id != session.session_id:
        close_stray_session(found, session, ports)
    return _unless_refused(found)
