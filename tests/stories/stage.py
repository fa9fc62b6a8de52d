"""One order's whole surroundings: the real handlers, the store and the sandbox in memory, a clock that is set."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sandbox_sessions import Session, SessionStatus

from paylatch.domain.order import PaymentStatus
from paylatch.ports import Callback, Ports, ReleasePolicy
from paylatch.runtime import wiring
from paylatch.store.memory import MemoryOrderStore
from tests.fakes.chosen_gateways import ChosenGateways
from tests.fakes.counted_tokens import CountedTokens
from tests.fakes.memory_gateway import MemoryGateway
from tests.fakes.recorded_watch import RecordedWatch
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.settable_clock import SettableClock
from tests.integration.shop import Answer, Shop

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Wrong(Exception):
    """Something happened that must not."""


@dataclass
class Stage:
    """What a story is played on. `steps` tells what happened so far, in words."""

    chance: Random
    clock: SettableClock
    store: MemoryOrderStore
    gateway: MemoryGateway
    shop: Shop
    order_id: str = ""
    keys: dict[str, int] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)

    def note(self, step: str) -> None:
        """Remember what was done, and when."""
        minutes, seconds = divmod(int((self.clock.now() - NOON).total_seconds()), 60)
        self.steps.append(f"{minutes:4d}:{seconds:02d}  {step}")

    def answered(self, step: str, answer: Answer, *allowed: int) -> Answer:
        """The answer, which has to be one of these."""
        code = answer.body.get("code", "") if isinstance(answer.body, dict) else ""
        self.note(f"{step}: {answer.status} {code}".rstrip())
        if answer.status not in allowed:
            raise Wrong(f"{step} was answered {answer.status} {answer.body}")
        return answer

    def sessions(self) -> list[Session]:
        """What the gateway opened for the order, the oldest first."""
        return [session for session in self.gateway.sessions.sessions.values() if session.terms.order_id]

    def some_attempt(self) -> str | None:
        """Mostly one of the newest: those can still be paid."""
        attempts = [session.terms.attempt_id for session in self.sessions()]
        return self.chance.choice(attempts[-3:]) if attempts else None

    def links_left_behind(self) -> list[str]:
        """The attempts that can still be paid although they do not hold the order."""
        open_ones = [each.terms.attempt_id for each in self.sessions() if each.status is SessionStatus.OPEN]
        return [attempt_id for attempt_id in open_ones if not self.shop.head(self.order_id).held_by(attempt_id)]

    def status(self) -> PaymentStatus:
        return self.shop.head(self.order_id).status

    def wait(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))
        self.note(f"{seconds} seconds pass")

    def deliver(self, callback: Callback) -> None:
        """A callback arrives. A forged one is turned away; any other is taken, and its money has a place at once."""
        said = json.loads(callback.body)
        answer = self.shop.callback(callback)
        self.answered(f"{said['type']} of {said['data']['attempt_id']} arrives", answer, 204, 401)
        if answer.status == 204 and said["type"] == "payment.succeeded":
            payment_id = said["data"]["payment"]["payment_id"]
            if payment_id not in self.shop.head(self.order_id).payments:
                raise Wrong(f"{payment_id} was acknowledged, and is not recorded")

    def sweep(self) -> None:
        """The minute's schedule; no order may fail in it."""
        report: dict[str, Any] = self.shop.sweep()
        self.note(f"a sweep handles {report['handled']}")
        if report["failed"]:
            raise Wrong(f"an order failed in the sweep: {self.shop.watch.counted[-3:]}")


def set_up(seed: int) -> Stage:
    """A new order, and behind the handlers everything that belongs to it."""
    clock, store, watch = SettableClock(NOON), MemoryOrderStore(), RecordedWatch()
    chance, gateway = Random(seed), MemoryGateway(clock)
    gateways = ChosenGateways({"sandbox": gateway})
    gateways.policies["sandbox"] = chance.choice([*(ReleasePolicy.FENCED,) * 4, ReleasePolicy.STRICT])
    ports = Ports(store, gateways, clock, CountedTokens(), watch)
    wiring.make_ports = lambda: ports
    wiring.ports.cache_clear()
    # The shop's own gateway does what a test says; here nobody asks it, the sandbox stands behind the handlers.
    stage = Stage(chance, clock, store, gateway, Shop(ports, ScriptedGateway(clock), gateways, clock, watch))
    stage.order_id = stage.shop.create()
    stage.note(f"order {stage.order_id} is created; links that cannot be voided: {gateways.policy('sandbox')}")
    return stage
