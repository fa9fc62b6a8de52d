"""The JSON Schema of each type of event: of an event's own form, and of the details that its type has."""

from collections.abc import Iterable, Mapping
from typing import Any

from openapi.schemas import Schema, object_schema
from paylatch.domain.transitions import EventType
from paylatch.runtime.event_types import Event, EventDetail

_MONEY = "payment_id amount currency"
_REFUND = f"refund_id {_MONEY}"
_DISPUTE = f"dispute_id {_MONEY} status"
# The members of `detail` by the event's type: those that are always there, and those that may be.
DETAILS: Mapping[EventType, tuple[str, str]] = {
    EventType.ORDER_CREATED: ("", ""),
    EventType.ORDER_EDITED: ("revision total", ""),
    EventType.ORDER_HANDED_OVER: ("previous_buyer_id buyer_id", ""),
    EventType.ORDER_LOCKED: ("gateway until", ""),
    EventType.PAYMENT_OPENED: ("", ""),
    EventType.PAYMENT_PROCESSING: ("next_check until", ""),
    EventType.ORDER_PAID: ("amount currency", "payment_id returned late remark gateway method note"),
    EventType.ORDER_UNLOCKED: ("", f"reason cause revision total remark forced {_REFUND} returned"),
    EventType.RELEASE_PENDING: ("reason next_check", ""),
    EventType.PAYMENT_MISMATCHED: (_MONEY, "returned"),
    EventType.PAYMENT_CLAIMED: (_MONEY, "returned next_check"),
    EventType.MONEY_RETURNED: (f"{_MONEY} returned", ""),
    EventType.DISPUTE_OPENED: (_DISPUTE, "evidence_due"),
    EventType.DISPUTE_CLOSED: (_DISPUTE, "evidence_due"),
    EventType.REFUND_DUE: (f"{_REFUND} reason", ""),
    EventType.REFUND_DELAYED: (f"{_REFUND} next_at", "cause"),
    EventType.REFUND_ISSUED: (_REFUND, "reason"),
    EventType.REFUND_FAILED: (_REFUND, ""),
    EventType.REFUND_REFUSED: (_REFUND, "cause"),
    EventType.REFUND_WRITTEN_OFF: (f"{_REFUND} remark", ""),
    EventType.LINK_EXPIRED: ("", "attempt_ids"),
    EventType.LINK_STILL_LIVE: ("check_at", ""),
    EventType.ORDER_CANCELLED: ("", "reason"),
    EventType.PAY_LINK_ISSUED: ("", ""),
    EventType.PERSONAL_DATA_ERASED: ("", ""),
}


def event_schema(event_type: EventType, *, closed: bool = False) -> Schema:
    """The schema of events of that type, as published and as the history has them.

    It takes further members everywhere, as a later release may add them; a `closed` one takes none.
    """
    always, sometimes = (set(names.split()) for names in DETAILS[event_type])
    properties = {**object_schema(Event)["properties"], "type": {"const": event_type.value}}
    required = set(Event.__required_keys__)
    if always | sometimes:
        properties["detail"] = _details(always, sometimes)
    else:
        del properties["detail"]
    if "revision" not in always | sometimes:
        del properties["changes"]
    found = _object(properties, required | ({"detail"} if always else set()))
    return found if closed else _opened(found)


def _details(always: set[str], sometimes: set[str]) -> Schema:
    properties = object_schema(EventDetail)["properties"]
    return _object({name: properties[name] for name in properties if name in always | sometimes}, always)


def _object(properties: Mapping[str, Any], required: Iterable[str]) -> Schema:
    in_sequence = [name for name in properties if name in set(required)]
    return {"type": "object", "properties": properties, "required": in_sequence, "additionalProperties": False}


def _opened(schema: Any) -> Any:
    """The schema where every object takes further members."""
    if isinstance(schema, Mapping):
        return {name: _opened(value) for name, value in schema.items() if name != "additionalProperties"}
    return [_opened(element) for element in schema] if isinstance(schema, list) else schema
