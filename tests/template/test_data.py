"""The data outlives mistakes, and the indexes hold keys only."""

import json
from datetime import timedelta
from typing import Any

import pytest

PROTECTED = ("OrdersTable", "UserPool")
BY_STAGE = {"If": ["DataProtected", "Retain", "Delete"]}
STREAM_REMEMBERS = timedelta(hours=24)


@pytest.fixture
def stream(resources: dict[str, Any]) -> dict[str, Any]:
    """How the table's stream reaches the function that takes it."""
    found: dict[str, Any] = resources["OrderEventsSource"]["Properties"]
    return found


@pytest.mark.parametrize("name", PROTECTED)
def test_in_prod_the_data_outlives_the_stack(resources: dict[str, Any], name: str) -> None:
    assert resources[name]["DeletionPolicy"] == BY_STAGE
    assert resources[name]["UpdateReplacePolicy"] == BY_STAGE


def test_the_table_is_backed_up_encrypted_and_protected(resources: dict[str, Any]) -> None:
    table = resources["OrdersTable"]["Properties"]

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["DeletionProtectionEnabled"] == {"If": ["DataProtected", True, False]}


def test_the_table_costs_nothing_while_idle(resources: dict[str, Any]) -> None:
    assert resources["OrdersTable"]["Properties"]["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize(
    ("table", "indexes"),
    [
        ("OrdersTable", {"due": "due_at", "follow_up": "follow_up_at", "attention": "attention_at"}),
        ("SandboxTable", {"due": "due_at"}),
    ],
)
def test_each_index_is_sharded_by_time_and_holds_keys_only(
    resources: dict[str, Any], table: str, indexes: dict[str, str]
) -> None:
    written = resources[table]["Properties"]["GlobalSecondaryIndexes"]

    assert {index["IndexName"]: _keys(index) for index in written} == {
        name: {"HASH": "shard", "RANGE": time} for name, time in indexes.items()
    }
    assert all(index["Projection"] == {"ProjectionType": "KEYS_ONLY"} for index in written)


@pytest.mark.parametrize("table", ["OrdersTable", "SandboxTable"])
def test_a_table_has_the_keys_pk_and_sk(resources: dict[str, Any], table: str) -> None:
    assert _keys(resources[table]["Properties"]) == {"HASH": "pk", "RANGE": "sk"}


def test_only_changes_of_heads_become_events(stream: dict[str, Any]) -> None:
    (choice,) = stream["FilterCriteria"]["Filters"]

    assert json.loads(choice["Pattern"]) == {
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {"Keys": {"sk": {"S": ["HEAD"]}}},
    }


def test_a_record_that_cannot_be_handled_harms_no_other_and_is_kept(stream: dict[str, Any]) -> None:
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["DestinationConfig"] == {"OnFailure": {"Destination": {"GetAtt": "OrderEventsDeadLetters.Arn"}}}


def test_a_record_is_tried_for_most_of_its_life_and_can_still_be_read_when_it_is_given_up(
    stream: dict[str, Any],
) -> None:
    tried = timedelta(seconds=stream["MaximumRecordAgeInSeconds"])

    assert STREAM_REMEMBERS / 2 < tried <= STREAM_REMEMBERS - timedelta(hours=4)


def test_the_function_is_given_this_tables_stream(stream: dict[str, Any], functions: dict[str, Any]) -> None:
    assert stream["FunctionName"] == {"Ref": "OrderEventsFunction"}
    assert stream["EventSourceArn"] == {"GetAtt": "OrdersTable.StreamArn"}
    # SAM would add a policy for every stream of the account.
    assert "Events" not in functions["order_events"]


def _keys(definition: dict[str, Any]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in definition["KeySchema"]}
