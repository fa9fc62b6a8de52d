"""What is explored: gateways of every temper, orders in every situation, and every pair and triple of processes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

from paylatch.ports import ReleasePolicy
from tests.explorer.agreed_limits import LONGEST_LINK
from tests.explorer.foreign_news import (
    with_foreign_payment,
    with_payment_elsewhere,
    with_second_payment,
    with_slander,
)
from tests.explorer.hosted_gateway import Dating, Gatehouse, Temper
from tests.explorer.hosted_money import refund_bounced
from tests.explorer.people import FIRST, FOREIGN, SECOND
from tests.explorer.processes import (
    CONSUMERS,
    PLACERS,
    PROCESSES,
    READERS,
    callback_process,
    earlier,
    follow_stream,
)
from tests.explorer.promises import Broken
from tests.explorer.steps import ENDED
from tests.explorer.strangers import STRANGERS
from tests.explorer.universe import NOT_STARTED, Limits, Next, State, Universe


@dataclass(frozen=True, slots=True)
class Span:
    """How long a schedule may take: the moments that the clock can stand at, and how many callbacks arrive."""

    moments: tuple[int, ...]
    deliveries: int
    rare: bool


_SHORT_LINK = timedelta(minutes=1)
TEMPERS = {
    temper.name: temper
    for temper in (
        Temper(name="final", dates=Dating.AS_SENT),
        Temper(name="tells-of-voids", tells_of_voids=True, dates=Dating.AS_SENT),
        Temper(name="declines", declines=True, shortest_session=_SHORT_LINK, dates=Dating.TRULY),
        Temper(name="live-link", voidable=False, dates=Dating.AS_SENT),
        Temper(name="live-link-strict", voidable=False, policy=ReleasePolicy.STRICT),
        Temper(name="pretends", honest_void=False, slow_refunds=True),
        Temper(name="slow", slow=True, slow_refunds=True, dates=Dating.TRULY),
        Temper(name="slow-live-link", voidable=False, slow=True, tells_end=False),
        Temper(name="short-changed", shortfall=1, dates=Dating.TRULY),
        Temper(name="short-changed-late", shortfall=1, voidable=False, slow_refunds=True),
        Temper(name="bounces", voidable=False, refunds_bounce=True),
        Temper(name="bounces-late", voidable=False, refunds_bounce=True, slow_refunds=True),
        Temper(name="by-hand", voidable=False, hand_refunds=True, dates=Dating.TRULY),
        Temper(name="by-hand-forgets", hand_refunds=True, forgets_returned=True),
        Temper(name="disputed", voidable=False, disputes=True),
        Temper(
            name="other-currency",
            currency="SEK",
            voidable=False,
            shortest_session=_SHORT_LINK,
            lives_on=LONGEST_LINK / 2,
        ),
    )
}
# What came before: processes one after the other, each as planned but for one call that goes wrong; or the payer pays
# by the first link there is, or the courier brings all callbacks.
Before = tuple[tuple[str, str, str], ...]


def _planned(*names: str) -> Before:
    return tuple((name, "", "") for name in names)


_LET_GO = _planned("pay", "cancel-payment")
_TWO_LINKS = (*_LET_GO, *_planned("pay-other", "cancel-other"))
_REVIEW = _planned("pay", "payer", "cancel-payment")
_SECOND_REVIEW = (*_LET_GO, *_planned("pay-other", "payer", "cancel-other"))
_SILENCE = "gets no answer from the gateway"
STARTS: dict[str, Before] = {
    "unplaced": (),
    "new": (),
    "opening": (("pay", "open", "dies"),),
    "open": _planned("pay"),
    "untold": _planned("pay", "payer"),
    "releasing": (*_planned("pay"), ("cancel-payment", "void", _SILENCE)),
    "second-releasing": (*_LET_GO, *_planned("pay-other"), ("cancel-other", "void", _SILENCE)),
    "review": _REVIEW,
    "second-review": _SECOND_REVIEW,
    "second-taken": (*_SECOND_REVIEW, *_planned("operator-settles-other")),
    "taken": (*_REVIEW, *_planned("operator-settles")),
    "given-back": (*_REVIEW, *_planned("operator-refunds")),
    "foreign": _planned("foreigner"),
    "crowded": (*_LET_GO, *_planned("crowd")),
    "evicting": (*_LET_GO, *_planned("crowd", "pay-other", "again")),
    "ten-links": (*_LET_GO, *_planned("links")),
    "two-links": _TWO_LINKS,
    "edited": _planned("edit-buyer"),
    "elsewhere": _planned("pay", "elsewhere"),
    "one-debt": (*_LET_GO, *_planned("edit-buyer", "payer", "courier")),
    "bounced": (*_LET_GO, *_planned("edit-buyer", "payer", "courier", "sweep", "bounce", "courier")),
    "debt-and-link": (*_TWO_LINKS, *_planned("edit-buyer", "payer", "courier")),
    "evicted": (*_LET_GO, *_planned("crowd", "pay-other", "cancel-other")),
    "debts": (*_TWO_LINKS, *_planned("edit-buyer", "payer", "payer", "courier")),
    "slandered": (*_LET_GO, *_planned("pay-other", "payer", "courier", "slander")),
    "paid-twice": _planned("pay", "payer", "courier", "again"),
    "let-go": _LET_GO,
    "owed-twice": (*_LET_GO, *_planned("edit-buyer", "payer", "courier", "again")),
    "review-twice": _planned("pay", "payer", "courier", "again"),
}
_SAME_EVERYWHERE = (
    "crowded",
    "debt-and-link",
    "debts",
    "edited",
    "elsewhere",
    "foreign",
    "owed-twice",
    "paid-twice",
    "second-releasing",
    "slandered",
    "ten-links",
)
# At one gateway only. To have forgotten an attempt takes one whose link dies with its void; an order that is yet to be
# placed has scenarios of its own.
_ONCE = {"unplaced": None, "evicted": "final", "evicting": "final", "review-twice": "short-changed"}
# Where money that is there may leave by itself, beside what it does at the other gateways.
_MONEY_MOVES = ("open", "untold", "let-go", "edited", "releasing")
_LATE_MONEY = ("one-debt", "owed-twice")
# What else happens at a gateway, or is said of it, before a scenario begins.
_AT_THE_GATEWAY: dict[str, Callable[[Gatehouse], Gatehouse]] = {
    "again": lambda house: with_second_payment(house, FIRST),
    "bounce": lambda house: refund_bounced(house, house.sessions[0]),
    "elsewhere": lambda house: with_payment_elsewhere(house, FIRST),
    "foreigner": lambda house: with_foreign_payment(house, FOREIGN),
    "slander": lambda house: with_slander(house, SECOND, FIRST),
}
# Seconds since noon: the lock's deadline is at 900, the longest link dies at 1800 and is dead for certain at 1860.
_SPANS = {
    "short": Span((0, 901), deliveries=1, rare=False),
    "long": Span((0, 860, 901, 1870), deliveries=2, rare=True),
    "late": Span((0, 1870), deliveries=2, rare=True),
    "walk": Span((0, 860, 901, 1870), deliveries=4, rare=True),
}
_CORE = ("final", "live-link")
_TWINS = {"pay-again": "pay", "edit-again": "edit-buyer", "sweep-too": "sweep"}
# These have scenarios of their own, in `placing.py`.
_APART = frozenset({*PLACERS, *READERS, *CONSUMERS, "onlooker"})
# These are refused, or do what another does already; operators decide about money that does not match only.
_ALONE = frozenset({*STRANGERS, "edit-otherwise", "pay-otherwise", "recheck", "sweep-hurried", "operator-writes-off"})
_TAKES_BACK = frozenset({"operator-releases"})
# The buyer's edits are told apart by the order's last event, so only one kind of them is about at a time; and prices
# that a seller has made are not refused to a buyer who asks for the very same.
SOCIABLE = tuple(name for name in PROCESSES if name not in ("edit-otherwise", "buyer-in-error"))
# For situations only: their twins, which are about the first attempt, are enough beside others.
_BEFORE = frozenset({"cancel-other", "operator-settles-other"})
# Where money leaves by itself, these are enough beside each other: who takes it, who lets it go, who gives it back.
_MOVERS = frozenset({"cancel-payment", "edit-buyer", "pay-other", "sweep"})
_OPERATORS = frozenset({"operator-settles", "operator-refunds"})


@dataclass(frozen=True, slots=True)
class Scenario:
    """One space of schedules; `code` names it for good."""

    temper: str
    start: str
    names: tuple[str, ...]
    faults: int
    span: str = "short"

    @property
    def code(self) -> str:
        return f"{self.temper}:{self.start}:{'+'.join(self.names)}:{self.faults}:{self.span}"

    @property
    def is_core(self) -> bool:
        """Whether this is one of the situations that are explored deepest."""
        return self.temper in _CORE and self.start in ("new", "open")

    @property
    def limits(self) -> Limits:
        span = _SPANS[self.span]
        return Limits(self.names, span.moments, span.deliveries, self.faults, span.rare)

    @classmethod
    def named(cls, code: str) -> "Scenario":
        temper, start, names, faults, span = code.split(":")
        return cls(temper, start, tuple(names.split("+")), int(faults), span)


def started(universe: Universe, scenario: Scenario) -> State:
    """The state that the scenario starts from."""
    placed, followed = scenario.start != "unplaced", follow_stream(scenario.names)
    state = universe.first(Limits(()), placed=placed, followed=followed)
    for name, call, fault in STARTS[scenario.start]:
        if name == "payer":
            state = _pays(universe, state)
        elif name == "courier":
            state = _told(universe, state)
        elif name in _AT_THE_GATEWAY:
            house = _AT_THE_GATEWAY[name](universe.gatehouses.states[state.gateway])
            state = state._replace(gateway=universe.gatehouses.number(house))
        elif name in ("crowd", "links"):
            state = state._replace(database=universe.databases.crowded(state.database, links=name == "links"))
        else:
            state = _finished(universe, state, name, call, fault)
    processes = (NOT_STARTED,) * len(scenario.names)
    return State(state.database, state.gateway, 0, scenario.faults, (), (), processes)


def _finished(universe: Universe, state: State, name: str, call: str, fault: str) -> State:
    limits = Limits((name,), (0,), 0, 1, rare=True, before=True)
    state = State(state.database, state.gateway, 0, 1, (), (), (NOT_STARTED,))
    while state.processes != (ENDED,):
        moves = [(move, after) for move, after in universe.moves(state, limits) if move.what != "pays"]
        move, after = moves[0]
        if move.what == call:
            after = _by(fault, moves)
        state = after
    return state


def _told(universe: Universe, state: State) -> State:
    for notice in universe.gatehouses.states[state.gateway].notices:
        root = universe.forest.root(earlier(callback_process(notice, 0)), 0, 0)
        state = State(state.database, state.gateway, 0, 0, (), (), (root,))
        while state.processes:
            _, state = universe.moves(state, Limits(()))[0]
    return state


def _pays(universe: Universe, state: State) -> State:
    limits = Limits((), (0,), 0, 0)
    return _by("pays", universe.moves(state, limits))


def _by(what: str, moves: list[Next]) -> State:
    found = next((after for move, after in moves if move.what == what), None)
    if found is None:
        raise Broken("the usual comes about", f"a start needs that somebody {what}, and nobody can")
    return found


def groups_of(size: int, temper: Temper) -> list[tuple[str, ...]]:
    """Every choice of so many processes; a twin is only chosen beside the process that it is the twin of."""
    left_out = _BEFORE | _APART
    if size > 1 and (temper.hand_refunds or temper.disputes):
        left_out = frozenset(PROCESSES) - _MOVERS
    elif size > 1:
        left_out |= _ALONE | (frozenset() if temper.mismatches else _OPERATORS)
        left_out |= frozenset() if temper.name in _CORE and size == 2 else _TAKES_BACK
    chosen = combinations((name for name in PROCESSES if name not in left_out), size)
    return [names for names in chosen if all(_TWINS.get(name, name) in names for name in names)]


def can_be(start: str, temper: Temper) -> bool:
    """Whether there is such an order at such a gateway; what is the same at all gateways is looked at with one."""
    if start in _ONCE:
        return temper.name == _ONCE[start]
    if start in ("second-review", "second-taken"):
        return temper.mismatches and temper.voidable
    if temper.hand_refunds or temper.disputes:
        return start in (_MONEY_MOVES if temper.voidable else (*_MONEY_MOVES, *_LATE_MONEY))
    if start in ("review", "taken", "given-back"):
        return temper.mismatches
    if start == "bounced":
        return temper.refunds_bounce and not temper.slow_refunds
    if start == "one-debt":
        return temper.refunds_bounce
    return temper.name == "live-link" or start not in _SAME_EVERYWHERE


def scenarios(size: int, faults: int, span: str) -> list[Scenario]:
    """Every group of that size, in every situation, at every gateway."""
    return [
        Scenario(name, start, names, faults, span)
        for name, temper in TEMPERS.items()
        for start in STARTS
        for names in groups_of(size, temper)
        if can_be(start, temper)
    ]
