"""What the transitions share that unlock an order before any money is kept."""

from paylatch.domain.changes import Change
from paylatch.domain.clauses import ClauseValues
from paylatch.domain.order import Detail, Order
from paylatch.domain.payment import PastAttempt
from paylatch.domain.transitions.attempt_changes import attempt_leaves, attention, follow_up, unlocked
from paylatch.domain.transitions.rule import USUAL, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition


def unlock(
    rule: Rule,
    order: Order,
    kept: PastAttempt,
    values: ClauseValues,
    changes: tuple[Change, ...],
    detail: Detail,
    write_context: WriteContext,
    form: str = USUAL,
) -> Transition:
    after = unlocked(order, kept)
    return transition(
        rule,
        write_context,
        values,
        (*changes, *attempt_leaves(order, kept), follow_up(after), *attention(after)),
        kept.attempt_id,
        detail,
        form,
    )
