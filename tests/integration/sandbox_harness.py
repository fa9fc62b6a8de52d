"""The sandbox's real handler on moto, with a settable clock and a shop that records its callbacks."""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import moto
import pytest
from sandbox import service
from sandbox.delivery import HttpWebhookSender
from sandbox.service import Sandbox
from sandbox.store import DynamoSessionStore

from local.api_client import ApiResponse, response_of
from paylatch.gateways.gateway_http import ConnectionFailed, Request, Response, Send
from paylatch.gateways.sandbox.credentials import SandboxCredentials
from tests.api.handlers import Context, SentResponse, handler_of, sent_response
from tests.fakes.sandbox_samples import ATTEMPT_ID, NOON
from tests.fakes.settable_clock import SettableClock
from tests.lambda_events import event
from tests.sandbox_table import create_sandbox_table

REGION = "eu-west-1"
API_KEY = "key-of-the-example-event"
OPENING: dict[str, Any] = json.loads(event("sandbox_gateway")["body"]) | {
    "attempt_id": ATTEMPT_ID,
    "expires_at": "2026-11-24T12:15:00.000Z",
}


@dataclass
class CallbackRecorder:
    """Takes callbacks, unless it is `down` or answers with another status."""

    status: int = 204
    down: bool = False
    got: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        if self.down:
            raise ConnectionFailed("connection refused")
        self.got.append(request)
        return Response(self.status, {}, b"")

    def received_types(self) -> list[str]:
        return [json.loads(request.body or b"{}")["type"] for request in self.got]


@dataclass
class SandboxHarness:
    """The sandbox, with the calls of shop, payer and tester."""

    clock: SettableClock
    shop: CallbackRecorder
    sandbox: Sandbox

    def api(
        self, method: str, path: str, document: Any = None, key: str | None = API_KEY, query: str = ""
    ) -> ApiResponse:
        headers = {"content-type": "application/json", **({"authorization": f"Bearer {key}"} if key else {})}
        body = document if isinstance(document, str) else json.dumps(document) if document is not None else ""
        return self.send(method, path, body, headers, query)

    def open(self, **changes: Any) -> ApiResponse:
        return self.api("POST", "/sessions", OPENING | changes)

    def page(self, session_id: str, action: str | None = None) -> ApiResponse:
        path = f"/pay/{session_id}"
        if action is None:
            return self.send("GET", path)
        form = b64encode(urlencode({"action": action}).encode()).decode()
        return self.send("POST", path, form, {"content-type": "application/x-www-form-urlencoded"}, base64=True)

    def run_schedule(self, milliseconds: int = 60_000) -> int:
        answer = handler_of("sandbox_gateway")(event("sandbox_gateway_schedule"), Context(lambda: milliseconds))
        looked_at: int = answer["sessions"]
        return looked_at

    def send(
        self,
        method: str,
        path: str,
        body: str = "",
        headers: dict[str, str] | None = None,
        query: str = "",
        base64: bool = False,
    ) -> ApiResponse:
        return response_of(*self.respond(method, path, body, headers, query, base64))

    def respond(
        self, method: str, path: str, body: str, headers: dict[str, str] | None, query: str, base64: bool = False
    ) -> SentResponse:
        """What goes over the network."""
        filled: dict[str, Any] = event("sandbox_gateway") | {"rawPath": path, "rawQueryString": query, "body": body}
        filled |= {"isBase64Encoded": base64, "headers": headers or {}}
        filled["queryStringParameters"] = dict(pair.split("=", 1) for pair in query.split("&") if pair)
        filled["requestContext"]["http"] |= {"method": method, "path": path}
        return sent_response("sandbox_gateway", filled)


@contextmanager
def sandbox_harness(monkeypatch: pytest.MonkeyPatch, send: Send | None = None) -> Iterator[SandboxHarness]:
    """An empty table, at noon. `send` delivers the callbacks instead of the recording shop."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("PAYLATCH_SANDBOX_URL", raising=False)
    clock, shop, credentials = SettableClock(NOON), CallbackRecorder(), SandboxCredentials(API_KEY, ("old-key",))
    with moto.mock_aws():
        store = DynamoSessionStore(create_sandbox_table(REGION), clock.now)
        webhook_sender = HttpWebhookSender(lambda: credentials, clock.now, send or shop)
        sandbox = Sandbox(store, webhook_sender, clock.now, lambda: credentials)
        monkeypatch.setattr(service, "make_sandbox", lambda: sandbox)
        service.deployed_sandbox.cache_clear()
        yield SandboxHarness(clock, shop, sandbox)
    service.deployed_sandbox.cache_clear()
