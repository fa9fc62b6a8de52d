"""Names for what goes over the wires: which call of which operation a request is."""

import json
import re
from typing import Any

from tests.faults.fault_proxy import Seen

_IDS = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}(_[0-9A-HJKMNP-TV-Z]{8})?(_[^/]*)?")


def call_site(seen: Seen) -> str:
    """The request in a few words, the same in every run."""
    target = seen.headers.get("x-amz-target", "")
    if not target:
        return f"gateway: {seen.method} {_IDS.sub('…', seen.path)}"
    operation = target.rpartition(".")[2]
    if not target.startswith("DynamoDB"):
        return f"event bus: {operation}"
    return f"table: {operation} {_about(json.loads(seen.body))}"


def _about(request: dict[str, Any]) -> str:
    if "IndexName" in request:
        return str(request["IndexName"])
    key = request.get("Key") or request.get("Item") or {}
    written = [
        value["M"]["type"]["S"]
        for value in request.get("ExpressionAttributeValues", {}).values()
        if "type" in value.get("M", {})
    ]
    return written[0] if written else str(key.get("sk", {}).get("S", "")).partition("#")[0]
