"""The stack as it was deployed: reachable by plain clients, closed to unauthorised callers."""

import json
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from local import curl, smoke_test
from local.stack import Stack


def test_the_smoke_test_passes(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    smoke_test.run_smoke_test(stack)

    assert "OrderCreated" in capsys.readouterr().out


@pytest.mark.parametrize("token", ["", "Bearer nonsense", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
def test_an_unauthenticated_caller_gets_401(stack: Stack, token: str) -> None:
    assert _status(f"{stack.api_url}/orders/0000000000000000", {"Authorization": token}) == 401


def test_a_token_of_another_key_is_refused(stack: Stack) -> None:
    head, payload, signature = stack.tokens["operator"].split(".")
    swapped = ("A" if signature[0] != "A" else "B") + signature[1:]

    forged = {"Authorization": f"Bearer {head}.{payload}.{swapped}"}
    assert _status(f"{stack.api_url}/operations/attention", forged) == 401


def test_an_operator_sees_what_needs_attention(stack: Stack) -> None:
    operator = {"Authorization": f"Bearer {stack.tokens['operator']}"}
    assert _status(f"{stack.api_url}/operations/attention", operator) == 200


def test_the_contract_is_public(stack: Stack) -> None:
    with urllib.request.urlopen(f"{stack.api_url}/openapi.json") as response:
        assert json.load(response)["openapi"].startswith("3.1")


def test_an_unsigned_callback_is_refused(stack: Stack) -> None:
    assert _status(f"{stack.api_url}/gateways/sandbox/callbacks", {}, b"{}") == 401


def test_the_printed_calls_work(stack: Stack, tmp_path: Path) -> None:
    stack_file = tmp_path / "stack.json"
    stack.write(stack_file)

    done = subprocess.run(["bash", "-euc", curl.calls(stack, stack_file)], capture_output=True, text=True, check=False)

    for prepared in ("409 Conflict", "order-locked", "200 OK", '"revision":2', '"payment_status":"paid"'):
        assert prepared in done.stdout, done.stdout + done.stderr


def _status(url: str, headers: dict[str, str], body: bytes | None = None) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
