"""What a payment page must show of an order: held against the API's answer at the same version of the order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pay_page.order_view import JUST_PAID_LASTS

from tests.walk.shown_page import ShownPage

# In seconds: within so much of the end of a lock or a term, page and API may be on either side of it.
AROUND_THE_END = 6.0
# By so much a countdown may be off: a tick, and the time that a busy machine takes to load the page.
COUNTDOWN_IS_OFF_BY = 5.0
PAYABLE = ("owed", "changed")
STOPPABLE = ("opening", "being_paid")
_BY_ATTEMPT = {"opening": "opening", "open": "being_paid", "processing": "processing"}
_REFUNDED = {"full": "refunded", "partial": "partly_refunded"}


@dataclass(frozen=True, slots=True)
class OrderReading:
    """An order as the API showed it. `version` counts its changes; `read_at` is in seconds of this machine's clock.

    `out_of_attempts`: no payment of it may begin any more.
    """

    order: Mapping[str, Any]
    version: int
    read_at: float
    out_of_attempts: bool = False

    @property
    def attempt(self) -> Mapping[str, Any]:
        """The payment that holds or settled the order; empty without one."""
        return self.order["payment"] or {}

    @property
    def until(self) -> str | None:
        """The end of the lock; None where there is none."""
        until: str | None = (self.order["lock"] or {}).get("until")
        return until

    def seconds_left(self, at: float) -> float | None:
        """From that time to the end of the lock; None where there is none."""
        return _seconds_to(self.until, at)


def possible_states(reading: OrderReading, at: float) -> frozenset[str]:
    """The states of the payment page that are true of this order at that time, in seconds."""
    match reading.order["payment_status"]:
        case "pending_payment":
            return _unpaid(reading, at)
        case "in_payment":
            return _in_payment(reading, at)
        case "paid":
            return _paid(reading, at)
        case "releasing":
            return frozenset({"stopping"})
        case "review":
            return frozenset({"under_review"})
    return frozenset({"expired" if reading.order["cancelled"]["reason"] == "expired" else "cancelled"})


def contradictions(reading: OrderReading, shown: ShownPage) -> Iterator[str]:
    """What the page says that is not so; the page is of the same version as the reading."""
    states = possible_states(reading, shown.read_at)
    if shown.state not in states:
        yield f"it shows {shown.state}, the order is {' or '.join(sorted(states))}"
        return
    if shown.total != reading.order["total"]:
        yield f"it shows the total {shown.total}, the order's is {reading.order['total']}"
    yield from _wrong_actions(reading, shown)
    yield from _wrong_countdown(reading, shown)


def always_wrong(shown: ShownPage) -> Iterator[str]:
    """What no page may have, whatever the order is."""
    if shown.overflow > 0:
        yield f"it is {shown.overflow} pixels wider than its screen"
    if shown.state and not (shown.actions or shown.links):
        yield "it is a dead end: nothing on it leads on"


def _seconds_to(end: str | None, at: float) -> float | None:
    return datetime.fromisoformat(end).timestamp() - at if end else None


def _paid(reading: OrderReading, at: float) -> frozenset[str]:
    part = _REFUNDED.get(reading.order["refund_status"])
    if part:
        return frozenset({part})
    return _until(
        reading.order["paid_at"], at - JUST_PAID_LASTS.total_seconds(), frozenset({"just_paid"}), frozenset({"paid"})
    )


def _unpaid(reading: OrderReading, at: float) -> frozenset[str]:
    states = frozenset({"not_payable"})
    if reading.out_of_attempts:
        states = frozenset({"too_many_attempts"})
    elif reading.order["payable"]:
        states = frozenset(PAYABLE)
    return _until(reading.order["pay_by"], at, states, frozenset({"expired"}))


def _until(end: str | None, at: float, before: frozenset[str], after: frozenset[str]) -> frozenset[str]:
    """The states before that end or after it; both close to it."""
    left = _seconds_to(end, at)
    if left is None or left > AROUND_THE_END:
        return before
    return after if left < -AROUND_THE_END else before | after


def _in_payment(reading: OrderReading, at: float) -> frozenset[str]:
    state = _BY_ATTEMPT.get(reading.attempt["status"], "stopping")
    end = reading.until if state in STOPPABLE else None
    return _until(end, at, frozenset({state}), frozenset({"stopping"}))


def _wrong_actions(reading: OrderReading, shown: ShownPage) -> Iterator[str]:
    offered = set(shown.actions)
    if offered != _due_actions(shown.state):
        yield f"it offers {sorted(offered)} in the state {shown.state}"
    if offered & {"pay", "agree"} and shown.revision != reading.order["revision"]:
        yield f"its offer is for revision {shown.revision}, the order is at {reading.order['revision']}"
    if "stop" in offered and shown.attempt_id != reading.attempt["attempt_id"]:
        yield f"it offers to stop {shown.attempt_id}, the order is held by {reading.attempt['attempt_id']}"
    if shown.state == "being_paid" and reading.attempt["pay_url"] not in shown.links:
        yield "it does not lead to the payment's page"


def _due_actions(state: str) -> set[str]:
    if state in PAYABLE:
        return {"pay" if state == "owed" else "agree"}
    return {"stop"} if state in STOPPABLE else set()


def _wrong_countdown(reading: OrderReading, shown: ShownPage) -> Iterator[str]:
    left = reading.seconds_left(shown.read_at + shown.skipped)
    if shown.state not in STOPPABLE or left is None:
        return
    counted = shown.left or 0
    if abs(counted - max(left, 0.0)) > COUNTDOWN_IS_OFF_BY:
        yield f"it counts {counted} s to the end of the lock, of which {left:.1f} s are left"
