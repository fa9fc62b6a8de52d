"""The gateway as numbered states, and what each call does in each of them."""

import pickle
from dataclasses import dataclass
from datetime import datetime

from paylatch.domain.errors import Refused
from tests.model_checker import simulated_gateway, simulated_returns
from tests.model_checker.database_states import Effect
from tests.model_checker.scripted_ports import Call, Raised
from tests.model_checker.simulated_gateway import GatewayProfile, GatewayState


@dataclass(slots=True)
class GatewayStates:
    """All visited states of the gateway, by number; the first has no session."""

    profile: GatewayProfile
    states: list[GatewayState]
    numbers: dict[GatewayState, int]
    effects: dict[tuple[int, int, datetime], Effect]

    @classmethod
    def of(cls, profile: GatewayProfile) -> "GatewayStates":
        return cls(profile, [GatewayState()], {GatewayState(): 0}, {})

    def number(self, gateway_state: GatewayState) -> int:
        found = self.numbers.get(gateway_state)
        if found is None:
            found = self.numbers[gateway_state] = len(self.states)
            self.states.append(gateway_state)
        return found

    def effect(self, state: int, call: Call, call_number: int, now: datetime) -> Effect:
        """The effect of this call in this state at this moment."""
        key = (state, call_number, now)
        effect = self.effects.get(key)
        if effect is None:
            gateway_state, seen = answered(self.states[state], call, self.profile, now)
            label = (call.method, "refused") if isinstance(seen, Raised) else (call.method, pickle.dumps(seen))
            effect = self.effects[key] = Effect(self.number(gateway_state), label, seen)
        return effect


def answered(
    gateway_state: GatewayState, call: Call, profile: GatewayProfile, now: datetime
) -> tuple[GatewayState, object]:
    """The gateway after a call, and its answer; a refusal is an answer that raises."""
    (asked,) = call.args
    try:
        match call.method:
            case "open":
                return simulated_gateway.opened(gateway_state, asked, profile, now)
            case "void":
                return simulated_gateway.voided(gateway_state, asked, profile, now)
            case "query":
                return gateway_state, simulated_gateway.queried(gateway_state, asked)
            case "refund":
                return simulated_returns.refunded(gateway_state, asked, profile)
            case "query_payment":
                return gateway_state, simulated_returns.queried_payment(gateway_state, asked)
            case _:
                return gateway_state, simulated_returns.refund_state(gateway_state, asked)
    except Refused as error:
        cause = error.cause
        return gateway_state, Raised(lambda: Refused(simulated_gateway.NAME, cause))
