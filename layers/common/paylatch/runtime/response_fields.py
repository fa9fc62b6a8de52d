"""The types of single values in responses.

The annotations of a type are keywords of its JSON schema and its description, a text. `openapi/` makes the contract
from them at build time; the functions do not read them.
"""

from typing import Annotated, NamedTuple

from paylatch.domain.ids import ATTEMPT_ID_PATTERN, GATEWAY_NAME_PATTERN, ORDER_ID_PATTERN, REFUND_ID_PATTERN
from paylatch.domain.limits import LARGEST_TOTAL


class Keyword(NamedTuple):
    """A keyword of JSON schema and its value; a tuple stands for an array."""

    name: str
    value: str | int | tuple[str, ...]


OrderId = Annotated[str, Keyword("pattern", f"^{ORDER_ID_PATTERN}$")]
AttemptId = Annotated[str, Keyword("pattern", f"^{ATTEMPT_ID_PATTERN}$")]
RefundId = Annotated[str, Keyword("pattern", f"^{REFUND_ID_PATTERN}$")]
GatewayName = Annotated[str, Keyword("pattern", f"^{GATEWAY_NAME_PATTERN}$")]
Currency = Annotated[str, Keyword("$ref", "#/components/schemas/Currency")]
Amount = Annotated[int, Keyword("minimum", 0), "Minor units of the currency"]
Total = Annotated[Amount, Keyword("maximum", LARGEST_TOTAL)]
Count = Annotated[int, Keyword("minimum", 1)]
Natural = Annotated[int, Keyword("minimum", 0)]
Day = Annotated[str, Keyword("format", "date"), "A day in UTC, as in 2026-11-25"]
Uri = Annotated[str, Keyword("format", "uri")]
Timestamp = Annotated[
    str,
    Keyword("format", "date-time"),
    Keyword("pattern", r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"),
    "UTC, to the millisecond",
]
