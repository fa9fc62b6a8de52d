"""docs/lost-responses.md: the matrix of the last run, and the counts that belong to it."""

import re
from collections import Counter

from tests.faults.fault_proxy import NetworkFault
from tests.faults.matrix import CallVerdict, Cell, FaultDuration, FaultInjection
from tests.faults.printing import BEGIN, END, PAGE, table, with_matrix

TEXT = PAGE.read_text()
MATRIX = TEXT.partition(BEGIN)[2].partition(END)[0]


def test_the_counts_are_those_of_the_cells() -> None:
    rows = [line.strip() for line in MATRIX.splitlines() if re.match(r"  \S", line)]
    cells = Counter(cell for row in rows for entry in re.split(r"  +", row)[1:] for cell in entry.split(" / "))
    counted = {name: int(number) for number, name in re.findall(r"(\d+) `([^`]+)`", MATRIX)}

    assert cells == counted
    assert MATRIX.startswith(f"{cells.total()} cells, none false")


def test_cells_of_any_width_stay_apart() -> None:
    cells = [
        Cell("edit", FaultInjection("table: " + "GetItem " * 9, fault, duration), CallVerdict.TRUE_WHEN_ASKED_AGAIN, "")
        for fault in NetworkFault
        for duration in FaultDuration
    ]

    entries = re.split(r"  +", table(cells).splitlines()[2].strip())

    assert entries[1:] == [" / ".join(["503, true"] * len(FaultDuration))] * len(NetworkFault)


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
