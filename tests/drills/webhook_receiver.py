"""A shop's receiver of webhooks, written with somebody else's library; it can be down, and it can lose what it took."""

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply


@dataclass
class WebhookReceiver:
    """Verifies each webhook with its own key; `taken` has their bodies by id, in the sequence of their arrival."""

    key: str = ""
    is_down: bool = False
    refused: int = 0
    failed: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    last_headers: dict[str, str] = field(default_factory=dict)
    _taking: Lock = field(default_factory=Lock)

    def answer(self, asked: ReceivedRequest) -> Reply:
        """204 for a genuine webhook, 401 for any other, 500 while it is down."""
        with self._taking:
            if self.is_down:
                self.failed += 1
                return Reply(500)
            if not verifies(self.key, asked.body, dict(asked.headers)):
                self.refused += 1
                return Reply(401)
            self.taken.append((asked.headers["webhook-id"], asked.body))
            self.last_headers = dict(asked.headers)
            return Reply(204)

    @property
    def ids(self) -> set[str]:
        """The ids of all webhooks that it has."""
        with self._taking:
            return {webhook_id for webhook_id, _ in self.taken}

    def lose_all(self) -> Sequence[tuple[str, bytes]]:
        """Lose everything that was taken, and return it."""
        with self._taking:
            lost, self.taken = self.taken, []
            return lost

    @contextmanager
    def running(self) -> Iterator[str]:
        """Within this context, it listens at the yielded URL."""
        with LoopbackServer(self.answer) as server:
            yield f"{server.url}/webhooks"


def verifies(key: str, body: bytes, headers: dict[str, str]) -> bool:
    """Whether the library takes the webhook as signed with this key."""
    try:
        Webhook(key).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


def new_key(seed: bytes) -> str:
    """A key of 32 bytes in Base64, made of the seed."""
    return base64.b64encode(seed.ljust(32, b"-")).decode()
