"""The small configuration: what every mutant must survive. Cheapest first, so that most die in a second."""

from collections.abc import Iterator, Sequence
from itertools import islice, product

from tests.model_checker.convergence import check_convergence
from tests.model_checker.exploration import Exploration
from tests.model_checker.scenarios import PROFILES, Scenario, started
from tests.model_checker.search import explored
from tests.model_checker.state_space import StateSpace
from tests.model_checker.transition_invariants import InvariantViolated
from tests.model_checker.unauthorised_callers import UNAUTHORISED_CALLERS

_PAIRS = (
    ("pay", "pay-other"),
    ("pay-other", "cancel-payment"),
    ("pay-other", "edit-buyer"),
    ("edit-buyer", "edit-seller"),
    ("sweep", "cancel-order"),
)
_MORE_PAIRS = (
    ("pay-other", "sweep"),
    ("pay", "cancel-payment"),
    ("edit-seller", "sweep"),
)
_USUAL = ("new", "opening", "open", "untold", "releasing", "let-go")
_MISMATCHING = ("short-changed", "short-changed-late", "other-currency")
_DECISIONS = ("operator-settles", "operator-refunds")
# Situations that one rule of the product or another is for.
_SPECIAL = (
    "live-link:foreign:pay:0:short",
    "live-link:foreign:edit-buyer:0:short",
    "live-link:foreign:cancel-order:0:short",
    "live-link:foreign:sweep:0:short",
    "live-link:elsewhere:sweep:0:short",
    "live-link:elsewhere:cancel-payment:0:short",
    "live-link:crowded:pay-other+sweep:0:short",
    "live-link:open:pay-otherwise:0:short",
    "final:evicted:pay:0:short",
    "live-link:let-go:sweep:1:late",
    "pretends:let-go:sweep:1:late",
    "slow-live-link:let-go:sweep:1:late",
    "live-link:edited:edit-again:1:short",
    "live-link:edited:edit-otherwise:0:short",
    "live-link:edited:buyer-in-error:0:short",
    "live-link:new:edit-otherwise+cancel-order:0:short",
    "live-link:slandered:cancel-other:0:short",
    "live-link:paid-twice:sweep:0:short",
    "live-link:owed-twice:sweep:0:short",
    "live-link:elsewhere:cancel-payment+cancel-order:0:short",
    "short-changed:review-twice:operator-refunds:0:short",
    "live-link:debts:sweep-hurried:0:short",
    "live-link:let-go:sweep-hurried:0:late",
    "declines:open:pay-other+sweep:0:short",
    "pretends:open:cancel-payment:0:late",
    "bounces-late:one-debt:sweep:0:short",
    "bounces-late:one-debt:sweep:1:short",
    "bounces:one-debt:sweep+sweep-too:0:short",
    "bounces-late:one-debt:sweep+sweep-too:0:short",
    "bounces:bounced:sweep:0:short",
    "bounces:bounced:sweep+sweep-too:0:short",
    "bounces:debts:sweep:0:late",
    "final:releasing:recheck:1:short",
    "live-link:let-go:recheck:1:short",
    "slow:open:recheck:1:short",
    "short-changed:review:recheck:1:short",
    "live-link:second-releasing:recheck:0:short",
    "live-link:let-go:pay-other:0:late",
    "live-link:new:edit-buyer+edit-again:1:short",
    "final:evicting:cancel-other:0:short",
    "final:new:edit-buyer+pay:2:short",
    "final:new:cancel-order+pay:2:short",
    "final:open:operator-releases:1:short",
    "live-link:open:operator-releases+pay-other:0:short",
    "tells-of-voids:open:cancel-payment:0:short",
    "tells-of-voids:open:sweep:0:short",
    "by-hand-forgets:open:cancel-payment:0:short",
    "by-hand-forgets:open:recheck:0:short",
    "by-hand:let-go:sweep:0:short",
    "by-hand:let-go:recheck:1:short",
    "live-link:let-go:sweep:1:short",
    "disputed:one-debt:sweep:0:short",
    "disputed:one-debt:operator-writes-off:0:short",
    "disputed:one-debt:recheck:0:short",
)
# Who places an order, reads it, and keeps its history.
_PLACING = (
    "final:unplaced:create+create-again:1:short",
    "final:unplaced:create+create-otherwise:1:short",
    "final:unplaced:create+edit-buyer:1:short",
    "final:unplaced:create+edit-buyer+edit-seller:1:short",
    "final:unplaced:create+consume+read-history:1:short",
    "final:new:onlooker:0:short",
    "final:new:edit-buyer+read-order:0:short",
    "final:open:read-attempt:0:short",
    "final:let-go:read-attempt:0:short",
    "final:new:consume+edit-buyer+read-history:0:short",
    "short-changed:taken:consume+read-history:0:short",
    "short-changed:taken:consume+read-remarks:0:short",
)
# What takes longest comes last.
_LAST = (
    "live-link:two-links:sweep:0:late",
    "short-changed-late:two-links:sweep:0:late",
    "short-changed-late:two-links:sweep+cancel-order:0:late",
    "short-changed-late:let-go:pay-other+sweep:1:short",
    "live-link:let-go:sweep+cancel-order:1:late",
    "live-link:debt-and-link:sweep:0:short",
    "live-link:debts:sweep+sweep-too:0:short",
    "live-link:ten-links:pay-other+cancel-other:0:short",
    "final:crowded:pay-other+cancel-other+pay:0:short",
    "live-link:debts:sweep:1:short",
    "bounces:one-debt:sweep:0:short",
    "bounces:one-debt:sweep:0:late",
    "bounces:one-debt:sweep+cancel-order:0:short",
    "bounces-late:one-debt:sweep:1:late",
    "final:new:pay:1:long",
    "final:open:sweep:1:long",
    "short-changed-late:open:cancel-payment+pay-other:0:short",
    "short-changed:review:operator-settles+operator-refunds+pay-other:0:short",
)


def mutation_scenarios() -> Iterator[Scenario]:
    """Orders placed and read; without faults: single processes, then pairs; with one fault: the same; and a triple."""
    yield from map(Scenario.named, _PLACING)
    yield from _singles()
    yield from map(Scenario.named, _SPECIAL)
    yield from _reviews()
    for profile, start in product(PROFILES, _USUAL):
        yield from (Scenario(profile, start, names, 0) for names in _PAIRS)
    for profile, start in product(("final", "live-link", "live-link-strict", "pretends"), _USUAL):
        yield from (Scenario(profile, start, names, 0) for names in _MORE_PAIRS)
    profiles, starts = (
        ("final", "live-link", "live-link-strict", "slow"),
        ("new", "opening", "open", "untold", "let-go"),
    )
    names = ("pay", "cancel-payment", "sweep", "edit-seller", "cancel-order")
    yield from (Scenario(profile, start, (name,), 1) for profile, start, name in product(profiles, starts, names))
    for pair in (*_PAIRS, ("pay", "sweep")):
        yield Scenario("final", "new", pair, 1)
        yield Scenario("live-link", "open", pair, 1)
    yield Scenario("final", "new", ("pay", "pay-other", "cancel-payment"), 0)
    yield from map(Scenario.named, _LAST)


def _singles() -> Iterator[Scenario]:
    for profile, start in product(PROFILES, ("new", "open", "untold")):
        yield from (Scenario(profile, start, (name,), 0) for name in (*UNAUTHORISED_CALLERS, "pay", "sweep"))


def _reviews() -> Iterator[Scenario]:
    yield from (Scenario("final", "untold", (name,), 0) for name in _DECISIONS)
    for profile, name in product(_MISMATCHING, _DECISIONS):
        yield Scenario(profile, "review", ("sweep", name), 0)
        yield Scenario(profile, "review", (name,), 1)
    for start, name in product(("taken", "given-back", "second-review", "second-taken", "open"), _DECISIONS):
        yield Scenario("short-changed", start, (name,), 0)


def first_broken_promise_of(part: int, parts: int) -> tuple[str, str]:
    """What `first_violation` says of one part of the small configuration, the parts taking turns."""
    codes = [scenario.code for scenario in islice(mutation_scenarios(), part, None, parts)]
    return first_violation(codes, most=0)


def metric_counted(code: str) -> str:
    """The shortest schedule of that scenario which breaks a promise; empty where it is no scenario."""
    if ":" not in code:
        return ""
    scenario = Scenario.named(code)
    return str(explored(scenario, StateSpace(PROFILES[scenario.profile])))


def first_violation(hints: Sequence[str] = (), most: int | None = None) -> tuple[str, str]:
    """The first promise that is broken in the small configuration, and where; empty where all are kept.

    The scenarios of the `hints` come first: where one mutant died, its neighbours often do. `most` cuts the run short.
    """
    state_spaces: dict[str, StateSpace] = {}
    tried: set[str] = set()
    code = "callbacks"
    try:
        for scenario in (*map(Scenario.named, hints), *islice(mutation_scenarios(), most)):
            code = scenario.code
            if code not in tried:
                tried.add(code)
                _explore(scenario, state_spaces)
        code = ""
        check_convergence()
    except InvariantViolated as violation:
        return f"{violation.invariant}: {violation.what[:200]}", code
    return "", ""


def _explore(scenario: Scenario, state_spaces: dict[str, StateSpace]) -> None:
    if scenario.profile not in state_spaces:
        state_spaces[scenario.profile] = StateSpace(PROFILES[scenario.profile])
    state_space = state_spaces[scenario.profile]
    Exploration(state_space, scenario.limits, started(state_space, scenario)).run()
