"""The figures on the page about the source document's claim are measured."""

import pytest

from bench import claim

PAGE = claim.PAGE.read_text()


@pytest.mark.parametrize("changes", claim.CHANGES)
def test_the_page_has_the_measured_row_of_a_small_order(changes: int) -> None:
    assert claim.row(1, changes) in PAGE, "run: make bench-claim"


def test_the_page_has_a_row_for_each_size_and_number_of_changes() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| 1")]

    assert [line.split(" | ")[:2] for line in rows] == [
        [f"| {lines}", str(changes)] for lines in claim.SIZES for changes in claim.CHANGES
    ]


def test_a_new_measurement_takes_the_place_of_the_old_one() -> None:
    changed = claim.with_table(PAGE, "| new |\n")

    assert "<!-- measured -->\n| new |\n<!-- /measured -->" in changed
    assert claim.with_table(changed, "| newer |\n").count("| new |") == 0
    assert changed.split(claim.END)[1] == PAGE.split(claim.END)[1]


def test_the_text_has_the_percentages_of_the_table() -> None:
    rows = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| 1")]
    more = [round(100 * float(cells[2].split(" ")[0])) - 100 for cells in rows]

    assert f"{min(more)} % to {max(more)} % more requests" in PAGE
