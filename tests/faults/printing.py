"""The lost-response matrix as text, on the screen and in `docs/lost-responses.md`."""

from collections import Counter
from collections.abc import Iterable

from local.progress import say
from paylatch.domain.transitions import EventType
from tests.faults.fault_proxy import NetworkFault
from tests.faults.matrix import CallVerdict, Cell, FaultDuration
from tests.orders_table import ROOT

_DURATIONS = (
    f"a fault {FaultDuration.ONCE} / {FaultDuration.UNTIL_GIVEN_UP}; "
    f"a late try {FaultDuration.UNTIL_ANSWERED} / {FaultDuration.UNTIL_OTHERS_ACTED}"
)
PAGE = ROOT / "docs" / "lost-responses.md"
# The least number of spaces between two columns.
GAP = 2
BEGIN, END = "<!-- matrix -->\n", "<!-- /matrix -->"
GOOD = {CallVerdict.TRUE_AT_ONCE: "true", CallVerdict.TRUE_WHEN_ASKED_AGAIN: "503, true"}


def printed(found: list[Cell]) -> list[Cell]:
    """A scenario's cells, after they were printed."""
    say(f"\n{table(found)}")
    return found


def table(found: list[Cell]) -> str:
    """A scenario's cells: a row for each call, a column for each fault."""
    rows = [["", *map(str, NetworkFault)]]
    for site in dict.fromkeys(cell.injection.site for cell in found):
        cells = [
            _in_one(cell for cell in found if (cell.injection.site, cell.injection.fault) == (site, fault))
            for fault in NetworkFault
        ]
        rows.append([f"  {site}", *cells])
    widths = [max(map(len, column)) + GAP for column in zip(*rows, strict=True)]
    lines = ["".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([found[0].scenario, *lines])


def with_matrix(text: str, found: list[Cell]) -> str:
    """The page with this matrix, which has no bad cell, between its two markers."""
    counts = Counter(GOOD[cell.verdict] for cell in found)
    summary = f"{len(found)} cells, none false: " + ", ".join(f"{counts[good]} `{good}`" for good in GOOD.values())
    tables = [table([cell for cell in found if cell.scenario == name]) for name in _scenarios(found)]
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "".join([before, BEGIN, summary, ".\n\n```\n", "\n\n".join(tables), "\n```\n", END, after])


def _scenarios(found: list[Cell]) -> list[str]:
    return list(dict.fromkeys(cell.scenario for cell in found))


def _in_one(found: Iterable[Cell]) -> str:
    return " / ".join(GOOD.get(cell.verdict, cell.verdict.name) for cell in found)


def summed_up(found: list[Cell]) -> int:
    """Print the bad cells and the counts; return 1 where any cell is bad."""
    counts = Counter(cell.verdict for cell in found)
    bad = [cell for cell in found if cell.verdict not in GOOD]
    for cell in bad:
        say(
            f"\n{cell.scenario}, {cell.injection.site}, {cell.injection.fault} {cell.injection.duration}: "
            f"{cell.verdict} ({cell.responses})"
        )
    say(f"\n{len(found)} cells ({_DURATIONS}): " + ", ".join(f"{n} {v}" for v, n in counts.items()))
    return int(bool(bad))


def left_out(found: list[Cell]) -> int:
    """Print the order's events that no call with a fault writes; return 1 where there is one."""
    sites = {cell.injection.site.partition(" (")[0] for cell in found}
    missing = [event for event in EventType if f"table: UpdateItem {event}" not in sites]
    if missing:
        say(f"Never under a fault: {', '.join(missing)}")
    return int(bool(missing))
