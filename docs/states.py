"""Prints the state table as a diagram and a table, into `docs/states.md` and the README: `python -m docs.states`."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "layers" / "common"))

from paylatch.domain.order import LOCKED, PaymentStatus  # noqa: E402
from paylatch.domain.transitions import STATE_TABLE, Rule  # noqa: E402

PAGE = ROOT / "docs" / "states.md"
README = ROOT / "README.md"
BEGIN, END = "<!-- states -->\n", "<!-- /states -->"
EVERY = frozenset(PaymentStatus)


def diagram() -> str:
    """The transitions that lead from one status to another, in mermaid."""
    edges: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, rule in STATE_TABLE.items():
        for source, target in _edges(rule):
            edges[source, target].append(name)
    lines = [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in edges.items()]
    ends = [f"    {status} --> [*]" for status in (PaymentStatus.PAID, PaymentStatus.CANCELLED)]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, *ends, "```"]) + "\n"


def page() -> str:
    """`docs/states.md`, whole."""
    locked = ", ".join(f"`{status}`" for status in PaymentStatus if status in LOCKED)
    rows = [_row(name, rule) for name, rule in STATE_TABLE.items()]
    return "\n".join(
        [
            "# States",
            "",
            "Printed from `layers/common/paylatch/domain/transitions/table.py` by `python -m docs.states`; a test",
            f"holds it to the table. An order is locked while it is {locked}.",
            "It can be edited in `pending_payment` alone.",
            "",
            diagram(),
            "*Version unchanged*: the write carries the version of the order that was read (optimistic concurrency).",
            "Every guard but that of `create` also demands [storage format](data.md) 1.",
            "",
            "| transition | from | guard | to | event |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def with_diagram(text: str) -> str:
    """The README with the diagram between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{diagram()}{END}{after}"


def _edges(rule: Rule) -> Iterator[tuple[str, str]]:
    if not rule.sources and rule.target:
        yield "[*]", rule.target
    for source in sorted(rule.sources, key=list(PaymentStatus).index):
        if rule.target is not None:
            yield source, rule.target


def _row(name: str, rule: Rule) -> str:
    sources = sorted(rule.sources, key=list(PaymentStatus).index)
    came_from = "any" if rule.sources == EVERY else ", ".join(sources) or "nothing"
    return f"| `{name}` | {came_from} | {rule.guard} | {rule.target or 'unchanged'} | {rule.event} |"


if __name__ == "__main__":
    PAGE.write_text(page())
    README.write_text(with_diagram(README.read_text()))
