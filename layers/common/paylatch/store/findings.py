"""Findings of reconciliation as items, under the gateway's day; open ones are also in the index `attention`.

There they are in a shard of their own, so that no reader of orders meets one.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from paylatch.domain.statement import Discrepancy, Finding, FindingKey
from paylatch.domain.timestamps import as_text, from_text
from paylatch.ports import Index, ReadFindings
from paylatch.store.items import document_of, item_of

KEPT = timedelta(days=90)
FINDING = "FINDING#"
# Orders are in numbered shards.
SHARD = "findings"
_PARTITION = "STATEMENT#"
_FIELDS = ("subject", "payment_id", "attempt_id", "amount", "currency", "returned", "put_right")
_OPEN = "attribute_exists(attention_at)"


def partition_of(gateway: str, day: str) -> str:
    """The partition key of all that is kept of a gateway's day."""
    return f"{_PARTITION}{gateway}#{day}"


def finding_key(key: FindingKey) -> dict[str, str]:
    """The key of a finding's item."""
    return {"pk": partition_of(key.gateway, key.day), "sk": f"{FINDING}{key.discrepancy.value}#{key.subject}"}


def finding_item(finding: Finding, now: datetime) -> dict[str, Any]:
    """The item of a finding that is new: in the index while a person must act, otherwise it expires."""
    place = _place_in_index(now) if not finding.put_right else {"ttl": _expiry(now)}
    fields = {name: getattr(finding, name) for name in _FIELDS}
    return item_of({**finding_key(finding.key), "discrepancy": finding.discrepancy.value, **fields, **place})


def finding_of(item: Mapping[str, Any]) -> Finding:
    """The finding that an item holds."""
    document = document_of(item)
    gateway, _, day = document["pk"].removeprefix(_PARTITION).partition("#")
    return Finding(
        gateway=gateway,
        day=day,
        discrepancy=Discrepancy(document["discrepancy"]),
        **{name: document[name] for name in _FIELDS},
        since=_time(document, "since"),
        handled_at=_time(document, "handled_at"),
        handled_by=document.get("handled_by", ""),
        explained_at=_time(document, "explained_at"),
    )


def findings_of(items: Iterable[Mapping[str, Any]]) -> ReadFindings:
    """The findings in these items; one that cannot be read hides no other."""
    found: list[Finding] = []
    unreadable: dict[str, Exception] = {}
    for item in items:
        try:
            found.append(finding_of(item))
        except Exception as error:  # it may hold anything
            unreadable[_name_of(item)] = error
    return ReadFindings(tuple(found), unreadable)


def _name_of(item: Mapping[str, Any]) -> str:
    """As in the path of the call that marks it as handled."""
    keys = (item["pk"]["S"].removeprefix(_PARTITION), item["sk"]["S"].removeprefix(FINDING))
    return f"findings/{'/'.join(keys).replace('#', '/')}"


def reopening(finding: Finding, now: datetime) -> dict[str, Any]:
    """The update that opens a finding which was put right or explained before; not one that is open or handled."""
    values = {f":{name}": value for name, value in _place_in_index(now).items()}
    return {
        "Key": item_of(finding_key(finding.key)),
        "UpdateExpression": (
            "SET put_right = :no, #shard = :shard, attention_at = :attention_at, since = :since "
            "REMOVE explained_at, #ttl"
        ),
        "ConditionExpression": "attribute_not_exists(attention_at) AND attribute_not_exists(handled_at)",
        "ExpressionAttributeNames": {"#shard": "shard", "#ttl": "ttl"},
        "ExpressionAttributeValues": item_of({":no": False, **values}),
    }


def ending(key: FindingKey, ends: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The update that ends an open finding: it leaves the index, gets these attributes, and expires."""
    values = {f":{name}": value for name, value in ends.items()}
    changes = ", ".join(f"{name} = :{name}" for name in ends)
    return {
        "Key": item_of(finding_key(key)),
        "UpdateExpression": f"SET {changes}, #ttl = :ttl REMOVE #shard, attention_at",
        "ConditionExpression": _OPEN,
        "ExpressionAttributeNames": {"#shard": "shard", "#ttl": "ttl"},
        "ExpressionAttributeValues": item_of({**values, ":ttl": _expiry(now)}),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "ReturnValues": "ALL_NEW",
    }


def open_query(limit: int) -> dict[str, Any]:
    """The query for the keys of open findings, the oldest first."""
    return {
        "IndexName": Index.ATTENTION.value,
        "KeyConditionExpression": "#shard = :shard",
        "ExpressionAttributeNames": {"#shard": "shard"},
        "ExpressionAttributeValues": item_of({":shard": SHARD}),
        "Limit": limit,
    }


def _place_in_index(now: datetime) -> dict[str, str]:
    return {"shard": SHARD, "attention_at": as_text(now), "since": as_text(now)}


def _expiry(now: datetime) -> int:
    return int((now + KEPT).timestamp())


def _time(document: Mapping[str, Any], name: str) -> datetime | None:
    return from_text(document[name]) if name in document else None
