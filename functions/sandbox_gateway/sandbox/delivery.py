"""Delivery of callbacks: signed according to the Standard Webhooks specification, and posted."""

from collections.abc import Callable
from datetime import datetime

from paylatch.gateways.gateway_http import ConnectionFailed, HttpSender, Request, ResponseLost, Send
from paylatch.gateways.sandbox.credentials import SandboxCredentials, signing_secret
from paylatch.gateways.signatures import sign_standard_webhook
from paylatch.runtime.observability import logger
from sandbox.outbox import Delivery

NOT_THE_SHOPS_KEY = "a key that the shop never saw"


def signed_headers(api_key: str, delivery: Delivery, now: datetime) -> dict[str, str]:
    """The headers of one try; a forged callback is signed with a secret that is not the shop's."""
    secret = signing_secret(NOT_THE_SHOPS_KEY if delivery.forged else api_key)
    signature = sign_standard_webhook(secret, delivery.webhook_id, now, delivery.body.encode())
    return {"content-type": "application/json", "user-agent": "paylatch-sandbox", **signature}


class HttpWebhookSender:
    """Implements `WebhookSender` over HTTP: it follows no redirect, and any 2xx is an acceptance."""

    def __init__(
        self, credentials: Callable[[], SandboxCredentials], now: Callable[[], datetime], send: Send | None = None
    ) -> None:
        self._credentials = credentials
        self._now = now
        self._send = send or HttpSender(connect=1, read=5)

    def __call__(self, url: str, delivery: Delivery) -> bool:
        """Whether every copy was accepted; the first failure ends the try."""
        return all(self._once(url, delivery) for _ in range(delivery.copies))

    def _once(self, url: str, delivery: Delivery) -> bool:
        body = delivery.body.encode()
        headers = signed_headers(self._credentials().api_key, delivery, self._now())
        try:
            response = self._send(Request("POST", url, headers, body))
        except (ConnectionFailed, ResponseLost) as error:
            logger.info("callback not answered", extra={"webhook_id": delivery.webhook_id, "cause": str(error)})
            return False
        accepted = response.status // 100 == 2
        if not accepted:
            logger.info("callback refused", extra={"webhook_id": delivery.webhook_id, "status": response.status})
        return accepted
