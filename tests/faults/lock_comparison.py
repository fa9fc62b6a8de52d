"""How each way to lock an order answers under each fault."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.faults import lock_libraries
from tests.faults.call_sites import call_site
from tests.faults.fault_proxy import FaultProxy, NetworkFault
from tests.faults.lock_libraries import LockResult, TryLock
from tests.faults.matrix import LOST, MOST_CALLS, FaultDuration, FaultInjection, injecting
from tests.faults.proxied_connections import STALL, ProxiedConnections, connected
from tests.faults.proxied_shop import ProxiedShop

LONGEST_WORD = 13
_DURATIONS = (FaultDuration.ONCE, FaultDuration.UNTIL_GIVEN_UP)


@dataclass(frozen=True, slots=True)
class Row:
    """One call site of one way to lock."""

    name: str
    site: str
    texts: tuple[str, ...]


def rows_of_all_libraries(database: str) -> list[Row]:
    """The rows of Paylatch and of every alternative."""
    with connected(database, "compare") as connections, FaultProxy(database, STALL) as proxy:
        lock_libraries.create_table(database)
        return [*_rows("Paylatch", _paylatch(connections), connections.table), *_rows_of_libraries(proxy)]


def _rows_of_libraries(proxy: FaultProxy) -> Iterator[Row]:
    for library in lock_libraries.lock_libraries(proxy.url):
        yield from _rows(library.name, library.fresh, proxy)


def _paylatch(connections: ProxiedConnections) -> Callable[[], TryLock]:
    """The payment request's real handler, with all that it does beside the lock."""

    def fresh() -> TryLock:
        connections.wipe()
        shop = ProxiedShop(connections)
        shop.create()
        connections.table.seen.clear()
        return lambda: _lock_result(shop.pay().status)

    return fresh


def _lock_result(status: int) -> LockResult:
    if status == 201:
        return LockResult.ACQUIRED
    return LockResult.UNKNOWN if status == 503 else LockResult.HELD_BY_OTHER


def _rows(name: str, fresh: Callable[[], TryLock], proxy: FaultProxy) -> Iterator[Row]:
    try_lock = fresh()
    proxy.seen.clear()
    if try_lock() is not LockResult.ACQUIRED:
        raise AssertionError(f"{name} does not lock, without any fault")
    baseline = [call_site(seen) for seen in proxy.seen]
    for site in dict.fromkeys(baseline):
        texts = tuple(
            " / ".join(_injected(fresh, proxy, site, baseline, fault, duration) for duration in _DURATIONS)
            for fault in LOST
        )
        yield Row(name, _summary_of(site), texts)


def _injected(
    fresh: Callable[[], TryLock],
    proxy: FaultProxy,
    site: str,
    baseline: list[str],
    fault: NetworkFault,
    duration: FaultDuration,
) -> str:
    try_lock = fresh()
    proxy.seen.clear()
    # Some alternatives repeat a call instead of an SDK retry: each equal call gets the fault until they give up.
    proxy.decide = injecting(FaultInjection(site, fault, duration), call_site)
    responses = [try_lock()]
    proxy.decide = lambda seen: None
    extra = (Counter(map(call_site, proxy.seen)) - Counter([*baseline, site])).total()
    while responses[-1] is LockResult.UNKNOWN and len(responses) < MOST_CALLS:
        responses.append(try_lock())
    if responses[-1] is not LockResult.ACQUIRED:
        return "FALSE"
    if len(responses) > 1:
        return "503, true"
    return f"true +{extra}" if extra and duration is FaultDuration.ONCE else "true"


def _summary_of(site: str) -> str:
    """The summary without the alternatives' item names."""
    words = site.removeprefix("table: ").split()
    return " ".join(word for word in words if 1 < len(word) <= LONGEST_WORD)
