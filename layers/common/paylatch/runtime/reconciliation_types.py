"""The JSON objects in responses about reconciliation; see `response_types.py`."""

from typing import Annotated, TypedDict

from paylatch.domain.limits import MOST_LISTED
from paylatch.domain.statement import Discrepancy, StatementKind
from paylatch.runtime.response_fields import Amount, Day, GatewayName, Keyword, Natural, Timestamp


class Finding(TypedDict):
    """A difference between a gateway's statement and an order"""

    gateway: GatewayName
    day: Day
    discrepancy: Discrepancy
    subject: Annotated[str, "The payment, refund or dispute at the gateway; the payment where a person must act"]
    payment_id: str
    attempt_id: str
    amount: Amount
    currency: str
    returned: Annotated[Amount, "How much of the payment went back, in minor units"]
    put_right: Annotated[bool, "A rule covered it, and the order now agrees with the gateway"]
    since: Annotated[Timestamp, "Since when a person must act; null where nobody must"] | None
    remedy: Annotated[str, "What a person must do; null where nobody must act, or no longer"] | None
    handled_at: Annotated[Timestamp, "When an operator marked it as handled"] | None
    explained_at: Annotated[Timestamp, "When a later run found no difference any more"] | None


class FindingGroup(TypedDict):
    """The findings of one gateway and discrepancy that a person must act on"""

    gateway: GatewayName
    discrepancy: Discrepancy
    count: Annotated[int, Keyword("minimum", 1), "How many findings"]


class ListProgress(TypedDict):
    """How far a list of a gateway's statement was read"""

    gateway: GatewayName
    list: StatementKind
    done: bool
    listed: Annotated[Natural, "Entries"]
    foreign: Annotated[Natural, "Entries of other stacks or shops"]
    pages: Annotated[Natural, "Calls"]


class DayProgress(TypedDict):
    """How far a day was reconciled"""

    day: Day
    done: Annotated[bool, "All lists were read to their end; otherwise the next call continues"]
    lists: list[ListProgress]
    not_available: Annotated[list[GatewayName], "Gateways whose API has no lists"]
    failed: Annotated[list[GatewayName], "Gateways of which a list could not be read further"]


class ReconciledDay(DayProgress):
    """How far a day was reconciled, and what was found in it"""

    findings: Annotated[list[Finding], Keyword("maxItems", MOST_LISTED)]
