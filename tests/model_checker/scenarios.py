"""What is explored: gateways of every profile, orders in every situation, and every pair and triple of processes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from itertools import combinations

from paylatch.ports import ReleasePolicy
from tests.invariants import InvariantViolated
from tests.model_checker.actors import FIRST_ATTEMPT, SECOND_ATTEMPT, UNRELATED_ATTEMPT
from tests.model_checker.chosen_groups import CORE_GATEWAYS, chosen_groups
from tests.model_checker.processes import (
    CONSUMERS,
    ERASERS,
    NEXT_BUYERS,
    PLACERS,
    PROCESSES,
    READERS,
    STOPS,
    callback_process,
    earlier,
    follow_stream,
)
from tests.model_checker.simulated_gateway import GatewayProfile, GatewayState, StatementTimes
from tests.model_checker.simulated_returns import with_failed_refund
from tests.model_checker.spec_limits import LONGEST_LINK
from tests.model_checker.state_space import NOT_STARTED, Limits, Next, State, StateSpace
from tests.model_checker.steps import ENDED
from tests.model_checker.unauthorised_callers import UNAUTHORISED_CALLERS
from tests.model_checker.unrelated_callbacks import (
    with_payment_at_other_gateway,
    with_payment_of_unknown_attempt,
    with_second_payment,
    with_spoofed_events,
)


@dataclass(frozen=True, slots=True)
class Span:
    """The length of a schedule: the clock's possible times, and the number of callbacks that arrive."""

    clock_times: tuple[int, ...]
    deliveries: int
    rare: bool


_SHORT_LINK = timedelta(minutes=1)
PROFILES = {
    profile.name: profile
    for profile in (
        GatewayProfile(name="final", statement_times=StatementTimes.AT_DELIVERY),
        GatewayProfile(name="reports-voids", reports_voids=True, statement_times=StatementTimes.AT_DELIVERY),
        GatewayProfile(
            name="declines", declines=True, shortest_session=_SHORT_LINK, statement_times=StatementTimes.ACTUAL
        ),
        GatewayProfile(name="live-link", voidable=False, statement_times=StatementTimes.AT_DELIVERY),
        GatewayProfile(name="live-link-strict", voidable=False, policy=ReleasePolicy.STRICT),
        GatewayProfile(name="ineffective-void", void_stops_payment=False, slow_refunds=True),
        GatewayProfile(name="slow", slow=True, slow_refunds=True, statement_times=StatementTimes.ACTUAL),
        GatewayProfile(name="slow-live-link", voidable=False, slow=True, reports_link_expiry=False),
        GatewayProfile(name="underpaid", shortfall=1, statement_times=StatementTimes.ACTUAL),
        GatewayProfile(name="underpaid-late", shortfall=1, voidable=False, slow_refunds=True),
        GatewayProfile(name="failing-refunds", voidable=False, refunds_can_fail=True),
        GatewayProfile(name="failing-slow-refunds", voidable=False, refunds_can_fail=True, slow_refunds=True),
        GatewayProfile(
            name="manual-refunds", voidable=False, manual_refunds=True, statement_times=StatementTimes.ACTUAL
        ),
        GatewayProfile(name="manual-refunds-hidden", manual_refunds=True, hides_returned_payments=True),
        GatewayProfile(name="disputed", voidable=False, disputes=True),
        GatewayProfile(
            name="other-currency",
            currency="SEK",
            voidable=False,
            shortest_session=_SHORT_LINK,
            link_overrun=LONGEST_LINK / 2,
        ),
    )
}
# The steps before a schedule: processes one after the other, each without faults except at one call; or the payer pays
# by the first link, or all callbacks are delivered.
Preparation = tuple[tuple[str, str, str], ...]


def _planned(*names: str) -> Preparation:
    return tuple((name, "", "") for name in names)


_RELEASED = _planned("pay", "cancel-payment")
_DATED = _planned("set-pay-by")
_TWO_LINKS = (*_RELEASED, *_planned("pay-other", "cancel-other"))
_REVIEW = _planned("pay", "payer", "cancel-payment")
_SECOND_REVIEW = (*_RELEASED, *_planned("pay-other", "payer", "cancel-other"))
_NO_ANSWER = "gets no answer from the gateway"
STARTS: dict[str, Preparation] = {
    "unplaced": (),
    "new": (),
    "opening": (("pay", "open", "dies"),),
    "open": _planned("pay"),
    "paid-unreported": _planned("pay", "payer"),
    "processing": _planned("pay", "payer", "deliver-callbacks"),
    "releasing": (*_planned("pay"), ("cancel-payment", "void", _NO_ANSWER)),
    "second-releasing": (*_RELEASED, *_planned("pay-other"), ("cancel-other", "void", _NO_ANSWER)),
    "review": _REVIEW,
    "second-review": _SECOND_REVIEW,
    "second-review-settled": (*_SECOND_REVIEW, *_planned("operator-settles-other")),
    "review-settled": (*_REVIEW, *_planned("operator-settles")),
    "review-refunded": (*_REVIEW, *_planned("operator-refunds")),
    "unknown-attempt": _planned("pay-unknown-attempt"),
    "many-attempts": (*_RELEASED, *_planned("more-attempts")),
    "evicting": (*_RELEASED, *_planned("more-attempts", "pay-other", "again")),
    "ten-links": (*_RELEASED, *_planned("links")),
    "two-links": _TWO_LINKS,
    "edited": _planned("edit-buyer"),
    "free": _planned("give-away"),
    "dated": _DATED,
    "dated-open": (*_DATED, *_planned("pay")),
    "dated-released": (*_DATED, *_RELEASED),
    "elsewhere": _planned("pay", "elsewhere"),
    "cancelled": _planned("edit-buyer", "cancel-order"),
    "linked": _planned("issue-link"),
    "linked-open": _planned("issue-link", "pay-by-link"),
    "one-debt": (*_RELEASED, *_planned("edit-buyer", "payer", "deliver-callbacks")),
    "refund-failed": (
        *_RELEASED,
        *_planned("edit-buyer", "payer", "deliver-callbacks", "sweep", "refund-fails", "deliver-callbacks"),
    ),
    "debt-and-link": (*_TWO_LINKS, *_planned("edit-buyer", "payer", "deliver-callbacks")),
    "evicted": (*_RELEASED, *_planned("more-attempts", "pay-other", "cancel-other")),
    "debts": (*_TWO_LINKS, *_planned("edit-buyer", "payer", "payer", "deliver-callbacks")),
    "spoofed": (*_RELEASED, *_planned("pay-other", "payer", "deliver-callbacks", "spoof")),
    "paid": _planned("pay", "payer", "deliver-callbacks"),
    "paid-manually": _planned("settle-manually"),
    "paid-twice": _planned("pay", "payer", "deliver-callbacks", "again"),
    "released": _RELEASED,
    "owed-twice": (*_RELEASED, *_planned("edit-buyer", "payer", "deliver-callbacks", "again")),
    "review-twice": _planned("pay", "payer", "deliver-callbacks", "again"),
}
_SAME_AT_EVERY_GATEWAY = (
    "many-attempts",
    "debt-and-link",
    "debts",
    "edited",
    "elsewhere",
    "unknown-attempt",
    "owed-twice",
    "paid-twice",
    "second-releasing",
    "spoofed",
    "ten-links",
)
# At one gateway only. An attempt is evicted only where its link ends with its void; a payment is under way only at a
# slow gateway; an unplaced order has scenarios of its own.
_ONCE = {
    "unplaced": None,
    "free": "final",
    **dict.fromkeys(("paid", "paid-manually", "cancelled")),
    **dict.fromkeys(("linked", "linked-open")),
    **dict.fromkeys(("dated", "dated-open", "dated-released")),
    "processing": "slow",
    "evicted": "final",
    "evicting": "final",
    "review-twice": "underpaid",
}
# Where captured money may leave without our refunds, beside the scenarios of the other gateways.
_MONEY_MOVES = ("open", "paid-unreported", "released", "edited", "releasing")
_LATE_MONEY = ("one-debt", "owed-twice")
# Further events at a gateway before a scenario begins.
_GATEWAY_EVENTS_BEFORE: dict[str, Callable[[GatewayState], GatewayState]] = {
    "again": lambda gateway_state: with_second_payment(gateway_state, FIRST_ATTEMPT),
    "refund-fails": lambda gateway_state: with_failed_refund(gateway_state, gateway_state.sessions[0]),
    "elsewhere": lambda gateway_state: with_payment_at_other_gateway(gateway_state, FIRST_ATTEMPT),
    "pay-unknown-attempt": lambda gateway_state: with_payment_of_unknown_attempt(gateway_state, UNRELATED_ATTEMPT),
    "spoof": lambda gateway_state: with_spoofed_events(gateway_state, SECOND_ATTEMPT, FIRST_ATTEMPT),
}
# Seconds since noon: the lock's deadline is at 900, the longest link ends at 1800 and has certainly ended at 1860.
_SPANS = {
    "short": Span((0, 901), deliveries=1, rare=False),
    "long": Span((0, 860, 901, 1870), deliveries=2, rare=True),
    "late": Span((0, 1870), deliveries=2, rare=True),
    "walk": Span((0, 860, 901, 1870), deliveries=4, rare=True),
}
_REPEATS = {
    "pay-again": "pay",
    "stop-again": "stop-and-change",
    "stop-unchanged-again": "stop-unchanged",
    "edit-again": "edit-buyer",
    "sweep-too": "sweep",
    "timer-too": "timer",
}
# These have scenarios of their own, here or in `placing.py`.
_REFUND_REQUESTS = frozenset({"request-refund", "request-refund-again", "request-rest"})
_APART = frozenset({*_REFUND_REQUESTS, *ERASERS, *PLACERS, *READERS, *CONSUMERS, *NEXT_BUYERS, "onlooker"})
# Stops of a payment for an edit that changes nothing.
_UNCHANGED = frozenset({"stop-unchanged", "stop-unchanged-again"})
# These are refused, or repeat another process; operators decide about mismatched money only.
_RUN_ALONE = frozenset(
    {
        *UNAUTHORISED_CALLERS,
        *_UNCHANGED,
        "edit-otherwise",
        "pay-otherwise",
        "recheck",
        "recheck-buyer",
        "sweep-hurried",
        "operator-writes-off",
    }
)
# The seller's stop differs in the caller alone, a repeated one asks no gateway again, a settlement by hand asks none.
_AT_CORE_GATEWAYS = frozenset({"stop-seller", "stop-again", "settle-manually"})
# In triples a stop of a payment is explored beside what it competes with.
_BESIDE_STOPS = frozenset({"cancel-payment", "edit-buyer", "pay-other", "sweep", "stop-again", "stop-and-change"})
# Requests to stop a payment that are repeated, also after a further edit.
_REPEATED_STOPS = (
    ("stop-unchanged", "stop-unchanged-again"),
    ("stop-and-change", "stop-unchanged"),
    ("edit-seller", "stop-and-change", "stop-again"),
    ("edit-buyer", "stop-unchanged", "stop-unchanged-again"),
)
# A timer does the sweep's work on its order. Beside others it is explored where it competes with them.
_TIMERS = frozenset({"timer", "timer-too"})
_BESIDE_TIMERS = frozenset({"cancel-payment", "pay-other", "sweep", *_TIMERS})
# A settlement by hand is one write of an unlocked order.
_SETTLEMENTS = frozenset({"settle-manually"})
_BESIDE_SETTLEMENTS = frozenset({"cancel-payment", "edit-buyer", "pay-other", *_SETTLEMENTS})
_FORCED_RELEASES = frozenset({"operator-releases"})
# The seller's edits of `pay_by`, and hand-overs.
_DATING = frozenset({"set-pay-by", "move-pay-by", "hand-over", "hand-over-edited"})
# An order's payment link, and who has it.
_LINKED = frozenset({"issue-link", "renew-link", "pay-by-link", "stop-by-link", "link-holder"})
# The buyer's edits are distinguished by the order's last event, so a schedule has only one kind of them; and a buyer
# who sends the seller's own prices is not refused.
COMBINABLE = tuple(
    name
    for name in PROCESSES
    if name not in ("edit-otherwise", "buyer-in-error", "give-away", *_DATING, *_LINKED, *ERASERS, *NEXT_BUYERS)
)
# For preparations only: beside other processes, their counterparts for the first attempt are enough.
_PREPARATION_ONLY = frozenset({"cancel-other", "operator-settles-other", "give-away", *_DATING, *_LINKED})
# Where money leaves without our refunds, these are enough beside each other: one that settles, one that releases, one
# that refunds.
_MONEY_MOVING_PROCESSES = frozenset({"cancel-payment", "edit-buyer", "pay-other", "sweep"})
_OPERATORS = frozenset({"operator-settles", "operator-refunds"})


class Places(IntEnum):
    """Gateways and situations, each a part of the one before."""

    EVERYWHERE = 0
    GATEWAYS = 1
    """Every situation at the two gateways that differ most."""
    CORE = 2
    """There, an order that is new and one that is being paid."""
    FINAL = 3
    """Of these, the gateway whose voids are final: explored deepest. Where links stay live, states are many more."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One space of schedules; `code` identifies it permanently."""

    profile: str
    start: str
    names: tuple[str, ...]
    faults: int
    span: str = "short"

    @property
    def code(self) -> str:
        return f"{self.profile}:{self.start}:{'+'.join(self.names)}:{self.faults}:{self.span}"

    @property
    def places(self) -> Places:
        """The smallest of the places that it belongs to."""
        if self.profile not in CORE_GATEWAYS:
            return Places.EVERYWHERE
        if self.start not in ("new", "open"):
            return Places.GATEWAYS
        return Places.FINAL if self.profile == "final" else Places.CORE

    @property
    def limits(self) -> Limits:
        span = _SPANS[self.span]
        return Limits(self.names, span.clock_times, span.deliveries, self.faults, span.rare)

    @classmethod
    def named(cls, code: str) -> "Scenario":
        profile, start, names, faults, span = code.split(":")
        return cls(profile, start, tuple(names.split("+")), int(faults), span)


def started(state_space: StateSpace, scenario: Scenario) -> State:
    """The state that the scenario starts from."""
    placed, followed = scenario.start != "unplaced", follow_stream(scenario.names)
    state = state_space.first(Limits(()), placed=placed, followed=followed)
    for name, call, fault in STARTS[scenario.start]:
        if name == "payer":
            state = _with_payment(state_space, state)
        elif name == "deliver-callbacks":
            state = _with_callbacks_delivered(state_space, state)
        elif name in _GATEWAY_EVENTS_BEFORE:
            gateway_state = _GATEWAY_EVENTS_BEFORE[name](state_space.gateway_states.states[state.gateway])
            state = state._replace(gateway=state_space.gateway_states.number(gateway_state))
        elif name in ("more-attempts", "links"):
            state = state._replace(
                database=state_space.database_states.with_many_attempts(state.database, links=name == "links")
            )
        else:
            state = _finished(state_space, state, name, call, fault)
    processes = (NOT_STARTED,) * len(scenario.names)
    return State(state.database, state.gateway, 0, scenario.faults, (), (), processes)


def _finished(state_space: StateSpace, state: State, name: str, call: str, fault: str) -> State:
    limits = Limits((name,), (0,), 0, 1, rare=True, before=True)
    state = State(state.database, state.gateway, 0, 1, (), (), (NOT_STARTED,))
    while state.processes != (ENDED,):
        moves = [(move, after) for move, after in state_space.moves(state, limits) if move.what != "pays"]
        move, after = moves[0]
        if move.what == call:
            after = _state_after(fault, moves)
        state = after
    return state


def _with_callbacks_delivered(state_space: StateSpace, state: State) -> State:
    for gateway_event in state_space.gateway_states.states[state.gateway].gateway_events:
        root = state_space.process_tree.root(earlier(callback_process(gateway_event, 0)), 0, 0)
        state = State(state.database, state.gateway, 0, 0, (), (), (root,))
        while state.processes:
            _, state = state_space.moves(state, Limits(()))[0]
    return state


def _with_payment(state_space: StateSpace, state: State) -> State:
    limits = Limits((), (0,), 0, 0)
    return _state_after("pays", state_space.moves(state, limits))


def _state_after(what: str, moves: list[Next]) -> State:
    found = next((after for move, after in moves if move.what == what), None)
    if found is None:
        raise InvariantViolated("a preparation is possible", f"a start needs a process that {what}, and none can")
    return found


def groups_of(size: int, profile: GatewayProfile) -> list[tuple[str, ...]]:
    """Every choice of that many processes; a repeat is chosen only beside the process that it repeats."""
    left_out = _PREPARATION_ONLY | _APART | (frozenset() if profile.name in CORE_GATEWAYS else _AT_CORE_GATEWAYS)
    left_out |= frozenset() if profile.name in CORE_GATEWAYS or size == 1 else _TIMERS
    if size > 1 and (profile.manual_refunds or profile.disputes):
        left_out = frozenset(PROCESSES) - _MONEY_MOVING_PROCESSES
    elif size > 1:
        left_out |= _RUN_ALONE | (frozenset() if profile.captures_other_amount else _OPERATORS)
        left_out |= frozenset() if profile.name in CORE_GATEWAYS and size == 2 else _FORCED_RELEASES
    chosen = combinations((name for name in PROCESSES if name not in left_out), size)
    whole = [names for names in chosen if all(_REPEATS.get(name, name) in names for name in names)]
    repeated = [names for names in _REPEATED_STOPS if len(names) == size and profile.name in CORE_GATEWAYS]
    return [*(whole if size < 3 else filter(_is_explored_in_threes, whole)), *repeated]


def _is_explored_in_threes(group: tuple[str, ...]) -> bool:
    names = frozenset(group)
    beside = ((STOPS, _BESIDE_STOPS), (_TIMERS, _BESIDE_TIMERS), (_SETTLEMENTS, _BESIDE_SETTLEMENTS))
    return all(chosen.isdisjoint(names) or others >= names for chosen, others in beside)


def is_possible(start: str, profile: GatewayProfile) -> bool:
    """Whether the situation exists at that gateway; what is the same at all gateways is explored at one."""
    if start in _ONCE:
        return profile.name == _ONCE[start]
    if start in ("second-review", "second-review-settled"):
        return profile.captures_other_amount and profile.voidable
    if profile.manual_refunds or profile.disputes:
        return start in (_MONEY_MOVES if profile.voidable else (*_MONEY_MOVES, *_LATE_MONEY))
    if start in ("review", "review-settled", "review-refunded"):
        return profile.captures_other_amount
    if start == "refund-failed":
        return profile.refunds_can_fail and not profile.slow_refunds
    if start == "one-debt":
        return profile.refunds_can_fail
    return profile.name == "live-link" or start not in _SAME_AT_EVERY_GATEWAY


def scenarios(size: int, faults: int, span: str) -> list[Scenario]:
    """Every group of that size, in every situation, at every gateway."""
    return [
        *(Scenario(*each, faults, span) for each in chosen_groups(size)),
        *(
            Scenario(name, start, names, faults, span)
            for name, profile in PROFILES.items()
            for start in STARTS
            for names in groups_of(size, profile)
            if is_possible(start, profile)
        ),
    ]
