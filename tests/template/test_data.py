"""Every table, stream, queue and secret, complete: the data survives a deleted stack, and indexes hold keys only."""

import json
from datetime import timedelta
from string import punctuation
from typing import Any

import pytest

from paylatch.domain.listing import ListingIndex
from paylatch.ports import Index
from paylatch.runtime.event_bus import SOURCE
from paylatch.webhooks.signature import LONGEST_KEY, SHORTEST_KEY
from tests.template import transformed
from tests.template.test_functions import OWN_KEY
from tests.template.transformed import NO_VALUE, If

KEPT_IN_PROD = If("DataProtected", "Retain", "Delete")
STREAM_RETENTION = timedelta(hours=24)


def keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def strings(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def listing(name: str, by: str, then_by: str = "created_at") -> dict[str, Any]:
    """Of all orders under one key; no transition writes to it."""
    return {"IndexName": name, "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": keys(by, then_by)}


def index(name: str, time: str) -> dict[str, Any]:
    """Sharded, by time, with keys only."""
    return {"IndexName": name, "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": keys("shard", time)}


ENCRYPTED = {"SSEEnabled": True, "SSEType": If("OwnKey", "KMS", NO_VALUE), "KMSMasterKeyId": OWN_KEY}
TABLES: dict[str, dict[str, Any]] = {
    "OrdersTable": {
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": If("DataProtected", True, False),
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": ENCRYPTED,
        # Each record is the head after a write, with its event: no old image is needed.
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
        "AttributeDefinitions": strings(
            *("pk", "sk", "shard", "due_at", "follow_up_at", "attention_at"),
            *("seller_id", "buyer_id", "reference", "created_at"),
        ),
        "KeySchema": keys("pk", "sk"),
        "GlobalSecondaryIndexes": [
            index("due", "due_at"),
            index("follow_up", "follow_up_at"),
            index("attention", "attention_at"),
            listing("by_seller", "seller_id"),
            listing("by_buyer", "buyer_id"),
            listing("by_reference", "seller_id", "reference"),
        ],
    },
    "SandboxTable": {
        "BillingMode": "PAY_PER_REQUEST",
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": ENCRYPTED,
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
        "AttributeDefinitions": strings("pk", "sk", "shard", "due_at"),
        "KeySchema": keys("pk", "sk"),
        "GlobalSecondaryIndexes": [index("due", "due_at")],
    },
}
READING: dict[str, Any] = {
    "EventSourceArn": "${OrdersTable.StreamArn}",
    "StartingPosition": "TRIM_HORIZON",
    "BatchSize": 100,
    "ParallelizationFactor": "${EventsInParallel}",
    "BisectBatchOnFunctionError": True,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
}
STREAM: dict[str, Any] = {
    **READING,
    "FunctionName": "${OrderEventsFunctionAliaslive}",
    # A record that cannot be handled harms no other, and is kept.
    "MaximumRecordAgeInSeconds": 18 * 3600,
    "DestinationConfig": {"OnFailure": {"Destination": "${OrderEventsDeadLetters.Arn}"}},
}
# By its end a sweep has found the order, so that nothing is kept.
DUE = {**READING, "FunctionName": "${DueEventsFunctionAliaslive}", "MaximumRecordAgeInSeconds": 120}
# Only what becomes of heads is an event. An expiry that is deleted ends the time that a finished order is kept.
HEADS: dict[str, Any] = {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {"sk": {"S": ["HEAD"]}}}}
EXPIRED = {"eventName": ["REMOVE"], "dynamodb": {"Keys": {"sk": {"S": ["EXPIRY"]}}}}
SETS_A_TIME = {"NewImage": {"last_event": {"M": {"due_at": {"S": [{"exists": True}]}}}}}
STREAMS: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "OrderEventsSource": (STREAM, [HEADS, EXPIRED]),
    "DueEventsSource": (DUE, [{**HEADS, "dynamodb": HEADS["dynamodb"] | SETS_A_TIME}]),
}
TIMERS: dict[str, Any] = {
    "FunctionName": "${TimersFunctionAliaslive}",
    "EventSourceArn": "${TimerQueue.Arn}",
    "BatchSize": 10,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "ScalingConfig": {"MaximumConcurrency": "${TimerWidth}"},
}
WEBHOOKS: dict[str, Any] = {
    "FunctionName": "${WebhooksFunctionAliaslive}",
    "EventSourceArn": "${WebhookQueue.Arn}",
    "BatchSize": 10,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "ScalingConfig": {"MaximumConcurrency": 2},
}
TAKEN = {"TimersSource": TIMERS, "WebhooksSource": WEBHOOKS}
ENCRYPTED_QUEUE = {"SqsManagedSseEnabled": If("OwnKey", False, True), "KmsMasterKeyId": OWN_KEY}
TWO_WEEKS = 14 * 24 * 3600
QUEUES: dict[str, dict[str, Any]] = {
    "OrderEventsDeadLetters": {"MessageRetentionPeriod": TWO_WEEKS, **ENCRYPTED_QUEUE},
    "TimerDeadLetters": {"MessageRetentionPeriod": TWO_WEEKS, **ENCRYPTED_QUEUE},
    "WebhookDeadLetters": {"MessageRetentionPeriod": TWO_WEEKS, **ENCRYPTED_QUEUE},
    "WebhookQueue": {
        "VisibilityTimeout": 360,
        "MessageRetentionPeriod": TWO_WEEKS,
        **ENCRYPTED_QUEUE,
        # As many tries as take three days.
        "RedrivePolicy": {"deadLetterTargetArn": "${WebhookDeadLetters.Arn}", "maxReceiveCount": 14},
    },
    "TimerQueue": {
        "VisibilityTimeout": 360,
        "MessageRetentionPeriod": 3600,
        **ENCRYPTED_QUEUE,
        # Few receives: the sweep has found the order long since.
        "RedrivePolicy": {"deadLetterTargetArn": "${TimerDeadLetters.Arn}", "maxReceiveCount": 5},
    },
}
OUTLIVES = {
    "OrdersTable": KEPT_IN_PROD,
    "UserPool": KEPT_IN_PROD,
    "SandboxTable": "Delete",
    "SandboxSecret": "Delete",
    "OrderEventsDeadLetters": "Delete",
    "TimerQueue": "Delete",
    "TimerDeadLetters": "Delete",
    "WebhookQueue": "Delete",
    "WebhookDeadLetters": "Delete",
    "WebhookSecret": "Delete",
}


def test_every_table_has_a_row() -> None:
    assert set(transformed.of_type("DynamoDB::Table")) == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_as_its_row_says(name: str) -> None:
    assert transformed.of_type("DynamoDB::Table")[name] == TABLES[name]


def test_the_indexes_are_those_that_the_store_asks() -> None:
    asked = {index["IndexName"] for index in TABLES["OrdersTable"]["GlobalSecondaryIndexes"]}

    assert asked == {index.value for index in (*Index, *ListingIndex)}


def test_every_event_source_has_a_row() -> None:
    assert set(transformed.of_type("Lambda::EventSourceMapping")) == {*STREAMS, *TAKEN}


@pytest.mark.parametrize("name", STREAMS)
def test_the_stream_is_read_as_its_row_says(name: str) -> None:
    mapping = transformed.of_type("Lambda::EventSourceMapping")[name]
    row, expected_patterns = STREAMS[name]
    patterns = [json.loads(found["Pattern"]) for found in mapping["FilterCriteria"]["Filters"]]

    assert {name: value for name, value in mapping.items() if name != "FilterCriteria"} == row
    assert patterns == expected_patterns


@pytest.mark.parametrize("name", TAKEN)
def test_the_messages_of_a_queue_are_taken_as_its_row_says(name: str) -> None:
    assert transformed.of_type("Lambda::EventSourceMapping")[name] == TAKEN[name]


@pytest.mark.parametrize(("queue", "folder"), [("TimerQueue", "timers"), ("WebhookQueue", "webhooks")])
def test_a_message_is_hidden_for_six_times_as_long_as_its_function_may_take(
    functions: dict[str, Any], queue: str, folder: str
) -> None:
    assert QUEUES[queue]["VisibilityTimeout"] == 6 * functions[folder]["Timeout"]


@pytest.mark.parametrize("folder", ["order_events", "due_events", "timers", "webhooks"])
def test_a_reader_is_given_no_more_than_this_stream_or_queue(functions: dict[str, Any], folder: str) -> None:
    # For an event of the function's own, SAM would add a policy for every stream or queue of the account.
    assert "Events" not in functions[folder]


def test_a_record_is_retried_for_most_of_its_life_and_still_readable_after_the_last_try() -> None:
    tried = timedelta(seconds=STREAM["MaximumRecordAgeInSeconds"])

    assert STREAM_RETENTION / 2 < tried <= STREAM_RETENTION - timedelta(hours=4)


def test_the_queues_are_encrypted_and_what_is_dead_is_kept_for_two_weeks() -> None:
    assert transformed.of_type("SQS::Queue") == QUEUES


def test_the_bus_is_the_stack_s_own() -> None:
    assert transformed.of_type("Events::EventBus") == {"EventBus": {"Name": "${AWS::StackName}"}}


def test_an_archive_keeps_every_event_for_the_days_that_the_operator_chose_and_outlives_the_stack_in_prod() -> None:
    assert transformed.of_type("Events::Archive") == {
        "EventArchive": {"SourceArn": "${EventBus.Arn}", "RetentionDays": "${ArchiveDays}", "KmsKeyIdentifier": OWN_KEY}
    }
    assert transformed.resources()["EventArchive"]["DeletionPolicy"] == If(
        "DataProtected", "RetainExceptOnCreate", "Delete"
    )


def test_every_event_of_the_bus_goes_to_the_queue_of_webhooks_and_only_from_there() -> None:
    (rule,) = [rule for rule in transformed.of_type("Events::Rule").values() if "EventPattern" in rule]
    ((policy),) = transformed.of_type("SQS::QueuePolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]

    assert {name: value for name, value in rule.items() if name != "Description"} == {
        "EventBusName": "${EventBus}",
        "EventPattern": {"source": [SOURCE]},
        "Targets": [
            {
                "Id": "WebhookQueue",
                "Arn": "${WebhookQueue.Arn}",
                "DeadLetterConfig": {"Arn": "${WebhookDeadLetters.Arn}"},
            }
        ],
    }
    assert policy["Queues"] == ["${WebhookQueue}", "${WebhookDeadLetters}"]
    assert statement == {
        "Sid": "TakeEventsOfTheRule",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": ["${WebhookQueue.Arn}", "${WebhookDeadLetters.Arn}"],
        "Condition": {"ArnEquals": {"aws:SourceArn": "${WebhookRule.Arn}"}},
    }


def test_the_key_of_the_webhooks_is_made_by_aws_and_is_base64() -> None:
    secret = transformed.of_type("SecretsManager::Secret")["WebhookSecret"]
    generated = secret["GenerateSecretString"]

    assert secret["Name"] == "paylatch/${AWS::StackName}/webhooks"
    assert (generated["SecretStringTemplate"], generated["GenerateStringKey"]) == ("{}", "key")
    assert generated["PasswordLength"] % 4 == 0
    assert SHORTEST_KEY <= generated["PasswordLength"] // 4 * 3 <= LONGEST_KEY
    assert generated["ExcludePunctuation"]
    assert set(generated["ExcludeCharacters"]) == set(punctuation)


def test_the_sandbox_s_key_is_long_and_made_by_aws() -> None:
    secret = transformed.of_type("SecretsManager::Secret")["SandboxSecret"]

    assert {name: value for name, value in secret.items() if name != "Description"} == {
        "Name": "paylatch/${AWS::StackName}/gateways/sandbox",
        "KmsKeyId": OWN_KEY,
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
