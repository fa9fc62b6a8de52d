"""One HTTP call to a gateway; failures become the errors of the gateway port."""

import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import urllib3
from urllib3.exceptions import HTTPError, LocationValueError, NameResolutionError, NewConnectionError

from paylatch.domain.errors import (
    GatewayError,
    Misconfigured,
    NotAsked,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Transient,
)
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.version import VERSION

CONNECT_TIMEOUT_SECONDS = 1.0
READ_TIMEOUT_SECONDS = 5.0
LONGEST_ANSWER = 1_000_000
LONGEST_IDLE_SECONDS = 5.0
# As many as the threads that call a gateway at the same time.
CONNECTIONS = 16
USER_AGENT = f"Paylatch/{VERSION}"


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request to a gateway."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response of a gateway; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Send = Callable[[Request], Response]


class ConnectionFailed(Exception):
    """The request certainly did not reach the gateway."""


class NoTimeLeft(ConnectionFailed):
    """No request was made, because no time was left for its response."""


class ResponseLost(Exception):
    """The request may have been sent; no complete response arrived."""


# Called with the seconds to wait before the call, or without any.
TimeLeft = Callable[..., bool]
_has_time: ContextVar[TimeLeft] = ContextVar("has_time", default=lambda _=0.0: True)


@contextmanager
def sending_while(has_time: TimeLeft) -> Iterator[None]:
    """Within this context, requests are sent only while `has_time()` is true."""
    before = _has_time.set(has_time)
    try:
        yield
    finally:
        _has_time.reset(before)


def time_allows(seconds: float) -> bool:
    """Whether a request may still be sent after a wait of so many seconds."""
    return _has_time.get()(seconds)


_take_turn: ContextVar[Callable[[], None]] = ContextVar("take_turn", default=lambda: None)


@contextmanager
def turns_taken_by(take_turn: Callable[[], None]) -> Iterator[None]:
    """Within this context, `take_turn` is called before each request, and may wait."""
    before = _take_turn.set(take_turn)
    try:
        yield
    finally:
        _take_turn.reset(before)


class HttpSender:
    """Sends requests over HTTP: explicit timeouts, no retries, no redirects, bounded responses."""

    def __init__(self, connect: float = CONNECT_TIMEOUT_SECONDS, read: float = READ_TIMEOUT_SECONDS) -> None:
        self._timeout = urllib3.Timeout(connect=connect, read=read)
        self._pool = self._new_pool()
        self._opened = 0.0

    def __call__(self, request: Request) -> Response:
        """The response. Raises `ConnectionFailed` (`NoTimeLeft`) or `ResponseLost` where no complete one arrived."""
        if not _has_time.get()():
            raise NoTimeLeft("no time is left for its answer")
        try:
            answer = self._fresh_pool().request(
                request.method,
                request.url,
                body=request.body,
                headers={"User-Agent": USER_AGENT, **request.headers},
                redirect=False,
                preload_content=False,
            )
            body = answer.read(LONGEST_ANSWER + 1)
        except HTTPError as error:
            raise (ConnectionFailed if _never_left(error) else ResponseLost)(str(error)) from error
        if len(body) > LONGEST_ANSWER:
            answer.close()
            raise ResponseLost(f"the answer is longer than {LONGEST_ANSWER} bytes")
        answer.release_conn()
        return Response(answer.status, {name.lower(): value for name, value in answer.headers.items()}, body)

    def _fresh_pool(self) -> urllib3.PoolManager:
        # A frozen Lambda sandbox does not notice a closed connection, and the next request on it would be lost. No
        # connection gets older than the longest idle time: several threads share the pool, and use of one connection
        # says nothing of the others. Measured by the wall clock, because the monotonic clock may stop meanwhile.
        now = time.time()
        if abs(now - self._opened) > LONGEST_IDLE_SECONDS:
            # Requests under way keep the earlier pool.
            self._pool = self._new_pool()
            self._opened = now
        return self._pool

    def _new_pool(self) -> urllib3.PoolManager:
        return urllib3.PoolManager(timeout=self._timeout, retries=False, maxsize=CONNECTIONS)


class GatewayHttp:
    """Calls one gateway. Raises only `Transient`, `OutcomeUnknown`, `Refused` and `Misconfigured`."""

    def __init__(self, gateway: str, send: Send | None = None) -> None:
        self._gateway = gateway
        self._send = send or HttpSender()

    def call(self, request: Request, *, meaningful: Collection[int] = ()) -> Response:
        """The response to a call that succeeded, or whose status is one of `meaningful`."""
        _take_turn.get()()
        try:
            response = self._send(request)
        except NoTimeLeft as error:
            raise NotAsked(self._gateway, f"not asked: {error}") from error
        except ConnectionFailed as error:
            raise Transient(self._gateway, f"not reached: {error}") from error
        except ResponseLost as error:
            raise OutcomeUnknown(self._gateway, f"no answer: {error}") from error
        if response.status >= 400 and response.status not in meaningful:
            raise self._failure(response)
        return response

    def _failure(self, response: Response) -> GatewayError:
        return _class_of(response.status)(self._gateway, f"{response.status} {_excerpt(response.body)}".rstrip())


def _class_of(status: int) -> type[GatewayError]:
    if status == 429:
        return RateLimited
    if status in (401, 403):
        return Misconfigured
    # 408: the gateway stopped waiting after a part of the request; whether it acted on that part is unknown.
    return OutcomeUnknown if status >= 500 or status == 408 else Refused


def _never_left(error: HTTPError) -> bool:
    if isinstance(error, (NewConnectionError, NameResolutionError, LocationValueError)):
        return True
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError):
        return True
    return isinstance(error, urllib3.exceptions.SSLError) and isinstance(error.args[0], ssl.SSLCertVerificationError)


def _excerpt(body: bytes) -> str:
    return " ".join(body[:200].decode("utf-8", "replace").split())
