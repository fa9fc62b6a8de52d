"""The deployed local stack: one for all the tests of this tier."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from playwright.sync_api import Browser

from local import aws, ports, tools
from local.smoke_test import SmokeTest
from local.stack import Stack, StackPlan, running
from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply
from tests.pages.browsers import browser_or_skip


@pytest.fixture(scope="session")
def webhook_receiver() -> Iterator[LoopbackServer]:
    """What receives the stack's webhooks. It fails at the first try of each that creates an order."""
    tries: Counter[str] = Counter()

    def answer(asked: ReceivedRequest) -> Reply:
        webhook_id = asked.headers["webhook-id"]
        tries[webhook_id] += 1
        return Reply(500 if webhook_id.endswith("_1") and tries[webhook_id] == 1 else 204)

    with LoopbackServer(answer) as server:
        yield server


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, webhook_receiver: LoopbackServer) -> Iterator[Stack]:
    """A stack for this run alone, beside any that `make dev` runs; or the one described by PAYLATCH_STACK_FILE."""
    file = os.environ.get("PAYLATCH_STACK_FILE")
    if file:
        yield Stack.read(Path(file))
    else:
        tools.require()
        folder = tmp_path_factory.mktemp("stack")
        webhooks = {"WebhookUrl": f"{webhook_receiver.url}/webhooks", "WebhookLocal": "true"}
        with running(StackPlan(ports.claim(0, 0, 0), folder, parameters=webhooks)) as (own, _):
            yield own


@pytest.fixture(scope="session", autouse=True)
def abandoned_order(stack: Stack) -> str:
    """An order whose buyer abandoned the payment. Its minute passes while the other tests run."""
    shop = SmokeTest(stack)
    order_id = shop.create()
    shop.request_payment(order_id, expires_in=60)
    return order_id


@pytest.fixture(scope="session")
def emulated_aws() -> boto3.Session:
    """A session for looking behind the API; its clients need `endpoint_url=stack.aws_endpoint_url`."""
    return aws.session()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with browser_or_skip() as browser:
        yield browser
