"""A plain URL before an emulated HTTP API.

The emulator distinguishes its APIs by the Host header: names under `*.localhost`, which plain clients do not resolve.
The proxy listens on a port of its own and sets that header.
"""

import contextlib
import http.client
import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from local.ports import HOST

_TIMEOUT = 35.0
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "host", "content-length", "date", "server"}


@contextlib.contextmanager
def run_reverse_proxy(port: int, emulator_port: int, api_id: str) -> Iterator[str]:
    """Within this context, one HTTP API is reachable at the yielded plain URL."""
    door = _ProxyServer(port, emulator_port, f"{api_id}.execute-api.localhost:{emulator_port}")
    thread = threading.Thread(target=door.serve_forever, name=f"front-door-{port}", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{port}"
    finally:
        door.shutdown()
        door.server_close()
        thread.join()


class _ProxyServer(ThreadingHTTPServer):
    daemon_threads = True
    # A burst of concurrent clients must queue here, not be refused.
    request_queue_size = 128

    def __init__(self, port: int, emulator_port: int, api_host: str) -> None:
        super().__init__((HOST, port), _ProxyHandler)
        self.emulator_port = emulator_port
        self.api_host = api_host


class _ProxyHandler(BaseHTTPRequestHandler):
    """One client's connection."""

    server: _ProxyServer
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        """Serve all requests of this connection, until its client closes it."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, headers, content = self._emulators_answer(body)
        self._answer(status, headers, content)

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
        for name, value in _end_to_end(self.headers):
            upstream.putheader(name, value)
        upstream.endheaders(body)

    def _answer(self, status: int, headers: "Message[str, str]", body: bytes) -> None:
        self.send_response_only(status)
        for name, value in _end_to_end(headers):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _forward  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the functions log what matters."""


def _end_to_end(headers: "Message[str, str]") -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP)
