"""Transitions for an attempt that its gateway refused to open."""

from paylatch.domain import transitions
from paylatch.domain.release_reasons import ReleaseReason
from tests.transition_cases import Rows, holder, write_context

AFTER_A_REFUSAL: Rows = {
    "release": (
        "opening",
        lambda order: transitions.release(
            order, holder(order), ReleaseReason.DECLINED, None, write_context(), cause="amount_too_small"
        ),
    ),
}
