"""When and why an order ended unpaid."""

from datetime import datetime
from enum import StrEnum

from paylatch.domain.frozen_dataclass import dataclass


class CancellationReason(StrEnum):
    """Why an order ended unpaid. `REQUESTED`: its buyer, its seller or a service; `EXPIRED`: its `pay_by` passed."""

    REQUESTED = "requested"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The end of an order that nobody paid for."""

    at: datetime
    reason: CancellationReason
