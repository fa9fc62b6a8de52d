"""The one place that connects the use cases' ports to their implementations."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, cast

from paylatch.domain.errors import Misconfigured
from paylatch.domain.ids import CROCKFORD
from paylatch.ports import Clock, Gateway, Gateways, Ports, ReconciliationStore, ReleasePolicy, Rules, Timers
from paylatch.ports.event_scan import EventScan
from paylatch.runtime.gateway_secrets import GatewaySecret
from paylatch.runtime.handler_entry import HandlerEntry
from paylatch.runtime.observability import EmfMetrics
from paylatch.runtime.secret_refresh import SecretRefreshingGateway
from paylatch.runtime.settings import Settings, settings_from
from paylatch.runtime.timer_queue import TimerQueue
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from paylatch.use_cases.circuit_breaker import CircuitBreaker, Failures

if TYPE_CHECKING:
    from paylatch.ports.retention import Retention

# Longer than a run; shorter than the first wait of a release that got no answer.
BREAKER_LASTS = timedelta(seconds=15)
Maker = Callable[[Settings, GatewaySecret, Clock], Gateway]


class SystemClock:
    """Implements `Clock`."""

    def now(self) -> datetime:
        """The machine's time, in UTC."""
        return datetime.now(UTC)


class RandomIdGenerator:
    """Implements `IdGenerator` with the operating system's randomness."""

    def new_id(self, length: int) -> str:
        """That many random characters."""
        return "".join(secrets.choice(CROCKFORD) for _ in range(length))


class ConfiguredGateways:
    """Implements `Gateways`: adapters are imported and made on first use."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.default = settings.gateways[0] if settings.gateways else ""
        self._settings = settings
        self._clock = clock
        self._made: dict[str, Gateway] = {}
        self._making = Lock()

    def takes_payments(self, name: str) -> bool:
        """Whether the stack lists that gateway as in use."""
        return name in self._settings.gateways and name in _MAKERS

    def named(self, name: str) -> Gateway:
        """The adapter. Raises `Misconfigured` for a gateway that the stack lists neither as in use nor as retired."""
        served = (*self._settings.gateways, *self._settings.retired_gateways)
        if name not in served or name not in _MAKERS:
            raise Misconfigured(name, "this stack is not configured for it")
        with self._making:
            if name not in self._made:
                self._made[name] = self._make(name)
            return self._made[name]

    def policy(self, name: str) -> ReleasePolicy:
        """The configured policy; `fenced` by default."""
        return self._settings.policies.get(name, ReleasePolicy.FENCED)

    def _make(self, name: str) -> Gateway:
        secret = GatewaySecret(name, self._settings.secrets_prefix, self._clock.now)
        adapter = _MAKERS[name](self._settings, secret, self._clock)
        return cast("Gateway", SecretRefreshingGateway(adapter, secret.refresh_soon))


def _in_the_background(gateways: Gateways, settings: Settings, clock: Clock) -> Gateways:
    """The gateways as timers and the sweep call them, where these settings are for them."""
    if not settings.timer_width:
        return gateways
    breaker = CircuitBreaker(gateways, failures=Failures(clock, BREAKER_LASTS))
    if not settings.gateway_rates:
        return breaker
    from paylatch.gateways.pacing import PacedGateways

    # Around the circuit breaker: what has waited for its turn is not asked of a gateway that fell silent meanwhile.
    # The sweep is one process more.
    return PacedGateways(breaker, settings.gateway_rates, settings.timer_width + 1, breaker.refuses)


def ports_from_environment() -> Ports:
    """The real ports, as the function's environment configures them."""
    settings = settings_from()
    clock = SystemClock()
    table = TableConnection(settings.table)
    table.make_client()
    store = DynamoOrderStore(table)
    gateways = _in_the_background(ConfiguredGateways(settings, clock), settings, clock)
    rules = Rules(
        settings.four_eyes,
        settings.return_origins,
        return_by_https=settings.stage == "prod",
        default_lock=settings.default_lock,
        longest_lock=settings.longest_lock,
        late_money=settings.late_money,
        keep=settings.keep,
    )
    return Ports(store, gateways, clock, RandomIdGenerator(), EmfMetrics(), rules)


# The tests replace this function and clear the cache of `ports`.
make_ports: Callable[[], Ports] = ports_from_environment


@cache
def ports() -> Ports:
    """The function's ports, made once in a Lambda sandbox."""
    return make_ports()


def group_ports() -> Ports:
    """The function's ports for an action on a group of orders, whose calls keep the gateways' rates."""
    if "PAYLATCH_RATE_SHARES" not in os.environ:
        return ports()
    return replace(ports(), gateways=_paced_for_groups())


@cache
def _paced_for_groups() -> Gateways:
    from paylatch.gateways.pacing import PacedGateways

    settings = settings_from()
    # The spacing of one process of timers and sweep.
    shares = settings.rate_shares + 1
    return PacedGateways(ports().gateways, settings.gateway_rates, shares, lambda _gateway, _call: False)


def timers_from_environment() -> Timers | None:
    """The queue of timers that the function's environment names, if any."""
    if "PAYLATCH_TIMER_QUEUE" not in os.environ:
        return None
    queue = TimerQueue(os.environ["PAYLATCH_TIMER_QUEUE"], SystemClock().now)
    if "PAYLATCH_TABLE" not in os.environ:
        # All that this function does is to send timers.
        queue.make_client()
    return queue


# The tests replace this function and clear the cache of `timers`.
make_timers: Callable[[], Timers | None] = timers_from_environment


@cache
def timers() -> Timers | None:
    """The function's queue of timers; None where it has none."""
    return make_timers()


def timer_queue() -> Timers:
    """The function's queue of timers. Raises `KeyError` where it has none."""
    queue = timers()
    if queue is None:
        raise KeyError("PAYLATCH_TIMER_QUEUE")
    return queue


def gateway_names() -> tuple[str, ...]:
    """The gateways of this stack, retired ones included."""
    settings = settings_from()
    return (*settings.gateways, *settings.retired_gateways)


def reconciliation_store() -> ReconciliationStore:
    """What reconciliation keeps, in the table of the function's orders."""
    from paylatch.store.statements import DynamoReconciliationStore

    return DynamoReconciliationStore(cast("DynamoOrderStore", ports().store).table)


def retention() -> "Retention":
    """How long finished orders are kept, and what that asks of the table of the function's orders."""
    from paylatch.ports.retention import Retention
    from paylatch.store.retention import DynamoRetentionStore

    store = DynamoRetentionStore(cast("DynamoOrderStore", ports().store).table)
    return Retention(ports().rules.keep, store)


def event_scan_from_environment() -> EventScan:
    """The events of all orders, in the table that the function's environment names."""
    from paylatch.store.event_scan import DynamoEventScan

    return DynamoEventScan(TableConnection(settings_from().table))


# The tests replace this function.
make_event_scan: Callable[[], EventScan] = event_scan_from_environment


def event_scan() -> EventScan:
    """The events of all orders."""
    return make_event_scan()


entry = HandlerEntry(metrics=lambda: ports().metrics, now=lambda: ports().clock.now())


def _sandbox(settings: Settings, secret: GatewaySecret, clock: Clock) -> Gateway:
    from paylatch.gateways.sandbox.gateway import SandboxGateway

    return SandboxGateway(settings.sandbox_url, secret, clock, stack=settings.stack)


def _maker(module: str, adapter: str) -> Maker:
    def make(settings: Settings, secret: GatewaySecret, clock: Clock) -> Gateway:
        # Imported here, so that only functions that call this gateway load its library.
        made: Gateway = getattr(import_module(f"paylatch.gateways.{module}.gateway"), adapter)(
            credentials=secret, clock=clock, stack=settings.stack
        )
        return made

    return make


_MAKERS: Mapping[str, Maker] = {
    "sandbox": _sandbox,
    "stripe": _maker("stripe", "StripeGateway"),
    "alipay": _maker("alipay", "AlipayGateway"),
    "payu": _maker("payu", "PayUGateway"),
}

# Lambda gives a function's start more processor time than its requests; this variable is set to mark the start.
if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
    _ = ports() if "PAYLATCH_TABLE" in os.environ else timers()
