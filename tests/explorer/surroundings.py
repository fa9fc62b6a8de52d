"""What payer and bank can do at any moment, whatever the order's own processes are about."""

from collections.abc import Iterator
from datetime import datetime

from paylatch.domain.ids import order_id_of
from paylatch.domain.payment import DisputeStatus
from paylatch.ports import RefundState
from tests.explorer import hosted_gateway as hosted
from tests.explorer import hosted_money
from tests.explorer.hosted_gateway import Gatehouse, Hosted, Standing, Temper

# As often a refund fails after it was done.
MOST_BOUNCES = 2


def happenings(house: Gatehouse, temper: Temper, now: datetime) -> Iterator[tuple[str, int, Gatehouse]]:
    """What can happen, at which session, and the gateway afterwards."""
    for place, session in enumerate(house.sessions):
        for what, after in _at(house, session, temper, now):
            yield what, place, after


def _can_bounce(session: Hosted) -> bool:
    done = bool(session.refunds) and session.refunds[-1][2] is RefundState.DONE
    return done and session.bounces < MOST_BOUNCES


def _at(house: Gatehouse, session: Hosted, temper: Temper, now: datetime) -> Iterator[tuple[str, Gatehouse]]:
    if session.payable:
        yield "pays", hosted.paid(house, session, temper, now)
    if temper.declines and session.payable and session.standing is Standing.OPEN and not session.declined:
        yield "has a try declined", hosted.declined(house, session, final=False)
        yield "is declined for good", hosted.declined(house, session, final=True)
    if session.standing is Standing.IN_PROGRESS:
        yield "has the bank's yes", hosted.captured(house, session, temper, now)
    if temper.refunds_bounce and _can_bounce(session):
        yield "has the refund bounce", hosted_money.refund_bounced(house, session)
    if order_id_of(session.attempt_id) is not None:
        yield from _goes_back(house, session, temper)
    if session.standing is Standing.IN_PROGRESS and not session.declined:
        yield "has the bank's no", hosted.declined(house, session, final=False)


def _goes_back(house: Gatehouse, session: Hosted, temper: Temper) -> Iterator[tuple[str, Gatehouse]]:
    """Money leaves by another way than our refunds: once by hand, or by a dispute."""
    held = session.capture.amount - session.returned if session.capture else 0
    if temper.hand_refunds and held and not session.by_hand:
        if temper.forgets_returned:
            yield "is given all back by hand", hosted_money.returned_by_hand(house, session, held, temper)
        else:
            yield "is given a part back by hand", hosted_money.returned_by_hand(house, session, held // 2, temper)
    if temper.disputes and held and session.dispute is None:
        yield "disputes the payment", hosted_money.disputed(house, session, DisputeStatus.OPEN, temper)
    if session.dispute is DisputeStatus.OPEN:
        yield "wins the dispute", hosted_money.disputed(house, session, DisputeStatus.LOST, temper)
        yield "loses the dispute", hosted_money.disputed(house, session, DisputeStatus.WON, temper)
