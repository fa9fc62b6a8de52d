"""The query of a list of orders: its parameters, each checked once."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from paylatch.domain.cursors import LONGEST_CURSOR
from paylatch.domain.errors import InvalidRequest
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.listing import LARGEST_LISTING, OrderFilter
from paylatch.domain.order import PaymentStatus
from paylatch.runtime.request_fields import LONGEST_CODE
from paylatch.runtime.request_models import LONGEST_NAME
from paylatch.runtime.text_rules import line_of_text

_NUMBER = r"[0-9]{1,3}"


@dataclass(frozen=True, slots=True)
class OrdersQuery:
    """Which orders are wanted, how many at most, and where the page begins; None at the newest one."""

    wanted: OrderFilter
    limit: int
    cursor: str | None


def orders_query(query: Mapping[str, str]) -> OrdersQuery:
    """The query as one value. Raises `InvalidRequest` with each fault, also for an unknown parameter."""
    faults: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, text in query.items():
        try:
            values[name] = _CHECKS.get(name, _unknown)(text)
        except ValueError as error:
            faults[name[:LONGEST_NAME]] = str(error)
    if faults:
        raise InvalidRequest(faults)
    limit, cursor = values.pop("limit", LARGEST_LISTING), values.pop("cursor", None)
    return OrdersQuery(OrderFilter(**values), limit, cursor)


def _code(text: str) -> str:
    if len(text) > LONGEST_CODE:
        raise ValueError(f"must have at most {LONGEST_CODE} characters")
    return line_of_text(text)


def _status(text: str) -> PaymentStatus:
    if text not in PaymentStatus.__members__.values():
        raise ValueError(f"must be one of {', '.join(PaymentStatus)}")
    return PaymentStatus(text)


def _limit(text: str) -> int:
    if re.fullmatch(_NUMBER, text) is None or not 1 <= int(text) <= LARGEST_LISTING:
        raise ValueError(f"must be a whole number from 1 to {LARGEST_LISTING}")
    return int(text)


def _cursor(text: str) -> str:
    if not 1 <= len(text) <= LONGEST_CURSOR:
        raise ValueError(f"must have 1 to {LONGEST_CURSOR} characters")
    return text


def _unknown(_: str) -> str:
    raise ValueError("is not a parameter of this call")


_CHECKS: Mapping[str, Callable[[str], Any]] = {
    "seller_id": _code,
    "buyer_id": _code,
    "reference": _code,
    "status": _status,
    "limit": _limit,
    "cursor": _cursor,
}
