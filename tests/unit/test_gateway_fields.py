"""Names of our refunds and times in what a gateway sent: parsed exactly, or rejected."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylatch.domain.ids import derived_refund_id
from paylatch.gateways.fields import epoch_timestamp, is_refund_of, timestamp

ATTEMPT_ID = "7ZQ4M2K9X0B5T1WD_3N8RV6YA"
OTHER_ID = "7ZQ4M2K9X0B5T1WE_3N8RV6YA"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda items: st.lists(items, max_size=3) | st.dictionaries(st.text(max_size=5), items, max_size=3),
    max_leaves=5,
)


@given(payment_id=st.text(max_size=80), tries=st.integers(0, 400))
def test_every_refund_id_that_we_derive_is_one_of_that_order_and_of_no_other(payment_id: str, tries: int) -> None:
    refund_id = derived_refund_id(ATTEMPT_ID, payment_id)
    for name in (refund_id, f"{refund_id}_{tries}", f"{refund_id}_{tries}_of_990"):
        assert is_refund_of(name, ATTEMPT_ID)
        assert not is_refund_of(name, OTHER_ID)


@pytest.mark.parametrize(
    "name",
    [
        *("", "r_1", ATTEMPT_ID, f"{ATTEMPT_ID}_pay_1", "7ZQ4M2K9X0B5T1WD_R", "7ZQ4M2K9X0B5T1WD_R0123456789A"),
        *("7ZQ4M2K9X0B5T1WD_R0123456789ABC", "7ZQ4M2K9X0B5T1WD_R0123456789AI", " 7ZQ4M2K9X0B5T1WD_R0123456789AB"),
        *("7ZQ4M2K9X0B5T1WD_R0123456789AB\n", "7ZQ4M2K9X0B5T1WD", "7zq4m2k9x0b5t1wd_r0123456789ab"),
    ],
)
def test_text_that_resembles_a_refund_id_is_none(name: str) -> None:
    assert not is_refund_of(name, ATTEMPT_ID)


@given(name=ANYTHING)
def test_anything_else_is_no_refund_id_and_no_time(name: object) -> None:
    assert not is_refund_of(name, ATTEMPT_ID)
    for read in (
        timestamp({"at": name}, "at"),
        epoch_timestamp({"at": name}, "at"),
        timestamp({}, "at"),
        epoch_timestamp({}, "at"),
    ):
        assert read is None or read.tzinfo is UTC


@given(at=st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)), hours=st.integers(-12, 14))
def test_a_time_is_read_whatever_its_offset(at: datetime, hours: int) -> None:
    text = at.astimezone(timezone(timedelta(hours=hours))).isoformat()
    assert timestamp({"at": text}, "at") == at
    whole = at.replace(microsecond=0)
    assert epoch_timestamp({"at": int(whole.timestamp())}, "at") == whole


@pytest.mark.parametrize(
    "text", ["2026-11-24T12:00:00", "2026-11-24", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59-12:00"]
)
def test_a_time_without_an_offset_or_beyond_the_calendar_is_none(text: str) -> None:
    assert timestamp({"at": text}, "at") is None
