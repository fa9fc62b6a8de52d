"""The deployed functions of a stack: their variables, and what they logged."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from local import aws
from local.deploy import STACK_NAME
from local.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient


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
        yield from (json.loads(text) for text in logged(client, group) if text.startswith("{"))


def raw_log(stack: Stack) -> str:
    """Everything that the functions logged so far, as text."""
    client = aws.session().client("logs", endpoint_url=stack.aws_endpoint_url)
    groups = client.get_paginator("describe_log_groups").paginate()
    names = [group["logGroupName"] for page in groups for group in page["logGroups"]]
    return "\n".join(text for name in names for text in logged(client, name))


def logged(client: "CloudWatchLogsClient", group: str) -> Iterator[str]:
    """Every message of a log group, stream by stream: of a whole group, the emulator gives the first 10,000 alone."""
    for page in client.get_paginator("describe_log_streams").paginate(logGroupName=group):
        for stream in page["logStreams"]:
            yield from _messages(client, group, stream["logStreamName"])


def _messages(client: "CloudWatchLogsClient", group: str, stream: str) -> Iterator[str]:
    of_stream = partial(client.get_log_events, logGroupName=group, logStreamName=stream, startFromHead=True)
    token = ""
    while True:
        page = of_stream(nextToken=token) if token else of_stream()
        yield from (event["message"] for event in page["events"])
        # The same token again is the end.
        if page["nextForwardToken"] == token:
            return
        token = page["nextForwardToken"]


def invoke(stack: Stack, logical_id: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Call a function with that event, and return what it answers."""
    client = _functions(stack.aws_endpoint_url)
    answer = client.invoke(FunctionName=stack.functions[logical_id], Payload=json.dumps(event, default=str).encode())
    found: Mapping[str, Any] = json.loads(answer["Payload"].read())
    return found


@cache
def _functions(endpoint: str) -> "LambdaClient":
    return aws.session().client("lambda", endpoint_url=endpoint)
