"""The order desk offers the actions that the API does not refuse: the file that its tests read is that of the code."""

from tests.desk_actions import FILE, printed


def test_the_actions_that_the_desk_is_tested_with_are_those_of_the_api() -> None:
    assert FILE.read_text() == printed(), "run: python -m tests.desk_actions"
