"""The figures on the page about the source document's claim are measured."""

from dataclasses import replace

import pytest

from bench import claim
from bench.printed_pages import END, with_table

PAGE = claim.PAGE.read_text()
TABLE = [line for line in PAGE.splitlines() if line.startswith(("| 1 :", "| 2 :"))]


@pytest.mark.parametrize("changes", claim.CHANGES)
@pytest.mark.parametrize("comparison", claim.COMPARISONS, ids=lambda comparison: comparison.calls)
def test_the_page_has_the_measured_row_of_a_small_order(comparison: claim.Comparison, changes: int) -> None:
    row = claim.row(comparison, 1, changes)

    assert str(row) in PAGE, "run: make bench-claim"
    assert row.holds


def test_the_page_has_a_row_for_each_comparison_size_and_number_of_changes() -> None:
    assert [line.split(" | ")[:3] for line in TABLE] == [
        [f"| {comparison.calls}", str(lines), str(changes)]
        for comparison in claim.COMPARISONS
        for lines in claim.SIZES
        for changes in claim.CHANGES
    ]


def test_changing_an_order_by_one_call_keeps_the_bounds_in_every_row() -> None:
    ratios = [[float(cell.split(" ")[0]) for cell in line.split(" | ")[3:5]] for line in TABLE if "| 1 :" in line]

    assert len(ratios) == 12
    assert all(requests <= 0.90 and units <= 1.00 for requests, units in ratios)


@pytest.mark.parametrize("figure", claim.BOUNDS)
def test_a_row_beyond_a_bound_does_not_hold(figure: str) -> None:
    row = claim.row(claim.COMPARISONS[0], 1, 1)
    beyond = row.ours | {figure: row.theirs[figure] + 1}

    assert not replace(row, ours=claim.Figures(beyond)).holds


def test_a_new_measurement_takes_the_place_of_the_old_one() -> None:
    changed = with_table(PAGE, "| new |\n")

    assert "<!-- measured -->\n| new |\n<!-- /measured -->" in changed
    assert with_table(changed, "| newer |\n").count("| new |") == 0
    assert changed.split(END)[1] == PAGE.split(END)[1]


def test_a_page_without_the_markers_is_refused() -> None:
    with pytest.raises(LookupError, match="elsewhere"):
        with_table(PAGE, "| new |\n", "elsewhere")


def test_the_text_has_the_percentages_of_the_table() -> None:
    text = PAGE.replace("\n", " ")
    requests, units = fewer("| 1 :", "requests"), fewer("| 1 :", "write units")
    assert f"{min(requests):.0f} % to {max(requests):.0f} % fewer requests" in text
    assert f"{min(units):.0f} % to {max(units):.0f} % fewer write units" in text
    requests, units = fewer("| 2 :", "requests"), fewer("| 2 :", "write units")
    assert {*requests} == {0}
    assert f"save no requests and {min(units):.0f} % to {max(units):.0f} % of the write units" in text


def fewer(calls: str, figure: str) -> list[float]:
    """By how many percent Paylatch needs fewer of them, in each row with so many calls of Paylatch."""
    column = {"requests": 3, "write units": 4}[figure]
    ratios = [float(line.split(" | ")[column].split(" ")[0]) for line in TABLE if line.startswith(calls)]
    return [100 - 100 * ratio for ratio in ratios]
