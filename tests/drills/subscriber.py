"""A subscriber of a stack's event bus: a queue that takes every event."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local import aws
from local.stack import Stack

NAME = "drill-subscriber"


@dataclass
class Subscriber:
    """The queue behind a rule on the bus, and the events taken from it so far."""

    stack: Stack
    taken: list[Mapping[str, Any]] = field(default_factory=list)
    _url: str = ""

    def subscribe(self) -> None:
        """Create the queue and the rule."""
        sqs, events = self._client("sqs"), self._client("events")
        self._url = sqs.create_queue(QueueName=NAME)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern = json.dumps({"source": ["paylatch.orders"]})
        events.put_rule(Name=NAME, EventBusName=self.stack.event_bus, EventPattern=pattern)
        events.put_targets(Rule=NAME, EventBusName=self.stack.event_bus, Targets=[{"Id": "queue", "Arn": arn}])

    def take(self) -> list[Mapping[str, Any]]:
        """All events so far, as they stand in `detail`."""
        sqs = self._client("sqs")
        while messages := sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.taken.append(json.loads(message["Body"])["detail"])
                sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return self.taken

    def _client(self, service: str) -> Any:
        session: Any = aws.session()
        return session.client(service, endpoint_url=self.stack.aws_endpoint_url)
