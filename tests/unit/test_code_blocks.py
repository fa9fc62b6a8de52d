"""Every code block of the docs is run by a test, checked here, or says why not."""

import ast
import base64
import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.code_blocks import CodeBlock, blocks_of, every_block, numbers, way
from tests.documented_calls import call_of, check_api_call, check_sandbox_call
from tests.documented_commands import check_commands
from tests.event_validation import faults_of
from tests.orders_table import ROOT

BLOCKS = every_block()
FORGED = {"webhook-signature": "v1,forged"}


def of_way(name: str) -> list[CodeBlock]:
    return [block for block in BLOCKS if way(block) == name]


def test_each_way_is_used_and_few_blocks_are_left_out() -> None:
    assert set(numbers()) == {"run", "printed", "json", "commands", "not run"}
    assert numbers()["not run"] <= 20
    assert len(BLOCKS) > 90


@pytest.mark.parametrize("block", of_way("commands"), ids=lambda block: block.name)
def test_the_commands_are_ones_that_are_there(block: CodeBlock) -> None:
    assert block.language in ("", "sh", "bash")
    check_commands(block.text, block.page.read_text())


@pytest.mark.parametrize(
    "block", [each for each in BLOCKS if each.language in ("sh", "bash")], ids=lambda block: block.name
)
def test_bash_can_read_it(block: CodeBlock) -> None:
    done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("block", of_way("json"), ids=lambda block: block.name)
def test_json_can_be_read(block: CodeBlock) -> None:
    assert [fault for event in map(event_in, documents_of(block.text)) for fault in faults_of(event)] == []


def documents_of(text: str) -> Iterator[dict[str, Any]]:
    """The documents of a block, one after the other."""
    while text := text.strip():
        document, end = json.JSONDecoder().raw_decode(text)
        yield document
        text = text[end:]


def event_in(document: dict[str, Any]) -> dict[str, Any]:
    """The event in a document: in its envelope, or without what every event has; {} where it is none."""
    if "time" in document:
        return dict(document["detail"])
    (whole, *_) = documents_of(blocks_of(ROOT / "docs" / "events.md")[0].text)
    return {**whole["detail"], **document} if "seq" in document else {}


def test_the_receiver_of_webhooks_verifies_them() -> None:
    (block,) = [each for each in blocks_of(ROOT / "docs" / "webhooks.md") if each.language == "python"]
    key, body = base64.b64encode(b"k" * 32).decode(), '{"type": "OrderPaid"}'
    now = datetime.now(tz=UTC)
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(key).sign("evt_1", now, body),
    }
    names = {"key": key, "body": body.encode(), "headers": headers}
    exec(compile(block.text, block.name, "exec"), names)
    assert names["content"] == json.loads(body)
    forgeries = ({"body": b"{}"}, WebhookVerificationError), ({"headers": headers | FORGED}, ValueError)
    for forged, raised in forgeries:
        with pytest.raises(raised):
            exec(compile(block.text, block.name, "exec"), names | forged)


@pytest.mark.parametrize("block", [each for each in BLOCKS if each.language == "python"], ids=lambda block: block.name)
def test_python_can_be_read(block: CodeBlock) -> None:
    ast.parse(block.text)


@pytest.mark.parametrize(
    "command",
    [
        "frobnicate now",
        "make no-such-target",
        ".venv/bin/pytest tests/unit/test_no_such_file.py",
        ".venv/bin/python -m no_such_module",
        "aws dynamodb no-such-command",
        "aws dynamodb list-backups --no-such-option x",
        "aws secretsmanager create-secret --secret-string '{}'",
        "aws secretsmanager create-secret --name x --secret-string '{'",
        "aws dynamodb wait no-such-waiter",
    ],
)
def test_a_command_that_is_not_there_is_found(command: str) -> None:
    with pytest.raises((AssertionError, json.JSONDecodeError)):
        check_commands(command)


BEARER = '-H "Authorization: Bearer $TOKEN"'
JSON = '-H "Content-Type: application/json"'


@pytest.mark.parametrize(
    "command",
    [
        f'curl "$API/no-such-route" {BEARER}',
        f'curl -X DELETE "$API/orders/$ORDER" {BEARER}',
        'curl "$API/orders/$ORDER"',
        f'curl "$API/orders?no_such_filter=1" {BEARER}',
        f'curl "$API/orders?limit=0" {BEARER}',
        f'curl "$API/orders/$ORDER/refunds" {BEARER} {JSON} -d \'{{"reason": "x"}}\'',
        f'curl "$API/orders/$ORDER/settlement" {BEARER} {JSON} -d \'{{"no_such_field": 1}}\'',
        f'curl "$API/orders/$ORDER/settlement" {BEARER} -H "Content-Type: text/plain" -d \'{{}}\'',
        'curl -s -X PUT "$SANDBOX/no-such-route"',
        'curl -s -X PUT "$SANDBOX/sessions/$ATTEMPT/dispute" -d \'{"status": "perhaps"}\'',
    ],
)
def test_a_call_that_would_be_refused_is_found(command: str) -> None:
    with pytest.raises(AssertionError):
        check_commands(command)


def test_a_call_is_read_as_curl_reads_it() -> None:
    call = call_of(["-sX", "PUT", "$SANDBOX/sessions/$ATTEMPT/dispute", "-d", '{"status": "open"}'])
    assert (call.method, call.path, call.body) == ("PUT", "/sessions/ATTEMPT/dispute", '{"status": "open"}')
    check_sandbox_call(call)
    check_api_call(call_of(["$API/openapi.json"]))
