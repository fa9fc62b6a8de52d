"""The receiver of a peer's callbacks in these tests."""

import time

from paylatch.ports import Callback
from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply


class CallbacksReceived:
    """Accepts every callback, and returns them in order of arrival."""

    def __init__(self) -> None:
        self.server = LoopbackServer(lambda asked: Reply(200))

    @property
    def url(self) -> str:
        return f"{self.server.url}/gateways/callbacks"

    def next(self, seconds: float = 10) -> Callback:
        until = time.monotonic() + seconds
        while not self.server.asked:
            assert time.monotonic() < until, "no callback came"
            time.sleep(0.01)
        return _callback(self.server.asked.pop(0))

    def all(self) -> list[Callback]:
        return [_callback(self.server.asked.pop(0)) for _ in range(len(self.server.asked))]


def _callback(asked: ReceivedRequest) -> Callback:
    return Callback(asked.headers, asked.body)
