"""Least privilege: each function may do what it does, and nothing else."""

from typing import Any

import pytest

from tests.template.policies import listed, rights_of, statements_of
from tests.template.test_functions import FOLDERS, TALK_TO_GATEWAYS

TABLE = "OrdersTable"
LOCK = {(TABLE, "dynamodb:GetItem"), (TABLE, "dynamodb:UpdateItem")}
SECRETS = {("gateways/*", "secretsmanager:GetSecretValue")}
STREAM = {
    ("stream/*", f"dynamodb:{call}") for call in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
}
MAY = {
    "orders": LOCK
    | {(TABLE, f"dynamodb:{call}") for call in ("PutItem", "DeleteItem", "Query", "BatchGetItem", "BatchWriteItem")}
    | {(f"index/{name}", "dynamodb:Query") for name in ("by_seller", "by_buyer", "by_reference")}
    | {("TimerQueue", "sqs:SendMessage")},
    "payment_requests": LOCK | SECRETS,
    "gateway_callbacks": LOCK | SECRETS,
    "pay_page": LOCK | SECRETS | {(TABLE, "dynamodb:PutItem")},
    "payment_cancellations": LOCK | SECRETS | {(TABLE, f"dynamodb:{call}") for call in ("PutItem", "DeleteItem")},
    "timeout_sweeps": LOCK
    | SECRETS
    | {(f"index/{name}", "dynamodb:Query") for name in ("due", "follow_up", "attention")}
    | {("TimerQueue", f"sqs:{call}") for call in ("GetQueueAttributes", "SendMessage")},
    "timers": LOCK
    | SECRETS
    | {("TimerQueue", f"sqs:{call}") for call in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")}
    | {("TimerQueue", "sqs:SendMessage")},
    "reconciliation": LOCK
    | SECRETS
    | {(TABLE, f"dynamodb:{call}") for call in ("BatchGetItem", "PutItem", "Query")}
    | {("index/attention", "dynamodb:Query")},
    "due_events": STREAM | {("TimerQueue", "sqs:SendMessage")},
    "operations": LOCK
    | SECRETS
    | {(TABLE, f"dynamodb:{call}") for call in ("BatchGetItem", "PutItem", "Query")}
    | {("index/attention", "dynamodb:Query"), ("index/follow_up", "dynamodb:Query")}
    # A replay of events goes through the whole table.
    | {(TABLE, "dynamodb:Scan"), ("EventBus", "events:PutEvents")},
    "order_events": {
        (TABLE, "dynamodb:BatchGetItem"),
        (TABLE, "dynamodb:BatchWriteItem"),
        (TABLE, "dynamodb:DeleteItem"),
        (TABLE, "dynamodb:PutItem"),
        (TABLE, "dynamodb:Query"),
        *STREAM,
        ("OrderEventsDeadLetters", "sqs:SendMessage"),
        ("EventBus", "events:PutEvents"),
    },
    # It serves files.
    "order_desk": set(),
    "webhooks": {
        *(
            ("WebhookQueue", f"sqs:{call}")
            for call in ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
        ),
        ("webhooks-??????", "secretsmanager:GetSecretValue"),
    },
    "sandbox_gateway": {
        *(
            ("SandboxTable", f"dynamodb:{call}")
            for call in ("BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
        ),
        ("index/due", "dynamodb:Query"),
        ("gateways/sandbox-??????", "secretsmanager:GetSecretValue"),
    },
}

# What each resource is, or what it lies in.
OF_THIS_STACK = (
    "OrdersTable.Arn",
    "${OrdersTable.Arn}/",
    "SandboxTable.Arn",
    "${SandboxTable.Arn}/",
    "OrderEventsDeadLetters.Arn",
    "TimerQueue.Arn",
    "WebhookQueue.Arn",
    "EventBus.Arn",
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:paylatch/${AWS::StackName}/gateways/",
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:paylatch/${AWS::StackName}/webhooks-",
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_reaches_nothing_of_another_stack(functions: dict[str, Any], folder: str) -> None:
    resources = [
        text
        for statement in statements_of(functions[folder])
        for resource in listed(statement["Resource"])
        for text in resource.values()
    ]

    assert [text for text in resources if not text.startswith(OF_THIS_STACK)] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_may_do_exactly_this(functions: dict[str, Any], folder: str) -> None:
    assert rights_of(functions[folder]) == MAY[folder]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_statement_is_named_for_its_purpose(functions: dict[str, Any], folder: str) -> None:
    names = [statement["Sid"] for statement in statements_of(functions[folder])]

    assert len(set(names)) == len(names)
    assert all(name.isalnum() and name[0].isupper() for name in names)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_statement_allows_and_has_no_other_keys(functions: dict[str, Any], folder: str) -> None:
    for statement in statements_of(functions[folder]):
        assert statement["Effect"] == "Allow"
        assert set(statement) == {"Sid", "Effect", "Action", "Resource"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_action_is_a_wildcard(functions: dict[str, Any], folder: str) -> None:
    actions = [action for statement in statements_of(functions[folder]) for action in listed(statement["Action"])]

    assert not [action for action in actions if "*" in action]


def test_only_functions_that_call_gateways_read_their_secrets(functions: dict[str, Any]) -> None:
    readers = {
        folder
        for folder, function in functions.items()
        if any("secretsmanager:GetSecretValue" in listed(s["Action"]) for s in statements_of(function))
    }

    assert readers == {*TALK_TO_GATEWAYS, "sandbox_gateway", "webhooks"}
