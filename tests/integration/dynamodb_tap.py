"""A tap on the DynamoDB client: counts requests, and loses responses of applied writes."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from moto.core.models import botocore_stubber

from paylatch.store.connection import TableConnection

WRITES = ("UpdateItem", "PutItem", "DeleteItem", "BatchWriteItem")
_EVENT = "before-send.dynamodb"


class Tap:
    """`sent` lists every request by its operation, tries that the SDK repeats included; `asked` their parameters."""

    def __init__(self, table: TableConnection) -> None:
        self.sent: list[str] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.writes = 0
        self._losing: tuple[int, str, int] | None = None
        self._stored_cause: list[Any] = []
        self.before_retry: Callable[[], object] | None = None
        self._events: Any = table.connection.client.meta.events

    def lose(self, kind: str, write: int, tries: int = 1) -> None:
        """The answers to so many tries of that write (the first is 0) get lost: by "timeout" or as a "500"."""
        self._losing = (write, kind, tries)
        self.writes = 0

    def keep(self, write: int = 0) -> None:
        """The first try of that write (the first is 0) stays under way: the SDK gives it up and asks again."""
        self._losing = (write, "kept", 1)
        self.writes = 0

    def arrive(self) -> None:
        """The write that stayed under way arrives now, and takes effect if its condition holds."""
        for request in self._stored_cause:
            botocore_stubber("before-send", request)
        self._stored_cause.clear()

    def count(self, operation: str) -> int:
        """How often that operation was sent."""
        return self.sent.count(operation)

    @contextmanager
    def attached(self) -> Iterator["Tap"]:
        """Between client and table."""
        self._events.register_first(_EVENT, self._pass_on)
        try:
            yield self
        finally:
            self._events.unregister(_EVENT, self._pass_on)

    def _pass_on(self, request: Any, **_: Any) -> AWSResponse | None:
        operation = request.headers["X-Amz-Target"].decode().partition(".")[2]
        self.sent.append(operation)
        self.asked.append((operation, json.loads(request.body)))
        if self._stored_cause and (during := self.before_retry):
            self.before_retry = None
            during()
        if operation not in WRITES or self._losing is None:
            return None
        write, kind, tries = self._losing
        if self.writes != write or not tries:
            self.writes += 1
            return None
        self._losing = (write, kind, tries - 1)
        if kind == "refused connection":
            raise EndpointConnectionError(endpoint_url=request.url)
        if kind == "kept":
            self._stored_cause.append(request)
            raise ReadTimeoutError(endpoint_url=request.url)
        if kind == "timeout":
            botocore_stubber("before-send", request)
            raise ReadTimeoutError(endpoint_url=request.url)
        # moto, which comes next, applies the write; the client takes the first answer, which is this one.
        return _server_error(request)


def _server_error(request: Any) -> AWSResponse:
    class Body:
        def stream(self, **_: Any) -> Iterator[bytes]:
            yield b'{"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "try again"}'

    return AWSResponse(request.url, 500, HTTPHeaders(), Body())
