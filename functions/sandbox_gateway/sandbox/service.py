"""Connects the sandbox to its table, its key and the machine's clock."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from paylatch.gateways.sandbox.credentials import SandboxCredentials, read_credentials
from paylatch.runtime.gateway_secrets import GatewaySecret
from paylatch.runtime.handler_entry import HandlerEntry
from paylatch.runtime.observability import EmfMetrics
from paylatch.store.connection import TableConnection
from sandbox.checkout import Checkout
from sandbox.controls import Controls
from sandbox.delivery import HttpWebhookSender
from sandbox.ports import SessionStore, WebhookSender
from sandbox.provider import Provider
from sandbox.routes import Services
from sandbox.session_service import SessionService
from sandbox.store import DynamoSessionStore


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The sandbox, with its store and its webhook sender."""

    store: SessionStore
    webhook_sender: WebhookSender
    now: Callable[[], datetime]
    credentials: Callable[[], SandboxCredentials]

    @property
    def session_service(self) -> SessionService:
        """The access to sessions."""
        return SessionService(self.store, self.webhook_sender, self.now)

    @property
    def checkout(self) -> Checkout:
        """The service behind the payment page."""
        return Checkout(self.session_service)

    def services(self, base_url: str) -> Services:
        """The services behind the API at that base URL."""
        return Services(
            Provider(self.session_service, self.store, self.now, base_url), Controls(self.session_service, self.store)
        )


entry = HandlerEntry(metrics=EmfMetrics, now=lambda: datetime.now(UTC))


@cache
def deployed_sandbox() -> Sandbox:
    """The function's sandbox, made once in a Lambda sandbox."""
    return make_sandbox()


def make_sandbox() -> Sandbox:
    """The sandbox that the function's environment configures."""
    secret = GatewaySecret("sandbox", os.environ["PAYLATCH_SANDBOX_SECRET"].removesuffix("sandbox"), _now)

    def credentials() -> SandboxCredentials:
        return read_credentials("sandbox", secret())

    store = DynamoSessionStore(TableConnection(os.environ["PAYLATCH_SANDBOX_TABLE"]), _now)
    return Sandbox(store, HttpWebhookSender(credentials, _now), _now, credentials)


def _now() -> datetime:
    return datetime.now(UTC)
