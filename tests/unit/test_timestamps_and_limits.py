"""Time: text that sorts like time, and waits that grow to a limit."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylatch.domain.limits import FIRST_WAIT, GRACE, LONGEST_WAIT, wait_after
from paylatch.domain.timestamps import as_text, from_text

MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))


@given(MOMENTS)
def test_a_timestamp_is_read_back_to_the_millisecond(timestamp: datetime) -> None:
    back = from_text(as_text(timestamp))
    assert timedelta(0) <= timestamp - back < timedelta(milliseconds=1)
    assert back.tzinfo is UTC
    assert as_text(back) == as_text(timestamp)


@given(MOMENTS, MOMENTS)
def test_text_order_is_time_order(one: datetime, other: datetime) -> None:
    assert len(as_text(one)) == len(as_text(other)) == 24
    if as_text(one) < as_text(other):
        assert one < other


def test_other_zones_are_the_same_timestamp() -> None:
    beijing = datetime(2026, 11, 24, 20, 0, tzinfo=timezone(timedelta(hours=8)))
    assert as_text(beijing) == "2026-11-24T12:00:00.000Z"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00.000Z"])
def test_what_is_no_timestamp_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        from_text(text)


def test_waits_double_from_half_a_minute_to_a_quarter_of_an_hour() -> None:
    seconds = [wait_after(tries).total_seconds() for tries in range(8)]
    assert seconds == [30, 60, 120, 240, 480, 900, 900, 900]
    assert wait_after(0) == FIRST_WAIT
    assert wait_after(10**6) == LONGEST_WAIT
    assert timedelta(0) < GRACE < LONGEST_WAIT
