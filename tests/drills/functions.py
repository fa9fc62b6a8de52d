"""The deployed functions of a stack: their variables, and what they logged."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from local import aws
from local.deploy import STACK_NAME
from local.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def variables_of(stack: Stack, logical_id: str) -> Mapping[str, str]:
    """The environment variables of a function."""
    client = _functions(stack.aws_endpoint_url)
    found = client.get_function_configuration(FunctionName=stack.functions[logical_id])
    return found["Environment"]["Variables"]


def set_variables(stack: Stack, logical_id: str, variables: Mapping[str, str]) -> None:
    """Set environment variables of a function besides those that it has; the next call begins with them."""
    present = variables_of(stack, logical_id)
    _functions(stack.aws_endpoint_url).update_function_configuration(
        FunctionName=stack.functions[logical_id], Environment={"Variables": {**present, **variables}}
    )


@contextmanager
def stopped(stack: Stack, logical_ids: Collection[str]) -> Iterator[None]:
    """Within this context no call reaches these functions."""
    client = _functions(stack.aws_endpoint_url)
    names = [stack.functions[logical_id] for logical_id in logical_ids]
    for name in names:
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        yield
    finally:
        for name in names:
            client.delete_function_concurrency(FunctionName=name)


def log_lines(stack: Stack, folder: str) -> Iterator[Mapping[str, Any]]:
    """The lines that the function of that folder logged so far, without those that are no JSON objects."""
    client = aws.session().client("logs", endpoint_url=stack.aws_endpoint_url)
    group = f"/paylatch/{STACK_NAME}/{folder}"
    if client.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        for page in client.get_paginator("filter_log_events").paginate(logGroupName=group):
            yield from (json.loads(event["message"]) for event in page["events"] if event["message"].startswith("{"))


def raw_log(stack: Stack) -> str:
    """Everything that the functions logged so far, as text."""
    client = aws.session().client("logs", endpoint_url=stack.aws_endpoint_url)
    groups = client.get_paginator("describe_log_groups").paginate()
    names = [group["logGroupName"] for page in groups for group in page["logGroups"]]
    events = client.get_paginator("filter_log_events")
    pages = (page for name in names for page in events.paginate(logGroupName=name))
    return "\n".join(event["message"] for page in pages for event in page["events"])


def invoke(stack: Stack, logical_id: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Call a function with that event, and return what it answers."""
    client = _functions(stack.aws_endpoint_url)
    answer = client.invoke(FunctionName=stack.functions[logical_id], Payload=json.dumps(event, default=str).encode())
    found: Mapping[str, Any] = json.loads(answer["Payload"].read())
    return found


@cache
def _functions(endpoint: str) -> "LambdaClient":
    return aws.session().client("lambda", endpoint_url=endpoint)
