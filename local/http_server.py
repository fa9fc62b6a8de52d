"""An HTTP server on this machine, each connection in a thread of its own: the base of proxies and of tests' servers."""

import contextlib
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from local.ports import HOST

_POLL_SECONDS = 0.02


class HttpServer(ThreadingHTTPServer):
    """Listens on 127.0.0.1 from its making on, and serves within its `with` block. Port 0 is any free one."""

    daemon_threads = True
    # A burst of concurrent clients must queue here, not be refused.
    request_queue_size = 128

    def __init__(self, exchange: "type[HttpExchange]", port: int = 0) -> None:
        super().__init__((HOST, port), exchange)
        self._thread = threading.Thread(target=self.serve_forever, args=(_POLL_SECONDS,), daemon=True)

    @property
    def url(self) -> str:
        """Where clients reach it; without a slash at the end."""
        return f"http://{HOST}:{self.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


class HttpExchange(BaseHTTPRequestHandler, ABC):
    """One client's connection. Whatever its method, `exchange` takes each request, and answers it or hangs up."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @abstractmethod
    def exchange(self) -> None:
        """Deal with the request that has just come."""

    def handle(self) -> None:
        """Serve all requests of this connection, until either side closes it."""
        with contextlib.suppress(ConnectionError, TimeoutError):
            super().handle()

    def received_body(self) -> bytes:
        """The body of the request that has just come; it can be read once."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Send the response. Its length is added; the headers must not name one."""
        self.send_response_only(status)
        named = list(headers)
        if all(name.lower() != "date" for name, _ in named):
            # As API Gateway does: the order desk takes the time from it.
            self.send_header("Date", self.date_time_string())
        for name, value in named:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def hang_up(self) -> None:
        """Close the connection without a response."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: who serves logs what matters."""

    def _exchange(self) -> None:
        self.exchange()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_QUERY = _exchange  # noqa: N815
