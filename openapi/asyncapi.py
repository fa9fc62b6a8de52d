"""The events as AsyncAPI 3.0: what is on the bus, made at build time from the types of events.

`docs/asyncapi.json` has the whole document, `docs/event-schemas` the JSON Schema of each type.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openapi.event_schemas import event_schema
from openapi.schema_changes import SchemaComparison
from openapi.schemas import Schema, component
from paylatch.domain.transitions import EventType
from paylatch.runtime.event_bus import SOURCE
from paylatch.version import VERSION

ROOT = Path(__file__).parents[1]
ASYNCAPI = ROOT / "docs" / "asyncapi.json"
SCHEMAS = ROOT / "docs" / "event-schemas"
RELEASED_EVENTS = Path(__file__).with_name("released_asyncapi.json")
_DESCRIPTION = """\
Every change of an order is one event. It is published at least once and in any sequence: deduplicate by `order_id` and
`seq`, which counts an order's events from 1 without gaps. Later releases may add members, values and types.
"""
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TIME: Schema = {"type": "string", "format": "date-time"}


def asyncapi_document() -> dict[str, Any]:
    """The document of this version."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Paylatch events",
            "version": VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "bus": {
                "title": "The stack's EventBridge bus",
                "description": "Output `EventBusName` of the stack.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in EventType},
            },
        },
        "operations": {
            "publish": {
                "action": "send",
                "channel": {"$ref": "#/channels/bus"},
                "summary": "Put each change of an order on the bus",
            },
        },
        "components": {
            "messages": {name.value: _on_the_bus(name) for name in EventType},
            "schemas": {name.value: event_schema(name) for name in EventType},
        },
    }


def event_files() -> dict[Path, str]:
    """What `python -m openapi` writes about events, by file."""
    schemas = {
        SCHEMAS / f"{name}.json": {"$schema": _DIALECT, "$id": f"urn:paylatch:event:{name}", **event_schema(name)}
        for name in EventType
    }
    return {path: _text(content) for path, content in {ASYNCAPI: asyncapi_document(), **schemas}.items()}


def breaking_event_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What in a new AsyncAPI document breaks those who read messages by an old one; one line for each."""
    schemas = SchemaComparison(old, new)
    messages = new["components"]["messages"]
    for name, message in old["components"]["messages"].items():
        if name in messages:
            yield from schemas.for_readers(message["payload"], messages[name]["payload"], name)
        else:
            yield f"{name}: is gone"


def _on_the_bus(event_type: EventType) -> dict[str, Any]:
    properties = {
        "id": {"type": "string", "description": "EventBridge's own; a repeated event has another one"},
        "source": {"const": SOURCE},
        "detail-type": {"const": event_type.value},
        "time": {**_TIME, "description": "When the order changed"},
        "detail": component(event_type.value),
    }
    payload = {"type": "object", "properties": properties, "required": [*properties]}
    return {"name": event_type.value, "contentType": "application/json", "payload": payload}


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
