"""The change instruction of the source document: why a locked order is to be unlocked."""

from datetime import datetime
from enum import StrEnum


class ReleaseReason(StrEnum):
    """`TIMED_OUT` and `CANCELLED` are the document's two sub-units; `DECLINED` is a gateway's final no.

    `EXPIRED`: the time in which the order may be paid at all is over. No release of today begins for it.
    """

    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"


def reason_by_time(ended_at: datetime, deadline: datetime) -> ReleaseReason:
    """Why a session ended of which nobody says so: before its deadline by somebody's wish, afterwards by time."""
    return ReleaseReason.CANCELLED if ended_at < deadline else ReleaseReason.TIMED_OUT
