"""The events under `events/` form one lifecycle, which the functions of a fresh stack answer as the page says."""

import json
import re
from typing import Any

import boto3

from local.deploy import logical_id
from local.example_keys import key_of, with_key
from local.stack import Stack
from tests.lambda_events import EVENTS

ROW = re.compile(r"^\| `(\w+)` \| `(\w+)` \| (\d*) ?\| ", re.MULTILINE)
LIFECYCLE = ROW.findall((EVENTS / "README.md").read_text())


def test_the_example_sequence_has_every_event() -> None:
    assert {event for _, event, _ in LIFECYCLE} == {path.stem for path in EVENTS.glob("*.json")}


def test_each_example_event_has_its_expected_response(stack: Stack, emulated_aws: boto3.Session) -> None:
    functions = emulated_aws.client("lambda", endpoint_url=stack.aws_endpoint_url)
    key = key_of(stack)

    def answer(function: str, event: str) -> str:
        example: dict[str, Any] = json.loads((EVENTS / f"{event}.json").read_text())
        invoked = functions.invoke(
            FunctionName=stack.functions[logical_id(function)], Payload=json.dumps(with_key(example, key))
        )
        assert "FunctionError" not in invoked, invoked["Payload"].read()
        return str(json.load(invoked["Payload"]).get("statusCode", ""))

    assert [(function, event, answer(function, event)) for function, event, _ in LIFECYCLE] == LIFECYCLE
