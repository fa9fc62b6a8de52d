"""When a gateway is asked again about a payment link that an attempt left behind."""

from datetime import UTC, datetime, timedelta

import pytest

from paylatch.domain.limits import next_link_check

DEADLINE = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "wait"),
    [
        (timedelta(minutes=-5), timedelta(minutes=1)),
        (timedelta(0), timedelta(minutes=1)),
        (timedelta(minutes=3), timedelta(minutes=3)),
        (timedelta(minutes=40), timedelta(minutes=15)),
        (timedelta(hours=1), timedelta(minutes=15)),
        (timedelta(hours=8), timedelta(hours=2)),
        (timedelta(days=4), timedelta(days=1)),
        (timedelta(days=20), timedelta(days=1)),
    ],
)
def test_the_interval_grows_with_the_time_since_the_lock_s_end_to_a_day(passed: timedelta, wait: timedelta) -> None:
    now = DEADLINE + passed
    assert next_link_check(DEADLINE, now) == now + wait
