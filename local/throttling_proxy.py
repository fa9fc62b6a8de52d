"""A proxy before the emulator's DynamoDB that throttles queries of one shard of an index, as a hot partition does."""

import contextlib
import http.client
import json
from dataclasses import dataclass

from local.http_server import HttpExchange, HttpServer

_TIMEOUT = 35.0
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
_QUERY = "DynamoDB_20120810.Query"
_JSON = ("Content-Type", "application/x-amz-json-1.0")
_THROTTLED = json.dumps(
    {
        "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        "message": "The level of configured provisioned throughput for one or more global secondary indexes of the "
        "table was exceeded.",
    }
).encode()


@dataclass(frozen=True, slots=True)
class ThrottledShard:
    """One shard of one index, as in `due` and `3`."""

    index: str
    shard: str

    def is_queried_by(self, target: str, body: bytes) -> bool:
        """Whether a request with this `X-Amz-Target` and body is a query of the shard."""
        if target != _QUERY:
            return False
        query = json.loads(body)
        wanted = query.get("ExpressionAttributeValues", {}).get(":shard", {}).get("S")
        return bool(query.get("IndexName") == self.index and wanted == self.shard)


class ThrottlingProxy(HttpServer):
    """Forwards requests to the emulator; answers queries of the shard in `throttled` as throttled, and counts them."""

    def __init__(self, endpoint: str) -> None:
        host, _, port = endpoint.removeprefix("http://").partition(":")
        self.upstream = (host, int(port))
        self.throttled: ThrottledShard | None = None
        self.refused = 0
        super().__init__(_ThrottlingExchange)

    def refuses(self, target: str, body: bytes) -> bool:
        """Whether this request is throttled; counts it then."""
        refused = self.throttled is not None and self.throttled.is_queried_by(target, body)
        self.refused += refused
        return refused


class _ThrottlingExchange(HttpExchange):
    """One client's connection."""

    server: ThrottlingProxy

    def exchange(self) -> None:
        body = self.received_body()
        if self.server.refuses(self.headers.get("X-Amz-Target", ""), body):
            self.answer(400, [_JSON], _THROTTLED)
        else:
            self.answer(*self._forwarded(body))

    def _forwarded(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        with contextlib.closing(http.client.HTTPConnection(*self.server.upstream, timeout=_TIMEOUT)) as upstream:
            upstream.request(self.command, self.path, body or None, headers)
            response = upstream.getresponse()
            kept = [(name, value) for name, value in response.getheaders() if name.lower() not in _HOP_BY_HOP]
            return response.status, kept, response.read()
