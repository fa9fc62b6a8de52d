"""The JSON objects in responses about groups of orders that need a person; see `response_types.py`."""

from typing import Annotated, TypedDict

from paylatch.domain.attention import MOST_ACTED_ON, MOST_EXAMPLES, Cause
from paylatch.runtime.reconciliation_types import FindingGroup
from paylatch.runtime.response_fields import Amount, Count, GatewayName, Keyword, OrderId, Timestamp
from paylatch.runtime.response_types import Unread


class MoneySum(TypedDict):
    """Money of several orders in one currency"""

    currency: str
    amount: Amount


class AttentionGroup(TypedDict):
    """The orders that need a person because of one gateway, for one cause, as far as they were read"""

    gateway: GatewayName
    cause: Cause
    count: Annotated[Count, "How many orders"]
    oldest: Annotated[Timestamp, "Since when the oldest waits"]
    sums: Annotated[list[MoneySum], "The sums of the group's payments or refunds"]
    order_ids: Annotated[list[OrderId], Keyword("maxItems", MOST_EXAMPLES), "Some of the orders"]


class AttentionGroups(TypedDict):
    """What operators must look at, by gateway and cause; an order can be in several groups"""

    groups: Annotated[list[AttentionGroup], "The largest first"]
    findings: Annotated[list[FindingGroup], "Differences to gateways' statements, 100 at most, the largest group first"]
    complete: Annotated[bool, "No order is left out, except those that could not be read (`unread`)"]
    unread: Unread


class RefusedOrder(TypedDict):
    """An order that a call for its group did not act on"""

    order_id: OrderId
    code: Annotated[str, "The code of the problem that the same call for this order alone returns"]


class GroupProgress(TypedDict):
    """What a call for a group did; the group's other orders are for the next call"""

    done: Annotated[list[OrderId], Keyword("maxItems", MOST_ACTED_ON), "Not in the group any more"]
    waiting: Annotated[list[OrderId], Keyword("maxItems", MOST_ACTED_ON), "Acted on, and still in the group"]
    refused: Annotated[list[RefusedOrder], Keyword("maxItems", MOST_ACTED_ON)]
    unread: Annotated[list[str], "Parts of the index that could not be read"]
    next_cursor: Annotated[str, "The `cursor` of the next call; null where the group is done"] | None
    retry_after: (
        Annotated[Count, "Seconds until the gateway's rate allows the next call; null where it allows one now"] | None
    )
