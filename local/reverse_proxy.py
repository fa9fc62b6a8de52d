"""A plain URL before an emulated HTTP API.

The emulator distinguishes its APIs by the Host header: names under `*.localhost`, which plain clients do not resolve.
The proxy listens on a port of its own and sets that header.
"""

import contextlib
import http.client
from collections.abc import Iterator
from email.message import Message

from local.http_server import HttpExchange, HttpServer
from local.ports import HOST

_TIMEOUT = 35.0
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "host", "content-length", "date", "server"}


@contextlib.contextmanager
def run_reverse_proxy(port: int, emulator_port: int, api_id: str) -> Iterator[str]:
    """Within this context, one HTTP API is reachable at the yielded plain URL."""
    with _ProxyServer(port, emulator_port, f"{api_id}.execute-api.localhost:{emulator_port}") as proxy:
        yield proxy.url


class _ProxyServer(HttpServer):
    def __init__(self, port: int, emulator_port: int, api_host: str) -> None:
        super().__init__(_ProxyExchange, port)
        self.emulator_port = emulator_port
        self.api_host = api_host


class _ProxyExchange(HttpExchange):
    """One client's connection."""

    server: _ProxyServer

    def exchange(self) -> None:
        status, headers, content = self._emulators_answer(self.received_body())
        self.answer(status, end_to_end(headers), content)

    def _emulators_answer(self, body: bytes) -> "tuple[int, Message[str, str], bytes]":
        upstream = http.client.HTTPConnection(HOST, self.server.emulator_port, timeout=_TIMEOUT)
        try:
            self._pass_on(upstream, body)
            answer = upstream.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            return 502, Message(), b"The emulator does not answer"
        finally:
            upstream.close()

    def _pass_on(self, upstream: http.client.HTTPConnection, body: bytes) -> None:
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        upstream.putheader("Host", self.server.api_host)
        upstream.putheader("Content-Length", str(len(body)))
        for name, value in end_to_end(self.headers):
            upstream.putheader(name, value)
        upstream.endheaders(body)


def end_to_end(headers: "Message[str, str]") -> Iterator[tuple[str, str]]:
    """The headers that a proxy passes on."""
    return ((name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP)
