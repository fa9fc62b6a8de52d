"""Sessions in the sandbox's own table: one item for each session, changed by conditional puts."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from pydantic import TypeAdapter

from paylatch.domain.errors import StoreUnavailable
from paylatch.domain.timestamps import as_text
from paylatch.store.connection import ConditionFailed, TableConnection
from paylatch.store.items import item_of
from sandbox.fault_plan import FaultPlan
from sandbox.sessions import Session
from sandbox.statement import PAGE as STATEMENT_PAGE
from sandbox.statement import Listed, ListKind, listed_in

SHARDS = 4
PAGE = 50
KEPT = timedelta(days=30)

_SESSIONS = TypeAdapter(Session)
_FAULT_PLANS = TypeAdapter(FaultPlan)


class DynamoSessionStore:
    """Implements `SessionStore`. Raises `StoreUnavailable` when the table does not answer."""

    def __init__(self, table: TableConnection, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now

    def read(self, session_id: str) -> Session | None:
        """One consistent read."""
        item = self._get(f"SESSION#{session_id}", "SESSION")
        return _SESSIONS.validate_json(item["session"]["S"]) if item else None

    def write(self, session: Session) -> bool:
        """One put, on the condition that the version is the one read."""
        # Before the session: a place without its entry is skipped, and an entry without its place would be missed.
        self._place(session)
        item = _session_item(replace(session, version=session.version + 1))
        unchanged: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if session.version:
            unchanged = {
                "ConditionExpression": "version = :seen",
                "ExpressionAttributeValues": item_of({":seen": session.version}),
            }
        try:
            self._set_at(item, session.link_expires_at + KEPT, **unchanged)
        except ConditionFailed:
            return False
        return True

    def due(self, now: datetime) -> Iterator[str]:
        """One query for each shard, and more only where more is due; the oldest first."""
        for shard in range(SHARDS):
            query = {
                "TableName": self._table.table,
                "IndexName": "due",
                "KeyConditionExpression": "#shard = :shard AND due_at <= :now",
                # `shard` is a reserved word of DynamoDB, which not every emulator knows.
                "ExpressionAttributeNames": {"#shard": "shard"},
                "ExpressionAttributeValues": item_of({":shard": str(shard), ":now": as_text(now)}),
                "Limit": PAGE,
            }
            for item in self._pages(query):
                yield item["pk"]["S"].removeprefix("SESSION#")

    def listed(self, kind: ListKind, since: datetime, until: datetime, after: str | None) -> Sequence[Listed]:
        """One query for each date, until the page is full."""
        first, last = as_text(since), as_text(until)
        found: list[Listed] = []
        day = date.fromisoformat(after[:10]) if after and after > first else since.date()
        while day <= until.date() and len(found) < STATEMENT_PAGE:
            # The first bound is above the cursor's own key; the second is no place's key.
            bounds = {":first": f"{after}#" if after and after > first else first, ":last": last}
            found += self._places(kind, day.isoformat(), bounds, STATEMENT_PAGE - len(found))
            day += timedelta(days=1)
        return found

    def read_all(self, session_ids: Iterable[str]) -> Sequence[Session]:
        """One batch read."""
        keys = [item_of({"pk": f"SESSION#{name}", "sk": "SESSION"}) for name in sorted(set(session_ids))]
        if not keys:
            return []
        table = self._table.table
        answer = self._table.send("BatchGetItem", {"RequestItems": {table: {"Keys": keys, "ConsistentRead": True}}})
        if answer.get("UnprocessedKeys"):
            raise StoreUnavailable("the database did not get to all sessions of a page")
        return [_SESSIONS.validate_json(item["session"]["S"]) for item in answer["Responses"].get(table, [])]

    def link_refund(self, refund_id: str, session_id: str) -> None:
        """One put; the same link again changes nothing."""
        link = {"pk": f"REFUND#{refund_id}", "sk": "REFUND", "session_id": session_id}
        self._set_at(link, self._now() + 2 * KEPT)

    def session_of_refund(self, refund_id: str) -> str | None:
        """One consistent read."""
        item = self._get(f"REFUND#{refund_id}", "REFUND")
        return str(item["session_id"]["S"]) if item else None

    def plan(self, scope: str, fault_plan: FaultPlan, sessions: int) -> None:
        """One put, which replaces the earlier plan."""
        text = _FAULT_PLANS.dump_json(fault_plan).decode()
        self._set_at(
            {"pk": f"PLAN#{scope}", "sk": "PLAN", "misbehaviour": text, "sessions": sessions}, self._now() + KEPT
        )

    def take_planned(self, scope: str) -> FaultPlan | None:
        """One conditional update, refused where no plan is left."""
        try:
            answer = self._table.send(
                "UpdateItem",
                {
                    "TableName": self._table.table,
                    "Key": item_of({"pk": f"PLAN#{scope}", "sk": "PLAN"}),
                    "UpdateExpression": "SET sessions = sessions - :one",
                    "ConditionExpression": "sessions >= :one",
                    "ExpressionAttributeValues": item_of({":one": 1}),
                    "ReturnValues": "ALL_NEW",
                },
            )
        except ConditionFailed:
            return None
        return _FAULT_PLANS.validate_json(answer["Attributes"]["misbehaviour"]["S"])

    def _place(self, session: Session) -> None:
        for kind in ListKind:
            for place, _ in listed_in(session, kind):
                key = {"pk": f"LIST#{kind.value}#{place.at[:10]}", "sk": place.cursor}
                self._set_at(key, self._now() + KEPT)

    def _places(self, kind: ListKind, day: str, bounds: dict[str, str], limit: int) -> Iterator[Listed]:
        query = {
            "TableName": self._table.table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": item_of({":pk": f"LIST#{kind.value}#{day}", **bounds}),
            "ConsistentRead": True,
            "Limit": limit,
        }
        for item in islice(self._pages(query), limit):
            yield Listed(*item["sk"]["S"].split("/"))

    def _get(self, pk: str, sk: str) -> dict[str, Any] | None:
        key = item_of({"pk": pk, "sk": sk})
        answer = self._table.send("GetItem", {"TableName": self._table.table, "Key": key, "ConsistentRead": True})
        item: dict[str, Any] | None = answer.get("Item")
        return item

    def _set_at(self, document: dict[str, Any], kept_until: datetime, **condition: Any) -> None:
        item = item_of({**document, "ttl": int(kept_until.timestamp())})
        self._table.send("PutItem", {"TableName": self._table.table, "Item": item, **condition})

    def _pages(self, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        start: dict[str, Any] = {}
        while True:
            answer = self._table.send("Query", {**query, **start})
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _session_item(session: Session) -> dict[str, Any]:
    item: dict[str, Any] = {
        "pk": f"SESSION#{session.session_id}",
        "sk": "SESSION",
        "version": session.version,
        "session": _SESSIONS.dump_json(session).decode(),
    }
    if session.due_at is None:
        return item
    shard = zlib.crc32(session.session_id.encode()) % SHARDS
    return {**item, "shard": str(shard), "due_at": as_text(session.due_at)}
