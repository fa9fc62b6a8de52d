"""docs/lost-responses.md: the matrix of the last run, and the counts that belong to it."""

import re
from collections import Counter

from tests.faults.fault_proxy import NetworkFault
from tests.faults.matrix import CallVerdict, Cell, FaultDuration, FaultInjection
from tests.faults.printing import BEGIN, END, PAGE, with_matrix

TEXT = PAGE.read_text()
# The width of a row's label.
LABEL = 38
MATRIX = TEXT.partition(BEGIN)[2].partition(END)[0]


def test_the_counts_are_those_of_the_cells() -> None:
    rows = [line[LABEL:] for line in MATRIX.splitlines() if re.match(r"  \S", line)]
    cells = Counter(cell for row in rows for entry in re.split(r"  +", row) for cell in entry.split(" / "))
    counted = {name: int(number) for number, name in re.findall(r"(\d+) `([^`]+)`", MATRIX)}

    assert cells == counted
    assert MATRIX.startswith(f"{cells.total()} cells, none false")


def test_a_new_matrix_takes_the_place_of_the_old_one() -> None:
    cells = [
        Cell(
            "edit",
            FaultInjection("table: GetItem HEAD", NetworkFault.TIMEOUT, FaultDuration.ONCE),
            CallVerdict.TRUE_AT_ONCE,
            "",
        ),
        Cell(
            "edit",
            FaultInjection("table: GetItem HEAD", NetworkFault.TIMEOUT, FaultDuration.UNTIL_GIVEN_UP),
            CallVerdict.TRUE_WHEN_ASKED_AGAIN,
            "",
        ),
    ]

    page = with_matrix(TEXT, cells)

    assert "2 cells, none false: 1 `true`, 1 `503, true`." in page
    assert re.search(r"  table: GetItem HEAD +true / 503, true\n```", page)
    assert "OrderCreated" not in page.partition(BEGIN)[2].partition(END)[0]
    assert page.partition(END)[2] == TEXT.partition(END)[2]
