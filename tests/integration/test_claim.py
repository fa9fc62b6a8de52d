"""The figures on the page about the source document's claim are measured."""

from dataclasses import replace

import pytest

from bench import claim
from bench.printed_pages import END, with_table

PAGE = claim.PAGE.read_text()
TABLE = [line for line in PAGE.splitlines() if line.startswith("| 2 :")]


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


@pytest.mark.parametrize("figure", claim.BOUNDS)
def test_a_row_beyond_a_bound_does_not_hold(figure: str) -> None:
    promised = replace(claim.COMPARISONS[0], promised=True)
    row = replace(claim.row(claim.COMPARISONS[0], 1, 1), comparison=promised)
    within = claim.Figures(dict.fromkeys(claim.FIGURES, 1))

    assert replace(row, ours=within).holds
    assert not replace(row, ours=claim.Figures(within | {figure: row.theirs[figure] + 1})).holds


def test_a_new_measurement_takes_the_place_of_the_old_one() -> None:
    changed = with_table(PAGE, "| new |\n")

    assert "<!-- measured -->\n| new |\n<!-- /measured -->" in changed
    assert with_table(changed, "| newer |\n").count("| new |") == 0
    assert changed.split(END)[1] == PAGE.split(END)[1]


def test_a_page_without_the_markers_is_refused() -> None:
    with pytest.raises(LookupError, match="elsewhere"):
        with_table(PAGE, "| new |\n", "elsewhere")


def test_the_text_has_the_percentage_of_the_table() -> None:
    most = max(float(line.split(" | ")[3].split(" ")[0]) for line in TABLE)

    assert f"up to {100 * most - 100:.0f} % more" in PAGE
