"""Books that are kept by events alone, in the way that `docs/money.md` says."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.transitions import EventType


@dataclass
class Account:
    """One payment, in minor units of its currency: what came, what went back, and the refunds that are owed by id."""

    currency: str
    received: int = 0
    went_back: int = 0
    issued: dict[str, int] = field(default_factory=dict)
    owed: dict[str, int] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """What is left of it."""
        return max(0, self.received - self.went_back)


def accounts_of(events: Iterable[RecordedEvent]) -> dict[str, Account]:
    """The account of each payment that the events name, by its id; the events of one order in their sequence."""
    accounts: dict[str, Account] = {}
    for event in events:
        detail: dict[str, Any] = dict(event.detail)
        if "payment_id" in detail and event.type in BOOKINGS:
            account = accounts.setdefault(detail["payment_id"], Account(detail["currency"]))
            BOOKINGS[event.type](account, detail)
    return accounts


def balance_of(accounts: Iterable[Account], currency: str) -> tuple[int, int]:
    """What is held of all payments in that currency, which may be less than nothing, and how much of it is owed."""
    counted = [account for account in accounts if account.currency == currency]
    return (
        sum(account.received - account.went_back for account in counted),
        sum(min(account.held, sum(account.owed.values())) for account in counted),
    )


def _receipt(account: Account, detail: dict[str, Any]) -> None:
    account.received = account.received or detail["amount"]
    account.went_back = max(account.went_back, detail.get("returned", 0))


def _due(account: Account, detail: dict[str, Any]) -> None:
    account.received = account.received or detail["amount"]
    account.owed[detail["refund_id"]] = detail["amount"]


def _unlocked(account: Account, detail: dict[str, Any]) -> None:
    (_due if "refund_id" in detail else _receipt)(account, detail)


def _issued(account: Account, detail: dict[str, Any]) -> None:
    account.owed.pop(detail["refund_id"], None)
    account.issued[detail["refund_id"]] = detail["amount"]
    account.went_back = max(account.went_back, min(account.received, account.went_back + detail["amount"]))


def _failed(account: Account, detail: dict[str, Any]) -> None:
    if account.issued.pop(detail["refund_id"], None) is not None:
        others = min(account.received, sum(account.issued.values()))
        account.went_back = max(others, account.went_back - detail["amount"])
    account.owed[detail["refund_id"]] = detail["amount"]


def _written_off(account: Account, detail: dict[str, Any]) -> None:
    account.owed.pop(detail["refund_id"], None)


BOOKINGS: dict[str, Any] = {
    EventType.ORDER_PAID: _receipt,
    EventType.PAYMENT_MISMATCHED: _receipt,
    EventType.MONEY_RETURNED: _receipt,
    EventType.ORDER_UNLOCKED: _unlocked,
    EventType.REFUND_DUE: _due,
    EventType.REFUND_ISSUED: _issued,
    EventType.REFUND_FAILED: _failed,
    EventType.REFUND_WRITTEN_OFF: _written_off,
}
