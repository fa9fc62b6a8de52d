"""Joins the sandbox to its table, its key and the clock of the machine."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from sandbox_checkout import Checkout
from sandbox_controls import Controls
from sandbox_delivery import HttpCourier
from sandbox_keeper import SessionKeeper
from sandbox_ports import Courier, SessionStore
from sandbox_provider import Provider
from sandbox_routes import Desk
from sandbox_store import DynamoSessionStore

from paylatch.gateways.sandbox_credentials import SandboxCredentials, read_credentials
from paylatch.runtime.handler_entry import HandlerEntry
from paylatch.runtime.observability import CloudWatch
from paylatch.runtime.secrets import GatewaySecret
from paylatch.store.connection import TableConnection


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The whole sandbox, whatever keeps its sessions and carries its callbacks."""

    store: SessionStore
    courier: Courier
    now: Callable[[], datetime]
    credentials: Callable[[], SandboxCredentials]

    @property
    def keeper(self) -> SessionKeeper:
        """The way to the sessions."""
        return SessionKeeper(self.store, self.courier, self.now)

    @property
    def checkout(self) -> Checkout:
        """What the payment page talks to."""
        return Checkout(self.keeper)

    def desk(self, base_url: str) -> Desk:
        """What the API talks to, at the address it was reached by."""
        return Desk(Provider(self.keeper, self.store, self.now, base_url), Controls(self.keeper, self.store))


entry = HandlerEntry(watch=CloudWatch, now=lambda: datetime.now(UTC))


@cache
def deployed_sandbox() -> Sandbox:
    """The function's sandbox, made once in a Lambda sandbox."""
    return make_sandbox()


def make_sandbox() -> Sandbox:
    """The sandbox that this function's environment describes."""
    secret = GatewaySecret("sandbox", os.environ["PAYLATCH_SANDBOX_SECRET"].removesuffix("sandbox"), _now)

    def credentials() -> SandboxCredentials:
        return read_credentials("sandbox", secret())

    store = DynamoSessionStore(TableConnection(os.environ["PAYLATCH_SANDBOX_TABLE"]), _now)
    return Sandbox(store, HttpCourier(credentials, _now), _now, credentials)


def _now() -> datetime:
    return datetime.now(UTC)
