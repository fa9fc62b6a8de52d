"""The rule for an order's `pay_by`."""

from datetime import datetime

from paylatch.domain.errors import InvalidRequest
from paylatch.domain.limits import LONGEST_PAY_BY


def refuse_wrong_pay_by(pay_by: datetime | None, before: datetime | None, now: datetime) -> None:
    """Raise `InvalidRequest`, which names the field, for a new `pay_by` that is past or too far ahead.

    One that the order has already stays, whatever else is edited.
    """
    if pay_by is None or pay_by == before:
        return
    if not now < pay_by <= now + LONGEST_PAY_BY:
        raise InvalidRequest({"pay_by": f"must be in the future, and at most {LONGEST_PAY_BY.days} days ahead"})
