"""A shop's receiver gets every event of an order, signed, also where its first try failed."""

import json
import time
from typing import Any

import boto3
import pytest
from standardwebhooks import Webhook

from local.smoke_test import SmokeTest
from local.stack import Stack
from tests.fakes.loopback_server import LoopbackServer

LIFECYCLE = {1: "OrderCreated", 2: "OrderLocked", 3: "PaymentOpened"}


def test_every_event_is_posted_and_verified(
    stack: Stack, emulated_aws: boto3.Session, webhook_receiver: LoopbackServer
) -> None:
    if "WebhooksFunction" not in stack.functions:
        pytest.skip("this stack sends no webhooks")
    client = SmokeTest(stack)
    order_id = client.create()
    client.request_payment(order_id)

    received = _received(stack, emulated_aws, webhook_receiver, order_id)

    assert {content["data"]["seq"]: content["type"] for content in received} == LIFECYCLE
    assert [content["data"]["seq"] for content in received].count(1) == 2, "the failed try came again"


def _received(
    stack: Stack, emulated_aws: boto3.Session, receiver: LoopbackServer, order_id: str
) -> list[dict[str, Any]]:
    """The verified webhooks of this order, once all have arrived."""
    secrets = emulated_aws.client("secretsmanager", endpoint_url=stack.aws_endpoint_url)
    name = stack.secrets_prefix.removesuffix("gateways/") + "webhooks"
    verifier = Webhook(json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])["key"])
    deadline = time.monotonic() + 40
    while True:
        arrived = [asked for asked in [*receiver.asked] if order_id in asked.headers["webhook-id"]]
        if len(arrived) > len(LIFECYCLE):
            return [verifier.verify(asked.body, dict(asked.headers)) for asked in arrived]
        assert time.monotonic() < deadline, f"only {len(arrived)} arrived"
        time.sleep(0.2)
