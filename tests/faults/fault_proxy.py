"""A proxy on this machine, between a client and its server, that loses requests and responses on command."""

import contextlib
import http.client
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType

from local.http_server import HttpExchange, HttpServer

_UPSTREAM_TIMEOUT = 60.0
_LONGEST_IDLE = 1.0
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
_APPLIED = b'{"__type":"InternalServerError","message":"after it was applied"}'


class NetworkFault(StrEnum):
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


Decide = Callable[[Seen], NetworkFault | None]


class FaultProxy(HttpServer):
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
        super().__init__(_ProxiedExchange)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        super().__exit__(kind, error, trace)

    def deliver_late(self) -> None:
        """Deliver the requests in transit; no client waits for their responses any more."""
        for seen in self.late:
            with contextlib.closing(http.client.HTTPConnection(*self.upstream, timeout=_UPSTREAM_TIMEOUT)) as upstream:
                _send(upstream, seen).read()
        self.late.clear()

    def wait_until_released(self) -> None:
        """Longer than any client waits, but not beyond the proxy's own end."""
        self._ended.wait(self.stall)


def _send(upstream: http.client.HTTPConnection, seen: Seen) -> http.client.HTTPResponse:
    headers = {name: value for name, value in seen.headers.items() if name not in _HOP_BY_HOP}
    upstream.request(seen.method, seen.path, seen.body or None, headers)
    return upstream.getresponse()


class _ProxiedExchange(HttpExchange):
    """One client's connection, and one to the server for it."""

    server: FaultProxy

    def setup(self) -> None:
        super().setup()
        self._upstream = http.client.HTTPConnection(*self.server.upstream, timeout=_UPSTREAM_TIMEOUT)
        self._last_used = 0.0

    def handle(self) -> None:
        with contextlib.closing(self._upstream):
            super().handle()

    def exchange(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, self.received_body())
        self.server.seen.append(seen)
        fault = self.server.decide(seen)
        if fault is NetworkFault.FIRST_TRY_LATE:
            self.server.late.append(seen)
        if fault in (NetworkFault.REQUEST_LOST, NetworkFault.FIRST_TRY_LATE):
            self.hang_up()
            return
        status, answered, body = self._forwarded(seen)
        match fault:
            case None:
                kept = ((name, value) for name, value in answered.items() if name.lower() not in _HOP_BY_HOP)
                self.answer(status, kept, body)
            case NetworkFault.ERROR_AFTER_APPLY:
                kind = answered.get("Content-Type", "application/json")
                self.answer(500, [("Content-Type", kind)], _APPLIED)
            case NetworkFault.TIMEOUT:
                self.server.wait_until_released()
                self.hang_up()
            case _:
                self.hang_up()

    def _forwarded(self, seen: Seen) -> tuple[int, Mapping[str, str], bytes]:
        if time.monotonic() - self._last_used > _LONGEST_IDLE:
            # The server may be about to close it; the request opens it anew.
            self._upstream.close()
        answer = _send(self._upstream, seen)
        body = answer.read()
        self._last_used = time.monotonic()
        return answer.status, dict(answer.headers.items()), body
