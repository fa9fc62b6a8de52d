"""Events against the schemas of their types, which take no member that the code does not declare."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from openapi.event_schemas import event_schema
from paylatch.domain.transitions import EventType

TYPES = frozenset(event_type.value for event_type in EventType)


def faults_of(event: Mapping[str, Any]) -> Iterator[str]:
    """What of the event its schema does not have; nothing for a type of a later release."""
    if event.get("type") in TYPES:
        for error in _validator(EventType(event["type"])).iter_errors(event):
            yield f"{event['type']} {error.json_path}: {error.message}"


@cache
def _validator(event_type: EventType) -> Draft202012Validator:
    return Draft202012Validator(event_schema(event_type, closed=True), format_checker=FormatChecker())
