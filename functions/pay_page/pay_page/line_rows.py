"""The rows of a page's table of lines; where the order changed, with what each line was before."""

from enum import StrEnum

from pay_page.page_view import OrderPage
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.line_matches import kept_places
from paylatch.domain.order import Line


class Mark(StrEnum):
    """How a line differs from the one that the reader saw."""

    SAME = "same"
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line, or one that is no longer in the order; `before` is set where it changed."""

    line: Line
    mark: Mark = Mark.SAME
    before: Line | None = None


def line_rows(view: OrderPage) -> list[LineRow]:
    """The rows in the order's own sequence; removed lines come last."""
    now = view.summary.lines
    before = view.changed_from.lines if view.changed_from else None
    if before is None:
        return [LineRow(line) for line in now]
    kept = kept_places(before, now)
    rows = [_row(line, before[kept[place]] if place in kept else None) for place, line in enumerate(now)]
    gone = [line for place, line in enumerate(before) if place not in kept.values()]
    return [*rows, *(LineRow(line, Mark.REMOVED) for line in gone)]


def _row(line: Line, before: Line | None) -> LineRow:
    if before is None:
        return LineRow(line, Mark.ADDED)
    same = (line.name, line.quantity, line.unit_price) == (before.name, before.quantity, before.unit_price)
    return LineRow(line) if same else LineRow(line, Mark.CHANGED, before)
