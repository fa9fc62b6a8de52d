"""The small configuration: what every mutant must survive. Cheapest first, so that most die in a second."""

from collections.abc import Iterator, Sequence
from itertools import islice, product

from tests.explorer.convergence import check_convergence
from tests.explorer.exploration import Exploration
from tests.explorer.promises import Broken
from tests.explorer.scenarios import TEMPERS, Scenario, started
from tests.explorer.strangers import STRANGERS
from tests.explorer.universe import Universe

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


def small_scenarios() -> Iterator[Scenario]:
    """Without faults: single processes, then pairs; with one fault: single processes, then pairs; and a triple."""
    yield from _singles()
    yield from _special()
    for temper, start in product(TEMPERS, _USUAL):
        yield from (Scenario(temper, start, names, 0) for names in _PAIRS)
    for temper, start in product(("final", "live-link", "live-link-strict", "pretends"), _USUAL):
        yield from (Scenario(temper, start, names, 0) for names in _MORE_PAIRS)
    tempers, starts = ("final", "live-link", "live-link-strict", "slow"), ("new", "opening", "open", "untold", "let-go")
    names = ("pay", "cancel-payment", "sweep", "edit-seller", "cancel-order")
    yield from (Scenario(temper, start, (name,), 1) for temper, start, name in product(tempers, starts, names))
    for pair in (*_PAIRS, ("pay", "sweep")):
        yield Scenario("final", "new", pair, 1)
        yield Scenario("live-link", "open", pair, 1)
    yield Scenario("final", "new", ("pay", "pay-other", "cancel-payment"), 0)
    yield from _later()


def _later() -> Iterator[Scenario]:
    for temper in ("live-link", "short-changed-late"):
        yield Scenario(temper, "two-links", ("sweep",), 0, "late")
    yield Scenario("short-changed-late", "two-links", ("sweep", "cancel-order"), 0, "late")
    yield Scenario("short-changed-late", "let-go", ("pay-other", "sweep"), 1)
    yield Scenario("live-link", "let-go", ("sweep", "cancel-order"), 1, "late")
    yield Scenario("live-link", "debt-and-link", ("sweep",), 0)
    yield Scenario("live-link", "debts", ("sweep", "sweep-too"), 0)
    yield Scenario("live-link", "ten-links", ("pay-other", "cancel-other"), 0)
    yield Scenario("final", "crowded", ("pay-other", "cancel-other", "pay"), 0)
    yield Scenario("live-link", "debts", ("sweep",), 1)
    for span in ("short", "late"):
        yield Scenario("bounces", "one-debt", ("sweep",), 0, span)
    yield Scenario("bounces", "one-debt", ("sweep", "cancel-order"), 0)
    yield Scenario("bounces-late", "one-debt", ("sweep",), 1, "late")
    for start, name in (("new", "pay"), ("open", "sweep")):
        yield Scenario("final", start, (name,), 1, "long")
    yield Scenario("short-changed-late", "open", ("cancel-payment", "pay-other"), 0)
    yield Scenario("short-changed", "review", ("operator-settles", "operator-refunds", "pay-other"), 0)


def _singles() -> Iterator[Scenario]:
    for temper, start in product(TEMPERS, ("new", "open", "untold")):
        yield from (Scenario(temper, start, (name,), 0) for name in (*STRANGERS, "pay", "sweep"))


def _special() -> Iterator[Scenario]:
    for name in ("pay", "edit-buyer", "cancel-order", "sweep"):
        yield Scenario("live-link", "foreign", (name,), 0)
    for name in ("sweep", "cancel-payment"):
        yield Scenario("live-link", "elsewhere", (name,), 0)
    yield Scenario("live-link", "crowded", ("pay-other", "sweep"), 0)
    for start, name in (("open", "pay-otherwise"), ("forgotten", "pay")):
        yield Scenario("live-link", start, (name,), 0)
    for temper in ("live-link", "pretends", "slow-live-link"):
        yield Scenario(temper, "let-go", ("sweep",), 1, "late")
    yield Scenario("live-link", "edited", ("edit-again",), 1)
    yield Scenario("live-link", "edited", ("edit-otherwise",), 0)
    yield Scenario("live-link", "edited", ("buyer-in-error",), 0)
    yield Scenario("live-link", "slandered", ("cancel-other",), 0)
    yield Scenario("live-link", "paid-twice", ("sweep",), 0)
    yield Scenario("live-link", "debts", ("sweep-hurried",), 0)
    yield Scenario("pretends", "open", ("cancel-payment",), 0, "late")
    for faults in (0, 1):
        yield Scenario("bounces-late", "one-debt", ("sweep",), faults)
    yield Scenario("bounces", "one-debt", ("sweep", "sweep-too"), 0)
    yield Scenario("bounces", "bounced", ("sweep",), 0)
    yield Scenario("bounces", "debts", ("sweep",), 0, "late")
    for temper, start in (
        ("final", "releasing"),
        ("live-link", "let-go"),
        ("slow", "open"),
        ("short-changed", "review"),
    ):
        yield Scenario(temper, start, ("recheck",), 1)
    yield Scenario("live-link", "let-go", ("pay-other",), 0, "late")
    yield Scenario("live-link", "new", ("edit-buyer", "edit-again"), 1)
    mismatching = ("short-changed", "short-changed-late", "other-currency")
    for temper, process in product(mismatching, ("operator-settles", "operator-refunds")):
        yield Scenario(temper, "review", ("sweep", process), 0)
        yield Scenario(temper, "review", (process,), 1)


def first_broken_promise(hints: Sequence[str] = (), most: int | None = None) -> tuple[str, str]:
    """The first promise that is broken in the small configuration, and where; empty where all are kept.

    The scenarios of the `hints` come first: where one mutant died, its neighbours often do. `most` cuts the run short.
    """
    universes: dict[str, Universe] = {}
    tried: set[str] = set()
    code = "callbacks"
    try:
        for scenario in (*map(Scenario.named, hints), *islice(small_scenarios(), most)):
            code = scenario.code
            if code not in tried:
                tried.add(code)
                _explore(scenario, universes)
        code = ""
        check_convergence()
    except Broken as broken:
        return f"{broken.promise}: {broken.what[:200]}", code
    return "", ""


def _explore(scenario: Scenario, universes: dict[str, Universe]) -> None:
    if scenario.temper not in universes:
        universes[scenario.temper] = Universe(TEMPERS[scenario.temper])
    universe = universes[scenario.temper]
    Exploration(universe, scenario.limits, started(universe, scenario)).run()
