"""The payment terms in request bodies."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue

from paylatch.domain.payment_terms import LateMoney
from paylatch.runtime.instants import INSTANT_PATTERN, instant_from, instant_text

_INSTANT: dict[str, JsonValue] = {"format": "date-time", "pattern": INSTANT_PATTERN}
_RULE: dict[str, JsonValue] = {"enum": [*LateMoney]}
_PAYABLE = "False while the order must not be paid; a payment that has begun goes on"
_PAY_BY = "No payment begins from then on, and the order ends unpaid; a payment that began before may still pay"
_LATE = "What is done with late money that would pay for the order; by default what the stack's `LateMoney` is"
LONGEST_INSTANT = 40


def _late_money(word: str) -> str:
    if word not in {*LateMoney}:
        raise ValueError(f"must be one of {', '.join(LateMoney)}")
    return word


Instant = Annotated[str, Field(max_length=LONGEST_INSTANT, json_schema_extra=_INSTANT), AfterValidator(instant_text)]
_Rule = Annotated[str, Field(json_schema_extra=_RULE), AfterValidator(_late_money)]
Payable = Annotated[bool, Field(description=_PAYABLE)]
PayBy = Annotated[Instant | None, Field(description=_PAY_BY)]
LateMoneyRule = Annotated[_Rule | None, Field(description=_LATE)]


def terms_of(
    payable: bool,
    pay_by: str | None,
    late_money: str | None,
) -> tuple[bool, datetime | None, LateMoney | None]:
    """The terms as the domain's content has them, one after the other."""
    return (
        payable,
        None if pay_by is None else instant_from(pay_by),
        None if late_money is None else LateMoney(late_money),
    )
