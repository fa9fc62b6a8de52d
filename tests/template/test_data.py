"""Every table, stream, queue and secret, complete: the data survives a deleted stack, and indexes hold keys only."""

import json
from datetime import timedelta
from typing import Any

import pytest

from paylatch.ports import Index
from tests.template import transformed
from tests.template.transformed import If

KEPT_IN_PROD = If("DataProtected", "Retain", "Delete")
STREAM_RETENTION = timedelta(hours=24)


def keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def strings(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def index(name: str, time: str) -> dict[str, Any]:
    """Sharded, by time, with keys only."""
    return {"IndexName": name, "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": keys("shard", time)}


TABLES: dict[str, dict[str, Any]] = {
    "OrdersTable": {
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": If("DataProtected", True, False),
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"SSEEnabled": True},
        # Each record is the head after a write, with its event: no old image is needed.
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "AttributeDefinitions": strings("pk", "sk", "shard", "due_at", "follow_up_at", "attention_at"),
        "KeySchema": keys("pk", "sk"),
        "GlobalSecondaryIndexes": [
            index("due", "due_at"),
            index("follow_up", "follow_up_at"),
            index("attention", "attention_at"),
        ],
    },
    "SandboxTable": {
        "BillingMode": "PAY_PER_REQUEST",
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False},
        "SSESpecification": {"SSEEnabled": True},
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
        "AttributeDefinitions": strings("pk", "sk", "shard", "due_at"),
        "KeySchema": keys("pk", "sk"),
        "GlobalSecondaryIndexes": [index("due", "due_at")],
    },
}
STREAM: dict[str, Any] = {
    "FunctionName": "${OrderEventsFunction}",
    "EventSourceArn": "${OrdersTable.StreamArn}",
    "StartingPosition": "TRIM_HORIZON",
    "BatchSize": 100,
    "ParallelizationFactor": "${EventsInParallel}",
    # A record that cannot be handled harms no other, and is kept.
    "BisectBatchOnFunctionError": True,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "MaximumRecordAgeInSeconds": 18 * 3600,
    "DestinationConfig": {"OnFailure": {"Destination": "${OrderEventsDeadLetters.Arn}"}},
}
# Only what becomes of heads is an event.
HEADS = {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {"sk": {"S": ["HEAD"]}}}}
OUTLIVES = {
    "OrdersTable": KEPT_IN_PROD,
    "UserPool": KEPT_IN_PROD,
    "SandboxTable": "Delete",
    "SandboxSecret": "Delete",
    "OrderEventsDeadLetters": "Delete",
}


def test_every_table_has_a_row() -> None:
    assert set(transformed.of_type("DynamoDB::Table")) == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_as_its_row_says(name: str) -> None:
    assert transformed.of_type("DynamoDB::Table")[name] == TABLES[name]


def test_the_indexes_are_those_that_the_store_asks() -> None:
    asked = {index["IndexName"] for index in TABLES["OrdersTable"]["GlobalSecondaryIndexes"]}

    assert asked == {index.value for index in Index}


def test_the_stream_is_read_as_its_row_says() -> None:
    (mapping,) = transformed.of_type("Lambda::EventSourceMapping").values()
    ((pattern,),) = [filters.values() for filters in mapping["FilterCriteria"]["Filters"]]

    assert {name: value for name, value in mapping.items() if name != "FilterCriteria"} == STREAM
    assert json.loads(pattern) == HEADS


def test_the_stream_s_reader_is_given_no_more_than_this_stream(functions: dict[str, Any]) -> None:
    # For an event of the function's own, SAM would add a policy for every stream of the account.
    assert "Events" not in functions["order_events"]


def test_a_record_is_retried_for_most_of_its_life_and_still_readable_after_the_last_try() -> None:
    tried = timedelta(seconds=STREAM["MaximumRecordAgeInSeconds"])

    assert STREAM_RETENTION / 2 < tried <= STREAM_RETENTION - timedelta(hours=4)


def test_what_could_not_be_recorded_is_kept_for_two_weeks_encrypted() -> None:
    assert transformed.of_type("SQS::Queue") == {
        "OrderEventsDeadLetters": {"MessageRetentionPeriod": 14 * 24 * 3600, "SqsManagedSseEnabled": True}
    }


def test_the_bus_is_the_stack_s_own() -> None:
    assert transformed.of_type("Events::EventBus") == {"EventBus": {"Name": "${AWS::StackName}"}}


def test_the_sandbox_s_key_is_long_and_made_by_aws() -> None:
    (secret,) = transformed.of_type("SecretsManager::Secret").values()

    assert {name: value for name, value in secret.items() if name != "Description"} == {
        "Name": "paylatch/${AWS::StackName}/gateways/sandbox",
        "GenerateSecretString": {
            "SecretStringTemplate": "{}",
            "GenerateStringKey": "api_key",
            "PasswordLength": 48,
            "ExcludePunctuation": True,
        },
    }


@pytest.mark.parametrize("name", OUTLIVES)
def test_in_prod_the_orders_and_their_callers_outlive_the_stack(name: str) -> None:
    resource = transformed.resources()[name]

    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == (OUTLIVES[name], OUTLIVES[name])
