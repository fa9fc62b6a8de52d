"""Every call site of every operation under every fault: was the caller told the truth?"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import AttemptStatus, DisputeStatus, PaymentPlace, RefundStatus
from tests.conftest import NOON
from tests.faults.call_sites import CallNumbers, calls_in
from tests.faults.fault_proxy import Decide, Fault, Seen
from tests.faults.meanwhile import others_act
from tests.faults.scenarios import Scenario
from tests.faults.wired_shop import Told, WiredShop
from tests.faults.wires import Kept, Wires

MOST_CALLS = 3
# What is lost, and not late. The gateway's client tries once, so a fault cannot last there.
LOST = tuple(fault for fault in Fault if fault is not Fault.FIRST_TRY_LATE)


class Extent(StrEnum):
    """How long a fault lasts. A first try that is late arrives once the caller was answered, or after others acted."""

    ONCE = "once"
    UNTIL_GIVEN_UP = "until the caller gives up"
    UNTIL_ANSWERED = "until the caller is answered"
    UNTIL_OTHERS_ACTED = "until others have acted"


class Verdict(StrEnum):
    """What became of a call under a fault."""

    TRUE_AT_ONCE = "told the truth"
    TRUE_WHEN_ASKED_AGAIN = "told 503, then the truth"
    FALSE = "told something false"
    EXTRA_READ = "told the truth, with requests beside the SDK's retry"
    GIVEN_UP = "told 503 for a single fault, as if there were no retry"
    ENDS_DIFFERENTLY = "told the truth, but it ends differently"
    CONTRADICTED = "told the truth, but the first try was applied afterwards"


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


class End(NamedTuple):
    """What is left once nothing is owed any more."""

    status: PaymentStatus
    revision: int
    total: int
    holder: object
    attempts: Mapping[str, AttemptStatus]
    refunds: list[RefundStatus]
    payments: list[tuple[str, PaymentPlace, int]]
    disputes: list[DisputeStatus]
    books: int


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """The scenario without a fault: how it stands before, its calls, and how it ends, alone or after others acted."""

    shop: WiredShop
    before: Kept
    calls: tuple[str, ...]
    end: End
    end_after_others: End


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
    """All that can happen to one call. Only a conditional write is tried again and has a first try to be late."""
    for fault in LOST:
        for extent in [Extent.ONCE] if site.startswith("gateway") else (Extent.ONCE, Extent.UNTIL_GIVEN_UP):
            yield Strike(site, fault, extent)
    if site.startswith("table: UpdateItem"):
        for extent in (Extent.UNTIL_ANSWERED, Extent.UNTIL_OTHERS_ACTED):
            yield Strike(site, Fault.FIRST_TRY_LATE, extent)


def _undisturbed(scenario: Scenario, wires: Wires) -> Undisturbed:
    shop, before = _arranged(scenario, wires)
    arranged = replace(shop)
    told = scenario.act(shop)
    calls = calls_in(wires.seen)
    if not scenario.told_rightly(shop, told):
        raise AssertionError(f"{scenario.name} fails without any fault: {told}")
    end = _end(shop)
    wires.put_back(before)
    shop = replace(arranged)
    scenario.act(shop)
    others_act(shop)
    return Undisturbed(arranged, before, calls, end, _end(shop))


def _cell(scenario: Scenario, wires: Wires, undisturbed: Undisturbed, strike: Strike) -> Cell:
    wires.put_back(undisturbed.before)
    shop = replace(undisturbed.shop)
    wires.decide_by(disturbing(strike, CallNumbers().site_of))
    told = [scenario.act(shop)]
    wires.decide_by(lambda seen: None)
    extra = set(calls_in(wires.seen)) - set(undisturbed.calls)
    ask_again(scenario, shop, told)
    if strike.fault is Fault.FIRST_TRY_LATE:
        verdict = _verdict_on_late(scenario, shop, told, undisturbed, strike)
    else:
        verdict = _verdict(scenario, shop, told, undisturbed.end)
    if is_retried(strike):
        verdict = _held_to_its_retry(verdict, bool(extra))
    return Cell(scenario.name, strike, verdict, in_short(told))


def _verdict_on_late(
    scenario: Scenario, shop: WiredShop, told: list[Told], undisturbed: Undisturbed, strike: Strike
) -> Verdict:
    """Told rightly, and not contradicted by the first try when it arrives."""
    if not scenario.told_rightly(shop, told[-1]):
        return Verdict.FALSE
    others = strike.extent is Extent.UNTIL_OTHERS_ACTED
    if others:
        others_act(shop)
    if contradicts(shop, strike):
        return Verdict.CONTRADICTED
    end = undisturbed.end_after_others if others else undisturbed.end
    found = _end(shop)
    if is_late_lock(strike):
        # It leaves one more attempt that came to nothing.
        found, end = found._replace(attempts={}), end._replace(attempts={})
    if found != end:
        return Verdict.ENDS_DIFFERENTLY
    return Verdict.TRUE_AT_ONCE if len(told) == 1 else Verdict.TRUE_WHEN_ASKED_AGAIN


def contradicts(shop: WiredShop, strike: Strike) -> bool:
    """Whether the first try changes anything as it arrives, or leaves an order that cannot be read."""
    before = shop.truth().version
    shop.wires.table.deliver_late()
    changed = shop.truth().version != before and not is_late_lock(strike)
    return changed or shop.read().status != 200


def is_late_lock(strike: Strike) -> bool:
    """A lock is written without a read. One that arrives late is closed soon, like any that nobody opens."""
    return strike.site == "table: UpdateItem OrderLocked"


def _verdict(scenario: Scenario, shop: WiredShop, told: list[Told], end: End) -> Verdict:
    if not scenario.told_rightly(shop, told[-1]):
        return Verdict.FALSE
    if _end(shop) != end:
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
    return strike.extent is not Extent.UNTIL_GIVEN_UP and not strike.site.startswith("gateway")


def in_short(told: list[Told]) -> str:
    """The statuses in their order."""
    return " → ".join(str(each.status) for each in told)


def disturbing(strike: Strike, site_of: Callable[[Seen], str]) -> Decide:
    """Does that to the requests of that call site."""
    struck: list[Seen] = []

    def decide(seen: Seen) -> Fault | None:
        if site_of(seen) != strike.site or (struck and strike.extent is not Extent.UNTIL_GIVEN_UP):
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


def _end(shop: WiredShop) -> End:
    """How it ends once everything that is owed is done: what buyer, seller and gateway are left with."""
    shop.settle()
    order = shop.truth()
    attempts = {attempt_id: attempt.status for attempt_id, attempt in order.past_attempts.items()}
    refunds = [refund.status for refund in order.refunds.values()]
    holder = (order.attempt.attempt_id, order.attempt.status) if order.attempt else None
    payments = [(payment.payment_id, payment.place, payment.returned) for payment in order.payments.values()]
    disputes = [dispute.status for dispute in order.disputes.values()]
    return End(
        order.status,
        order.revision,
        order.total,
        holder,
        attempts,
        refunds,
        sorted(payments),
        disputes,
        shop.books(),
    )
