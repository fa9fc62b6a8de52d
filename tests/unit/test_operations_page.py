"""docs/operations.md: which log line for which failure, as the code logs them."""

from docs import operations
from paylatch.ports import metric_of
from paylatch.runtime.problems import INTERNAL_ERROR, LOG_ONLY, PROBLEMS

PAGE = operations.PAGE.read_text()
ROWS = [line.split("|") for line in operations.failures_table().splitlines()[2:]]


def test_the_table_of_log_lines_is_up_to_date() -> None:
    assert operations.page(PAGE) == PAGE, "run: python -m docs.operations"
    assert operations.BEGIN in PAGE


def test_every_code_has_its_row() -> None:
    codes = {problem.code for problem in (*PROBLEMS.values(), *LOG_ONLY.values(), INTERNAL_ERROR)}
    assert {row[3].strip(" `") for row in ROWS} == codes


def test_a_row_names_the_metric_that_its_errors_count_as() -> None:
    lines = {row[1].strip(" `") for row in ROWS}
    counted = {metric_of(error) for error in operations.FAILURES} - {None}
    assert {metric.value for metric in counted if metric} <= lines


def test_a_row_names_the_alarms_that_ring() -> None:
    by_line = {row[1].strip(" `"): row[6] for row in ROWS}
    assert "`StoreRefusesUs`" in by_line["StoreRefused"]
    assert "`GatewayRefusesUs`" in by_line["GatewayMisconfigured"]
    assert "`UnexpectedFailures`" in by_line["UnexpectedError"]
    assert by_line["order-paid"].strip() == ""


def test_every_error_that_is_raised_is_in_the_table() -> None:
    assert {type(error) for error in operations.FAILURES} >= set(PROBLEMS) | set(LOG_ONLY)
