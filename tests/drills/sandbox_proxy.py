"""What stands between the functions and the sandbox gateway in a drill."""

import json
import threading
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from local.api_client import ApiRequest, HttpTransport
from paylatch.domain.timestamps import as_text, from_text
from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply

# More than the quarter of an hour for which callbacks may still be on their way.
LATER = timedelta(minutes=20)
# Longer than any function waits for a gateway.
SILENCE_SECONDS = 8.0
_OWN = ("host", "content-length", "connection", "accept-encoding")


def later_statement(sandbox_url: str) -> LoopbackServer:
    """Forwards every request, and has lists of the sandbox's statement end twenty minutes later.

    So what is too fresh to be listed now is in them, as it will be then.
    """

    def answer(asked: ReceivedRequest) -> Reply:
        query = dict(asked.query)
        if "until" in query:
            query["until"] = as_text(from_text(query["until"]) + LATER)
        return _forwarded(sandbox_url, asked, query)

    return LoopbackServer(answer, at_once=True)


class Outage:
    """Forwards every request while the gateway is up; while it is down, none arrives there and none is answered."""

    def __init__(self, sandbox_url: str) -> None:
        self._sandbox_url = sandbox_url
        self._is_up = threading.Event()
        self._is_up.set()
        self.unanswered = 0

    def begin(self) -> None:
        self._is_up.clear()

    def end(self) -> None:
        self._is_up.set()

    def server(self) -> LoopbackServer:
        """The server that the functions take for the gateway."""
        return LoopbackServer(self._answer, at_once=True)

    def _answer(self, asked: ReceivedRequest) -> Reply:
        if self._is_up.is_set():
            return _forwarded(self._sandbox_url, asked, asked.query)
        self.unanswered += 1
        self._is_up.wait(SILENCE_SECONDS)
        return Reply(503)


def _forwarded(sandbox_url: str, asked: ReceivedRequest, query: Mapping[str, str]) -> Reply:
    path = f"{asked.path}?{urlencode(query)}" if query else asked.path
    headers = {name: value for name, value in asked.headers.items() if name not in _OWN}
    response = HttpTransport(sandbox_url)(ApiRequest(asked.method, path, headers, asked.body or None))
    content_type = {"Content-Type": response.headers.get("content-type", "")}
    return Reply(response.status, json.dumps(response.body).encode(), content_type)
