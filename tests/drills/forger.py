"""Somebody who says that an order is paid, signed with a key that is not, or no longer, the gateway's."""

import contextlib
import json
import secrets
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from local.api_client import HttpTransport, NoResponse, deliver_callback
from local.stack import Stack
from paylatch.domain.timestamps import as_text
from paylatch.gateways.sandbox.credentials import signing_secret
from paylatch.gateways.signatures import sign_standard_webhook
from tests.drills.shop import Attempt

# More than one of ten callbacks are forged, however long the drill lasts: so many raise the alarm.
PAUSE_SECONDS = 1.0
_numbers = count()


@dataclass
class Forger:
    """Sends callbacks about one attempt, which nobody pays; counts the responses by their status, 0 for none."""

    stack: Stack
    decoy: Attempt
    responses: Counter[int] = field(default_factory=Counter)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Within this context, callbacks are sent all the time, each signed with another key that is nobody's."""
        over = threading.Event()

        def forge() -> None:
            while not over.wait(PAUSE_SECONDS):
                self.send(secrets.token_urlsafe(24))

        forging = threading.Thread(target=forge)
        forging.start()
        try:
            yield
        finally:
            over.set()
            forging.join()

    def send(self, key: str) -> int:
        """The status of the response to a callback signed with that key."""
        status = self._sent(key)
        self.responses[status] += 1
        return status

    @property
    def accepted(self) -> int:
        """How many were taken for genuine."""
        return sum(number for status, number in self.responses.items() if status // 100 == 2)

    def _sent(self, key: str) -> int:
        body = self._body()
        headers = sign_standard_webhook(signing_secret(key), f"msg_{next(_numbers)}", datetime.now(UTC), body)
        try:
            transport = HttpTransport(self.stack.api_url)
            return deliver_callback(transport, "sandbox", {**headers, "content-type": "application/json"}, body).status
        except NoResponse:
            return 0

    def _body(self) -> bytes:
        payment = {"payment_id": "pay_forged", "amount": 2500, "currency": "EUR"}
        data = {"attempt_id": self.decoy.attempt_id, "session_id": "cs_forged", "payment": payment}
        said = {"type": "payment.succeeded", "timestamp": as_text(datetime.now(UTC)), "data": data}
        return json.dumps(said).encode()
