"""Callbacks arrive in any order and more than once: all orders of up to six deliveries end in one state."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from paylatch.ports import Notice, NoticeKind
from tests.explorer import hosted_gateway as hosted
from tests.explorer import hosted_money
from tests.explorer.databases import Databases, frozen
from tests.explorer.hosted_gateway import Gatehouse, Temper
from tests.explorer.liveness import Present, present, run_alone
from tests.explorer.people import FIRST, SECOND
from tests.explorer.processes import PROCESSES, callback_process
from tests.explorer.promises import expect

PROMISE = "callbacks converge"


@dataclass(frozen=True, slots=True)
class Situation:
    """What came before, and the callbacks that arrive then: of which attempt, and what they say."""

    name: str
    temper: Temper
    before: tuple[str, ...]
    callbacks: tuple[tuple[str, NoticeKind], ...]


_LIVE = Temper(name="live-link", voidable=False)
_TWICE = 2
SITUATIONS = (
    Situation(
        "a payment succeeds at the second try",
        Temper(name="final"),
        ("pay", "pays first"),
        ((FIRST, NoticeKind.TRY_FAILED), (FIRST, NoticeKind.IN_PROGRESS), (FIRST, NoticeKind.PAID)) * _TWICE,
    ),
    Situation(
        "a payment succeeds as its session ends",
        Temper(name="final"),
        ("pay", "pays first"),
        ((FIRST, NoticeKind.EXPIRED), (FIRST, NoticeKind.CLOSED), (FIRST, NoticeKind.PAID)) * _TWICE,
    ),
    Situation(
        "two attempts are paid, one of them given up before",
        _LIVE,
        ("pay", "cancel-payment", "pay-other", "pays first", "pays second"),
        ((FIRST, NoticeKind.PAID), (SECOND, NoticeKind.PAID), (FIRST, NoticeKind.EXPIRED)) * _TWICE,
    ),
    Situation(
        "six different statements about two attempts",
        _LIVE,
        ("pay", "cancel-payment", "pay-other", "pays first", "pays second"),
        tuple(
            (attempt_id, kind)
            for attempt_id in (FIRST, SECOND)
            for kind in (NoticeKind.TRY_FAILED, NoticeKind.EXPIRED, NoticeKind.PAID)
        ),
    ),
    Situation(
        "late money for an order that was edited",
        _LIVE,
        ("pay", "cancel-payment", "edit-buyer", "pays first"),
        ((FIRST, NoticeKind.PAID), (FIRST, NoticeKind.EXPIRED), (FIRST, NoticeKind.CLOSED)) * _TWICE,
    ),
    Situation(
        "late money for an order that was cancelled",
        _LIVE,
        ("pay", "cancel-payment", "cancel-order", "pays first"),
        ((FIRST, NoticeKind.PAID), (FIRST, NoticeKind.IN_PROGRESS), (FIRST, NoticeKind.CLOSED)) * _TWICE,
    ),
    Situation(
        "other money than was asked for",
        Temper(name="short-changed", shortfall=1),
        ("pay", "pays first"),
        ((FIRST, NoticeKind.PAID), (FIRST, NoticeKind.EXPIRED), (FIRST, NoticeKind.TRY_FAILED)) * _TWICE,
    ),
    Situation(
        "a refund is confirmed while everything is told again",
        Temper(name="live-link", voidable=False, slow_refunds=True),
        ("pay", "cancel-payment", "edit-buyer", "pays first", "is told", "sweep", "refund is made"),
        ((FIRST, NoticeKind.PAID), (FIRST, NoticeKind.REFUNDED), (FIRST, NoticeKind.EXPIRED)) * _TWICE,
    ),
    Situation(
        "a refund bounces after it was done, and everything is told again",
        Temper(name="bounces-late", voidable=False, slow_refunds=True, refunds_bounce=True),
        ("pay", "cancel-payment", "edit-buyer", "pays first", "is told", "sweep", "refund is made", "refund bounces"),
        ((FIRST, NoticeKind.PAID), (FIRST, NoticeKind.REFUNDED), (FIRST, NoticeKind.REFUND_FAILED)) * _TWICE,
    ),
)


def check_convergence() -> int:
    """Every situation in every order; how many orders there were. Raises `Broken`."""
    return sum(orders_of(situation) for situation in SITUATIONS)


def orders_of(situation: Situation) -> int:
    """Every order of the situation's callbacks, and how many there are; orders that meet in one state go on as one."""
    world = _world_before(situation)
    notices = Counter(_notice(world.house, attempt_id, kind) for attempt_id, kind in situation.callbacks)
    layer: dict[object, tuple[Present, Counter[Notice], int]] = {"start": (world, notices, 1)}
    for _ in range(notices.total()):
        following: dict[object, tuple[Present, Counter[Notice], int]] = {}
        for state, left, ways in layer.values():
            for notice in left:
                after, rest = _delivered(state, notice), left - Counter([notice])
                key = (_state_of(after), frozenset(rest.items()))
                known = following.get(key)
                following[key] = (after, rest, ways + (known[2] if known else 0))
        layer = following
    ends = {_end_of(state) for state, _, _ in layer.values()}
    expect(len(ends) == 1, PROMISE, f"{situation.name}: {len(ends)} different ends, {ends}")
    return sum(ways for _, _, ways in layer.values())


def _world_before(situation: Situation) -> Present:
    databases = Databases()
    world = present(databases.states[databases.first], Gatehouse(), 0, situation.temper)
    for step in situation.before:
        _take(world, step)
    return world


def _take(world: Present, step: str) -> None:
    if step.startswith("pays"):
        session = world.house.session_of(FIRST if step.endswith("first") else SECOND)
        if session is not None:
            world.house = hosted.captured(world.house, session, world.temper, world.now)
    elif step == "is told":
        run_alone(world, callback_process(_notice(world.house, FIRST, NoticeKind.PAID), 9))
    elif step == "refund is made":
        world.house = hosted_money.refunds_settled(world.house)
    elif step == "refund bounces":
        (session,) = world.house.sessions
        world.house = hosted_money.refund_bounced(world.house, session)
    else:
        run_alone(world, PROCESSES[step])


def _notice(house: Gatehouse, attempt_id: str, kind: NoticeKind) -> Notice:
    session = house.session_of(attempt_id)
    with_money = kind in (NoticeKind.PAID, NoticeKind.REFUNDED, NoticeKind.REFUND_FAILED)
    return Notice(kind, attempt_id, capture=session.capture if session and with_money else None)


def _delivered(world: Present, notice: Notice) -> Present:
    after = replace(world, store=world.copied_store(), drawn=world.drawn)
    run_alone(after, callback_process(notice, 0))
    return after


def _state_of(world: Present) -> object:
    return frozen(world.store.heads), world.house.sessions


def _end_of(world: Present) -> tuple[object, ...]:
    order = world.order
    refunds = sorted((refund.payment_id, refund.status, refund.amount) for refund in order.refunds.values())
    past_attempts = sorted((attempt.attempt_id, attempt.status) for attempt in order.past_attempts.values())
    return (
        order.status,
        order.revision,
        order.attempt,
        tuple(refunds),
        tuple(past_attempts),
        _kept(world.house.sessions),
    )


def _kept(sessions: Sequence[hosted.Hosted]) -> frozenset[hosted.Hosted]:
    return frozenset(sessions)
