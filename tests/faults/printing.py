"""The matrix on paper."""

import sys
from collections import Counter
from collections.abc import Iterable

from tests.faults.fault_proxy import Fault
from tests.faults.matrix import Cell, Extent, Verdict

GOOD = {Verdict.TRUE_AT_ONCE: "true", Verdict.TRUE_WHEN_ASKED_AGAIN: "503, true"}


def printed(found: list[Cell]) -> list[Cell]:
    _say(f"\n{found[0].scenario}\n{'':<38}" + "".join(f"{fault:>26}" for fault in Fault))
    for site in dict.fromkeys(cell.site for cell in found):
        row = [_both(cell for cell in found if (cell.site, cell.fault) == (site, fault)) for fault in Fault]
        _say(f"  {site:<36}" + "".join(f"{text:>26}" for text in row))
    return found


def _both(found: Iterable[Cell]) -> str:
    return " / ".join(GOOD.get(cell.verdict, cell.verdict.name) for cell in found)


def summed_up(found: list[Cell]) -> int:
    counts = Counter(cell.verdict for cell in found)
    bad = [cell for cell in found if cell.verdict not in GOOD]
    for cell in bad:
        _say(f"\n{cell.scenario}, {cell.site}, {cell.fault} {cell.extent}: {cell.verdict} ({cell.told})")
    _say(f"\n{len(found)} cells (a fault {' / '.join(Extent)}): " + ", ".join(f"{n} {v}" for v, n in counts.items()))
    return int(bool(bad))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
