"""What the transitions share that unlock an order before any money is kept."""

from paylatch.domain import guards
from paylatch.domain.changes import Change
from paylatch.domain.guards import Clause
from paylatch.domain.order import Order
from paylatch.domain.payment import PastAttempt
from paylatch.domain.transitions.attempt_changes import attempt_leaves, attention, follow_up, unlocked
from paylatch.domain.transitions.rule import Rule
from paylatch.domain.transitions.transition import Detail, Transition, WriteContext, transition


def unlock(
    rule: Rule,
    order: Order,
    kept: PastAttempt,
    clauses: tuple[Clause, ...],
    changes: tuple[Change, ...],
    detail: Detail,
    write_context: WriteContext,
) -> Transition:
    after = unlocked(order, kept)
    return transition(
        rule,
        write_context,
        (guards.attempt_is(kept.attempt_id), *clauses, guards.version_is(order.version)),
        (*changes, *attempt_leaves(order, kept), follow_up(after), *attention(after)),
        kept.attempt_id,
        detail,
    )
