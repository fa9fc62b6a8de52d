"""Reconciliation finds what is planted in a day, and nothing else. `make bench-reconciliation` does it with 100,000."""

import pytest

from bench.reconciliation import Day, broken, reconciled
from paylatch.use_cases import check_page

PAYMENTS = 1_300


@pytest.fixture(scope="module")
def day() -> Day:
    return reconciled(PAYMENTS)


def test_each_of_the_twelve_kinds_is_found_and_named_and_nothing_else(day: Day) -> None:
    assert len({name for name, _ in day.planted}) == 11
    assert day.foreign == day.statement.foreign() == 1
    assert day.found == day.planted


def test_a_list_is_asked_for_once_for_a_hundred_objects_and_once_more(day: Day) -> None:
    assert day.excess() == {}
    assert broken(day) == []


def test_the_heads_of_a_page_are_read_at_once(day: Day) -> None:
    pages = sum(state.pages for state in day.report.progress)

    assert day.statement.orders.reads <= pages


def test_what_is_not_found_breaks_the_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(*_: object) -> None:
        return None

    monkeypatch.setattr(check_page, "put_right", find_nothing)

    assert "something was not found" in broken(reconciled(PAYMENTS))
