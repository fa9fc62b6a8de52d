"""The real handlers behind real HTTP on this machine, with the parts of API Gateway's HTTP API that handlers see."""

import contextlib
import threading
from collections.abc import Iterator, Mapping

from local.api_client import ApiRequest
from local.http_server import HttpExchange, HttpServer
from tests.api.handler_transport import HandlerTransport
from tests.api.handlers import SentResponse
from tests.lambda_events import Person

_FAILED = SentResponse(500, {}, b'{"message":"Internal Server Error"}')


@contextlib.contextmanager
def served(tokens: Mapping[str, Person]) -> Iterator[str]:
    """The API's URL, while it is served; `tokens` are the bearers that the authorizer vouches for."""
    with _Server(HandlerTransport(tokens.get)) as server:
        yield server.url


class _Server(HttpServer):
    def __init__(self, transport: HandlerTransport) -> None:
        super().__init__(_Exchange)
        self.transport = transport
        self.one_at_a_time = threading.Lock()


class _Exchange(HttpExchange):
    server: _Server

    def exchange(self) -> None:
        headers = {name: ",".join(self.headers.get_all(name, [])) for name in self.headers}
        response = self._respond(ApiRequest(self.command, self.path, headers, self.received_body()))
        sent = {"Content-Type": "application/json", **response.headers}
        if response.status == 204:
            del sent["Content-Type"]
        self.answer(response.status, sent.items(), response.content)

    def _respond(self, request: ApiRequest) -> SentResponse:
        try:
            with self.server.one_at_a_time:
                return self.server.transport.respond(request)
        except Exception:
            return _FAILED
