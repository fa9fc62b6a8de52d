"""A parallel run keeps together what shares something."""

import pytest

from tests.distribution import FilesInOneProcess


@pytest.fixture
def scheduling(pytestconfig: pytest.Config) -> FilesInOneProcess:
    pytestconfig.option.tx = pytestconfig.option.tx or ["popen"]
    return FilesInOneProcess(pytestconfig)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("tests/e2e/test_money.py::test_a", "tests/e2e/test_cors.py::test_b[x]", True),
        ("tests/unit/test_money.py::test_a", "tests/unit/test_money.py::test_b", True),
        ("tests/unit/test_money.py::test_a", "tests/unit/test_cors.py::test_b", False),
    ],
)
def test_the_deployed_stack_has_one_process_and_each_other_file(
    scheduling: FilesInOneProcess, one: str, other: str, *, together: bool
) -> None:
    assert (scheduling._split_scope(one) == scheduling._split_scope(other)) is together
