"""The minute's schedules really fire. Late among the files of this tier: by then a minute has mostly passed."""

import time

import boto3
import pytest

from local.deploy import STACK_NAME
from local.stack import Stack


@pytest.mark.parametrize("function", ["timeout_sweeps", "sandbox_gateway"])
def test_the_schedule_really_fires(stack: Stack, emulated_aws: boto3.Session, function: str) -> None:
    logs = emulated_aws.client("logs", endpoint_url=stack.aws_endpoint_url)
    group = f"/paylatch/{STACK_NAME}/{function}"
    deadline = time.monotonic() + 75
    while not logs.describe_log_streams(logGroupName=group)["logStreams"]:
        assert time.monotonic() < deadline, f"{function} was not called within a minute"
        time.sleep(1)
