"""What the tests of providers' statuses share: each lists every status that is documented, and one that is not.

What is not documented leaves the outcome unknown, by name: nothing is unlocked, settled, or refunded twice on it.
"""

from contextlib import AbstractContextManager, nullcontext

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.payment import Attempt, Refund
from paylatch.ports import Notice, NoticeKind, SessionState, VoidKind
from tests.contract.benches.bench import Bench

LATER = "INVENTED_LATER"
ENDS = {
    SessionState.PAID: VoidKind.ALREADY_PAID,
    SessionState.CLOSED: VoidKind.ALREADY_CLOSED,
    SessionState.IN_PROGRESS: VoidKind.IN_PROGRESS,
    SessionState.OPEN: VoidKind.VOIDED,
}


def unknown(status: object, expected: object) -> AbstractContextManager[object]:
    """What a call of an unexpected status ends with: its name is in the error."""
    return pytest.raises(OutcomeUnknown, match=str(status)) if expected is None else nullcontext()


def refund_at(bench: Bench) -> tuple[Attempt, Refund]:
    attempt = bench.paid()
    capture = bench.gateway.query(attempt).capture
    assert capture
    return attempt, bench.refund_of(attempt, capture)


def only(notices: tuple[Notice, ...]) -> NoticeKind | None:
    """The kind of the one notice, None where the callback says nothing."""
    return next(iter([notice.kind for notice in notices]), None)
