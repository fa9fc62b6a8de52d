"""The real handlers behind real HTTP on this machine, with the parts of API Gateway's HTTP API that handlers see."""

import contextlib
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from tests.integration.shop import Context, handler_of
from tests.lambda_events import Person
from tests.template_routes import Route, routes

UNAUTHORIZED = {"statusCode": 401, "headers": {"WWW-Authenticate": "Bearer"}, "body": '{"message":"Unauthorized"}'}
NOT_FOUND = {"statusCode": 404, "body": '{"message":"Not Found"}'}
FAILED = {"statusCode": 500, "body": '{"message":"Internal Server Error"}'}
ROUTES = tuple(routes())


@dataclass(frozen=True)
class Found:
    """The route that takes a request, and what its path names."""

    route: Route
    parameters: Mapping[str, str]


@contextlib.contextmanager
def served(tokens: Mapping[str, Person]) -> Iterator[str]:
    """The API's URL, while it is served; `tokens` are the bearers that the authorizer vouches for."""
    server = _Server(tokens)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, tokens: Mapping[str, Person]) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.tokens = tokens
        self.one_at_a_time = threading.Lock()


class _Request(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self._answer(body)
        text = str(answer.get("body") or "").encode()
        self.send_response(int(answer["statusCode"]))
        for name, value in {"Content-Type": "application/json", **_headers_of(answer)}.items():
            if int(answer["statusCode"]) != 204 or name != "Content-Type":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def _answer(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        found = match(self.command, path)
        if found is None:
            return NOT_FOUND
        person = self.server.tokens.get((self.headers.get("Authorization") or "").removeprefix("Bearer "))
        if person is None and not found.route.public:
            return UNAUTHORIZED
        event = event_of(self.command, path, query, self.headers, body, found, person)
        try:
            with self.server.one_at_a_time:
                answer: dict[str, Any] = handler_of(found.route.function)(event, Context())
        except Exception:
            return FAILED
        return answer

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_QUERY = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""


def match(method: str, path: str) -> Found | None:
    """The route for a request, with the path still percent-encoded."""
    segments = path.split("/")
    for route in ROUTES:
        wanted = route.path.split("/")
        pairs = list(zip(wanted, segments, strict=False))
        if route.method == method and len(wanted) == len(segments) and all(_fits(*pair) for pair in pairs):
            return Found(route, {name[1:-1]: unquote(value) for name, value in pairs if name.startswith("{")})
    return None


def event_of(
    method: str,
    path: str,
    query: str,
    headers: "Message[str, str]",
    body: bytes,
    found: Found,
    person: Person | None,
) -> dict[str, Any]:
    """The request as an event in payload format 2.0: repeated headers joined, text as text, other bytes in base64."""
    plain = _plain(body)
    claims = {"sub": person.subject, "cognito:groups": f"[{person.role}]"} if person else {}
    return {
        "version": "2.0",
        "routeKey": found.route.key,
        "rawPath": unquote(path),
        "rawQueryString": query,
        "headers": {name.lower(): ",".join(headers.get_all(name, [])) for name in headers},
        "requestContext": {
            "http": {"method": method, "path": unquote(path)},
            "domainName": "shop.test",
            "stage": "$default",
            "authorizer": {"jwt": {"claims": claims}},
        },
        "pathParameters": dict(found.parameters),
        "body": b64encode(body).decode() if plain is None else plain,
        "isBase64Encoded": plain is None,
    }


def _plain(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _fits(wanted: str, segment: str) -> bool:
    return bool(segment) if wanted.startswith("{") else wanted == segment


def _headers_of(answer: Mapping[str, Any]) -> dict[str, str]:
    repeated = {name: values[0] for name, values in (answer.get("multiValueHeaders") or {}).items()}
    return {**repeated, **(answer.get("headers") or {})}
