"""The sandbox's statement, over its table and by its adapter."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sandbox.sessions import Refund, RefundStatus
from sandbox.statement import ListKind

from paylatch.domain.errors import Misconfigured, OutcomeUnknown
from paylatch.domain.statement import ListedCapture, ListedDispute, ListedRefund, ListedState, Owner, StatementKind
from paylatch.gateways.gateway_http import GatewayHttp, Request, Response
from paylatch.gateways.sandbox.gateway import SandboxGateway
from paylatch.ports import StatementPage, StatementWindow
from tests.fakes.sandbox_samples import ATTEMPT_ID, NOON
from tests.integration.sandbox_harness import API_KEY, SandboxHarness, sandbox_harness

A_DAY = StatementWindow(NOON - timedelta(hours=12), NOON + timedelta(hours=12))
REFUND = Refund(refund_id="r1", amount=1, status=RefundStatus.DONE, at=NOON)
QUERY = "kind=captures&since=2026-11-24T00:00:00Z&until=2026-11-25T00:00:00Z"


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxHarness]:
    with sandbox_harness(monkeypatch) as harness:
        yield harness


def adapter(harness: SandboxHarness, stack: str = "paylatch", key: str = API_KEY) -> SandboxGateway:
    """The adapter, whose requests go straight to the handler."""

    def send(request: Request) -> Response:
        path, _, query = request.url.removeprefix("http://sandbox.test").partition("?")
        decoded = query.replace("%3A", ":").replace("%2F", "/")
        sent = harness.respond(request.method, path, "", dict(request.headers), decoded)
        return Response(sent.status, {}, sent.content)

    return SandboxGateway(
        "http://sandbox.test", lambda: {"api_key": key}, harness.clock, GatewayHttp("sandbox", send), stack=stack
    )


def listed(harness: SandboxHarness, kind: StatementKind, stack: str = "paylatch") -> StatementPage:
    return adapter(harness, stack).list_statement(kind, A_DAY, None)


def pay(harness: SandboxHarness, **terms: str) -> str:
    name: str = harness.open(**({"stack": "paylatch"} | terms)).document["session_id"]
    harness.page(name, "pay")
    return name


def test_captures_refunds_and_disputes_name_their_attempt(harness: SandboxHarness) -> None:
    pay(harness)
    harness.api("POST", f"/sessions/{ATTEMPT_ID}/refunds", {"amount": 990}, key=None)
    harness.api("PUT", f"/sessions/{ATTEMPT_ID}/dispute", {"status": "open", "amount": 1000}, key=None)
    harness.api("PUT", f"/sessions/{ATTEMPT_ID}/dispute", {"status": "lost"}, key=None)

    (capture,) = listed(harness, StatementKind.CAPTURES).entries
    (refund,) = listed(harness, StatementKind.REFUNDS).entries
    (dispute,) = listed(harness, StatementKind.DISPUTES).entries

    assert isinstance(capture, ListedCapture)
    assert isinstance(refund, ListedRefund)
    assert isinstance(dispute, ListedDispute)
    assert (capture.capture.amount, capture.capture.returned, capture.at) == (4990, 1990, NOON)
    assert (refund.is_ours, refund.state, refund.capture) == (False, ListedState.DONE, capture.capture)
    assert (dispute.dispute.amount, dispute.dispute.status.value) == (1000, "lost")
    assert {capture.owner, refund.owner, dispute.owner} == {Owner(ATTEMPT_ID)}


def test_a_payment_of_another_stack_is_foreign_and_one_of_none_says_so(harness: SandboxHarness) -> None:
    pay(harness, stack="another")
    pay(harness, stack="", attempt_id=ATTEMPT_ID.replace("7ZQ4", "7ZQ5"))

    owners = {entry.owner for entry in listed(harness, StatementKind.CAPTURES).entries}

    assert owners == {
        Owner(foreign="it names the stack another"),
        Owner(ATTEMPT_ID.replace("7ZQ4", "7ZQ5"), stack_named=False),
    }


def test_a_list_needs_the_shops_key(harness: SandboxHarness) -> None:
    assert harness.api("GET", "/statement", key=None, query=QUERY).status == 401
    with pytest.raises(Misconfigured):
        adapter(harness, key="another-key").list_statement(StatementKind.CAPTURES, A_DAY, None)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "kind"),
        (QUERY.replace("captures", "payouts"), "kind"),
        (QUERY.replace("2026-11-24T00:00:00Z", "yesterday"), "since"),
        (QUERY.replace("2026-11-24T00:00:00Z", "2026-11-24T00:00:00"), "since"),
        (QUERY.replace("2026-11-25", "2026-11-23"), "until"),
        (QUERY.replace("2026-11-25", "2026-12-25"), "until"),
        (f"{QUERY}&cursor=x", "cursor"),
        (f"{QUERY}&cursor=2026-13-24T00:00:00.000Z/cs_1/pay_1", "cursor"),
        (f"{QUERY}&page=2", "page"),
    ],
)
def test_a_query_that_is_wrong_is_refused_by_the_parameters_name(
    harness: SandboxHarness, query: str, field: str
) -> None:
    refused = harness.api("GET", "/statement", query=query)
    assert (refused.status, list(refused.document["fields"])[:1]) == (422, [field])


def test_a_place_whose_session_was_never_written_is_skipped(harness: SandboxHarness) -> None:
    name = pay(harness)
    (session,) = harness.sandbox.store.read_all([name])
    # Another writer was faster: the place is written, and the session is not.
    late = replace(session, refunds=(*session.refunds, REFUND), version=0)
    assert harness.sandbox.store.write(late) is False

    assert harness.sandbox.store.listed(ListKind.REFUNDS, A_DAY.since, A_DAY.until, None) != []
    assert listed(harness, StatementKind.REFUNDS).entries == ()


@pytest.mark.parametrize(
    "document",
    [{}, {"entries": [{}]}, {"entries": "none"}, {"entries": [], "cursor": 5}, {"entries": [{"at": "now"}]}],
)
def test_an_answer_of_no_known_shape_is_unknown_and_not_an_empty_list(
    harness: SandboxHarness, document: dict[str, object]
) -> None:
    gateway = SandboxGateway(
        "http://sandbox.test",
        lambda: {"api_key": API_KEY},
        harness.clock,
        GatewayHttp("sandbox", lambda _: Response(200, {}, json.dumps(document).encode())),
    )
    with pytest.raises(OutcomeUnknown):
        gateway.list_statement(StatementKind.CAPTURES, A_DAY, None)


def test_a_wrong_address_is_not_an_empty_list(harness: SandboxHarness) -> None:
    gateway = SandboxGateway(
        "http://sandbox.test",
        lambda: {"api_key": API_KEY},
        harness.clock,
        GatewayHttp("sandbox", lambda _: Response(404, {}, b'{"code": "no-such-route"}')),
    )
    with pytest.raises(Misconfigured):
        gateway.list_statement(StatementKind.CAPTURES, A_DAY, None)
