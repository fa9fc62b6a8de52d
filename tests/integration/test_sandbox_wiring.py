"""The sandbox as its function's environment describes it: table, secret and the machine's own clock."""

import json
from collections.abc import Iterator
from typing import Any

import moto
import pytest
from botocore.session import Session
from sandbox import service

from tests.api.handlers import Context, handler_of
from tests.lambda_events import event
from tests.sandbox_table import SANDBOX_TABLE, create_sandbox_table, sandbox_connection

REGION = "eu-west-1"
SECRET = "paylatch/test/gateways/sandbox"


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("PAYLATCH_SANDBOX_TABLE", SANDBOX_TABLE)
    monkeypatch.setenv("PAYLATCH_SANDBOX_SECRET", SECRET)
    monkeypatch.setattr(service, "TableConnection", lambda _: sandbox_connection(REGION))
    service.deployed_sandbox.cache_clear()
    with moto.mock_aws():
        create_sandbox_table(REGION)
        yield
    service.deployed_sandbox.cache_clear()


def opened(key: str) -> int:
    filled = event("sandbox_gateway")
    filled["headers"]["authorization"] = f"Bearer {key}"
    status: int = handler_of("sandbox_gateway")(filled, Context())["statusCode"]
    return status


def test_table_and_key_come_from_the_environment() -> None:
    secrets: Any = Session().create_client("secretsmanager")
    secrets.create_secret(
        Name=SECRET, SecretString=json.dumps({"api_key": "wired-key", "previous_api_keys": ["older-key"]})
    )
    assert [opened("wired-key"), opened("older-key"), opened("another")] == [201, 200, 401]


def test_without_a_readable_secret_the_answer_is_503(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYLATCH_SANDBOX_SECRET", "paylatch/missing/gateways/sandbox")
    assert opened("any") == 503


def test_the_schedule_needs_no_secret_while_nothing_is_due() -> None:
    assert handler_of("sandbox_gateway")(event("sandbox_gateway_schedule"), Context()) == {"sessions": 0}
