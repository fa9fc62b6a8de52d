"""A subscriber receives every event of an order from the stack's bus."""

import json
import time
from collections.abc import Iterator

import boto3
import pytest

from local.smoke_test import SmokeTest
from local.stack import Stack

LIFECYCLE = ["OrderCreated", "OrderLocked", "PaymentOpened", "OrderPaid"]


@pytest.fixture
def listener(stack: Stack, emulated_aws: boto3.Session) -> Iterator[str]:
    """The URL of a queue that a rule on the bus fills."""
    sqs = emulated_aws.client("sqs", endpoint_url=stack.aws_endpoint_url)
    events = emulated_aws.client("events", endpoint_url=stack.aws_endpoint_url)
    queue = sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": ["paylatch.orders"]})
    events.put_rule(Name="listener", EventBusName=stack.event_bus, EventPattern=pattern)
    events.put_targets(Rule="listener", EventBusName=stack.event_bus, Targets=[{"Id": "queue", "Arn": arn}])
    yield queue
    events.remove_targets(Rule="listener", EventBusName=stack.event_bus, Ids=["queue"])
    events.delete_rule(Name="listener", EventBusName=stack.event_bus)
    sqs.delete_queue(QueueUrl=queue)


def test_every_event_reaches_the_bus_once_it_is_history(
    stack: Stack, emulated_aws: boto3.Session, listener: str
) -> None:
    client = SmokeTest(stack)
    order_id = client.create()
    client.pay_on_the_hosted_page(client.request_payment(order_id)["pay_url"])
    history = client.read_history(order_id)

    received = _received(stack, emulated_aws, listener, order_id)

    assert [event["type"] for event in history] == LIFECYCLE
    assert received == {event["seq"]: event["type"] for event in history}


def _received(stack: Stack, emulated_aws: boto3.Session, queue: str, order_id: str) -> dict[int, str]:
    """The queue's events of this order by sequence number, once all of them have arrived."""
    sqs = emulated_aws.client("sqs", endpoint_url=stack.aws_endpoint_url)
    received: dict[int, str] = {}
    deadline = time.monotonic() + 30
    while len(received) < len(LIFECYCLE):
        assert time.monotonic() < deadline, f"only {received} arrived"
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            event = json.loads(message["Body"])
            if event["detail"]["order_id"] == order_id:
                received[event["detail"]["seq"]] = event["detail-type"]
    return received
