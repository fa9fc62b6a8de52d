"""What reconciliation keeps, in the orders' table: the progress of each list of a gateway's day, and its findings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from paylatch.domain.errors import StoreUnavailable
from paylatch.domain.statement import Finding, FindingKey, StatementKind
from paylatch.domain.timestamps import as_text, from_text
from paylatch.ports import ReadFindings, StatementProgress
from paylatch.store.connection import ConditionFailed, TableConnection
from paylatch.store.findings import (
    FINDING,
    KEPT,
    ending,
    finding_item,
    finding_of,
    findings_of,
    open_query,
    partition_of,
    reopening,
)
from paylatch.store.items import document_of, item_of

_PROGRESS = "PROGRESS#"
_NEW = {"ConditionExpression": "attribute_not_exists(pk)"}
# The most items of one batch read.
_BATCH = 100


class DynamoReconciliationStore:
    """Implements `ReconciliationStore`: one partition for each gateway and day; DynamoDB deletes old items."""

    def __init__(self, table: TableConnection) -> None:
        self._table = table

    def read_progress(self, gateway: str, day: str) -> tuple[StatementProgress, ...]:
        """One consistent query."""
        found = self._query(gateway, day, _PROGRESS, 100)
        return tuple(_progress_of(gateway, day, document_of(item)) for item in found)

    def save_progress(self, progress: StatementProgress, now: datetime) -> bool:
        """One put, on the condition that the version is the one read; a refused one that was sent before counts."""
        condition: dict[str, Any] = _NEW
        if progress.version > 1:
            condition = {
                "ConditionExpression": "version = :read",
                "ExpressionAttributeValues": item_of({":read": progress.version - 1}),
            }
        keys = {"pk": partition_of(progress.gateway, progress.day), "sk": _PROGRESS + progress.kind.value}
        item = item_of({**keys, **_progress_document(progress), "ttl": int((now + KEPT).timestamp())})
        try:
            self._send("PutItem", {"Item": item, **condition})
        except ConditionFailed as refusal:
            return refusal.retried
        return True

    def add_finding(self, finding: Finding, now: datetime) -> bool:
        """One conditional put; a refused one that was sent before counts as made. Found again: one update more."""
        try:
            self._send("PutItem", {"Item": finding_item(finding, now), **_NEW})
        except ConditionFailed as refusal:
            return refusal.retried or (not finding.put_right and self._reopen(finding, now))
        return True

    def findings(self, gateway: str, day: str, limit: int) -> ReadFindings:
        """One query, and more only where DynamoDB ends one early."""
        return findings_of(self._query(gateway, day, FINDING, limit))

    def open_findings(self, limit: int) -> ReadFindings:
        """One query of the index, and a batch read for each 100."""
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in self._pages(open_query(limit), limit)]
        batches = [keys[start : start + _BATCH] for start in range(0, len(keys), _BATCH)]
        read = findings_of(item for batch in batches for item in self._read(batch))
        found = [finding for finding in read.found if finding.is_open]
        oldest_first = sorted(found, key=lambda finding: (str(finding.since), finding.subject))
        return replace(read, found=tuple(oldest_first))

    def mark_handled(self, key: FindingKey, operator: str, now: datetime) -> Finding | None:
        """One conditional update; a refused one returns the item."""
        return self._end(key, {"handled_at": as_text(now), "handled_by": operator}, now)

    def mark_explained(self, key: FindingKey, now: datetime) -> None:
        """One conditional update."""
        self._end(key, {"explained_at": as_text(now)}, now)

    def _end(self, key: FindingKey, ends: Mapping[str, str], now: datetime) -> Finding | None:
        try:
            return finding_of(self._send("UpdateItem", ending(key, ends, now))["Attributes"])
        except ConditionFailed as refusal:
            return finding_of(refusal.item) if refusal.item else None

    def _reopen(self, finding: Finding, now: datetime) -> bool:
        try:
            self._send("UpdateItem", reopening(finding, now))
        except ConditionFailed as refusal:
            return refusal.retried
        return True

    def _read(self, keys: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        request = {"RequestItems": {self._table.table: {"Keys": list(keys), "ConsistentRead": True}}}
        answer = self._table.send("BatchGetItem", request)
        if answer.get("UnprocessedKeys"):
            raise StoreUnavailable("the database did not get to all open findings")
        items: list[dict[str, Any]] = answer["Responses"].get(self._table.table, [])
        return items

    def _query(self, gateway: str, day: str, prefix: str, limit: int) -> Iterator[Mapping[str, Any]]:
        query: dict[str, Any] = {
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": item_of({":pk": partition_of(gateway, day), ":prefix": prefix}),
            "ConsistentRead": True,
        }
        return self._pages(query, limit)

    def _pages(self, query: dict[str, Any], limit: int) -> Iterator[Mapping[str, Any]]:
        while limit > 0:
            answer = self._send("Query", {**query, "Limit": limit})
            yield from answer["Items"]
            limit -= len(answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            query = {**query, "ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _send(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        return self._table.send(operation, {"TableName": self._table.table, **request})


def _progress_document(progress: StatementProgress) -> dict[str, Any]:
    return {
        "until": as_text(progress.until),
        **({"cursor": progress.cursor} if progress.cursor is not None else {}),
        "done": progress.done,
        **{name: getattr(progress, name) for name in ("tries", "listed", "foreign", "pages", "version")},
    }


def _progress_of(gateway: str, day: str, document: Mapping[str, Any]) -> StatementProgress:
    return StatementProgress(
        gateway=gateway,
        day=day,
        kind=StatementKind(document["sk"].removeprefix(_PROGRESS)),
        until=from_text(document["until"]),
        cursor=document.get("cursor"),
        done=document["done"],
        **{name: document[name] for name in ("tries", "listed", "foreign", "pages", "version")},
    )
