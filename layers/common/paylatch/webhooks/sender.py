"""One signed HTTP POST for each webhook: no redirects, no retries, explicit timeouts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import urllib3
from urllib3.exceptions import HTTPError

from paylatch.domain.errors import Misconfigured
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.webhook_errors import WebhookNotDelivered
from paylatch.domain.webhooks import Webhook
from paylatch.version import VERSION
from paylatch.webhooks.connections import EndingConnection, EndingTlsConnection
from paylatch.webhooks.destinations import (
    Destination,
    DestinationRefused,
    Resolve,
    destination_of,
    resolved_addresses,
)
from paylatch.webhooks.signature import SecretUnusable, keys_of, signed_headers

CONNECT_TIMEOUT_SECONDS = 3.0
READ_TIMEOUT_SECONDS = 10.0
Secret = Callable[[], Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSender:
    """Sends webhooks to one URL; `local` permits http and this machine. `secret` has the keys, see `keys_of`.

    `report` is given what is wrong with a key that signs nothing. `seconds` are the longest waits for the connection
    and for the answer.
    """

    url: str
    secret: Secret
    now: Callable[[], datetime]
    report: Callable[[str], None]
    local: bool = False
    resolve: Resolve = resolved_addresses
    seconds: tuple[float, float] = (CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS)

    def send(self, webhook: Webhook) -> None:
        """Send it. Raises `WebhookNotDelivered` where no answer with a status from 200 to 299 arrived.

        The receiver may have it all the same.
        """
        try:
            keys = keys_of(self.secret())
            if keys.fault:
                self.report(keys.fault)
            destination = destination_of(self.url, self.resolve, local=self.local)
            status = self._post(destination, webhook, keys.signing)
        except (DestinationRefused, SecretUnusable, Misconfigured, HTTPError) as error:
            raise WebhookNotDelivered(str(error)) from error
        if not 200 <= status < 300:
            raise WebhookNotDelivered(f"the receiver answered {status}")

    def _post(self, to: Destination, webhook: Webhook, keys: Sequence[bytes]) -> int:
        headers = {
            "Host": to.host_header,
            "Content-Type": "application/json",
            "User-Agent": f"Paylatch/{VERSION}",
            **signed_headers(webhook.webhook_id, self.now(), webhook.body, keys),
        }
        with self._pool(to) as pool:
            answer = pool.urlopen(
                "POST", to.target, webhook.body, headers, redirect=False, retries=False, preload_content=False
            )
            # The body is not read: it may never end.
            answer.close()
        return answer.status

    def _pool(self, to: Destination) -> urllib3.HTTPConnectionPool:
        # To the address that was checked: the host's name might now be another's.
        connect, read = self.seconds
        # The cast is for type checkers: they take no subclass of urllib3's own connections here.
        timeout = urllib3.Timeout(connect=connect, read=read)
        if to.scheme == "http":
            plain = urllib3.HTTPConnectionPool(to.address, to.port, timeout=timeout)
            plain.ConnectionCls = cast("Any", EndingConnection)
            return plain
        pool = urllib3.HTTPSConnectionPool(
            to.address, to.port, timeout=timeout, server_hostname=to.host, assert_hostname=to.host
        )
        pool.ConnectionCls = cast("Any", EndingTlsConnection)
        return pool
