"""`make bench-plots`: draw the tables that the benchmarks printed into `docs/`, as SVG files in `docs/plots/`.

Reads the pages and measures nothing, so that a plot never differs from its table.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# It is in an environment of its own.
import matplotlib as mpl  # pyright: ignore[reportMissingImports]
from matplotlib.figure import Figure  # pyright: ignore[reportMissingImports]

DOCS = Path(__file__).parents[1] / "docs"
PLOTS = DOCS / "plots"
FIRST, SECOND, BOUND = "#1f6f8b", "#a9cdd8", "#c0392b"
# Text stays text, and the same table gives the same file.
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "paylatch", "font.size": 9, "axes.spines.top": False}


def table_of(page: str, name: str) -> list[list[str]]:
    """The cells of a printed table's rows, without its head."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /measured -->", (DOCS / page).read_text(), re.DOTALL)
    if found is None:
        raise LookupError(f"{page} has no table {name}")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines()[2:]]


def claim() -> Figure:
    """Requests of Paylatch for each request of the classic flow."""
    rows = [row for row in table_of("claim.md", "measured") if row[1] == "10"]
    names = [f"calls {calls}, {changes} change{'s' * (changes != '1')}" for calls, _, changes, *_ in rows]
    figure = _bars(
        names, [float(row[3].split(" ")[0]) for row in rows], "requests, Paylatch ÷ classic flow", "{:.2f}", inside=True
    )
    figure.axes[0].axvline(0.9, color=BOUND, linestyle="--", linewidth=1)
    figure.axes[0].text(0.9, -0.75, "bound 0.90", color=BOUND, ha="center", fontsize=8)
    return figure


def locks() -> Figure:
    """Requests and write units of lock and settlement together; false answers are marked."""
    rows = table_of("performance.md", "locks")
    cells = [[row[1].split(" / "), row[3].split(" / ")] for row in rows]
    names = [
        row[0] + ("" if all(cell[2] == "true" for cell in pair) else " (false after a lost response)")
        for row, pair in zip(rows, cells, strict=True)
    ]
    requests, units = ([sum(int(cell[place]) for cell in pair) for pair in cells] for place in (0, 1))
    figure = _bars(names, requests, "lock and settlement", "{:.0f}", inside=True)
    bars = figure.axes[0].barh(range(len(names)), units, left=requests, color=SECOND)
    figure.axes[0].bar_label(bars, label_type="center", fontsize=8)
    figure.axes[0].legend(["requests", "write units"], frameon=False, loc="upper right")
    return figure


def cost() -> Figure:
    """The bill of a million orders by line."""
    rows = [row for row in table_of("performance.md", "cost") if "total" not in row[0]]
    return _bars([row[0] for row in rows], [float(row[2]) for row in rows], "USD for a million orders", "{:.2f}")


def limits() -> Figure:
    """The number of orders a second at which each quota is reached."""
    rows = table_of("scale.md", "limits")
    names = [re.sub(r"`|\s*\(.*?\)", "", row[1]).replace("in a second", "a second") for row in rows]
    figure = _bars(names, [float(row[0].replace(",", "")) for row in rows], "orders a second (logarithmic)", "{:,.0f}")
    figure.axes[0].set_xscale("log")
    figure.axes[0].set_xticks([1, 10, 100, 1_000, 10_000], ["1", "10", "100", "1,000", "10,000"])
    return figure


def _bars(names: Sequence[str], values: Sequence[float], title: str, form: str, *, inside: bool = False) -> Figure:
    figure = Figure(figsize=(8, 0.8 + 0.34 * len(names)), layout="constrained")
    axes: Any = figure.subplots()
    bars = axes.barh(range(len(names)), values, color=FIRST)
    where = {"label_type": "center", "color": "white"} if inside else {"padding": 3}
    axes.bar_label(bars, [form.format(value) for value in values], fontsize=8, **where)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel(title)
    axes.spines["right"].set_visible(False)
    return figure


DRAWN = {"claim": claim, "locks": locks, "cost": cost, "limits": limits}


def main() -> int:
    """Write all plots, or those that the arguments name."""
    PLOTS.mkdir(exist_ok=True)
    with mpl.rc_context(STYLE):
        for name in sys.argv[1:] or DRAWN:
            DRAWN[name]().savefig(PLOTS / f"{name}.svg", metadata={"Date": None})
            print(PLOTS / f"{name}.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
