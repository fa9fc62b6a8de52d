"""The kill test's audit accepts the gateway's ledger, and no malformed answer in its place."""

from collections.abc import Iterator

import pytest

from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply, json_reply
from tests.kill import gateway_ledger
from tests.kill.gateway_ledger import LedgerUnavailable, ledger_of

SHOWN = {"captured": 2500, "refunded": 2500}


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackServer]:
    monkeypatch.setattr(gateway_ledger, "PAUSE_SECONDS", 0.0)
    with LoopbackServer(lambda asked: json_reply(SHOWN)) as loopback:
        yield loopback


def test_the_ledger_is_as_the_gateway_shows_it(sandbox: LoopbackServer) -> None:
    assert ledger_of(sandbox.url, "attempt") == SHOWN
    assert [asked.path for asked in sandbox.asked] == ["/ledger/attempt"]


def test_an_attempt_without_a_session_has_an_empty_ledger(sandbox: LoopbackServer) -> None:
    sandbox.answers = lambda asked: json_reply({"code": "session-not-found"}, 404)
    assert ledger_of(sandbox.url, "attempt") == {"captured": 0, "refunded": 0}


def test_a_gateway_that_fails_for_a_while_is_asked_again(sandbox: LoopbackServer) -> None:
    def at_last(asked: ReceivedRequest) -> Reply:
        return json_reply(SHOWN) if len(sandbox.asked) == gateway_ledger.TRIES else Reply(502, b"<html>")

    sandbox.answers = at_last
    assert ledger_of(sandbox.url, "attempt") == SHOWN


@pytest.mark.parametrize(
    "reply", [json_reply({"code": "try-again"}, 503), json_reply({"code": "no-such-route"}, 404), Reply(200, b"")]
)
def test_an_unavailable_ledger_is_not_taken_for_empty(sandbox: LoopbackServer, reply: Reply) -> None:
    sandbox.answers = lambda asked: reply
    with pytest.raises(LedgerUnavailable):
        ledger_of(sandbox.url, "attempt")
    assert len(sandbox.asked) == gateway_ledger.TRIES
