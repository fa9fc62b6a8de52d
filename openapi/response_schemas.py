"""Schemas of the responses: orders, attempts and events, made from the types of responses."""

from openapi import fields
from openapi.request_schemas import address_as_kept, content_as_kept
from openapi.schemas import Schema, exactly, object_schema
from paylatch.runtime.attention_types import AttentionGroup, AttentionGroups, GroupProgress, MoneySum, RefusedOrder
from paylatch.runtime.event_types import Event, History
from paylatch.runtime.reconciliation_types import Finding, FindingGroup, ListProgress, ReconciledDay
from paylatch.runtime.replay_types import Replayed
from paylatch.runtime.response_types import (
    Attempt,
    Attention,
    Capture,
    Dispute,
    Ledger,
    Lock,
    OrderHead,
    Orders,
    PayLink,
    Refund,
    UnappliedPayment,
)

COMPONENTS = (
    Attempt,
    Capture,
    Lock,
    UnappliedPayment,
    Refund,
    Dispute,
    Ledger,
    OrderHead,
    Orders,
    PayLink,
    Event,
    History,
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
    typed = {form.__name__: object_schema(form, COMPONENTS) for form in COMPONENTS}
    order = typed["OrderHead"]["properties"] | content_as_kept()
    return {
        **typed,
        "Order": exactly(order, description="An order"),
        "Address": address_as_kept(),
        "Currency": fields.CURRENCY,
        "OpenApi": {"type": "object", "properties": {"openapi": fields.TEXT}, "required": ["openapi"]},
        "Message": exactly({"message": fields.TEXT}, description="An answer of API Gateway itself"),
    }
