"""What must hold of an order's lines, whoever sends them: the sign of a price, no line twice, and their total."""

from collections import Counter
from collections.abc import Sequence

from paylatch.domain.errors import InvalidRequest
from paylatch.domain.limits import LARGEST_TOTAL
from paylatch.domain.order import Line, LineKind


def refuse_invalid_lines(lines: Sequence[Line], before: Sequence[Line] = ()) -> None:
    """Raise `InvalidRequest` that names the lines whose price has the wrong sign, and those that are there twice.

    Lines are equal that differ in their quantity alone: an edit could not tell them apart. `before` are the lines of
    the order that is edited; what it has twice may stay. Raises what `refuse_invalid_total` raises.
    """
    faults = _wrong_signs(lines) | _equal_lines(lines, Counter(line.offer for line in before))
    if faults:
        raise InvalidRequest(faults)
    refuse_invalid_total(lines)


def refuse_invalid_total(lines: Sequence[Line]) -> None:
    """Raise `InvalidRequest` that names the lines where there are none, or they cost less than 0 or above the limit."""
    if not lines:
        raise InvalidRequest({"lines": "must have at least one line"})
    if not 0 <= sum(line.quantity * line.unit_price for line in lines) <= LARGEST_TOTAL:
        raise InvalidRequest({"lines": f"must have a total between 0 and {LARGEST_TOTAL} minor units"})


def _wrong_signs(lines: Sequence[Line]) -> dict[str, str]:
    return {f"lines.{place}.unit_price": fault for place, line in enumerate(lines) if (fault := _sign_fault(line))}


def _sign_fault(line: Line) -> str:
    if line.kind is LineKind.DISCOUNT:
        return "must be 0 or less in a discount" if line.unit_price > 0 else ""
    return "must be 0 or more; only a discount has a negative price" if line.unit_price < 0 else ""


def _equal_lines(lines: Sequence[Line], before: Counter[tuple[str, str, int]]) -> dict[str, str]:
    faults: dict[str, str] = {}
    first: dict[tuple[str, str, int], int] = {}
    found: Counter[tuple[str, str, int]] = Counter()
    for place, line in enumerate(lines):
        found[line.offer] += 1
        if found[line.offer] > max(1, before[line.offer]):
            faults[f"lines.{place}"] = f"must not repeat the sku, name and unit_price of lines.{first[line.offer]}"
        first.setdefault(line.offer, place)
    return faults
