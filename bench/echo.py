"""A function that does nothing, on a queue of its own: the delay of the machine, its emulator and the queue."""

import io
import json
import math
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local import aws

CODE = """
import json, time
def handler(event, context):
    for record in event["Records"]:
        print(json.dumps({"echo": json.loads(record["body"])["number"], "at": time.time()}))
"""
NAME = "bench-echo"
GROUP = f"/aws/lambda/{NAME}"
BATCH = 10


@dataclass
class Echo:
    """The queue, its function, and what was sent to it."""

    endpoint: str
    due_at: dict[int, float] = field(default_factory=dict)
    _url: str = ""
    _clients: dict[str, Any] = field(default_factory=dict)

    def deploy(self) -> None:
        """Create the queue, the function and the mapping between them."""
        self._client("logs").create_log_group(logGroupName=GROUP)
        sqs, functions = self._client("sqs"), self._client("lambda")
        self._url = sqs.create_queue(QueueName=NAME)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]
        role = self._client("iam").create_role(RoleName=NAME, AssumeRolePolicyDocument="{}")["Role"]
        functions.create_function(
            FunctionName=NAME,
            Runtime="python3.13",
            Role=role["Arn"],
            Handler="app.handler",
            Code={"ZipFile": _zipped(CODE)},
        )
        functions.create_event_source_mapping(FunctionName=NAME, EventSourceArn=attributes["QueueArn"], BatchSize=BATCH)

    def send(self, number: int, due_at: float) -> None:
        """Have it called at that time, in seconds since 1970."""
        self.due_at[number] = due_at
        rest = max(0, math.ceil(due_at - time.time()))
        self._client("sqs").send_message(
            QueueUrl=self._url, MessageBody=json.dumps({"number": number}), DelaySeconds=rest
        )

    def delays(self) -> Mapping[int, float]:
        """By number, how many seconds after its time it was called, so far."""
        pages = self._client("logs").get_paginator("filter_log_events")
        lines = (event["message"] for page in pages.paginate(logGroupName=GROUP) for event in page["events"])
        calls = [json.loads(line) for line in lines if line.startswith('{"echo"')]
        return {call["echo"]: call["at"] - self.due_at[call["echo"]] for call in calls}

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            session: Any = aws.session()
            self._clients[service] = session.client(service, endpoint_url=self.endpoint)
        return self._clients[service]


def _zipped(code: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("app.py", code)
    return written.getvalue()
