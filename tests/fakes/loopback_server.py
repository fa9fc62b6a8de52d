"""A fake of a gateway's server on this machine, reached over real HTTP, with injectable faults."""

import contextlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import parse_qs, parse_qsl, urlsplit

from local.http_server import HttpExchange, HttpServer


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, json.dumps(document).encode(), {"Content-Type": "application/json", **(headers or {})})


class LoopbackServer(HttpServer):
    """Serves `answer`, by default one request at a time. A request that `stalls` is processed and never answered."""

    def __init__(self, answer: Callable[[ReceivedRequest], Reply], *, at_once: bool = False) -> None:
        self.answers = answer
        self._lock = contextlib.nullcontext() if at_once else threading.Lock()
        self._released = threading.Event()
        self.stalls: Callable[[ReceivedRequest], bool] = lambda asked: False
        self.failing = 0
        self.asked: list[ReceivedRequest] = []
        super().__init__(_LoopbackExchange)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
        super().__exit__(kind, error, trace)

    def serve(self, asked: ReceivedRequest) -> Reply:
        if self.failing:
            return json_reply({"error": {"message": "down"}}, self.failing)
        with self._lock:
            self.asked.append(asked)
            reply = self.answers(asked)
        if self.stalls(asked):
            self._released.wait(20)
        return reply


class _LoopbackExchange(HttpExchange):
    server: LoopbackServer

    def exchange(self) -> None:
        target = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(target.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = ReceivedRequest(self.command, target.path, query, headers, self.received_body())
        reply = self.server.serve(asked)
        self.answer(reply.status, reply.headers.items(), reply.body)
