"""I4, I5, I6, I8 and I9 at every end: with the faults over, time passing and the sweep running, every order becomes
quiescent and the ledgers balance. No callback arrives in the meantime: the sweep alone achieves it. Then all callbacks
arrive once more, and nothing changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from paylatch.domain.errors import PaylatchError
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import CapturedPayment, PaymentPlace, Refund, RefundStatus, Resolution
from paylatch.ports import Ports, RefundState
from paylatch.use_cases.edit_order import edit_order
from paylatch.use_cases.request_payment import request_payment
from paylatch.use_cases.review_payment import resolve_review
from paylatch.use_cases.sweep_timeouts import sweep_timeouts
from paylatch.use_cases.write_off_refund import write_off_refund
from tests.invariants import InvariantViolated, expect
from tests.model_checker import simulated_gateway, simulated_returns
from tests.model_checker.actors import BUYER, DECISION_REASON, OPERATOR, ORDER, SERVICE, dearer_tea, payment_request
from tests.model_checker.database_states import DatabaseState, frozen, ids_in, store_at
from tests.model_checker.gateway_states import answered
from tests.model_checker.history_promises import check_stream
from tests.model_checker.process import Process
from tests.model_checker.processes import callback_process
from tests.model_checker.reading import consume, pages_for
from tests.model_checker.scripted_ports import NOON, Call, Raised, Script, scripted_ports
from tests.model_checker.simulated_gateway import GatewayProfile, GatewaySession, GatewayState, SessionStatus
from tests.model_checker.spec_limits import EXPIRES_IN, GRACE, LONGEST_WAIT, MOST_LIVE_LINKS, PERIOD
from tests.model_checker.state_invariants import check_state
from tests.model_checker.streamed_store import Stream, StreamedStore

ROUNDS = 12
I4, I5, I6 = "I4 money is conserved", "I5 no lock outlives its purpose", "I6 only the holder's result counts"
_DECISIONS = {Resolution.SETTLE: PaymentStatus.PAID, Resolution.REFUND: PaymentStatus.PENDING_PAYMENT}
_SHOWN = frozenset({RefundStatus.REFUSED, RefundStatus.WRITTEN_OFF})
_PAYING = frozenset({PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING})


@dataclass(slots=True)
class RunningSystem(Script):
    """Ports that make each call at once and record it."""

    store: StreamedStore = field(default_factory=lambda: StreamedStore(Stream()))
    gateway_state: GatewayState = field(default_factory=GatewayState)
    profile: GatewayProfile = field(default_factory=lambda: GatewayProfile(name="honest"))

    def ask(self, method: str, *args: Any) -> object:
        call = Call(method, args)
        if method == "due":
            return ids_in(self.store.due(*args))
        if not call.of_gateway:
            return getattr(self.store, method)(*args)
        self.gateway_state, seen = answered(self.gateway_state, call, self.profile, self.now)
        if isinstance(seen, Raised):
            raise seen.make()
        return seen

    @property
    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.clock_time)

    def advance(self, until: datetime) -> None:
        """Time passes, here and at the gateway."""
        seconds = int((until - NOON).total_seconds())
        if seconds > self.clock_time:
            self.clock_time = seconds
            self.gateway_state = simulated_returns.with_time_passed(self.gateway_state, self.now, self.profile)

    def copied_store(self) -> StreamedStore:
        """The store as it is now, on its own from now on."""
        store = StreamedStore(self.store.stream)
        store.heads, store.contents = dict(self.store.heads), dict(self.store.contents)
        return store

    @property
    def order(self) -> Order:
        order = self.store.read_head(ORDER)
        if order is None:
            raise InvariantViolated("I9 one order", "the order is gone")
        return order


def run_alone(system: RunningSystem, process: Process) -> object:
    """Run a process to its end, alone and without faults."""
    system.process = f"{process.name}-{system.ids_drawn}"
    return process.run(scripted_ports(system, system.profile, process.gateway_event))


def running_system(
    database: DatabaseState, gateway_state: GatewayState, seconds: int, profile: GatewayProfile
) -> RunningSystem:
    """The running system of that state."""
    store = store_at(database)
    return RunningSystem(
        "recovery", 0, [], clock_time=seconds, store=store, gateway_state=gateway_state, profile=profile
    )


def relevant_state_of(database: DatabaseState) -> object:
    """The part of a state that sweep and callbacks depend on: they run alone, and read neither content nor events."""
    unread = ("last_event", "version", "content_id", "previous_content_id", "fingerprint", "created_at")
    return frozen({name: value for name, value in database.document.items() if name not in unread})


def check_quiescence(system: RunningSystem) -> None:
    """Advance time and run the sweep until nothing is owed any more, then check the end."""
    ports = scripted_ports(system, system.profile, None)
    _settle_payments_in_progress(system)
    _run_until_quiescent(system, ports)
    _check_ledger(system, [session for session in system.gateway_state.sessions if _is_known(system.order, session)])
    before = _result(system)
    changes_expected = any(
        not _is_known(system.order, session)
        or _moved(system.order, session)
        or _made_but_unrecorded(system.order, session)
        for session in system.gateway_state.sessions
    )
    _repeat_callbacks(system)
    expect(
        changes_expected or before == _result(system), I6, f"repeated callbacks turned {before} into {_result(system)}"
    )
    _run_until_quiescent(system, ports)
    _check_ledger(system, system.gateway_state.sessions)
    _check_recorded_returns(system)
    check_write_offs(system, ports)
    if system.order.status is PaymentStatus.PENDING_PAYMENT and system.order.buyer_id == BUYER.subject:
        check_released_order(system, ports)
    elif system.order.status is PaymentStatus.REVIEW:
        for resolution, wanted in _DECISIONS.items():
            check_review_decision(replace(system, store=system.copied_store()), resolution, wanted)


def check_recorded(database: DatabaseState, profile: GatewayProfile) -> None:
    """After any crash of a consumer, the next one completes the history, and every reader can read all of it."""
    records = database.stream.records
    if records is None:
        return
    system = running_system(database, GatewayState(), 0, profile)
    ports = scripted_ports(system, profile, None)
    consume(ports)
    check_stream(system.store.stream)
    pages = pages_for(BUYER)(ports) if database.found is not None else ()
    shown = [event.seq for page in pages for event in page.events]
    message = [*range(1, len(records) + 1)]
    expect(shown == message, "I8 every change leaves one event", f"of the events {message} the history shows {shown}")
    expect(
        system.store.stream.published == {*message},
        "I8 every change leaves one event",
        f"not all of {message} were published",
    )


def _run_until_quiescent(system: RunningSystem, ports: Ports) -> None:
    bound, end = _lock_bound(system), _end_bound(system)
    for _ in range(ROUNDS):
        next_at = _next_work(system.order)
        if next_at is None:
            break
        system.advance(next_at)
        _sweep(system, ports)
        check_state(system.order, system.gateway_state, system.profile)
        late = system.order.status in _PAYING and system.now > bound
        expect(not late, I5, f"the order is {system.order.status} at {system.now:%H:%M:%S}, past {bound:%H:%M:%S}")
    # A pending refund succeeds in the end, whether or not a process waits for it.
    system.gateway_state = simulated_returns.with_refunds_settled(system.gateway_state)
    order = system.order
    expect(order.status not in _PAYING, I5, f"the order stays {order.status} forever")
    expect(order.due_at is None and order.follow_up_at is None, I5, f"after {ROUNDS} sweeps something is still due")
    expect(system.now <= end, I5, f"it took until {system.now:%H:%M:%S}, longer than {end:%H:%M:%S}")


def _next_work(order: Order) -> datetime | None:
    """When there is something to do next; the end of an order waits for the payment that holds it."""
    waits = order.status is PaymentStatus.IN_PAYMENT and order.follow_up_at == order.pay_by
    times = (order.due_at, None if waits else order.follow_up_at)
    return min((at for at in times if at is not None), default=None)


def _is_known(order: Order, session: GatewaySession) -> bool:
    """Whether the order knows the session's attempt and its end, so that the sweep can query its money."""
    payment_id = session.capture.payment_id if session.capture else ""
    refunded = any(_is_made(refund) for refund in order.refunds.values() if refund.payment_id == payment_id)
    unreported = session.last_refund_failed and session.failed_refunds_acknowledged < session.failed_refunds
    if unreported and refunded:
        return False
    known = payment_id in order.payments
    return known or order.held_by(session.attempt_id) or session.attempt_id in order.past_attempts


def _moved(order: Order, session: GatewaySession) -> bool:
    """Whether money left without a refund of ours, which only a callback reports."""
    payment = order.payments.get(session.capture.payment_id) if session.capture else None
    disputes = [dispute.status for dispute in order.disputes.values()]
    unreported = session.dispute is not None and session.dispute not in disputes
    return unreported or (payment is not None and payment.returned != session.returned)


def _is_made(refund: Refund) -> bool:
    return refund.status is RefundStatus.REFUNDED


def _sweep(system: RunningSystem, ports: Ports) -> None:
    report = sweep_timeouts(lambda: True, ports)
    expect(report.failed == 0, "no crash", f"a sweep failed: {system.crash}")


def _settle_payments_in_progress(system: RunningSystem) -> None:
    for session in system.gateway_state.sessions:
        if session.status is SessionStatus.IN_PROGRESS:
            system.gateway_state = simulated_gateway.captured(system.gateway_state, session, system.profile, system.now)


def _lock_bound(system: RunningSystem) -> datetime:
    bound = max(system.now, system.order.due_at or system.now)
    attempt, link_limit_reached = system.order.attempt, system.order.live_links >= MOST_LIVE_LINKS
    if attempt is None or system.profile.voidable:
        return bound + PERIOD
    session = system.gateway_state.session_of(attempt.attempt_id)
    if (
        session is not None
        and session.link_expires_at is not None
        and (link_limit_reached or system.profile.waits_for_links)
    ):
        bound = max(bound, session.link_expires_at + GRACE)
    elif link_limit_reached:
        # An attempt that the gateway does not know, of an order with too many live links, is unlocked only once it has
        # certainly expired.
        bound = max(bound, attempt.since + max(EXPIRES_IN, system.profile.shortest_session) + GRACE)
    return bound + PERIOD


def _end_bound(system: RunningSystem) -> datetime:
    order = system.order
    link_expiries = [session.link_expires_at for session in system.gateway_state.sessions]
    clock_times = [
        at for at in (system.now, order.due_at, order.follow_up_at, order.pay_by, *link_expiries) if at is not None
    ]
    return max(clock_times) + 2 * (LONGEST_WAIT + GRACE)


def _check_ledger(system: RunningSystem, sessions: Iterable[GatewaySession]) -> None:
    for session in sessions:
        if session.capture is not None:
            _check_capture(system.order, session, session.capture.amount)


def _check_capture(order: Order, session: GatewaySession, amount: int) -> None:
    payment = order.payments.get(session.capture.payment_id) if session.capture else None
    back = session.manually_returned + sum(sum_ for _, sum_, state in session.refunds if state is RefundState.DONE)
    settles = payment is not None and payment.place is PaymentPlace.SETTLED
    refunds = _refunds_of(order, payment) if payment else []
    # A refund that the gateway refuses permanently is listed for an operator, who writes it off.
    kept = amount - back if settles or any(each.status in _SHOWN for each in refunds) else 0
    under_review = payment is not None and payment.place is PaymentPlace.REVIEW
    kept = amount - back if under_review else kept
    message = f"the gateway captured {session.capture}; {kept} of it is accounted for and {back} went back"
    expect(kept + back == amount, I4, message)


def _check_recorded_returns(system: RunningSystem) -> None:
    """Every sum that left is recorded, however it left: the gateway has reported all of them by now."""
    for session in system.gateway_state.sessions:
        payment = system.order.payments.get(session.capture.payment_id) if session.capture else None
        if payment is not None:
            message = f"{payment.returned} of {session.capture} is known to have gone back, and {session.returned} did"
            # The gateway may have made a refund that is listed or written off; it is not queried again.
            shown = sum(each.amount for each in _refunds_of(system.order, payment) if each.status in _SHOWN)
            expect(payment.returned <= session.returned <= payment.returned + shown, I4, message)


def check_write_offs(system: RunningSystem, ports: Ports) -> None:
    """An operator writes off each refund that the gateway refuses permanently; it is no longer listed."""
    for refund in system.order.refunds.values():
        if refund.status is RefundStatus.REFUSED:
            try:
                write_off_refund(ORDER, refund.refund_id, DECISION_REASON, OPERATOR, ports)
            except PaylatchError as error:
                raise InvariantViolated(I4, f"a refused refund could not be written off: {error!r}") from error
    left = [refund for refund in system.order.refunds.values() if refund.status is RefundStatus.REFUSED]
    expect(not left, I4, f"refunds were written off, and are {left}")
    check_state(system.order, system.gateway_state, system.profile)


def _made_but_unrecorded(order: Order, session: GatewaySession) -> bool:
    """Whether the gateway may have made a refund that the order shows as refused or written off (docs: Limits)."""
    payment = order.payments.get(session.capture.payment_id) if session.capture else None
    shown = payment is not None and any(each.status in _SHOWN for each in _refunds_of(order, payment))
    return shown and session.returned > 0


def _refunds_of(order: Order, payment: CapturedPayment) -> list[Refund]:
    return [refund for refund in order.refunds.values() if refund.payment_id == payment.payment_id]


def _repeat_callbacks(system: RunningSystem) -> None:
    for gateway_event in system.gateway_state.gateway_events:
        try:
            run_alone(system, callback_process(gateway_event, 0))
        except PaylatchError as error:
            raise InvariantViolated("no crash", f"a repeated {gateway_event.kind} callback met {error!r}") from error


def check_review_decision(system: RunningSystem, resolution: Resolution, wanted: PaymentStatus) -> None:
    """An operator's decision about mismatched money is applied."""
    invariant = "a review is decided"
    attempt_id = system.order.attempt.attempt_id if system.order.attempt else ""
    ports = scripted_ports(system, system.profile, None)
    try:
        resolve_review(ORDER, attempt_id, resolution, DECISION_REASON, OPERATOR, ports)
    except PaylatchError as error:
        raise InvariantViolated(invariant, f"{resolution}, and refused: {error!r}") from error
    expect(system.order.status is wanted, invariant, f"{resolution}, and the order is {system.order.status}")
    check_state(system.order, system.gateway_state, system.profile)
    _run_until_quiescent(system, ports)
    _check_ledger(system, system.gateway_state.sessions)


def check_released_order(system: RunningSystem, ports: Ports) -> None:
    """A released order can be edited and paid like a new one."""
    invariant = "what is given back can be edited and paid"
    try:
        edited = edit_order(ORDER, dearer_tea, system.order.revision, SERVICE, ports).order
        request_payment(payment_request("last", edited.revision), BUYER, ports)
    except PaylatchError as error:
        raise InvariantViolated(invariant, f"{system.order.status}, and refused: {error!r}") from error
    attempt = system.order.attempt
    session = system.gateway_state.session_of(attempt.attempt_id) if attempt else None
    expect(attempt is not None and attempt.pay_url is not None, invariant, "the buyer got no link to pay by")
    if session is not None:
        system.gateway_state = simulated_gateway.captured(system.gateway_state, session, system.profile, system.now)
        _repeat_callbacks(system)
    wanted = PaymentStatus.REVIEW if system.profile.captures_other_amount else PaymentStatus.PAID
    expect(system.order.status is wanted, invariant, f"the buyer paid, and the order is {system.order.status}")


def _result(system: RunningSystem) -> tuple[object, ...]:
    order = system.order
    refunds = tuple((refund.payment_id, refund.status) for refund in order.refunds.values())
    return (order.status, order.revision, order.attempt, refunds, tuple(order.past_attempts))
