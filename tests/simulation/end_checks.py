"""The end of a simulation: after the faults, the gateway's ledger and the order agree to the last cent."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sandbox.fault_plan import FaultPlan

from paylatch.domain.ledger import ledger_of
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus, PastAttempt
from paylatch.domain.transitions import EventType
from paylatch.ports import Index
from tests.bookkeeping import accounts_of, balance_of
from tests.due_orders import due_orders
from tests.simulation.simulation import CheckFailed, Simulation

UNDER_WAY = frozenset({PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING})
KEEPS_MONEY = frozenset({PaymentStatus.PAID, PaymentStatus.REVIEW})
MOST_ROUNDS = 60
A_MINUTE = timedelta(minutes=1)
FAR_AHEAD = timedelta(days=30)


def end_faults(simulation: Simulation) -> None:
    """End all faults; what is already under way goes on."""
    simulation.log_step("the faults end")
    simulation.gateway.accepting = True
    simulation.gateway.sessions.plans.clear()
    for session in simulation.sessions():
        simulation.gateway.set_faults(session.terms.attempt_id, FaultPlan())


def run_until_quiescent(simulation: Simulation) -> None:
    """Run time, schedules and callbacks until nothing is left to do."""
    for _ in range(MOST_ROUNDS):
        while simulation.gateway.pending:
            simulation.deliver(simulation.gateway.next_callback())
        simulation.sweep()
        timestamps = [*_due_in_the_shop(simulation), *_due_at_the_gateway(simulation)]
        if not timestamps and not simulation.gateway.pending:
            return
        pause = max(A_MINUTE, min(timestamps, default=simulation.clock.now()) - simulation.clock.now())
        simulation.wait(int(pause.total_seconds()) + 1)
        simulation.gateway.run_schedule()
    raise CheckFailed(f"not quiescent after {MOST_ROUNDS} rounds: the order is {simulation.status()}")


def _due_in_the_shop(simulation: Simulation) -> Iterator[datetime]:
    until = simulation.clock.now() + FAR_AHEAD
    if due_orders(simulation.store, Index.DUE, until) or due_orders(simulation.store, Index.FOLLOW_UP, until):
        order = simulation.shop.head(simulation.order_id)
        yield from (timestamp for timestamp in (order.due_at, order.follow_up_at) if timestamp is not None)


def _due_at_the_gateway(simulation: Simulation) -> Iterator[datetime]:
    yield from (session.due_at for session in simulation.sessions() if session.due_at is not None)


def check(simulation: Simulation) -> None:
    """Check the invariants on the end of a simulation."""
    order = simulation.shop.head(simulation.order_id)
    if order.status in UNDER_WAY:
        raise CheckFailed(f"the order is stuck: {order.status}")
    _money_is_conserved(simulation, order)
    _at_most_one_attempt_settled(simulation, order)
    _paid_means_paid_for_this(simulation, order)
    _history_has_no_gap(simulation, order)
    _books_agree(simulation, order)


def _money_is_conserved(simulation: Simulation, order: Order) -> None:
    """Each attempt's money is kept as the settlement, held under review, or went back whole."""
    holder = order.attempt if order.status in KEEPS_MONEY else None
    kept = {holder.attempt_id: holder.captured} if holder else {}
    for attempt_id, theirs in simulation.gateway.ledgers().items():
        capture = kept.pop(attempt_id, None)
        if theirs["captured"] != theirs["refunded"] + (capture.amount if capture else 0):
            raise CheckFailed(
                f"{attempt_id}: the order, {order.status}, keeps {capture}; the gateway's ledger says {theirs}"
            )
    if kept:
        raise CheckFailed(f"the order, {order.status}, keeps {kept}, which is not in the gateway's ledger")


def _at_most_one_attempt_settled(simulation: Simulation, order: Order) -> None:
    paid = int(order.status is PaymentStatus.PAID)
    attempts: list[Attempt | PastAttempt] = [*order.past_attempts.values()]
    attempts += [order.attempt] if order.attempt else []
    settled = [attempt.attempt_id for attempt in attempts if attempt.status is AttemptStatus.SUCCEEDED]
    payments = [event.attempt_id for event in simulation.store.outbox if event.type == EventType.ORDER_PAID]
    if len(settled) != paid or payments != settled:
        raise CheckFailed(f"the order is {order.status}; settled: {settled}; recorded: {payments}")


def _paid_means_paid_for_this(simulation: Simulation, order: Order) -> None:
    """For the order as it is now, to the cent; where an operator took what did not match, for its revision."""
    attempt = order.attempt
    if order.status is not PaymentStatus.PAID or attempt is None or attempt.captured is None:
        return
    if (attempt.amount, attempt.currency, attempt.revision) != (order.total, order.currency, order.revision):
        raise CheckFailed(f"{attempt} is not for {order.total} {order.currency}, revision {order.revision}")
    exact = (attempt.captured.amount, attempt.captured.currency) == (order.total, order.currency)
    reviewed = {event.attempt_id for event in simulation.store.outbox if event.type == EventType.PAYMENT_MISMATCHED}
    if exact == (attempt.attempt_id in reviewed):
        raise CheckFailed(f"{attempt.captured} settled {order.total} {order.currency}; reviewed: {reviewed}")


def _history_has_no_gap(simulation: Simulation, order: Order) -> None:
    numbers = [event.seq for event in simulation.store.outbox if event.order_id == order.order_id]
    if numbers != list(range(1, order.version + 1)):
        raise CheckFailed(f"the history counts {numbers}, the head is at {order.version}")


def _books_agree(simulation: Simulation, order: Order) -> None:
    """Whoever keeps books by the events alone has what the order's ledger has."""
    ledger, accounts = ledger_of(order), accounts_of(simulation.store.outbox).values()
    held, owed = balance_of(accounts, order.currency)
    if (held, owed) != (ledger.captured - ledger.refunded - ledger.returned, ledger.owed):
        raise CheckFailed(f"the books hold {held} and owe {owed}; the ledger is {ledger}")
