"""A callback tells of a moment: its notice says which, by the gateway's own time, however late it comes."""

from datetime import timedelta

import pytest

from tests.contract.benches import BENCHES
from tests.contract.benches.bench import BAD_TIMES, Bench

NOTICES = [(name, notice) for name, kind in BENCHES.items() for notice in kind.notices]
every_notice = pytest.mark.parametrize(("driver", "notice"), NOTICES, indirect=["driver"])


@every_notice
def test_a_notice_is_dated_when_it_happened_and_not_when_it_is_delivered(driver: Bench, notice: str) -> None:
    callback = driver.tell(notice, driver.opened())
    happened = None if notice in driver.undated else driver.clock.now()
    (first,) = driver.gateway.parse_callback(callback)
    assert first.stated_at == happened
    driver.clock.advance(timedelta(hours=20))
    assert driver.gateway.parse_callback(driver.signed_again(callback)) == (first,)


@every_notice
def test_a_genuine_callback_whose_time_cannot_be_read_is_heard_undated(driver: Bench, notice: str) -> None:
    callback = driver.tell(notice, driver.opened())
    (genuine,) = driver.gateway.parse_callback(callback)
    for time in BAD_TIMES:
        (heard,) = driver.gateway.parse_callback(driver.dated(callback, time))
        assert (heard.attempt_id, heard.capture, heard.stated_at) == (genuine.attempt_id, genuine.capture, None)
