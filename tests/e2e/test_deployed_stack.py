"""The stack as it was deployed: reachable by plain clients, closed to unauthorised callers."""

import subprocess
from pathlib import Path

import pytest

from local import curl, smoke_test
from local.api_client import ApiRequest, ApiResponse, HttpTransport, deliver_callback
from local.stack import Stack


def test_the_smoke_test_passes(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    smoke_test.run_smoke_test(stack)

    assert "OrderCreated" in capsys.readouterr().out


@pytest.mark.parametrize("token", ["", "Bearer nonsense", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
def test_an_unauthenticated_caller_gets_401(stack: Stack, token: str) -> None:
    assert _answer(stack, "/orders/0000000000000000", token).status == 401


def test_a_token_of_another_key_is_refused(stack: Stack) -> None:
    head, payload, signature = stack.tokens["operator"].split(".")
    swapped = ("A" if signature[0] != "A" else "B") + signature[1:]

    assert _answer(stack, "/operations/attention", f"Bearer {head}.{payload}.{swapped}").status == 401


def test_an_operator_sees_what_needs_attention(stack: Stack) -> None:
    assert stack.client("operator").list_attention().status == 200


def test_the_contract_is_public(stack: Stack) -> None:
    assert _answer(stack, "/openapi.json", "").document["openapi"].startswith("3.1")


def test_an_unsigned_callback_is_refused(stack: Stack) -> None:
    assert deliver_callback(HttpTransport(stack.api_url), "sandbox", {}, b"{}").status == 401


def test_the_printed_calls_work(stack: Stack, tmp_path: Path) -> None:
    stack_file = tmp_path / "stack.json"
    stack.write(stack_file)

    done = subprocess.run(["bash", "-euc", curl.calls(stack, stack_file)], capture_output=True, text=True, check=False)

    for prepared in ("409 Conflict", "order-locked", "200 OK", '"revision":2', '"payment_status":"paid"'):
        assert prepared in done.stdout, done.stdout + done.stderr


def _answer(stack: Stack, path: str, authorization: str) -> ApiResponse:
    return HttpTransport(stack.api_url)(ApiRequest("GET", path, {"Authorization": authorization}))
