"""A receiver of webhooks on this machine that verifies them with somebody else's library."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from tests.fakes.loopback_server import ReceivedRequest, Reply

KEY = f"whsec_{b64encode(b'the key that signs them now').decode()}"
NEXT_KEY = f"whsec_{b64encode(b'the key that signs them next').decode()}"


@dataclass
class WebhookReceiver:
    """Takes what its key verifies, and keeps it by its id; gives `statuses` first, one for each request."""

    key: str = KEY
    statuses: list[int] = field(default_factory=list)
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    location: Callable[[], str] = lambda: ""

    def answer(self, asked: ReceivedRequest) -> Reply:
        try:
            content = Verifier(self.key).verify(asked.body, dict(asked.headers))
        except WebhookVerificationError:
            return Reply(401)
        status = self.statuses.pop(0) if self.statuses else 204
        if status < 300:
            self.taken.append((asked.headers["webhook-id"], content))
        return Reply(status, headers={"Location": self.location()} if 300 <= status < 400 else {})
