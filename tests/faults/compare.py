"""`make compare-lost-responses`: the same faults for Paylatch and for what a Python team would use instead.

Each locks one order for one payment that nobody else asks for, over the same wires, with the same time-outs and
retries of the SDK. A fault strikes a call site once, or until the caller gives up; after an honest "unknown" the
caller asks again, twice at most. `true` and `503, true`: told rightly. FALSE: told that somebody else has the order,
or not told in three calls that it is theirs. `+n` counts the requests beyond the SDK's retry.
"""

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from local import emulator
from local.ports import claim
from tests.faults import peers
from tests.faults.call_sites import call_site
from tests.faults.fault_proxy import Fault, FaultProxy
from tests.faults.matrix import MOST_CALLS, Extent, disturbing
from tests.faults.peers import Ask, Told
from tests.faults.wired_shop import WiredShop
from tests.faults.wires import STALL, Wires, strung

COLUMNS = tuple((fault, extent) for fault in Fault for extent in Extent)


@dataclass(frozen=True, slots=True)
class Row:
    """One call site of one way to lock."""

    name: str
    site: str
    texts: tuple[str, ...]


def main() -> int:
    """Print the table beside each other; always 0, for what others answer is not ours to fail on."""
    os.environ |= {"POWERTOOLS_LOG_LEVEL": "CRITICAL", "AWS_LAMBDA_FUNCTION_NAME": "compare"}
    with (
        tempfile.TemporaryDirectory() as folder,
        emulator.running(claim(0, 0, 0).emulator, Path(folder)) as url,
        strung(url, "compare") as wires,
        FaultProxy(url, STALL) as proxy,
    ):
        peers.create_table(url)
        _say(__doc__ or "")
        _say(f"{'':<30}{'call site':<26}" + "".join(f"{f'{fault}, {_short(extent)}':>26}" for fault, extent in COLUMNS))
        for row in (*_rows("Paylatch", _ours(wires), wires.table), *_theirs(proxy)):
            _say(f"{row.name:<30}{row.site:<26}" + "".join(f"{text:>26}" for text in row.texts))
    return 0


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
        texts = tuple(_struck(fresh, proxy, site, undisturbed, *column) for column in COLUMNS)
        yield Row(name, site.removeprefix("table: "), texts)


def _struck(
    fresh: Callable[[], Ask], proxy: FaultProxy, site: str, undisturbed: list[str], fault: Fault, extent: Extent
) -> str:
    ask = fresh()
    proxy.seen.clear()
    proxy.decide = disturbing(site, fault, extent)
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


def _short(extent: Extent) -> str:
    return "once" if extent is Extent.ONCE else "given up"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
