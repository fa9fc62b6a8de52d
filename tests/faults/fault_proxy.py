"""A proxy on this machine, between a client and its server, that loses requests and responses on command."""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

HOST = "127.0.0.1"
_UPSTREAM_TIMEOUT = 60.0
_LONGEST_IDLE = 1.0
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class Fault(StrEnum):
    """The faults of one request. `FIRST_TRY_LATE`: not answered, it arrives when `deliver_late` is called."""

    REQUEST_LOST = "request lost"
    RESPONSE_LOST = "response lost"
    ERROR_AFTER_APPLY = "500 after apply"
    TIMEOUT = "timeout"
    FIRST_TRY_LATE = "first try late"


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as received; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Decide = Callable[[Seen], Fault | None]


class FaultProxy:
    """Forwards to one server and applies to each request the fault that `decide` returns; `seen` holds all requests in
    order, `late` those still in transit.
    """

    def __init__(self, upstream: str, stall: float) -> None:
        host, _, port = upstream.removeprefix("http://").partition(":")
        self.upstream = (host, int(port))
        self.stall = stall
        self.decide: Decide = lambda seen: None
        self.seen: list[Seen] = []
        self.late: list[Seen] = []
        self._ended = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where clients reach the server through this proxy."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    def __enter__(self) -> "FaultProxy":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def deliver_late(self) -> None:
        """Deliver the requests in transit; no client waits for their responses any more."""
        for seen in self.late:
            with contextlib.closing(http.client.HTTPConnection(*self.upstream, timeout=_UPSTREAM_TIMEOUT)) as upstream:
                _send(upstream, seen).read()
        self.late.clear()

    def wait_until_released(self) -> None:
        """Longer than any client waits, but not beyond the proxy's own end."""
        self._ended.wait(self.stall)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, proxy: FaultProxy) -> None:
        super().__init__((HOST, 0), _Exchange)
        self.proxy = proxy


def _send(upstream: http.client.HTTPConnection, seen: Seen) -> http.client.HTTPResponse:
    headers = {name: value for name, value in seen.headers.items() if name not in _HOP_BY_HOP}
    upstream.request(seen.method, seen.path, seen.body or None, headers)
    return upstream.getresponse()


class _Exchange(BaseHTTPRequestHandler):
    """One client's connection, and one to the server for it."""

    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self._upstream = http.client.HTTPConnection(*self.server.proxy.upstream, timeout=_UPSTREAM_TIMEOUT)
        self._last_used = 0.0

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError), contextlib.closing(self._upstream):
            super().handle()

    def _one(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = Seen(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        proxy.seen.append(seen)
        fault = proxy.decide(seen)
        if fault is Fault.FIRST_TRY_LATE:
            proxy.late.append(seen)
        if fault in (Fault.REQUEST_LOST, Fault.FIRST_TRY_LATE):
            self._hang_up()
            return
        status, headers, answer = self._forwarded(seen)
        match fault:
            case None:
                self._answer(status, headers, answer)
            case Fault.ERROR_AFTER_APPLY:
                kind = {"Content-Type": headers.get("Content-Type", "application/json")}
                self._answer(500, kind, b'{"__type":"InternalServerError","message":"after it was applied"}')
            case Fault.TIMEOUT:
                proxy.wait_until_released()
                self._hang_up()
            case _:
                self._hang_up()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _one  # noqa: N815

    def _forwarded(self, seen: Seen) -> tuple[int, Mapping[str, str], bytes]:
        if time.monotonic() - self._last_used > _LONGEST_IDLE:
            # The server may be about to close it; the request opens it anew.
            self._upstream.close()
        answer = _send(self._upstream, seen)
        body = answer.read()
        self._last_used = time.monotonic()
        return answer.status, dict(answer.headers.items()), body

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""
