"""The change instruction of the source document: the reason for unlocking an order."""

from datetime import datetime
from enum import StrEnum


class ReleaseReason(StrEnum):
    """The reason of a release.

    `TIMED_OUT` and `CANCELLED` are the source document's two sub-units; `DECLINED` is a gateway's final refusal.
    `EXPIRED`: the period in which the order can be paid is over; this release reads it and never writes it.
    """

    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"


def reason_by_time(ended_at: datetime, deadline: datetime) -> ReleaseReason:
    """The reason for the end of a session where none is known: `CANCELLED` before its deadline, else `TIMED_OUT`."""
    return ReleaseReason.CANCELLED if ended_at < deadline else ReleaseReason.TIMED_OUT
