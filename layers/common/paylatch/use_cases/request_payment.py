"""The receiving unit: a payment request locks the order and sends the buyer to the gateway."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from paylatch.domain.caller import Caller
from paylatch.domain.errors import (
    AttemptNotFound,
    IdempotencyKeyReused,
    InvalidRequest,
    Misconfigured,
    OutcomeUnknown,
    PaylatchError,
    Refused,
    TooManyAttempts,
    Transient,
)
from paylatch.domain.ids import derived_attempt_id
from paylatch.domain.instructions import Instruction
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus, SupersededAttempt
from paylatch.domain.transitions import NewAttempt, Transition, lock, record_session, release
from paylatch.ports import Applied, Metric, Ports, Session, SessionRequest
from paylatch.use_cases.read_order import attempt_of
from paylatch.use_cases.refusals import owned, refusal_of
from paylatch.use_cases.release_payment import close_stray_session, link_ends, release_payment
from paylatch.use_cases.write_planned import write_planned

GiveUp = Callable[[Order, Attempt, Ports], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """What the buyer asks for. `revision` makes the consent exact; `fingerprint` is of the whole request."""

    order_id: str
    idempotency_key: str
    fingerprint: str
    return_url: str
    expires_in: timedelta
    gateway: str | None
    revision: int | None
    callback_base: str


def request_payment(request: PaymentRequest, caller: Caller, ports: Ports) -> Attempt | SupersededAttempt:
    """Lock by one conditional write, open a session with the attempt id as idempotency key, record it.

    The same key again gives the same attempt, and finishes what an earlier try left between lock and answer.
    Raises what `owned` and `refusal_of` give, `TooManyAttempts`, `IdempotencyKeyReused`, `InvalidRequest` for a gateway
    that takes none, and `Refused` (unlocked again), `Transient`, `OutcomeUnknown` or `Misconfigured` (still locked).
    """
    gateway = _chosen(request, ports)
    attempt_id = derived_attempt_id(request.order_id, caller.subject, request.idempotency_key)
    stamp = ports.stamp(caller.subject)
    draft = NewAttempt(
        attempt_id=attempt_id,
        gateway=gateway,
        deadline=stamp.at + request.expires_in,
        return_url=request.return_url,
        fingerprint=request.fingerprint,
    )
    outcome = ports.store.apply(request.order_id, lock(draft, caller, request.revision, stamp))
    if isinstance(outcome, Applied):
        ports.watch.count(Metric.ORDER_LOCKED, attempt_id=attempt_id)
        return _open(outcome.order, request, _unlock_again, ports)
    return _replay(outcome.order, attempt_id, request, caller, ports)


def _chosen(request: PaymentRequest, ports: Ports) -> str:
    gateway = request.gateway or ports.gateways.default
    if not ports.gateways.takes_payments(gateway):
        raise InvalidRequest({"gateway": f"{gateway} takes no payments here"})
    longest = ports.gateways.named(gateway).capabilities.longest_session
    if request.expires_in > longest:
        raise InvalidRequest({"expires_in": f"{gateway} keeps a session open for {longest} at most"})
    return gateway


def _replay(
    head: Order | None, attempt_id: str, request: PaymentRequest, caller: Caller, ports: Ports
) -> Attempt | SupersededAttempt:
    order = owned(request.order_id, head, caller)
    if attempt_id in order.forgotten:
        raise IdempotencyKeyReused("The payment of this Idempotency-Key ended long ago; use a new key.")
    try:
        earlier = attempt_of(order, attempt_id)
    except AttemptNotFound:
        raise _refusal_of_lock(order, request.revision) from None
    if earlier.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key came with another payment request before.")
    return _open(order, request, _close_and_unlock, ports) if earlier.status is AttemptStatus.OPENING else earlier


def _refusal_of_lock(order: Order, revision: int | None) -> PaylatchError:
    if order.status is PaymentStatus.PENDING_PAYMENT and revision in (None, order.revision):
        return TooManyAttempts(f"This order has had {order.attempts_made} payment attempts; place another one.")
    return refusal_of(order)


def _open(order: Order, request: PaymentRequest, give_up: GiveUp, ports: Ports) -> Attempt | SupersededAttempt:
    attempt = order.attempt
    if attempt is None:
        raise AttemptNotFound(order.order_id)
    gateway = ports.gateways.named(attempt.gateway)
    try:
        session = gateway.open(_session_request(order, attempt, request, ports))
    except Refused:
        give_up(order, attempt, ports)
        raise
    except Misconfigured as error:
        ports.watch.count(
            Metric.GATEWAY_MISCONFIGURED, gateway=error.gateway, cause=error.cause, attempt_id=attempt.attempt_id
        )
        raise
    except (Transient, OutcomeUnknown) as error:
        ports.watch.count(
            Metric.GATEWAY_UNAVAILABLE, gateway=error.gateway, cause=error.cause, attempt_id=attempt.attempt_id
        )
        raise
    return _record(attempt, session, order.order_id, ports)


def _session_request(order: Order, attempt: Attempt, request: PaymentRequest, ports: Ports) -> SessionRequest:
    return SessionRequest(
        attempt_id=attempt.attempt_id,
        order_id=order.order_id,
        reference=order.reference,
        amount=attempt.amount,
        currency=attempt.currency,
        expires_at=link_ends(attempt, ports),
        return_url=attempt.return_url,
        callback_url=f"{request.callback_base}/gateways/{attempt.gateway}/callbacks",
    )


def _unlock_again(order: Order, attempt: Attempt, ports: Ports) -> None:
    def plan(head: Order) -> Transition | None:
        opening = head.held_by(attempt.attempt_id) and head.attempt == attempt
        stamp = ports.stamp(f"gateway:{attempt.gateway}")
        return release(head, attempt, Instruction.DECLINED, None, stamp) if opening else None

    write_planned(order, plan, ports)


def _close_and_unlock(order: Order, attempt: Attempt, ports: Ports) -> None:
    # An earlier try with this key may have opened a session before it died: refused now does not mean never opened.
    release_payment(order, Instruction.DECLINED, f"gateway:{attempt.gateway}", ports)


def _record(attempt: Attempt, session: Session, order_id: str, ports: Ports) -> Attempt | SupersededAttempt:
    stamp = ports.stamp(f"gateway:{attempt.gateway}")
    outcome = ports.store.apply(order_id, record_session(attempt, session.session_id, session.pay_url, stamp))
    if outcome.order is None:
        raise AttemptNotFound(attempt.attempt_id)
    found = attempt_of(outcome.order, attempt.attempt_id)
    if found.session_id != session.session_id:
        close_stray_session(found, session, ports)
    return found
