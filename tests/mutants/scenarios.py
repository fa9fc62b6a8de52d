"""The scenarios of the mutation tests, cheapest first, so that most mutants are killed within a second."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from tests.invariants import InvariantViolated
from tests.model_checker.convergence import check_convergence
from tests.model_checker.edit_rights import check_edits
from tests.model_checker.exploration import Exploration
from tests.model_checker.scenarios import PROFILES, Scenario, started
from tests.model_checker.search import explored
from tests.model_checker.state_space import StateSpace
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
_USUAL = ("new", "opening", "open", "paid-unreported", "releasing", "released")
_MISMATCHING = ("underpaid", "underpaid-late", "other-currency")
_DECISIONS = ("operator-settles", "operator-refunds")
# Situations that single rules of the product exist for.
_SPECIAL = (
    "final:free:pay:1:short",
    "final:free:pay-other:0:short",
    "final:free:pay+pay-again:0:short",
    "final:free:pay+edit-seller:0:short",
    "final:free:pay+cancel-order:0:short",
    "final:free:pay-otherwise:0:short",
    "final:new:pay+give-away:1:short",
    "final:new:hand-over:1:short",
    "final:new:hand-over+pay:0:short",
    "final:new:hand-over+edit-buyer:0:short",
    "final:new:hand-over+next-buyer-settles:0:short",
    "failing-refunds:one-debt:hand-over-edited+next-buyer-writes-off:0:short",
    "final:dated:sweep:1:short",
    "final:dated:move-pay-by+sweep:0:short",
    "final:dated:pay-other+sweep:0:short",
    "final:dated:pay-other+move-pay-by:0:short",
    "final:dated-open:cancel-payment+sweep:0:short",
    "final:dated-open:sweep:0:short",
    "live-link:dated-open:cancel-payment:1:short",
    "live-link:dated-released:sweep:0:late",
    "live-link:unknown-attempt:pay:0:short",
    "live-link:unknown-attempt:edit-buyer:0:short",
    "live-link:unknown-attempt:cancel-order:0:short",
    "live-link:unknown-attempt:sweep:0:short",
    "live-link:elsewhere:sweep:0:short",
    "live-link:elsewhere:cancel-payment:0:short",
    "final:open:stop-and-change:1:short",
    "live-link:open:stop-seller:0:short",
    "final:released:stop-and-change:0:short",
    "live-link:paid-unreported:stop-and-change:0:short",
    "slow:open:stop-and-change:0:short",
    "final:open:stop-and-change+stop-again:0:short",
    "final:open:stop-and-change+sweep:0:short",
    "final:open:stop-and-change+edit-seller:0:short",
    "final:open:stop-unchanged:0:short",
    "final:released:stop-unchanged:0:short",
    "live-link:second-releasing:buyer-in-error:0:short",
    "live-link:second-releasing:stop-and-change:0:short",
    "final:evicted:stop-and-change:0:short",
    "final:evicted:cancel-payment:0:short",
    "final:released:edit-seller+stop-and-change+stop-again:0:short",
    "final:open:stop-and-change+stop-unchanged:0:short",
    "final:open:edit-buyer+stop-unchanged+stop-unchanged-again:0:short",
    "live-link:two-links:sweep:0:late",
    "final:open:pay-other:0:short",
    "final:open:stop-and-change+pay-other:0:short",
    "live-link:many-attempts:pay-other+sweep:0:short",
    "live-link:open:pay-otherwise:0:short",
    "final:evicted:pay:0:short",
    "live-link:released:sweep:1:late",
    "ineffective-void:released:sweep:1:late",
    "slow-live-link:released:sweep:1:late",
    "live-link:edited:edit-again:1:short",
    "live-link:edited:edit-otherwise:0:short",
    "live-link:edited:buyer-in-error:0:short",
    "live-link:new:edit-otherwise+cancel-order:0:short",
    "live-link:spoofed:cancel-other:0:short",
    "live-link:paid-twice:sweep:0:short",
    "live-link:owed-twice:sweep:0:short",
    "live-link:elsewhere:cancel-payment+cancel-order:0:short",
    "underpaid:review-twice:operator-refunds:0:short",
    "live-link:debts:sweep-hurried:0:short",
    "live-link:released:sweep-hurried:0:late",
    "declines:open:pay-other+sweep:0:short",
    "ineffective-void:open:cancel-payment:0:late",
    "failing-slow-refunds:one-debt:sweep:0:short",
    "failing-slow-refunds:one-debt:sweep:1:short",
    "failing-refunds:one-debt:sweep+sweep-too:0:short",
    "failing-slow-refunds:one-debt:sweep+sweep-too:0:short",
    "failing-refunds:refund-failed:sweep:0:short",
    "failing-refunds:refund-failed:sweep+sweep-too:0:short",
    "failing-refunds:debts:sweep:0:late",
    "final:releasing:recheck:1:short",
    "live-link:released:recheck:1:short",
    "slow:open:recheck:1:short",
    "slow:paid-unreported:recheck-buyer:1:short",
    "slow:processing:recheck-buyer:0:short",
    "slow:processing:cancel-payment:1:short",
    "slow:processing:stop-and-change:0:short",
    "slow:processing:sweep:0:late",
    "underpaid:review:recheck:1:short",
    "live-link:second-releasing:recheck:0:short",
    "live-link:released:pay-other:0:late",
    "live-link:new:edit-buyer+edit-again:1:short",
    "final:evicting:cancel-other:0:short",
    "final:new:edit-buyer+pay:2:short",
    "final:new:cancel-order+pay:2:short",
    "final:new:settle-manually+edit-buyer:1:short",
    "final:new:settle-manually+pay:2:short",
    "live-link:released:settle-manually+sweep:0:late",
    "final:open:operator-releases:1:short",
    "live-link:open:operator-releases+pay-other:0:short",
    "reports-voids:open:cancel-payment:0:short",
    "reports-voids:open:sweep:0:short",
    "manual-refunds-hidden:open:cancel-payment:0:short",
    "manual-refunds-hidden:open:recheck:0:short",
    "manual-refunds:released:sweep:0:short",
    "manual-refunds:released:recheck:1:short",
    "live-link:released:sweep:1:short",
    "disputed:one-debt:sweep:0:short",
    "disputed:one-debt:operator-writes-off:0:short",
    "disputed:one-debt:recheck:0:short",
    "final:cancelled:erase:1:short",
    "final:cancelled:erase+operator-erases:0:short",
    "final:new:edit-buyer+cancel-order+erase:0:short",
    "final:paid:erase+request-refund:0:short",
    "final:paid-manually:erase+consume:0:short",
    "live-link:released:erase:0:short",
    "final:paid:request-refund+request-rest:0:short",
    "final:paid:request-refund+request-refund-again:0:short",
    "final:paid:request-refund:1:short",
    "manual-refunds:paid:request-refund+sweep:0:short",
    "disputed:paid:request-refund:0:short",
    "final:linked:issue-link:1:short",
    "final:linked:renew-link:1:short",
    "final:linked:issue-link+renew-link:0:short",
    "final:linked:link-holder:0:short",
    "final:linked:pay-by-link+renew-link:0:short",
    "final:linked:pay-by-link+edit-buyer:0:short",
    "final:linked-open:stop-by-link:1:short",
    "final:linked-open:stop-by-link+renew-link:0:short",
    "final:new:request-refund:0:short",
    "final:free:pay+request-refund:0:short",
    "final:paid-manually:request-refund+request-rest:0:short",
    "final:paid-manually:request-refund+request-refund-again:0:short",
    "final:paid-manually:request-refund:1:short",
)
# Processes that place an order, read it, and record its history.
_PLACING = (
    "final:unplaced:create+create-again:1:short",
    "final:unplaced:create+create-otherwise:1:short",
    "final:unplaced:create+edit-buyer:1:short",
    "final:unplaced:create+edit-buyer+edit-seller:1:short",
    "final:unplaced:create+consume+read-history:1:short",
    "final:new:onlooker:0:short",
    "final:new:edit-buyer+read-order:0:short",
    "final:open:read-attempt:0:short",
    "final:released:read-attempt:0:short",
    "final:new:consume+edit-buyer+read-history:0:short",
    "underpaid:review-settled:consume+read-history:0:short",
    "underpaid:review-settled:consume+read-remarks:0:short",
)
# The longest scenarios come last.
_LAST = (
    "live-link:two-links:sweep:0:late",
    "underpaid-late:two-links:sweep:0:late",
    "underpaid-late:two-links:sweep+cancel-order:0:late",
    "underpaid-late:released:pay-other+sweep:1:short",
    "live-link:released:sweep+cancel-order:1:late",
    "live-link:debt-and-link:sweep:0:short",
    "live-link:debts:sweep+sweep-too:0:short",
    "live-link:ten-links:pay-other+cancel-other:0:short",
    "final:many-attempts:pay-other+cancel-other+pay:0:short",
    "live-link:debts:sweep:1:short",
    "failing-refunds:one-debt:sweep:0:short",
    "failing-refunds:one-debt:sweep:0:late",
    "failing-refunds:one-debt:sweep+cancel-order:0:short",
    "failing-slow-refunds:one-debt:sweep:1:late",
    "final:new:pay:1:long",
    "final:open:sweep:1:long",
    "underpaid-late:open:cancel-payment+pay-other:0:short",
    "underpaid:review:operator-settles+operator-refunds+pay-other:0:short",
)


def mutation_scenarios() -> Iterator[Scenario]:
    """Orders placed and read; without faults: single processes, then pairs; with one fault: the same; and a triple."""
    yield from map(Scenario.named, _PLACING)
    yield from _singles()
    yield from map(Scenario.named, _SPECIAL)
    yield from _reviews()
    # Disputes, at any time, make a pair's space ten times as large.
    undisputed = [name for name, profile in PROFILES.items() if not profile.disputes]
    for profile, start in product(undisputed, _USUAL):
        yield from (Scenario(profile, start, names, 0) for names in _PAIRS)
    for profile, start in product(("final", "live-link", "live-link-strict", "ineffective-void"), _USUAL):
        yield from (Scenario(profile, start, names, 0) for names in _MORE_PAIRS)
    profiles, starts = (
        ("final", "live-link", "live-link-strict", "slow"),
        ("new", "opening", "open", "paid-unreported", "released"),
    )
    names = ("pay", "cancel-payment", "sweep", "edit-seller", "cancel-order")
    yield from (Scenario(profile, start, (name,), 1) for profile, start, name in product(profiles, starts, names))
    for pair in (*_PAIRS, ("pay", "sweep")):
        yield Scenario("final", "new", pair, 1)
        yield Scenario("live-link", "open", pair, 1)
    yield Scenario("final", "new", ("pay", "pay-other", "cancel-payment"), 0)
    yield from map(Scenario.named, _LAST)


def _singles() -> Iterator[Scenario]:
    for profile, start in product(PROFILES, ("new", "open", "paid-unreported")):
        yield from (Scenario(profile, start, (name,), 0) for name in (*UNAUTHORISED_CALLERS, "pay", "sweep"))


def _reviews() -> Iterator[Scenario]:
    yield from (Scenario("final", "paid-unreported", (name,), 0) for name in _DECISIONS)
    for profile, name in product(_MISMATCHING, _DECISIONS):
        yield Scenario(profile, "review", ("sweep", name), 0)
        yield Scenario(profile, "review", (name,), 1)
    for start, name in product(
        ("review-settled", "review-refunded", "second-review", "second-review-settled", "open"), _DECISIONS
    ):
        yield Scenario("underpaid", start, (name,), 0)


@dataclass(frozen=True, slots=True)
class ScenariosOfProfile:
    """The codes of the mutation scenarios at the gateways of one profile."""

    profile: str
    codes: tuple[str, ...]


def scenarios_by_profile() -> list[ScenariosOfProfile]:
    """All mutation scenarios by profile, the most first: their state spaces are apart."""
    codes: dict[str, list[str]] = {}
    for scenario in mutation_scenarios():
        codes.setdefault(scenario.profile, []).append(scenario.code)
    parts = [ScenariosOfProfile(profile, tuple(own)) for profile, own in codes.items()]
    return sorted(parts, key=lambda part: len(part.codes), reverse=True)


def first_violation_of_part(part: ScenariosOfProfile) -> tuple[str, str]:
    """The result of `first_violation` for these scenarios alone."""
    return first_violation(part.codes, most=0)


def metric_counted(code: str) -> str:
    """The shortest schedule of that scenario that violates an invariant; empty where it is no scenario."""
    if ":" not in code:
        return ""
    scenario = Scenario.named(code)
    return str(explored(scenario, StateSpace(PROFILES[scenario.profile])))


def first_violation(hints: Sequence[str] = (), most: int | None = None, step: str = "") -> tuple[str, str]:
    """The first invariant that the mutation scenarios violate, and where; empty where none is.

    The scenarios of the `hints` come first: a scenario that killed one mutant often kills its neighbours. `most` limits
    the run, and so does `step`, a text that the scenarios' codes have in common.
    """
    state_spaces: dict[str, StateSpace] = {}
    tried: set[str] = set()
    code = ""
    try:
        check_edits()
        for scenario in (*map(Scenario.named, hints), *islice(_with(step), most)):
            code = scenario.code
            if code not in tried:
                tried.add(code)
                _explore(scenario, state_spaces)
        code = ""
        check_convergence()
    except InvariantViolated as violation:
        return f"{violation.invariant}: {violation.what[:200]}", code
    return "", ""


def _with(step: str) -> Iterator[Scenario]:
    return (scenario for scenario in mutation_scenarios() if step in scenario.code)


def _explore(scenario: Scenario, state_spaces: dict[str, StateSpace]) -> None:
    if scenario.profile not in state_spaces:
        state_spaces[scenario.profile] = StateSpace(PROFILES[scenario.profile])
    state_space = state_spaces[scenario.profile]
    Exploration(state_space, scenario.limits, started(state_space, scenario)).run()
