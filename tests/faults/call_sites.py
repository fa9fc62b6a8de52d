"""Names for requests: which call of which operation a request is."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.faults.fault_proxy import Seen

_IDS = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}(_[0-9A-HJKMNP-TV-Z]{8})?(_[^/]*)?|pay_[a-z2-7]{16}")


class CallNumbers:
    """Numbers equal calls of one operation: the second is `… (2)`; the SDK's retry is the same call."""

    def __init__(self) -> None:
        self._calls: dict[str, str] = {}
        self._equal: Counter[str] = Counter()

    def site_of(self, seen: Seen) -> str:
        """The numbered call site. Call it once for each request, in order."""
        # The SDK marks the tries of one call; the gateway's client never retries.
        call = seen.headers.get("amz-sdk-invocation-id", f"request {self._equal.total()}")
        if call not in self._calls:
            name = call_site(seen)
            self._equal[name] += 1
            number = self._equal[name]
            self._calls[call] = f"{name} ({number})" if number > 1 else name
        return self._calls[call]


def calls_in(requests: Iterable[Seen]) -> tuple[str, ...]:
    """The numbered call sites of an operation, each once however often it was tried."""
    numbers = CallNumbers()
    return tuple(dict.fromkeys(map(numbers.site_of, requests)))


def call_site(seen: Seen) -> str:
    """The request in a few words, the same in every run."""
    target = seen.headers.get("x-amz-target", "")
    if not target:
        return f"gateway: {seen.method} {_IDS.sub('…', seen.path)}"
    operation = target.rpartition(".")[2]
    if not target.startswith("DynamoDB"):
        return f"{'queue' if target.startswith('AmazonSQS') else 'event bus'}: {operation}"
    return f"table: {operation} {_about(json.loads(seen.body))}"


def _first_of_batch(request: dict[str, Any]) -> dict[str, Any]:
    """The first item that a batch puts, or the first key that it reads or deletes."""
    batch: Any = next(iter(request.get("RequestItems", {}).values()), [])
    if isinstance(batch, dict):
        first: dict[str, Any] = batch["Keys"][0]
        return first
    written = (operation for request in batch for operation in request.values())
    return next((operation.get("Item") or operation["Key"] for operation in written), {})


def _about(request: dict[str, Any]) -> str:
    if "IndexName" in request:
        return str(request["IndexName"])
    key = request.get("Key") or request.get("Item") or _first_of_batch(request)
    values = request.get("ExpressionAttributeValues", {})
    written = [value["M"]["type"]["S"] for value in values.values() if "type" in value.get("M", {})]
    if written:
        return str(written[0])
    sort_key = key.get("sk") or values.get(":event") or values.get(":first") or {}
    return str(sort_key.get("S", "every item")).partition("#")[0]
