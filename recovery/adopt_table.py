"""What a restore leaves off: stream, expiry, backups, protection and tags of the orders' table."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef

INDEXES = frozenset({"due", "follow_up", "attention", "by_seller", "by_buyer", "by_reference"})
KEYS = {"pk": "HASH", "sk": "RANGE"}
EXPIRES_BY = "ttl"
VIEW: Literal["NEW_IMAGE"] = "NEW_IMAGE"


class NotAnOrdersTable(Exception):
    """The table lacks a key or an index that Paylatch needs, or its stream shows something else."""


def adopt_table(table: str, client: "DynamoDBClient", *, protected: bool, tags: Mapping[str, str]) -> str:
    """Turn on what a restore leaves off, and return the ARN of the table's stream. A second time changes nothing.

    `protected`: whether the table is protected against deletion. Raises `NotAnOrdersTable` before anything is changed.
    """
    found = _described(table, client)
    _require_orders_table(found)
    if not found.get("StreamSpecification", {}).get("StreamEnabled"):
        client.update_table(TableName=table, StreamSpecification={"StreamEnabled": True, "StreamViewType": VIEW})
        _wait_until_active(table, client)
    if found.get("DeletionProtectionEnabled", False) != protected:
        client.update_table(TableName=table, DeletionProtectionEnabled=protected)
        _wait_until_active(table, client)
    _have_items_expire(table, client)
    _keep_backups(table, client)
    if tags:
        labels = [{"Key": key, "Value": value} for key, value in tags.items()]
        client.tag_resource(ResourceArn=found["TableArn"], Tags=labels)  # type: ignore[arg-type]
    return _described(table, client)["LatestStreamArn"]


def _described(table: str, client: "DynamoDBClient") -> "TableDescriptionTypeDef":
    return client.describe_table(TableName=table)["Table"]


def _wait_until_active(table: str, client: "DynamoDBClient") -> None:
    client.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 5, "MaxAttempts": 120})


def _require_orders_table(found: "TableDescriptionTypeDef") -> None:
    keys = {key["AttributeName"]: key["KeyType"] for key in found["KeySchema"]}
    if keys != KEYS:
        raise NotAnOrdersTable(f"its key is {keys}, not {KEYS}")
    missing = INDEXES - {index["IndexName"] for index in found.get("GlobalSecondaryIndexes", [])}
    if missing:
        raise NotAnOrdersTable(f"restore it with all indexes: {', '.join(sorted(missing))} are missing")
    stream = found.get("StreamSpecification", {})
    if stream.get("StreamEnabled") and stream.get("StreamViewType") != VIEW:
        raise NotAnOrdersTable(f"its stream shows {stream.get('StreamViewType')}, not {VIEW}")


def _have_items_expire(table: str, client: "DynamoDBClient") -> None:
    state = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"].get("TimeToLiveStatus")
    if state not in ("ENABLED", "ENABLING"):
        client.update_time_to_live(
            TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": EXPIRES_BY}
        )


def _keep_backups(table: str, client: "DynamoDBClient") -> None:
    client.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
