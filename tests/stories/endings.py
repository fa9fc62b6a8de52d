"""How a story must end: once the faults are over, the gateway's books and the order agree to the last cent."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sandbox_misbehaviour import Misbehaviour

from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, AttemptStatus, SupersededAttempt
from paylatch.domain.transitions.table import EventType
from paylatch.ports import Index
from tests.due_orders import due_orders
from tests.stories.stage import Stage, Wrong

UNDER_WAY = frozenset({PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING})
KEEPS_MONEY = frozenset({PaymentStatus.PAID, PaymentStatus.REVIEW})
MOST_ROUNDS = 60
A_MINUTE = timedelta(minutes=1)
FAR_AHEAD = timedelta(days=30)


def faults_end(stage: Stage) -> None:
    """From now on everybody behaves; what is already under way goes on."""
    stage.note("the faults end")
    stage.gateway.accepting = True
    stage.gateway.sessions.plans.clear()
    for session in stage.sessions():
        stage.gateway.misbehave(session.terms.attempt_id, Misbehaviour())


def come_to_rest(stage: Stage) -> None:
    """Time, schedules and callbacks, until nobody has anything left to do."""
    for _ in range(MOST_ROUNDS):
        while stage.gateway.waiting:
            stage.deliver(stage.gateway.take())
        stage.sweep()
        moments = [*_due_in_the_shop(stage), *_due_at_the_gateway(stage)]
        if not moments and not stage.gateway.waiting:
            return
        pause = max(A_MINUTE, min(moments, default=stage.clock.now()) - stage.clock.now())
        stage.wait(int(pause.total_seconds()) + 1)
        stage.gateway.tick()
    raise Wrong(f"no rest after {MOST_ROUNDS} rounds: the order is {stage.status()}")


def _due_in_the_shop(stage: Stage) -> Iterator[datetime]:
    until = stage.clock.now() + FAR_AHEAD
    if due_orders(stage.store, Index.DUE, until) or due_orders(stage.store, Index.FOLLOW_UP, until):
        order = stage.shop.head(stage.order_id)
        yield from (moment for moment in (order.due_at, order.follow_up_at) if moment is not None)


def _due_at_the_gateway(stage: Stage) -> Iterator[datetime]:
    yield from (session.due_at for session in stage.sessions() if session.due_at is not None)


def check(stage: Stage) -> None:
    """Every promise about the end of a story."""
    order = stage.shop.head(stage.order_id)
    if order.status in UNDER_WAY:
        raise Wrong(f"the order is stuck: {order.status}")
    _money_is_conserved(stage, order)
    _at_most_one_attempt_settled(stage, order)
    _paid_means_paid_for_this(stage, order)
    _history_has_no_gap(stage, order)


def _money_is_conserved(stage: Stage, order: Order) -> None:
    """Each attempt's money is kept as the settlement, held under review, or went back whole."""
    holder = order.attempt if order.status in KEEPS_MONEY else None
    kept = {holder.attempt_id: holder.captured} if holder else {}
    for attempt_id, books in stage.gateway.books().items():
        capture = kept.pop(attempt_id, None)
        if books["captured"] != books["refunded"] + (capture.amount if capture else 0):
            raise Wrong(f"{attempt_id}: the order, {order.status}, keeps {capture}; the gateway's books say {books}")
    if kept:
        raise Wrong(f"the order, {order.status}, keeps {kept}, of which the gateway's books know nothing")


def _at_most_one_attempt_settled(stage: Stage, order: Order) -> None:
    paid = int(order.status is PaymentStatus.PAID)
    attempts: list[Attempt | SupersededAttempt] = [*order.past_attempts.values()]
    attempts += [order.attempt] if order.attempt else []
    settled = [attempt.attempt_id for attempt in attempts if attempt.status is AttemptStatus.SUCCEEDED]
    payments = [event.attempt_id for event in stage.store.outbox if event.type == EventType.ORDER_PAID]
    if len(settled) != paid or payments != settled:
        raise Wrong(f"the order is {order.status}; settled: {settled}; told: {payments}")


def _paid_means_paid_for_this(stage: Stage, order: Order) -> None:
    """For the order as it is now, to the cent; where an operator took what did not match, for its revision."""
    attempt = order.attempt
    if order.status is not PaymentStatus.PAID or attempt is None or attempt.captured is None:
        return
    if (attempt.amount, attempt.currency, attempt.revision) != (order.total, order.currency, order.revision):
        raise Wrong(f"{attempt} is not for {order.total} {order.currency}, revision {order.revision}")
    exact = (attempt.captured.amount, attempt.captured.currency) == (order.total, order.currency)
    reviewed = {event.attempt_id for event in stage.store.outbox if event.type == EventType.PAYMENT_MISMATCHED}
    if exact == (attempt.attempt_id in reviewed):
        raise Wrong(f"{attempt.captured} settled {order.total} {order.currency}; reviewed: {reviewed}")


def _history_has_no_gap(stage: Stage, order: Order) -> None:
    numbers = [event.seq for event in stage.store.outbox if event.order_id == order.order_id]
    if numbers != list(range(1, order.version + 1)):
        raise Wrong(f"the history counts {numbers}, the head is at {order.version}")
