"""One order's environment: the real handlers, the store and the sandbox in memory, a settable clock."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sandbox.sessions import Session, SessionStatus

from local.api_client import ApiResponse
from paylatch.domain.order import PaymentStatus
from paylatch.ports import Callback, Ports, ReleasePolicy
from paylatch.runtime import wiring
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_gateway import MemoryGateway
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.integration.shop import Shop

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class CheckFailed(Exception):
    """A check that failed."""


@dataclass
class Simulation:
    """The environment of one run. `steps` describes the actions so far."""

    rng: Random
    clock: SettableClock
    store: MemoryOrderStore
    gateway: MemoryGateway
    shop: Shop
    order_id: str = ""
    keys: dict[str, int] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)

    def log_step(self, step: str) -> None:
        """Record the step and its time."""
        minutes, seconds = divmod(int((self.clock.now() - NOON).total_seconds()), 60)
        self.steps.append(f"{minutes:4d}:{seconds:02d}  {step}")

    def expect_status(self, step: str, answer: ApiResponse, *allowed: int) -> ApiResponse:
        """Return the answer; raise `CheckFailed` unless its status is one of these."""
        code = answer.body.get("code", "") if isinstance(answer.body, dict) else ""
        self.log_step(f"{step}: {answer.status} {code}".rstrip())
        if answer.status not in allowed:
            raise CheckFailed(f"{step} was answered {answer.status} {answer.body}")
        return answer

    def sessions(self) -> list[Session]:
        """The order's sessions at the gateway, oldest first."""
        return [session for session in self.gateway.sessions.sessions.values() if session.terms.order_id]

    def some_attempt(self) -> str | None:
        """Mostly one of the newest: those can still be paid."""
        attempts = [session.terms.attempt_id for session in self.sessions()]
        return self.rng.choice(attempts[-3:]) if attempts else None

    def payable_old_attempts(self) -> list[str]:
        """The attempts that can still be paid although they do not hold the order."""
        open_ones = [each.terms.attempt_id for each in self.sessions() if each.status is SessionStatus.OPEN]
        return [attempt_id for attempt_id in open_ones if not self.shop.head(self.order_id).held_by(attempt_id)]

    def status(self) -> PaymentStatus:
        return self.shop.head(self.order_id).status

    def wait(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))
        self.log_step(f"{seconds} seconds pass")

    def deliver(self, callback: Callback) -> None:
        """A callback arrives. A forged one is rejected; any other is accepted, and its money has a place at once."""
        said = json.loads(callback.body)
        answer = self.shop.callback(callback)
        # Whether a refund was made, and whether a payment is under way, is asked of the gateway, which may be silent
        # then; the sweep asks again.
        asked = (503,) if said["type"].startswith(("refund.", "payment.processing", "payment.failed")) else ()
        self.expect_status(f"{said['type']} of {said['data']['attempt_id']} arrives", answer, 204, 401, *asked)
        if answer.status == 204 and said["type"] == "payment.succeeded":
            payment_id = said["data"]["payment"]["payment_id"]
            if payment_id not in self.shop.head(self.order_id).payments:
                raise CheckFailed(f"{payment_id} was acknowledged, and is not recorded")

    def sweep(self) -> None:
        """The minute's schedule; no order may fail in it."""
        report: dict[str, Any] = self.shop.sweep()
        self.log_step(f"a sweep handles {report['handled']}")
        if report["failed"]:
            raise CheckFailed(f"an order failed in the sweep: {self.shop.metrics.counted[-3:]}")


def set_up(seed: int) -> Simulation:
    """A new order, and behind the handlers everything that belongs to it."""
    clock, store, metrics = SettableClock(NOON), MemoryOrderStore(), RecordedMetrics()
    rng, gateway = Random(seed), MemoryGateway(clock)
    gateways = FixedGateways({"sandbox": gateway})
    gateways.policies["sandbox"] = rng.choice([*(ReleasePolicy.FENCED,) * 4, ReleasePolicy.STRICT])
    ports = Ports(store, gateways, clock, SequentialIdGenerator(), metrics)
    wiring.make_ports = lambda: ports
    wiring.ports.cache_clear()
    # The shop's scripted gateway is unused here: the sandbox is behind the handlers.
    simulation = Simulation(rng, clock, store, gateway, Shop(ports, ScriptedGateway(clock), gateways, clock, metrics))
    simulation.order_id = simulation.shop.create()
    simulation.log_step(
        f"order {simulation.order_id} is created; links that cannot be voided: {gateways.policy('sandbox')}"
    )
    return simulation
