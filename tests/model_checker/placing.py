"""Scenarios of processes that place an order, read it, record its history or erase it, beside those that change it."""

from collections.abc import Iterator
from itertools import product

from tests.model_checker.scenarios import PROFILES, STARTS, Scenario, is_possible

_WRITERS = ("edit-buyer", "edit-seller", "cancel-order", "pay", "pay-other", "cancel-payment", "sweep")
_SITUATIONS = ("new", "open", "edited", "released", "releasing", "paid-unreported")
# Each with its number of faults.
_PLACED = (
    ("create", 2),
    ("create+create-again", 2),
    ("create+create-otherwise", 2),
    ("create+create-again+create-otherwise", 1),
    ("create+read-order", 2),
    ("create+edit-buyer", 2),
    ("create+pay", 1),
    ("create+cancel-order", 2),
    ("create+create-again+edit-buyer", 1),
    ("create+edit-buyer+edit-seller", 1),
    ("create+create-otherwise+cancel-order", 1),
    ("create+consume+read-history", 1),
)
_HISTORY = (
    "final:new:consume+edit-buyer:2:short",
    "final:new:consume+consume-too+edit-seller:1:short",
    "final:new:consume+edit-buyer+read-history:1:short",
    "final:edited:consume+consume-too+read-history:1:short",
    "final:open:consume+consume-too:1:short",
    "final:open:consume+read-history:1:short",
    "underpaid:review-settled:consume+read-history:1:short",
    "underpaid:review-settled:consume+read-remarks:1:short",
    "underpaid:review:consume+operator-refunds+read-history:0:short",
    "final:paid-manually:consume+erase:0:short",
    "final:cancelled:consume+erase:0:short",
    "final:new:edit-buyer+cancel-order+erase:0:short",
)


def placing_scenarios() -> Iterator[Scenario]:
    """Placing first, then readers alone and beside one or two writers, then the history."""
    yield from (Scenario("final", "unplaced", tuple(names.split("+")), faults) for names, faults in _PLACED)
    for start, name in product(_SITUATIONS, ("create", "create-otherwise")):
        yield Scenario("final", start, (name,), 1)
    yield from _reading()
    yield from map(Scenario.named, _HISTORY)


def _reading() -> Iterator[Scenario]:
    for profile, start in product(("final", "live-link", "underpaid"), STARTS):
        if is_possible(start, PROFILES[profile]):
            yield from (Scenario(profile, start, (name,), 1) for name in ("read-order", "read-attempt"))
    yield from (Scenario("final", start, ("onlooker",), 1) for start in _SITUATIONS)
    for start, writer in product(_SITUATIONS, _WRITERS):
        yield Scenario("final", start, (writer, "read-order"), 1)
        yield Scenario("final", start, (writer, "read-attempt"), 0)
    for start in ("new", "edited", "open"):
        yield Scenario("final", start, ("edit-buyer", "edit-seller", "read-order"), 1)
