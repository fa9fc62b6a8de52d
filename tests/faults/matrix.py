"""Every call site of every operation under every fault: was the caller told the truth?"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.conftest import NOON
from tests.faults.call_sites import call_site
from tests.faults.fault_proxy import Decide, Fault, Seen
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.wired_shop import Told, WiredShop
from tests.faults.wires import Wires, strung

MOST_CALLS = 3


class Extent(StrEnum):
    """How long a fault lasts."""

    ONCE = "once"
    UNTIL_GIVEN_UP = "until the caller gives up"


class Verdict(StrEnum):
    """What became of a call under a fault."""

    TRUE_AT_ONCE = "told the truth"
    TRUE_WHEN_ASKED_AGAIN = "told 503, then the truth"
    FALSE = "told something false"
    EXTRA_READ = "told the truth, with requests beside the SDK's retry"
    ENDS_DIFFERENTLY = "told the truth, but it ends differently"


@dataclass(frozen=True, slots=True)
class Cell:
    """One call site under one fault."""

    scenario: str
    site: str
    fault: Fault
    extent: Extent
    verdict: Verdict
    told: str


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """The scenario without a fault: its requests, and how it ends."""

    sites: tuple[str, ...]
    end: Any


def scenario_cells(database: str, number: int) -> list[Cell]:
    """The cells of one scenario, in a process and on tables of its own."""
    with strung(database, f"scenario-{number}") as wires:
        return list(cells(SCENARIOS[number], wires))


def cells(scenario: Scenario, wires: Wires) -> Iterator[Cell]:
    """The scenario's part of the matrix."""
    undisturbed = _undisturbed(scenario, wires)
    for site in dict.fromkeys(undisturbed.sites):
        for fault in Fault:
            for extent in Extent:
                yield _cell(scenario, wires, undisturbed, site, fault, extent)


def _undisturbed(scenario: Scenario, wires: Wires) -> Undisturbed:
    shop = _arranged(scenario, wires)
    told = scenario.act(shop)
    sites = tuple(map(call_site, [*wires.table.seen, *wires.gateway.seen]))
    if told.unknown or not _is_true(scenario, shop, told):
        raise AssertionError(f"{scenario.name} fails without any fault: {told}")
    return Undisturbed(sites, _end(shop))


def _cell(scenario: Scenario, wires: Wires, undisturbed: Undisturbed, site: str, fault: Fault, extent: Extent) -> Cell:
    shop = _arranged(scenario, wires)
    wires.table.decide = wires.gateway.decide = disturbing(site, fault, extent)
    told = [scenario.act(shop)]
    wires.table.decide = wires.gateway.decide = lambda seen: None
    sites = tuple(map(call_site, [*wires.table.seen, *wires.gateway.seen]))
    while told[-1].unknown and len(told) < MOST_CALLS:
        told.append(scenario.act(shop))
    verdict = _verdict(scenario, shop, told, undisturbed)
    if verdict is Verdict.TRUE_AT_ONCE and extent is Extent.ONCE and not site.startswith("gateway"):
        extra = Counter(sites) - Counter([*undisturbed.sites, site])
        verdict = Verdict.EXTRA_READ if extra else verdict
    return Cell(scenario.name, site, fault, extent, verdict, " → ".join(str(each.status) for each in told))


def _verdict(scenario: Scenario, shop: WiredShop, told: list[Told], undisturbed: Undisturbed) -> Verdict:
    if told[-1].unknown or not _is_true(scenario, shop, told[-1]):
        return Verdict.FALSE
    if _end(shop) != undisturbed.end:
        return Verdict.ENDS_DIFFERENTLY
    return Verdict.TRUE_AT_ONCE if len(told) == 1 else Verdict.TRUE_WHEN_ASKED_AGAIN


def _is_true(scenario: Scenario, shop: WiredShop, told: Told) -> bool:
    return told.status // 100 == 2 and scenario.true(shop, told)


def _arranged(scenario: Scenario, wires: Wires) -> WiredShop:
    wires.wipe()
    wires.clock.advance(NOON - wires.clock.now())
    shop = WiredShop(wires)
    scenario.arrange(shop)
    wires.table.seen.clear()
    wires.gateway.seen.clear()
    return shop


def disturbing(site: str, fault: Fault, extent: Extent) -> Decide:
    struck: list[Seen] = []

    def decide(seen: Seen) -> Fault | None:
        if call_site(seen) != site or (struck and extent is Extent.ONCE):
            return None
        struck.append(seen)
        return fault

    return decide


def _end(shop: WiredShop) -> Any:
    """How it ends once everything that is owed is done: what buyer, seller and gateway are left with."""
    shop.settle()
    order = shop.truth()
    attempts = {attempt_id: attempt.status for attempt_id, attempt in order.superseded.items()}
    refunds = [refund.status for refund in order.refunds.values()]
    holder = (order.attempt.attempt_id, order.attempt.status) if order.attempt else None
    return order.status, order.revision, order.total, holder, attempts, refunds, shop.books()
