"""How each way to lock an order answers under each fault."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.faults import peers
from tests.faults.call_sites import call_site
from tests.faults.fault_proxy import Fault, FaultProxy
from tests.faults.matrix import LOST, MOST_CALLS, Extent, Strike, disturbing
from tests.faults.peers import Ask, Told
from tests.faults.wired_shop import WiredShop
from tests.faults.wires import STALL, Wires, strung

LONGEST_WORD = 13
_EXTENTS = (Extent.ONCE, Extent.UNTIL_GIVEN_UP)


@dataclass(frozen=True, slots=True)
class Row:
    """One call site of one way to lock."""

    name: str
    site: str
    texts: tuple[str, ...]


def rows_of_all(database: str) -> list[Row]:
    """Paylatch's rows and everybody else's."""
    with strung(database, "compare") as wires, FaultProxy(database, STALL) as proxy:
        peers.create_table(database)
        return [*_rows("Paylatch", _ours(wires), wires.table), *_theirs(proxy)]


def _theirs(proxy: FaultProxy) -> Iterator[Row]:
    for peer in peers.peers(proxy.url):
        yield from _rows(peer.name, peer.fresh, proxy)


def _ours(wires: Wires) -> Callable[[], Ask]:
    """The payment request's real handler, with all that it does beside the lock."""

    def fresh() -> Ask:
        wires.wipe()
        shop = WiredShop(wires)
        shop.create()
        wires.table.seen.clear()
        return lambda: _heard(shop.pay().status)

    return fresh


def _heard(status: int) -> Told:
    if status == 201:
        return Told.YOURS
    return Told.UNKNOWN if status == 503 else Told.SOMEBODY_ELSES


def _rows(name: str, fresh: Callable[[], Ask], proxy: FaultProxy) -> Iterator[Row]:
    ask = fresh()
    proxy.seen.clear()
    if ask() is not Told.YOURS:
        raise AssertionError(f"{name} does not lock, without any fault")
    undisturbed = [call_site(seen) for seen in proxy.seen]
    for site in dict.fromkeys(undisturbed):
        texts = tuple(
            " / ".join(_struck(fresh, proxy, site, undisturbed, fault, extent) for extent in _EXTENTS) for fault in LOST
        )
        yield Row(name, _in_short(site), texts)


def _struck(
    fresh: Callable[[], Ask], proxy: FaultProxy, site: str, undisturbed: list[str], fault: Fault, extent: Extent
) -> str:
    ask = fresh()
    proxy.seen.clear()
    # Some peers call anew where the SDK would try again: until it gives up, each equal call is struck.
    proxy.decide = disturbing(Strike(site, fault, extent), call_site)
    told = [ask()]
    proxy.decide = lambda seen: None
    extra = (Counter(map(call_site, proxy.seen)) - Counter([*undisturbed, site])).total()
    while told[-1] is Told.UNKNOWN and len(told) < MOST_CALLS:
        told.append(ask())
    if told[-1] is not Told.YOURS:
        return "FALSE"
    if len(told) > 1:
        return "503, true"
    return f"true +{extra}" if extra and extent is Extent.ONCE else "true"


def _in_short(site: str) -> str:
    """Without what peers call their items."""
    words = site.removeprefix("table: ").split()
    return " ".join(word for word in words if 1 < len(word) <= LONGEST_WORD)
