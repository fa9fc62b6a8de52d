"""Schemas of the responses: orders, attempts and events, made from the types of responses."""

from openapi import fields
from openapi.enumerations import ENUMERATIONS, enumeration_schemas
from openapi.request_schemas import address_as_kept, content_as_kept
from openapi.schemas import Schema, exactly, object_schema
from paylatch.runtime.attention_types import AttentionGroup, AttentionGroups, GroupProgress, MoneySum, RefusedOrder
from paylatch.runtime.event_types import (
    ChangedFlag,
    ChangedLine,
    ChangedNumber,
    ChangedText,
    Changes,
    Event,
    EventDetail,
    EventLine,
    History,
    LineChanges,
)
from paylatch.runtime.reconciliation_types import Finding, FindingGroup, ListProgress, ReconciledDay
from paylatch.runtime.replay_types import Replayed
from paylatch.runtime.response_types import (
    Attempt,
    Attention,
    Cancellation,
    Capture,
    Dispute,
    Ledger,
    Lock,
    OrderHead,
    OrderPage,
    PayLink,
    Refund,
    UnappliedPayment,
    Unread,
)

COMPONENTS = (
    Attempt,
    Cancellation,
    Capture,
    Lock,
    UnappliedPayment,
    Refund,
    Dispute,
    Ledger,
    Cancellation,
    OrderHead,
    OrderPage,
    PayLink,
    EventDetail,
    ChangedNumber,
    ChangedText,
    ChangedFlag,
    EventLine,
    ChangedLine,
    LineChanges,
    Changes,
    Event,
    History,
    Unread,
    Attention,
    MoneySum,
    AttentionGroup,
    AttentionGroups,
    RefusedOrder,
    GroupProgress,
    Finding,
    FindingGroup,
    ListProgress,
    ReconciledDay,
    Replayed,
)


def response_schemas() -> dict[str, Schema]:
    """The components for answers, by name."""
    typed = {form.__name__: object_schema(form, (*COMPONENTS, *ENUMERATIONS)) for form in COMPONENTS}
    order = typed["OrderHead"]["properties"] | content_as_kept()
    return {
        **typed,
        **enumeration_schemas(),
        "Order": exactly(order, description="An order"),
        "Address": address_as_kept(),
        "OpenApi": {"type": "object", "properties": {"openapi": fields.TEXT}, "required": ["openapi"]},
        "Message": exactly({"message": fields.TEXT}, description="An answer of API Gateway itself"),
    }
