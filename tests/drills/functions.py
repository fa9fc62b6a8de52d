"""The deployed functions of a stack: their variables, and what they logged."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from local import aws
from local.deploy import STACK_NAME
from local.stack import Stack


def set_variables(stack: Stack, logical_id: str, variables: Mapping[str, str]) -> None:
    """Set environment variables of a function besides those that it has; the next call begins with them."""
    client = aws.session().client("lambda", endpoint_url=stack.aws_endpoint_url)
    name = stack.functions[logical_id]
    present = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": {**present, **variables}})


def log_lines(stack: Stack, folder: str) -> Iterator[Mapping[str, Any]]:
    """The lines that the function of that folder logged so far, without those that are no JSON objects."""
    client = aws.session().client("logs", endpoint_url=stack.aws_endpoint_url)
    pages = client.get_paginator("filter_log_events")
    for page in pages.paginate(logGroupName=f"/paylatch/{STACK_NAME}/{folder}"):
        for event in page["events"]:
            if event["message"].startswith("{"):
                yield json.loads(event["message"])
