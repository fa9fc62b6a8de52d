"""The gateway as numbered states, and what each call does in each of them."""

import pickle
from dataclasses import dataclass
from datetime import datetime

from paylatch.domain.errors import Refused
from tests.explorer import hosted_gateway as hosted
from tests.explorer import hosted_money
from tests.explorer.databases import Effect
from tests.explorer.hosted_gateway import Gatehouse, Temper
from tests.explorer.suspended import Call, Raised


@dataclass(slots=True)
class Gatehouses:
    """All states of the gateway that were met, by number; the first knows no session."""

    temper: Temper
    states: list[Gatehouse]
    numbers: dict[Gatehouse, int]
    effects: dict[tuple[int, int, datetime], Effect]

    @classmethod
    def of(cls, temper: Temper) -> "Gatehouses":
        return cls(temper, [Gatehouse()], {Gatehouse(): 0}, {})

    def number(self, house: Gatehouse) -> int:
        found = self.numbers.get(house)
        if found is None:
            found = self.numbers[house] = len(self.states)
            self.states.append(house)
        return found

    def effect(self, state: int, call: Call, call_number: int, now: datetime) -> Effect:
        """What this call does in this state at this moment."""
        key = (state, call_number, now)
        effect = self.effects.get(key)
        if effect is None:
            house, seen = answered(self.states[state], call, self.temper, now)
            label = (call.method, "refused") if isinstance(seen, Raised) else (call.method, pickle.dumps(seen))
            effect = self.effects[key] = Effect(self.number(house), label, seen)
        return effect


def answered(house: Gatehouse, call: Call, temper: Temper, now: datetime) -> tuple[Gatehouse, object]:
    """The gateway after a call, and its answer; a refusal is an answer that raises."""
    (asked,) = call.args
    try:
        match call.method:
            case "open":
                return hosted.opened(house, asked, temper, now)
            case "void":
                return hosted.voided(house, asked, temper, now)
            case "query":
                return house, hosted.queried(house, asked)
            case "refund":
                return hosted_money.refunded(house, asked, temper)
            case "query_payment":
                return house, hosted_money.queried_payment(house, asked)
            case _:
                return house, hosted_money.refund_state(house, asked)
    except Refused as error:
        cause = error.cause
        return house, Raised(lambda: Refused(hosted.NAME, cause))
