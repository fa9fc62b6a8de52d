"""Every call site of every operation under every fault: was the caller told the truth?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tests.conftest import NOON
from tests.faults.call_sites import CallNumbers, calls_in
from tests.faults.fault_proxy import Decide, Fault, Seen
from tests.faults.scenarios import Scenario
from tests.faults.wired_shop import Told, WiredShop
from tests.faults.wires import Kept, Wires

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
    GIVEN_UP = "told 503 for a single fault, as if there were no retry"
    ENDS_DIFFERENTLY = "told the truth, but it ends differently"


@dataclass(frozen=True, slots=True)
class Strike:
    """One call, and what is done to it."""

    site: str
    fault: Fault
    extent: Extent


@dataclass(frozen=True, slots=True)
class Cell:
    """One call site under one fault."""

    scenario: str
    strike: Strike
    verdict: Verdict
    told: str


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """The scenario without a fault: how it stands before, its calls, and how it ends."""

    shop: WiredShop
    before: Kept
    calls: tuple[str, ...]
    end: Any


def cells(scenario: Scenario, wires: Wires, part: int = 0, parts: int = 1) -> Iterator[Cell]:
    """The scenario's share of the matrix, or one of so many parts of it."""
    undisturbed = _undisturbed(scenario, wires)
    sites = struck_sites(scenario, undisturbed.calls)
    for site in sites[part * len(sites) // parts : (part + 1) * len(sites) // parts]:
        wires.connect()
        for strike in strikes(site):
            yield _cell(scenario, wires, undisturbed, strike)


def struck_sites(scenario: Scenario, calls: tuple[str, ...]) -> list[str]:
    """The calls that are disturbed: all, but of an index's shards the first and the last, unless each is asked for."""
    shards: dict[str, list[str]] = {}
    for site in calls:
        name = site.partition(" (")[0]
        together = name.startswith("table: Query") and not scenario.each_shard
        shards.setdefault(name if together else site, []).append(site)
    struck = {site for row in shards.values() for site in (row[0], row[-1])}
    return [site for site in calls if site in struck]


def strikes(site: str) -> Iterator[Strike]:
    """All that can happen to one call. The gateway's client tries once, so a fault cannot last there."""
    for fault in Fault:
        for extent in [Extent.ONCE] if site.startswith("gateway") else Extent:
            yield Strike(site, fault, extent)


def _undisturbed(scenario: Scenario, wires: Wires) -> Undisturbed:
    shop, before = _arranged(scenario, wires)
    arranged = replace(shop)
    told = scenario.act(shop)
    calls = calls_in(wires.seen)
    if not scenario.told_rightly(shop, told):
        raise AssertionError(f"{scenario.name} fails without any fault: {told}")
    return Undisturbed(arranged, before, calls, _end(shop))


def _cell(scenario: Scenario, wires: Wires, undisturbed: Undisturbed, strike: Strike) -> Cell:
    wires.put_back(undisturbed.before)
    shop = replace(undisturbed.shop)
    wires.decide_by(disturbing(strike, CallNumbers().site_of))
    told = [scenario.act(shop)]
    wires.decide_by(lambda seen: None)
    extra = set(calls_in(wires.seen)) - set(undisturbed.calls)
    ask_again(scenario, shop, told)
    verdict = _verdict(scenario, shop, told, undisturbed)
    if is_retried(strike):
        verdict = _held_to_its_retry(verdict, bool(extra))
    return Cell(scenario.name, strike, verdict, in_short(told))


def _verdict(scenario: Scenario, shop: WiredShop, told: list[Told], undisturbed: Undisturbed) -> Verdict:
    if not scenario.told_rightly(shop, told[-1]):
        return Verdict.FALSE
    if _end(shop) != undisturbed.end:
        return Verdict.ENDS_DIFFERENTLY
    return Verdict.TRUE_AT_ONCE if len(told) == 1 else Verdict.TRUE_WHEN_ASKED_AGAIN


def _held_to_its_retry(verdict: Verdict, extra: bool) -> Verdict:
    if verdict is Verdict.TRUE_AT_ONCE and extra:
        return Verdict.EXTRA_READ
    return Verdict.GIVEN_UP if verdict is Verdict.TRUE_WHEN_ASKED_AGAIN else verdict


def ask_again(scenario: Scenario, shop: WiredShop, told: list[Told]) -> None:
    """As a caller does who was told that the outcome is unknown."""
    while told[-1].unknown and len(told) < MOST_CALLS:
        told.append(scenario.act(shop))


def is_retried(strike: Strike) -> bool:
    """A single fault of the table is to cost the SDK's retry alone; without the gateway, things take another way."""
    return strike.extent is Extent.ONCE and not strike.site.startswith("gateway")


def in_short(told: list[Told]) -> str:
    """The statuses in their order."""
    return " → ".join(str(each.status) for each in told)


def disturbing(strike: Strike, site_of: Callable[[Seen], str]) -> Decide:
    """Does that to the requests of that call site."""
    struck: list[Seen] = []

    def decide(seen: Seen) -> Fault | None:
        if site_of(seen) != strike.site or (struck and strike.extent is Extent.ONCE):
            return None
        struck.append(seen)
        return strike.fault

    return decide


def _arranged(scenario: Scenario, wires: Wires) -> tuple[WiredShop, Kept]:
    wires.wipe()
    wires.clock.advance(NOON - wires.clock.now())
    shop = WiredShop(wires)
    scenario.arrange(shop)
    wires.forget()
    return shop, wires.kept()


def _end(shop: WiredShop) -> Any:
    """How it ends once everything that is owed is done: what buyer, seller and gateway are left with."""
    shop.settle()
    order = shop.truth()
    attempts = {attempt_id: attempt.status for attempt_id, attempt in order.superseded.items()}
    refunds = [refund.status for refund in order.refunds.values()]
    holder = (order.attempt.attempt_id, order.attempt.status) if order.attempt else None
    return order.status, order.revision, order.total, holder, attempts, refunds, shop.books()
