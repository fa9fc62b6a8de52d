"""What reconciliation keeps, in the orders' table: the progress of each list of a gateway's day, and its findings."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from paylatch.domain.statement import Discrepancy, Finding, StatementKind
from paylatch.domain.timestamps import as_text, from_text
from paylatch.ports import StatementProgress
from paylatch.store.connection import ConditionFailed, TableConnection
from paylatch.store.items import document_of, item_of

KEPT = timedelta(days=90)
_PROGRESS, _FINDING = "PROGRESS#", "FINDING#"


class DynamoReconciliationStore:
    """Implements `ReconciliationStore`: one partition for each gateway and day; DynamoDB deletes it after 90 days."""

    def __init__(self, table: TableConnection) -> None:
        self._table = table

    def read_progress(self, gateway: str, day: str) -> tuple[StatementProgress, ...]:
        """One consistent query."""
        found = self._query(gateway, day, _PROGRESS, 100)
        return tuple(_progress_of(gateway, day, document) for document in found)

    def save_progress(self, progress: StatementProgress, now: datetime) -> bool:
        """One put, on the condition that the version is the one read; a refused one that was sent before counts."""
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if progress.version > 1:
            condition = {
                "ConditionExpression": "version = :read",
                "ExpressionAttributeValues": item_of({":read": progress.version - 1}),
            }
        sort_key = _PROGRESS + progress.kind.value
        return self._put(progress.gateway, progress.day, sort_key, _progress_document(progress), now, condition)

    def add_finding(self, finding: Finding, now: datetime) -> bool:
        """One conditional put; a refused one that was sent before counts as made."""
        sort_key = f"{_FINDING}{finding.discrepancy.value}#{finding.subject}"
        condition = {"ConditionExpression": "attribute_not_exists(pk)"}
        return self._put(finding.gateway, finding.day, sort_key, _finding_document(finding), now, condition)

    def findings(self, gateway: str, day: str, limit: int) -> tuple[Finding, ...]:
        """One query, and more only where DynamoDB ends one early."""
        return tuple(_finding_of(gateway, day, document) for document in self._query(gateway, day, _FINDING, limit))

    def _put(
        self, gateway: str, day: str, sort_key: str, document: dict[str, Any], now: datetime, condition: dict[str, Any]
    ) -> bool:
        keys = {"pk": _partition(gateway, day), "sk": sort_key}
        item = item_of({**keys, **document, "ttl": int((now + KEPT).timestamp())})
        try:
            self._table.send("PutItem", {"TableName": self._table.table, "Item": item, **condition})
        except ConditionFailed as refusal:
            return refusal.retried
        return True

    def _query(self, gateway: str, day: str, prefix: str, limit: int) -> Iterator[Mapping[str, Any]]:
        query: dict[str, Any] = {
            "TableName": self._table.table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": item_of({":pk": _partition(gateway, day), ":prefix": prefix}),
            "ConsistentRead": True,
        }
        while limit > 0:
            answer = self._table.send("Query", {**query, "Limit": limit})
            yield from map(document_of, answer["Items"])
            limit -= len(answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _partition(gateway: str, day: str) -> str:
    return f"STATEMENT#{gateway}#{day}"


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


def _finding_document(finding: Finding) -> dict[str, Any]:
    return {
        "discrepancy": finding.discrepancy.value,
        **{name: getattr(finding, name) for name in _FINDING_FIELDS},
    }


def _finding_of(gateway: str, day: str, document: Mapping[str, Any]) -> Finding:
    return Finding(
        gateway=gateway,
        day=day,
        discrepancy=Discrepancy(document["discrepancy"]),
        **{name: document[name] for name in _FINDING_FIELDS},
    )


_FINDING_FIELDS = ("subject", "payment_id", "attempt_id", "amount", "currency", "returned", "put_right")
