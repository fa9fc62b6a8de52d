"""Serves documents to a browser on this machine."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """What one path answers."""

    body: str
    headers: Mapping[str, str]
    status: int = 200


@dataclass(slots=True)
class PageServer:
    """The documents by path, which a test may replace, and the paths that were asked for."""

    origin: str = ""
    documents: dict[str, Document] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[PageServer]:
    """A server on a free port, until the context ends."""
    pages = PageServer()
    server = _Server(("127.0.0.1", 0), _handler(pages))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    pages.origin = f"http://127.0.0.1:{server.server_port}"
    try:
        yield pages
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a browser that leaves a page does not wait for the rest of it."""


def _handler(pages: PageServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages.asked.append(self.path)
            found = pages.documents.get(self.path, Document("", {}, 404))
            body = found.body.encode()
            self.send_response(found.status)
            for name, value in {**found.headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing: the tests look at what the browser shows."""

    return Handler
