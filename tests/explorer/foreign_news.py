"""What a gateway tells that no session of this order explains, or that is none of its business."""

from dataclasses import replace

from paylatch.domain.payment import Capture
from paylatch.ports import Notice, NoticeKind
from tests.explorer.hosted_gateway import NAME, Gatehouse, Hosted, Standing, with_session

ELSEWHERE = "elsewhere"
AGAIN = "again"
# The sum that a gateway names which tells of another's payment: it does not know it.
_NOT_ITS_OWN = 0


def with_foreign_payment(house: Gatehouse, attempt_id: str) -> Gatehouse:
    """A payment arrives for an attempt that the order knows nothing of; so does the news of a refund by hand."""
    capture = Capture(f"pay_{attempt_id}", 700, "EUR")
    session = Hosted(attempt_id=attempt_id, standing=Standing.PAID, amount=700, currency="EUR", capture=capture)
    bounce = Notice(NoticeKind.REFUND_FAILED, attempt_id, capture=capture)
    return with_session(house, session, Notice(NoticeKind.PAID, attempt_id, capture=capture), bounce)


def with_payment_elsewhere(house: Gatehouse, attempt_id: str) -> Gatehouse:
    """Another gateway took the very sum for that attempt, which is not its own. Its books are kept here as well."""
    capture = Capture(f"pay_{ELSEWHERE}", 2500, "EUR")
    session = Hosted(attempt_id=ELSEWHERE, standing=Standing.PAID, amount=2500, currency="EUR", capture=capture)
    return with_session(house, session, Notice(NoticeKind.PAID, attempt_id, capture=capture))


def with_second_payment(house: Gatehouse, attempt_id: str) -> Gatehouse:
    """The same attempt is paid once more, under another payment id. Its books are kept as a session of their own."""
    capture = Capture(f"pay_{AGAIN}", 2500, "EUR")
    session = Hosted(attempt_id=AGAIN, standing=Standing.PAID, amount=2500, currency="EUR", capture=capture)
    return with_session(house, session, Notice(NoticeKind.PAID, attempt_id, capture=capture))


def with_slander(house: Gatehouse, open_attempt: str, paid_attempt: str) -> Gatehouse:
    """Another gateway says that a session is closed and a payment refunded which are not its own."""
    known = house.session_of(paid_attempt)
    if known is None or known.capture is None:
        raise AssertionError("nothing was paid")
    refund = Notice(NoticeKind.REFUNDED, paid_attempt, capture=replace(known.capture, amount=_NOT_ITS_OWN))
    closed = Notice(NoticeKind.CLOSED, open_attempt, capture=replace(known.capture, amount=_NOT_ITS_OWN))
    return with_session(house, known, refund, closed)


def teller_of(notice: Notice) -> str:
    """The name of the gateway that tells this."""
    capture = notice.capture
    elsewhere = capture is not None and (capture.payment_id == f"pay_{ELSEWHERE}" or capture.amount == _NOT_ITS_OWN)
    return ELSEWHERE if elsewhere else NAME


def is_slander(notice: Notice) -> bool:
    """Whether a gateway tells of what is none of its business."""
    return teller_of(notice) == ELSEWHERE and notice.kind is not NoticeKind.PAID
