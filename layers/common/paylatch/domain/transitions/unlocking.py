"""What the transitions share that unlock an order before any money is kept."""

from paylatch.domain.changes import Change
from paylatch.domain.clauses import ClauseValues
from paylatch.domain.order import Detail, Order
from paylatch.domain.payment import AttemptStatus, PastAttempt
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions.attempt_changes import attempt_leaves, attention, follow_up, unlocked
from paylatch.domain.transitions.rule import USUAL, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition


def status_after(reason: ReleaseReason) -> AttemptStatus:
    """The final status of an attempt that is released for this reason."""
    return AttemptStatus.TIMED_OUT if reason is ReleaseReason.EXPIRED else AttemptStatus(reason.value)


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
    """The transition of that row: the order's attempt leaves it as `kept`, beside these changes."""
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
