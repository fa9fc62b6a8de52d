"""The order desk in front of the real handlers, on a store in memory."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

import pytest

from local.api_client import ApiRequest
from tests.api.handler_transport import HandlerTransport
from tests.desk_orders import memory_shop
from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.integration.shop import Shop
from tests.lambda_events import Person
from tests.pages.desk_server import API, SIGN_IN, DeskServer, settings

_REFUSED_TOKEN = Reply(401, b'{"error":"invalid_grant"}', {"content-type": "application/json"})
_TIMED_OUT = Reply(504, b'{"message":"Endpoint request timed out"}', {"content-type": "application/json"})


@dataclass(slots=True)
class HandledDesk:
    """A desk whose API is the shop's. While `silent`, requests are handled and their answers are lost;
    while `is_session_over`, API and issuer refuse the tokens that they gave."""

    server: DeskServer
    shop: Shop
    silent: bool = False
    is_session_over: bool = False

    def sign_in_as(self, person: Person) -> None:
        """Whom the issuer signs in from now on."""
        self.server.role, self.server.subject = person.role, person.subject

    def reply(self, asked: ReceivedRequest) -> Reply:
        """The answer to a browser's request."""
        if self.is_session_over and asked.path.startswith((API, f"{SIGN_IN}/oauth2/token")):
            return _REFUSED_TOKEN
        if not asked.path.startswith(API):
            return self.server.reply(asked)
        reply = self._handled(asked)
        return _TIMED_OUT if self.silent else reply

    def _handled(self, asked: ReceivedRequest) -> Reply:
        query = f"?{urlencode(asked.query)}" if asked.query else ""
        path = asked.path.removeprefix(API) + query
        sent = HandlerTransport(_person).respond(ApiRequest(asked.method, path, asked.headers, asked.body or None))
        store = cast("MemoryOrderStore", self.shop.ports.store)
        # As the table's stream does, a moment after the change.
        store.record_events(list(store.outbox))
        return Reply(sent.status, sent.content, sent.headers)


@contextmanager
def handling_desk() -> Iterator[HandledDesk]:
    """The desk on a free port, with a new shop, until the context ends."""
    with memory_shop() as shop:
        desk = HandledDesk(DeskServer(), shop)
        with pytest.MonkeyPatch.context() as patch, LoopbackServer(desk.reply) as server:
            desk.server.url = server.url
            for name, value in settings(server.url).items():
                patch.setenv(name, value)
            yield desk


def _person(token: str) -> Person | None:
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return Person(claims["sub"], claims["cognito:groups"][0])
