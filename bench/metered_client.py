"""A botocore client whose requests and write units are counted, and whose next response to a write can be lost."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError

from bench.metered_store import WRITES, write_units

TRANSACTION = "TransactWriteItems"
# Of a transaction: each item is written twice, to prepare and to commit.
UNITS_FOR_EACH = {TRANSACTION: 2}

_NO_HEADERS: Any = {}

Key = tuple[str, str]
Items = dict[Key, dict[str, Any]]


class ClientMeter:
    """Counts what a client sends to an emulated table with the keys `pk` and `sk`, each try of the SDK on its own.

    A refused write costs the units of the item that its condition was checked on. `plain` is another client of the
    same table, which is not counted.
    """

    def __init__(self, client: Any, plain: Any, table: str) -> None:
        self.requests = 0
        self.units = 0
        self.loses_next_write = False
        self._plain = plain
        self._table = table
        self._before: Items = {}
        self._tokens: set[str] = set()
        client.meta.events.register_first("before-send", self._sending)
        client.meta.events.register_last("before-send", self._sent)

    def start(self) -> None:
        """Count from here on."""
        self.requests = self.units = 0

    def _sending(self, request: Any, **_: object) -> AWSResponse | None:
        self.requests += 1
        self._before = self._items()
        token = json.loads(request.body).get("ClientRequestToken")
        # DynamoDB answers a repeated token as the first time; the emulator does not know tokens.
        repeated = token in self._tokens
        return AWSResponse(request.url, 200, _NO_HEADERS, _Body(b"{}")) if repeated else None

    def _sent(self, request: Any, **_: object) -> None:
        operation = request.headers["X-Amz-Target"].decode().partition(".")[2]
        if operation not in {*WRITES, TRANSACTION}:
            return
        document, after = json.loads(request.body), self._items()
        units = (write_units(self._before.get(key, {}), after.get(key, {})) for key in _targets(operation, document))
        self.units += UNITS_FOR_EACH.get(operation, 1) * sum(units)
        if after != self._before and "ClientRequestToken" in document:
            self._tokens.add(document["ClientRequestToken"])
        if self.loses_next_write:
            self.loses_next_write = False
            raise ConnectionClosedError(endpoint_url=request.url)

    def _items(self) -> Items:
        found = self._plain.scan(TableName=self._table)["Items"]
        return {_key(item): item for item in found}


class _Body:
    """The raw body of a response that was not sent over a connection."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def stream(self, **_: object) -> list[bytes]:
        return [self._octets]


def _targets(operation: str, document: Mapping[str, Any]) -> list[Key]:
    if operation != TRANSACTION:
        return [_key(document.get("Key") or document["Item"])]
    actions = [action for item in document["TransactItems"] for action in item.values()]
    return [_key(action.get("Key") or action["Item"]) for action in actions]


def _key(item: Mapping[str, Any]) -> Key:
    return item["pk"]["S"], item["sk"]["S"]
