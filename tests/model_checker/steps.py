"""The next steps of one process in one state of the database or gateway it calls: without a fault, or with one.

Computed once; the same process meets the same database in very many schedules.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from paylatch.domain.guards import broken_clauses
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.ports import Acknowledgement
from tests.model_checker import simulated_gateway
from tests.model_checker.actions import check_action, check_call
from tests.model_checker.database_states import DatabaseStates, Effect
from tests.model_checker.duplicates import Duplicate, can_hold_later, check_arrival, is_denial, known_of, may_hold
from tests.model_checker.faults import FAULTS, CallFault
from tests.model_checker.gateway_states import GatewayStates
from tests.model_checker.process_tree import Node, ProcessTree
from tests.model_checker.release_reasons import closes_for, unlocks_for
from tests.model_checker.responses import check_response
from tests.model_checker.scripted_ports import NOON, Call
from tests.model_checker.simulated_gateway import RefundFailedEvent

ENDED = -2
RESENT = "loses the answer; the SDK asks again"
DELAYED = "has its first try delayed; the SDK's second is answered"
_CONTENT_CALLS = frozenset({"put_content", "read_content", "remove_content"})


class SideEffects(NamedTuple):
    """The further effects of a call on the gateway's model.

    `issues_link` names the attempt whose link the payer can know from now on, `acknowledges` the callbacks that the
    gateway need not deliver any more, `closes` whose session was closed and why, `unlocks` what was released on its
    statement alone, and for which reason.
    """

    issues_link: str | None = None
    acknowledges: RefundFailedEvent | None = None
    closes: tuple[str, frozenset[ReleaseReason]] | None = None
    unlocks: tuple[str, str] | None = None


_NO_SIDE_EFFECTS = SideEffects()


class Outcome(NamedTuple):
    """`after` numbers the database or the gateway, `process` the node; `late` is a request that is still on its way.

    `denied` says that the process ended, and its caller was refused.
    """

    what: str
    after: int
    process: int
    cost: int = 0
    late: int = -1
    side_effects: SideEffects | None = None
    denied: bool = False


@dataclass(slots=True)
class Steps:
    """The outcomes of every process's next call. `rare` faults are those that differ from others in name alone."""

    process_tree: ProcessTree
    database_states: DatabaseStates
    gateway_states: GatewayStates
    _known: dict[tuple[int, int, int, int], list[Outcome]] = field(default_factory=dict)
    _call_numbers: dict[int, int] = field(default_factory=dict)
    _effect_possible: dict[tuple[int, int], bool] = field(default_factory=dict)
    _arrivals: dict[tuple[int, int, int], tuple[int, SideEffects | None]] = field(default_factory=dict)

    def outcomes(self, process: int, place: int, seconds: int, faults: int) -> list[Outcome]:
        """All outcomes of the call that this process waits for; `faults`: 0 none, 1 usual ones, 2 rare ones too."""
        key = (process, place, seconds, faults)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._work_out(self.process_tree.nodes[process], place, seconds, faults)
        return known

    def effect(self, node: Node, call: Call, place: int, seconds: int) -> Effect:
        """What the call does in the database or gateway of that number."""
        number = self._call_numbers.get(node.number)
        if number is None:
            number = self._call_numbers[node.number] = self.database_states.call_number(call)
        if call.of_gateway:
            return self.gateway_states.effect(place, call, number, clock_time(seconds))
        return self.database_states.effect(place, call, number)

    def side_effects(
        self, node: Node, call: Call, effect: Effect, seconds: int, process: int | None = None
    ) -> SideEffects | None:
        """What the call means for the gateway, and that `process` ended with it, if it did."""
        acknowledged = self._acknowledged_event(process) if process is not None else None
        if call.of_gateway:
            made = SideEffects(closes=closes_for(node, call, seconds), acknowledges=acknowledged)
        elif effect.applied is None:
            made = SideEffects(acknowledges=acknowledged)
        else:
            order = self.database_states.states[effect.after].order
            opened = order.attempt.attempt_id if order.attempt and effect.applied == "record_session" else None
            unlocks = unlocks_for(node, order) if effect.applied == "release" else None
            made = SideEffects(opened, acknowledged, unlocks=unlocks)
        return None if made == _NO_SIDE_EFFECTS else made

    def ended(self, process: int) -> int:
        """ENDED for a process that has answered its caller, truthfully."""
        node = self.process_tree.nodes[process]
        if node.response is None:
            return process
        if not node.checked:
            check_response(node)
            node.checked = True
        return ENDED

    def is_private(self, process: int, place: int, seconds: int, more_time: bool) -> bool:
        """Whether the next call commutes with whatever others do, so that no other order need be looked at.

        Content lies under an id that its writer alone knows until a head names it, and is never changed: whoever else
        moves first makes no difference, except the clock, where the process looks at it before its next call. What a
        reader is about to read may expire.
        """
        node = self.process_tree.nodes[process]
        if node.call is None or node.call.method not in _CONTENT_CALLS or node.process.reads:
            return False
        if not more_time:
            return True
        planned = self.outcomes(process, place, seconds, 0)[0].process
        return planned != ENDED and not self.process_tree.nodes[planned].reads_clock

    def _work_out(self, node: Node, place: int, seconds: int, faults: int) -> list[Outcome]:
        call = node.call
        if call is None:
            raise AssertionError(f"{node.process.name} has ended without an answer")
        check_call(node, call, self.process_tree.profile)
        effect = self.effect(node, call, place, seconds)
        self._check_deed(node, call, effect)
        child = self.process_tree.child(node, effect.key, effect.seen, seconds, effect.applied)
        side_effects = self.side_effects(node, call, effect, seconds, child)
        planned = Outcome(call.method, effect.after, self.ended(child), 0, -1, side_effects, self._is_denied(child))
        outcomes = [planned]
        if faults:
            outcomes.append(Outcome("dies", place, ENDED, 1))
            if call.method == "apply":
                if effect.applied:
                    # Where nothing was made, to ask again is to ask later.
                    again = self.process_tree.resending(node, effect.applied)
                    resent = self.side_effects(node, call, effect, seconds)
                    outcomes.append(Outcome(RESENT, effect.after, again, 1, side_effects=resent))
                if can_hold_later(call.args[1], effect.seen):
                    late = self.process_tree.duplicate(node, known_of(effect.seen))
                    outcomes.append(planned._replace(what=DELAYED, cost=1, late=late))
            possible = (fault for fault in FAULTS[call.method] if faults > 1 or not fault.rare)
            outcomes += [
                self._fault(node, fault, place, seconds) for fault in possible if self._fits(fault, node, place)
            ]
        return outcomes

    def arrival(self, process: int, call: Call, place: int, seconds: int) -> tuple[int, SideEffects | None]:
        """The number of the database or gateway after a request whose sender stopped waiting, and what else it does.

        Raises `InvariantViolated`.
        """
        key = (process, place, seconds)
        known = self._arrivals.get(key)
        if known is None:
            node = self.process_tree.nodes[process]
            effect = self._arrives(node, call, place, seconds)
            known = self._arrivals[key] = (effect.after, self.side_effects(node, call, effect, seconds))
        return known

    def _arrives(self, node: Node, call: Call, place: int, seconds: int) -> Effect:
        effect = self.effect(node, call, place, seconds)
        self._check_deed(node, call, effect)
        if node.duplicate and effect.applied:
            check_arrival(node.process, node.duplicate, effect.applied)
        return effect

    def _check_deed(self, node: Node, call: Call, effect: Effect) -> None:
        found = None if call.of_gateway else self.database_states.states[effect.after].found
        if found is not None:
            check_action(node, found, effect.applied, self.process_tree.profile)

    def can_have_effect(self, number: int, database: int, gateway: int) -> bool:
        """Whether a request on its way can still change anything, now or later."""
        call = self.process_tree.nodes[number].call
        if call is None:
            return False
        key = (number, gateway if call.of_gateway else database)
        known = self._effect_possible.get(key)
        if known is None:
            known = self._effect_possible[key] = self._may_change(call, database, gateway)
        return known

    def _may_change(self, call: Call, database: int, gateway: int) -> bool:
        if call.of_gateway:
            return simulated_gateway.may_change(
                self.gateway_states.states[gateway], call.method, call.args[0], self.process_tree.profile
            )
        state = self.database_states.states[database]
        if call.method == "record_events":
            return not state.stream.history.keys() >= {event.seq for event in call.args[0]}
        if call.method != "apply" or state.found is None:
            return True
        transition = call.args[1]
        refused = bool(broken_clauses(transition.guard, state.document))
        return may_hold(transition, state.found, state.found.version + refused)

    def denied(self, process: int, late: int) -> int:
        """That request on its way, now that this process ended with a no: another one where it is a separate try."""
        ended, node = self.process_tree.nodes[process], self.process_tree.nodes[late]
        if node.duplicate is not Duplicate.REFUSED or node.process != ended.process:
            return late
        return self.process_tree.duplicate(node, Duplicate.DENIED)

    def _is_denied(self, process: int) -> bool:
        response = self.process_tree.nodes[process].response
        return response is not None and is_denial(response.error)

    def _acknowledged_event(self, process: int) -> RefundFailedEvent | None:
        node = self.process_tree.nodes[process]
        acknowledged = node.response is not None and isinstance(node.response.value, Acknowledgement)
        return (
            node.process.gateway_event
            if acknowledged and isinstance(node.process.gateway_event, RefundFailedEvent)
            else None
        )

    def _fault(self, node: Node, fault: CallFault, place: int, seconds: int) -> Outcome:
        child = self.process_tree.child(node, fault.name, fault.answer, seconds, None)
        late = node.number if fault.arrives_later else -1
        return Outcome(fault.name, place, self.ended(child), 1, late, denied=self._is_denied(child))

    def _fits(self, fault: CallFault, node: Node, place: int) -> bool:
        attempt_id = node.process.attempt_id
        known = fault.only_unknown and attempt_id and self.gateway_states.states[place].session_of(attempt_id)
        return not known


def clock_time(seconds: int) -> datetime:
    """So many seconds since noon."""
    return NOON + timedelta(seconds=seconds)
