"""I6: callbacks arrive in any order and more than once, and all orders of up to six deliveries end in one state."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from paylatch.ports import GatewayEvent, GatewayEventKind
from tests.invariants import expect
from tests.model_checker import simulated_gateway, simulated_returns
from tests.model_checker.actors import FIRST_ATTEMPT, SECOND_ATTEMPT
from tests.model_checker.database_states import DatabaseStates, frozen
from tests.model_checker.liveness import RunningSystem, run_alone, running_system
from tests.model_checker.processes import PROCESSES, callback_process
from tests.model_checker.simulated_gateway import GatewayProfile, GatewayState

INVARIANT = "callbacks converge"


@dataclass(frozen=True, slots=True)
class Situation:
    """The steps `before`, and the callbacks that arrive after them, by attempt and kind."""

    name: str
    profile: GatewayProfile
    before: tuple[str, ...]
    callbacks: tuple[tuple[str, GatewayEventKind], ...]


_LIVE = GatewayProfile(name="live-link", voidable=False)
_TWICE = 2
SITUATIONS = (
    Situation(
        "a payment succeeds at the second try",
        GatewayProfile(name="final"),
        ("pay", "pays first"),
        (
            (FIRST_ATTEMPT, GatewayEventKind.TRY_FAILED),
            (FIRST_ATTEMPT, GatewayEventKind.IN_PROGRESS),
            (FIRST_ATTEMPT, GatewayEventKind.PAID),
        )
        * _TWICE,
    ),
    Situation(
        "a payment succeeds as its session ends",
        GatewayProfile(name="final"),
        ("pay", "pays first"),
        (
            (FIRST_ATTEMPT, GatewayEventKind.EXPIRED),
            (FIRST_ATTEMPT, GatewayEventKind.CLOSED),
            (FIRST_ATTEMPT, GatewayEventKind.PAID),
        )
        * _TWICE,
    ),
    Situation(
        "two attempts are paid, one of them cancelled before",
        _LIVE,
        ("pay", "cancel-payment", "pay-other", "pays first", "pays second"),
        (
            (FIRST_ATTEMPT, GatewayEventKind.PAID),
            (SECOND_ATTEMPT, GatewayEventKind.PAID),
            (FIRST_ATTEMPT, GatewayEventKind.EXPIRED),
        )
        * _TWICE,
    ),
    Situation(
        "six different statements about two attempts",
        _LIVE,
        ("pay", "cancel-payment", "pay-other", "pays first", "pays second"),
        tuple(
            (attempt_id, kind)
            for attempt_id in (FIRST_ATTEMPT, SECOND_ATTEMPT)
            for kind in (GatewayEventKind.TRY_FAILED, GatewayEventKind.EXPIRED, GatewayEventKind.PAID)
        ),
    ),
    Situation(
        "late money for an order that was edited",
        _LIVE,
        ("pay", "cancel-payment", "edit-buyer", "pays first"),
        (
            (FIRST_ATTEMPT, GatewayEventKind.PAID),
            (FIRST_ATTEMPT, GatewayEventKind.EXPIRED),
            (FIRST_ATTEMPT, GatewayEventKind.CLOSED),
        )
        * _TWICE,
    ),
    Situation(
        "late money for an order that was cancelled",
        _LIVE,
        ("pay", "cancel-payment", "cancel-order", "pays first"),
        (
            (FIRST_ATTEMPT, GatewayEventKind.PAID),
            (FIRST_ATTEMPT, GatewayEventKind.IN_PROGRESS),
            (FIRST_ATTEMPT, GatewayEventKind.CLOSED),
        )
        * _TWICE,
    ),
    Situation(
        "another amount than was requested",
        GatewayProfile(name="underpaid", shortfall=1),
        ("pay", "pays first"),
        (
            (FIRST_ATTEMPT, GatewayEventKind.PAID),
            (FIRST_ATTEMPT, GatewayEventKind.EXPIRED),
            (FIRST_ATTEMPT, GatewayEventKind.TRY_FAILED),
        )
        * _TWICE,
    ),
    Situation(
        "a refund is confirmed while all callbacks are repeated",
        GatewayProfile(name="live-link", voidable=False, slow_refunds=True),
        ("pay", "cancel-payment", "edit-buyer", "pays first", "callback of the payment", "sweep", "refund succeeds"),
        (
            (FIRST_ATTEMPT, GatewayEventKind.PAID),
            (FIRST_ATTEMPT, GatewayEventKind.REFUNDED),
            (FIRST_ATTEMPT, GatewayEventKind.EXPIRED),
        )
        * _TWICE,
    ),
    Situation(
        "a refund fails after it succeeded, and all callbacks are repeated",
        GatewayProfile(name="failing-slow-refunds", voidable=False, slow_refunds=True, refunds_can_fail=True),
        (
            "pay",
            "cancel-payment",
            "edit-buyer",
            "pays first",
            "callback of the payment",
            "sweep",
            "refund succeeds",
            "refund fails",
        ),
        (
            (FIRST_ATTEMPT, GatewayEventKind.PAID),
            (FIRST_ATTEMPT, GatewayEventKind.REFUNDED),
            (FIRST_ATTEMPT, GatewayEventKind.REFUND_FAILED),
        )
        * _TWICE,
    ),
)


def check_convergence() -> int:
    """Check every situation in every order of callbacks; return the number of orders. Raises `InvariantViolated`."""
    return sum(orders_of(situation) for situation in SITUATIONS)


def orders_of(situation: Situation) -> int:
    """Deliver the situation's callbacks in every order; return the number of orders. Orders that reach the same state
    are merged.
    """
    system = _system_before(situation)
    gateway_events = Counter(
        _gateway_event(system.gateway_state, attempt_id, kind) for attempt_id, kind in situation.callbacks
    )
    layer: dict[object, tuple[RunningSystem, Counter[GatewayEvent], int]] = {"start": (system, gateway_events, 1)}
    for _ in range(gateway_events.total()):
        following: dict[object, tuple[RunningSystem, Counter[GatewayEvent], int]] = {}
        for state, left, ways in layer.values():
            for gateway_event in left:
                after, rest = _delivered(state, gateway_event), left - Counter([gateway_event])
                key = (_state_of(after), frozenset(rest.items()))
                known = following.get(key)
                following[key] = (after, rest, ways + (known[2] if known else 0))
        layer = following
    ends = {_end_of(state) for state, _, _ in layer.values()}
    expect(len(ends) == 1, INVARIANT, f"{situation.name}: {len(ends)} different ends, {ends}")
    return sum(ways for _, _, ways in layer.values())


def _system_before(situation: Situation) -> RunningSystem:
    database_states = DatabaseStates()
    system = running_system(database_states.states[database_states.first], GatewayState(), 0, situation.profile)
    for step in situation.before:
        _take(system, step)
    return system


def _take(system: RunningSystem, step: str) -> None:
    if step.startswith("pays"):
        session = system.gateway_state.session_of(FIRST_ATTEMPT if step.endswith("first") else SECOND_ATTEMPT)
        if session is not None:
            system.gateway_state = simulated_gateway.captured(system.gateway_state, session, system.profile, system.now)
    elif step == "callback of the payment":
        run_alone(
            system, callback_process(_gateway_event(system.gateway_state, FIRST_ATTEMPT, GatewayEventKind.PAID), 9)
        )
    elif step == "refund succeeds":
        system.gateway_state = simulated_returns.with_refunds_settled(system.gateway_state)
    elif step == "refund fails":
        (session,) = system.gateway_state.sessions
        system.gateway_state = simulated_returns.with_failed_refund(system.gateway_state, session)
    else:
        run_alone(system, PROCESSES[step])


def _gateway_event(gateway_state: GatewayState, attempt_id: str, kind: GatewayEventKind) -> GatewayEvent:
    session = gateway_state.session_of(attempt_id)
    with_money = kind in (GatewayEventKind.PAID, GatewayEventKind.REFUNDED, GatewayEventKind.REFUND_FAILED)
    return GatewayEvent(kind, attempt_id, capture=session.capture if session and with_money else None)


def _delivered(system: RunningSystem, gateway_event: GatewayEvent) -> RunningSystem:
    after = replace(system, store=system.copied_store(), ids_drawn=system.ids_drawn)
    run_alone(after, callback_process(gateway_event, 0))
    return after


def _state_of(system: RunningSystem) -> object:
    return frozen(system.store.heads), system.gateway_state.sessions


def _end_of(system: RunningSystem) -> tuple[object, ...]:
    order = system.order
    refunds = sorted((refund.payment_id, refund.status, refund.amount) for refund in order.refunds.values())
    past_attempts = sorted((attempt.attempt_id, attempt.status) for attempt in order.past_attempts.values())
    return (
        order.status,
        order.revision,
        order.attempt,
        tuple(refunds),
        tuple(past_attempts),
        _stored_cause(system.gateway_state.sessions),
    )


def _stored_cause(sessions: Sequence[simulated_gateway.GatewaySession]) -> frozenset[simulated_gateway.GatewaySession]:
    return frozenset(sessions)
