"""Every status of the sandbox gateway, and the adapter's result for it in each call."""

import json
from collections.abc import Callable, Iterator

import pytest

from paylatch.domain.payment import DisputeStatus
from paylatch.ports import GatewayEventKind, RefundState, SessionState, VoidKind
from tests.contract.gateway_drivers.sandbox_driver import SandboxDriver
from tests.contract.provider_statuses import LATER, refund_at, unknown
from tests.fakes.loopback_server import ReceivedRequest, Reply, json_reply


@pytest.fixture
def sandbox() -> Iterator[SandboxDriver]:
    with SandboxDriver() as driver:
        yield driver


ApiResponse = Callable[[ReceivedRequest], Reply]


def saying(driver: SandboxDriver, **fields: object) -> ApiResponse:
    """The sandbox's answers, with these fields in place of its own."""

    def answer(asked: ReceivedRequest) -> Reply:
        own = driver._answer(asked)
        return json_reply(json.loads(own.body) | fields, own.status)

    return answer


SANDBOX_SESSIONS = {
    "open": SessionState.OPEN,
    "in_progress": SessionState.IN_PROGRESS,
    "paid": SessionState.PAID,
    "closed": SessionState.CLOSED,
    "expired": SessionState.CLOSED,
    LATER: None,
}


@pytest.mark.parametrize("status", SANDBOX_SESSIONS)
def test_sandbox_session(sandbox: SandboxDriver, status: str) -> None:
    attempt = sandbox.paid()
    sandbox.server.answers = saying(sandbox, status=status)
    with unknown(status, SANDBOX_SESSIONS[status]):
        assert sandbox.gateway.query(attempt).state is SANDBOX_SESSIONS[status]


# The sandbox does not say `processing`: a query after `in_progress` shows whether a payment was submitted.
UNSAID = (VoidKind.PROCESSING.value, LATER)


@pytest.mark.parametrize("result", [*(kind for kind in VoidKind if kind is not VoidKind.IN_PROGRESS), LATER])
def test_sandbox_void(sandbox: SandboxDriver, result: str) -> None:
    attempt = sandbox.paid()
    sandbox.server.answers = saying(sandbox, result=result, until="2026-11-24T12:15:00.000Z")
    with unknown(result, None if result in UNSAID else result):
        assert sandbox.gateway.void(attempt).kind == result


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("open", VoidKind.IN_PROGRESS),
        ("in_progress", VoidKind.PROCESSING),
        ("paid", VoidKind.ALREADY_PAID),
        ("closed", VoidKind.ALREADY_CLOSED),
    ],
)
def test_sandbox_void_that_was_refused_is_explained_by_a_query(
    sandbox: SandboxDriver, status: str, kind: VoidKind
) -> None:
    attempt = sandbox.paid()
    sandbox.server.answers = saying(sandbox, result="in_progress", status=status)
    assert sandbox.gateway.void(attempt).kind is kind


SANDBOX_REFUNDS = {"done": RefundState.DONE, "pending": RefundState.PENDING, "failed": RefundState.FAILED, LATER: None}


@pytest.mark.parametrize("status", SANDBOX_REFUNDS)
def test_sandbox_refund(sandbox: SandboxDriver, status: str) -> None:
    _, refund = refund_at(sandbox)
    sandbox.gateway.refund(refund)
    sandbox.server.answers = saying(sandbox, status=status)
    for question in (sandbox.gateway.query_refund, sandbox.gateway.refund):
        with unknown(status, SANDBOX_REFUNDS[status]):
            assert question(refund) is SANDBOX_REFUNDS[status]


@pytest.mark.parametrize("status", [*DisputeStatus, LATER])
def test_sandbox_dispute(sandbox: SandboxDriver, status: str) -> None:
    event = json.loads(sandbox.callback_for("dispute.opened", sandbox.opened()).body)
    event["data"]["dispute"]["status"] = status
    (parsed,) = sandbox.gateway.parse_callback(sandbox._signed(event))
    assert parsed.kind is (GatewayEventKind.UNKNOWN if status == LATER else GatewayEventKind.DISPUTED)
    assert (LATER in parsed.cause) is (status == LATER)
