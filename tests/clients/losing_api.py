"""The API behind a network that loses what it answers to a payment request's first tries."""

import http.client
import json
from collections import Counter
from urllib.parse import urlsplit

from local.http_server import HttpExchange, HttpServer
from local.reverse_proxy import end_to_end

# What API Gateway answers where a function has not done so in time.
GATEWAYS_OWN = 503, json.dumps({"message": "Service Unavailable"}).encode()
LONGEST_SECONDS = 35.0
# Of each payment request: as many tries as have cases of their own below.
LOST = 2


class LosingApi(HttpServer):
    """Passes each request on to the API at that URL.

    Of each `Idempotency-Key` of a payment request the first try is made and then hung up on, and the second one is made
    and then answered as API Gateway does by itself.
    """

    def __init__(self, api_url: str) -> None:
        self.api = urlsplit(api_url)
        self.tries = Counter[str]()
        super().__init__(_LosingExchange)

    def expect_losses(self) -> None:
        """Raise `AssertionError` where no payment request was repeated until its answer came; count anew."""
        assert any(tries > LOST for tries in self.tries.values()), "no answer to a payment request got lost"
        self.tries.clear()


class _LosingExchange(HttpExchange):
    server: LosingApi

    def exchange(self) -> None:
        status, headers, body = self._passed_on()
        match self._payment_try():
            case 1:
                self.hang_up()
            case 2:
                self.answer(GATEWAYS_OWN[0], [("Content-Type", "application/json")], GATEWAYS_OWN[1])
            case _:
                self.answer(status, headers, body)

    def _payment_try(self) -> int:
        if self.command != "POST" or not self.path.endswith("/payments"):
            return 0
        key = self.headers["Idempotency-Key"]
        self.server.tries[key] += 1
        return self.server.tries[key]

    def _passed_on(self) -> tuple[int, list[tuple[str, str]], bytes]:
        body = self.received_body()
        upstream = http.client.HTTPConnection(self.server.api.netloc, timeout=LONGEST_SECONDS)
        try:
            upstream.request(self.command, self.path, body, dict(end_to_end(self.headers)))
            answer = upstream.getresponse()
            return answer.status, list(end_to_end(answer.headers)), answer.read()
        finally:
            upstream.close()
