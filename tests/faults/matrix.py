"""Every call site of every operation under every fault: is the caller's answer true?"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from local.api_client import ApiResponse
from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import AttemptStatus, DisputeStatus, PaymentPlace, RefundStatus
from tests.conftest import NOON
from tests.faults.call_sites import CallNumbers, calls_in
from tests.faults.concurrent_actions import run_other_callers
from tests.faults.fault_proxy import Decide, NetworkFault, Seen
from tests.faults.proxied_connections import ProxiedConnections, Snapshot
from tests.faults.proxied_shop import ProxiedShop, is_unknown
from tests.faults.scenarios import FaultScenario

MOST_CALLS = 3
# Lost requests and responses, without late ones. The gateway's client tries once, so a fault cannot last there.
LOST = tuple(fault for fault in NetworkFault if fault is not NetworkFault.FIRST_TRY_LATE)
# One fault of each effect: to Paylatch, a 500 after apply and a timeout are other lost responses.
SHORT = (NetworkFault.REQUEST_LOST, NetworkFault.RESPONSE_LOST, NetworkFault.FIRST_TRY_LATE)
Faults = Collection[NetworkFault]


# The conditional writes of a head: a transition, and the tombstone that takes its place.
HEAD_WRITES = ("table: UpdateItem", "table: PutItem HEAD")


class FaultDuration(StrEnum):
    """How long a fault lasts. A first try that is late arrives once the caller was answered, or after others acted."""

    ONCE = "once"
    UNTIL_GIVEN_UP = "until the caller gives up"
    UNTIL_ANSWERED = "until the caller is answered"
    UNTIL_OTHERS_ACTED = "until others have acted"


class CallVerdict(StrEnum):
    """The result of a call under a fault."""

    TRUE_AT_ONCE = "true answer"
    TRUE_WHEN_ASKED_AGAIN = "503, then a true answer"
    FALSE = "false answer"
    EXTRA_READ = "true answer, with requests beyond the SDK's retry"
    GIVEN_UP = "503 for a single fault, as if there were no retry"
    ENDS_DIFFERENTLY = "true answer, but another end state"
    CONTRADICTED = "true answer, but the first try was applied afterwards"


@dataclass(frozen=True, slots=True)
class FaultInjection:
    """One call and its fault."""

    site: str
    fault: NetworkFault
    duration: FaultDuration


@dataclass(frozen=True, slots=True)
class Cell:
    """One call site under one fault."""

    scenario: str
    injection: FaultInjection
    verdict: CallVerdict
    responses: str


class End(NamedTuple):
    """The end state, once nothing is owed any more."""

    status: PaymentStatus
    revision: int
    total: int
    holder: object
    attempts: Mapping[str, AttemptStatus]
    refunds: list[RefundStatus]
    payments: list[tuple[str, PaymentPlace, int]]
    disputes: list[DisputeStatus]
    ledger: int


# Of a retired order: the sort keys of the items that are left.
Left = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The scenario without a fault: how it stands before, its calls, and how it ends, alone or after others acted."""

    shop: ProxiedShop
    before: Snapshot
    calls: tuple[str, ...]
    end: End | Left
    end_after_others: End | Left


def cells(
    scenario: FaultScenario, connections: ProxiedConnections, faults: Faults, part: int = 0, parts: int = 1
) -> Iterator[Cell]:
    """The scenario's share of the matrix under these faults, or one of so many parts of it."""
    baseline = _baseline(scenario, connections)
    sites = injected_sites(scenario, baseline.calls)
    for site in sites[part * len(sites) // parts : (part + 1) * len(sites) // parts]:
        connections.connect()
        for injection in injections(site, faults):
            yield _cell(scenario, connections, baseline, injection)


def injected_sites(scenario: FaultScenario, calls: tuple[str, ...]) -> list[str]:
    """The calls that get a fault: all, but of an index's shards only the first and the last, unless `each_shard` is
    set.
    """
    shards: dict[str, list[str]] = {}
    for site in calls:
        name = site.partition(" (")[0]
        run_concurrently = name.startswith("table: Query") and not scenario.each_shard
        shards.setdefault(name if run_concurrently else site, []).append(site)
    injected = {site for row in shards.values() for site in (row[0], row[-1])}
    return [site for site in calls if site in injected]


def injections(site: str, faults: Faults = tuple(NetworkFault)) -> Iterator[FaultInjection]:
    """These faults of one call. Only a conditional write of a head is retried and can have a late first try."""
    for fault in (each for each in LOST if each in faults):
        for duration in (
            [FaultDuration.ONCE] if site.startswith("gateway") else (FaultDuration.ONCE, FaultDuration.UNTIL_GIVEN_UP)
        ):
            yield FaultInjection(site, fault, duration)
    if site.startswith(HEAD_WRITES) and NetworkFault.FIRST_TRY_LATE in faults:
        for duration in (FaultDuration.UNTIL_ANSWERED, FaultDuration.UNTIL_OTHERS_ACTED):
            yield FaultInjection(site, NetworkFault.FIRST_TRY_LATE, duration)


def _baseline(scenario: FaultScenario, connections: ProxiedConnections) -> Baseline:
    shop, before = _arranged(scenario, connections)
    arranged = replace(shop)
    responses = scenario.act(shop)
    calls = calls_in(connections.seen)
    if not scenario.is_correct(shop, responses):
        raise AssertionError(f"{scenario.name} fails without any fault: {responses}")
    end = _end(shop)
    connections.restore(before)
    shop = replace(arranged)
    scenario.act(shop)
    run_other_callers(shop)
    return Baseline(arranged, before, calls, end, _end(shop))


def _cell(
    scenario: FaultScenario, connections: ProxiedConnections, baseline: Baseline, injection: FaultInjection
) -> Cell:
    connections.restore(baseline.before)
    shop = replace(baseline.shop)
    connections.decide_by(injecting(injection, CallNumbers().site_of))
    responses = [scenario.act(shop)]
    connections.decide_by(lambda seen: None)
    extra = set(calls_in(connections.seen)) - set(baseline.calls)
    ask_again(scenario, shop, responses)
    if injection.fault is NetworkFault.FIRST_TRY_LATE:
        verdict = _verdict_on_late(scenario, shop, responses, baseline, injection)
    else:
        verdict = _verdict(scenario, shop, responses, baseline.end)
    if is_retried(injection):
        verdict = _limited_to_one_retry(verdict, bool(extra))
    return Cell(scenario.name, injection, verdict, summary_of(responses))


def _verdict_on_late(
    scenario: FaultScenario,
    shop: ProxiedShop,
    responses: list[ApiResponse],
    baseline: Baseline,
    injection: FaultInjection,
) -> CallVerdict:
    """The verdict on a late first try: a true answer that the first try does not contradict when it arrives."""
    if not scenario.is_correct(shop, responses[-1]):
        return CallVerdict.FALSE
    others = injection.duration is FaultDuration.UNTIL_OTHERS_ACTED
    if others:
        run_other_callers(shop)
    if contradicts(shop, injection):
        return CallVerdict.CONTRADICTED
    end = baseline.end_after_others if others else baseline.end
    found = _end(shop)
    if is_late_lock(injection) and isinstance(found, End) and isinstance(end, End):
        # It leaves one more attempt that ended unpaid.
        found, end = found._replace(attempts={}), end._replace(attempts={})
    if found != end:
        return CallVerdict.ENDS_DIFFERENTLY
    return CallVerdict.TRUE_AT_ONCE if len(responses) == 1 else CallVerdict.TRUE_WHEN_ASKED_AGAIN


def contradicts(shop: ProxiedShop, injection: FaultInjection) -> bool:
    """Whether the first try changes anything as it arrives, or leaves an order that cannot be read."""
    before, status = shop.version(), shop.read_by_service().status
    shop.connections.table.deliver_late()
    changed = shop.version() != before and not is_late_lock(injection)
    return changed or shop.read_by_service().status != status


def is_late_lock(injection: FaultInjection) -> bool:
    """A lock is written without a read. A late one is soon closed, like any attempt that stays `opening`."""
    return injection.site == "table: UpdateItem OrderLocked"


def _verdict(scenario: FaultScenario, shop: ProxiedShop, responses: list[ApiResponse], end: End | Left) -> CallVerdict:
    if not scenario.is_correct(shop, responses[-1]):
        return CallVerdict.FALSE
    if _end(shop) != end:
        return CallVerdict.ENDS_DIFFERENTLY
    return CallVerdict.TRUE_AT_ONCE if len(responses) == 1 else CallVerdict.TRUE_WHEN_ASKED_AGAIN


def _limited_to_one_retry(verdict: CallVerdict, extra: bool) -> CallVerdict:
    if verdict is CallVerdict.TRUE_AT_ONCE and extra:
        return CallVerdict.EXTRA_READ
    return CallVerdict.GIVEN_UP if verdict is CallVerdict.TRUE_WHEN_ASKED_AGAIN else verdict


def ask_again(scenario: FaultScenario, shop: ProxiedShop, responses: list[ApiResponse]) -> None:
    """Repeat the call, as a caller does whose answer says that the outcome is unknown."""
    while is_unknown(responses[-1]) and len(responses) < MOST_CALLS:
        responses.append(scenario.act(shop))


def is_retried(injection: FaultInjection) -> bool:
    """Whether a single fault costs only the SDK's retry: true for the table, not for the gateway."""
    return injection.duration is not FaultDuration.UNTIL_GIVEN_UP and not injection.site.startswith("gateway")


def summary_of(responses: list[ApiResponse]) -> str:
    """The statuses in their order."""
    return " → ".join(str(each.status) for each in responses)


def injecting(injection: FaultInjection, site_of: Callable[[Seen], str]) -> Decide:
    """Apply that fault to the requests of that call site."""
    injected: list[Seen] = []

    def decide(seen: Seen) -> NetworkFault | None:
        if site_of(seen) != injection.site or (injected and injection.duration is not FaultDuration.UNTIL_GIVEN_UP):
            return None
        injected.append(seen)
        return injection.fault

    return decide


def _arranged(scenario: FaultScenario, connections: ProxiedConnections) -> tuple[ProxiedShop, Snapshot]:
    connections.wipe()
    connections.clock.advance(NOON - connections.clock.now())
    shop = ProxiedShop(connections)
    scenario.arrange(shop)
    connections.reset()
    return shop, connections.snapshot()


def _end(shop: ProxiedShop) -> End | Left:
    """The end state for buyer, seller and gateway, once everything that is owed is done."""
    shop.settle()
    if shop.is_retired():
        return shop.sort_keys()
    order = shop.stored()
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
        shop.ledger(),
    )
