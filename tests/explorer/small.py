"""The small configuration: what every mutant must survive. Cheapest first, so that most die in a second."""

from collections.abc import Iterator

from tests.explorer.convergence import check_convergence
from tests.explorer.exploration import Exploration
from tests.explorer.promises import Broken
from tests.explorer.scenarios import STARTS, TEMPERS, Scenario, started
from tests.explorer.universe import Universe

_PAIRS = (
    ("pay", "pay-other"),
    ("pay-other", "cancel-payment"),
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
    """Singles without faults, pairs without, singles with one fault, pairs with one, a triple."""
    for temper in TEMPERS:
        for start in ("new", "open", "untold"):
            yield from (Scenario(temper, start, (name,), 0) for name in ("stranger", "pay", "sweep"))
    for name in ("pay", "edit-buyer", "cancel-order", "sweep"):
        yield Scenario("final", "foreign", (name,), 0)
    for temper in ("short-changed", "short-changed-late", "other-currency"):
        for process in ("operator-settles", "operator-refunds"):
            yield Scenario(temper, "review", ("sweep", process), 0)
    for temper in TEMPERS:
        for start in _USUAL:
            yield from (Scenario(temper, start, names, 0) for names in _PAIRS)
    for temper in ("final", "live-link", "live-link-strict", "pretends"):
        for start in _USUAL:
            yield from (Scenario(temper, start, names, 0) for names in _MORE_PAIRS)
    for temper in ("final", "live-link", "live-link-strict", "slow"):
        for start in ("new", "opening", "open", "untold", "let-go"):
            for name in ("pay", "cancel-payment", "sweep", "edit-seller", "cancel-order"):
                yield Scenario(temper, start, (name,), 1)
    for names in (*_PAIRS, ("pay", "sweep")):
        yield Scenario("final", "new", names, 1)
        yield Scenario("live-link", "open", names, 1)
    yield Scenario("final", "new", ("pay", "pay-other", "cancel-payment"), 0)


def first_broken_promise() -> str:
    """The first promise that is broken in the small configuration; empty where all are kept."""
    universes: dict[str, Universe] = {}
    try:
        for scenario in small_scenarios():
            if scenario.temper not in universes:
                universes[scenario.temper] = Universe(TEMPERS[scenario.temper])
            universe = universes[scenario.temper]
            Exploration(universe, scenario.limits, started(universe, scenario)).run()
        check_convergence()
    except Broken as broken:
        return str(broken)
    return ""
