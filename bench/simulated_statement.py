"""A gateway's day of simulated payments, of which only the present page is in memory, and the orders behind them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bench.planted_orders import HONEST, PART, PLANTED, Planted, Sample, dispute_of, samples
from paylatch.domain.ids import ORDER_ID_LENGTH, derived_refund_id
from paylatch.domain.payment import Capture, DisputeStatus, Refund
from paylatch.domain.statement import (
    Discrepancy,
    ListedCapture,
    ListedDispute,
    ListedRefund,
    ListedState,
    Owner,
    StatementEntry,
    StatementKind,
)
from paylatch.domain.transitions import Transition
from paylatch.ports import (
    LARGEST_STATEMENT_PAGE,
    Applied,
    Capabilities,
    FoundAttempt,
    Heads,
    RefundState,
    Rejected,
    StatementPage,
    StatementWindow,
)
from tests.conftest import NOON
from tests.fakes.memory_order_store import MemoryOrderStore

# One payment in so many has something planted.
PLANTED_EVERY = 100
NAMES = {
    Planted.MISSING_WEBHOOK: Discrepancy.MISSING_WEBHOOK,
    Planted.DOUBLE_CAPTURE: Discrepancy.DOUBLE_CAPTURE,
    Planted.REFUND_BY_HAND: Discrepancy.REFUND_BY_HAND,
    Planted.PARTIAL_REFUND: Discrepancy.PARTIAL_REFUND,
    Planted.WRONG_AMOUNT: Discrepancy.WRONG_AMOUNT,
    Planted.UNKNOWN_ORDER: Discrepancy.UNKNOWN_ORDER,
    Planted.DISPUTE_LOST: Discrepancy.DISPUTE_LOST,
    Planted.REFUND_FAILED: Discrepancy.REFUND_FAILED,
    Planted.WRONG_CURRENCY: Discrepancy.WRONG_CURRENCY,
    Planted.CAPTURED_AFTER_CANCEL: Discrepancy.CAPTURED_AFTER_CANCEL,
    Planted.EVICTED_ATTEMPT: Discrepancy.EVICTED_ATTEMPT,
}
_RETURNED = {Planted.RETURNED: PART, Planted.PARTIAL_REFUND: PART, Planted.DISPUTE_LOST: PART}
_IN_REFUNDS = (Planted.RETURNED, Planted.REFUND_BY_HAND, Planted.PARTIAL_REFUND, Planted.REFUND_FAILED)


def kind_of(number: int) -> Planted:
    """What that payment's order is: one in a hundred has something planted, one in ten of the others a history."""
    place, rest = divmod(number, PLANTED_EVERY)
    if rest == 0:
        return PLANTED[place % len(PLANTED)]
    return HONEST[1 + place % 2] if rest % 10 == 1 else Planted.PAID


def order_id_of(number: int) -> str:
    """The order of that payment."""
    return f"{number:0{ORDER_ID_LENGTH}d}"


class SimulatedOrders(MemoryOrderStore):
    """Orders that are made when they are read; only those that changed are kept."""

    def __init__(self, made: dict[Planted, Sample]) -> None:
        super().__init__()
        self._samples = made
        self.reads = 0

    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        self._make(order_id)
        outcome = super().apply(order_id, transition)
        self.outbox.clear()
        return outcome

    def read_head(self, order_id: str) -> Any:
        self._make(order_id)
        return super().read_head(order_id)

    def read_heads(self, order_ids: Sequence[str]) -> Heads:
        self.reads += 1
        made = [order_id for order_id in order_ids if self._make(order_id)]
        heads = super().read_heads(order_ids)
        for order_id in made:
            del self.heads[order_id]
        return heads

    def _make(self, order_id: str) -> bool:
        """Make the head, unless it is kept or does not exist: whether it was made."""
        kind = kind_of(int(order_id))
        if order_id in self.heads or kind in (Planted.FOREIGN_PAYMENT, Planted.UNKNOWN_ORDER):
            return False
        self.heads[order_id] = self._samples[kind].head(order_id)
        return True


class SimulatedStatement:
    """A gateway that lists so many payments of a day; `calls` counts what it is asked by call, and by list."""

    name = "sandbox"
    capabilities = Capabilities(
        void_is_final=True,
        shortest_session=timedelta(minutes=1),
        longest_session=timedelta(days=1),
        reports_disputes=True,
        statements=frozenset({StatementKind.CAPTURES, StatementKind.REFUNDS, StatementKind.DISPUTES}),
    )

    def __init__(self, payments: int) -> None:
        self.samples = samples()
        self.orders = SimulatedOrders(self.samples)
        self.calls: Counter[str] = Counter()
        numbers = range(payments)
        self._doubles = [number for number in numbers if kind_of(number) is Planted.DOUBLE_CAPTURE]
        self._refunds = [number for number in numbers if kind_of(number) in _IN_REFUNDS]
        self._disputes = [number for number in numbers if kind_of(number) in (Planted.DISPUTED, Planted.DISPUTE_LOST)]
        self._payments = payments

    def lengths(self) -> dict[StatementKind, int]:
        """How many objects each list has."""
        return {
            StatementKind.CAPTURES: self._payments + len(self._doubles),
            StatementKind.REFUNDS: len(self._refunds),
            StatementKind.DISPUTES: len(self._disputes),
        }

    def planted(self) -> Iterator[tuple[Discrepancy, str]]:
        """Every planted discrepancy, with what it is of; foreign payments are counted instead."""
        for number in range(0, self._payments, PLANTED_EVERY):
            kind = kind_of(number)
            if kind in NAMES:
                yield NAMES[kind], self._subject(number, kind)

    def foreign(self) -> int:
        """How many foreign payments there are."""
        numbers = range(0, self._payments, PLANTED_EVERY)
        return sum(kind_of(number) is Planted.FOREIGN_PAYMENT for number in numbers)

    def list_statement(self, kind: StatementKind, window: StatementWindow, cursor: str | None) -> StatementPage:
        """One page."""
        assert window.since < NOON < window.until
        self.calls[kind.value] += 1
        start, length = int(cursor or 0), self.lengths()[kind]
        end = min(start + LARGEST_STATEMENT_PAGE, length)
        entries = tuple(self._entry(kind, place) for place in range(start, end))
        return StatementPage(entries, str(end) if end < length else None)

    def query_payment(self, payment_id: str) -> Capture:
        """The payment as it is now."""
        self.calls["query_payment"] += 1
        attempt_id = payment_id.removeprefix("pay_")
        number = int(attempt_id[:ORDER_ID_LENGTH])
        return self._capture(number, second=attempt_id == self._attempt_id(number, second=True))

    def find_attempt(self, payment_id: str) -> FoundAttempt:
        """Whose it is; every list says so already."""
        self.calls["find_attempt"] += 1
        return FoundAttempt(payment_id.removeprefix("pay_"))

    def query_refund(self, refund: Refund) -> RefundState:
        """The refund as it is now; no other than the planted ones was ever asked for."""
        self.calls["query_refund"] += 1
        failed = kind_of(int(refund.attempt_id[:ORDER_ID_LENGTH])) is Planted.REFUND_FAILED
        return RefundState.FAILED if failed else RefundState.UNKNOWN

    def _entry(self, kind: StatementKind, place: int) -> StatementEntry:
        match kind:
            case StatementKind.REFUNDS:
                return self._refund(self._refunds[place])
            case StatementKind.DISPUTES:
                return self._dispute(self._disputes[place])
        second = place >= self._payments
        number = self._doubles[place - self._payments] if second else place
        return ListedCapture(self._capture(number, second=second), self._owner(number, second=second), NOON)

    def _refund(self, number: int) -> ListedRefund:
        capture, kind = self._capture(number), kind_of(number)
        if kind is not Planted.REFUND_FAILED:
            return ListedRefund(f"re_{number}", capture, ListedState.DONE, self._owner(number), NOON)
        name = derived_refund_id(self._attempt_id(number), capture.payment_id)
        return ListedRefund(name, capture, ListedState.FAILED, self._owner(number), NOON, is_ours=True)

    def _dispute(self, number: int) -> ListedDispute:
        lost = kind_of(number) is Planted.DISPUTE_LOST
        dispute = dispute_of(self._capture(number), DisputeStatus.LOST if lost else DisputeStatus.OPEN)
        return ListedDispute(dispute, self._owner(number), NOON)

    def _capture(self, number: int, *, second: bool = False) -> Capture:
        kind = kind_of(number)
        capture = Capture(f"pay_{self._attempt_id(number, second=second)}", self.samples[kind].amount, "EUR")
        match kind:
            case Planted.WRONG_AMOUNT:
                return replace(capture, amount=capture.amount - 1)
            case Planted.WRONG_CURRENCY:
                return replace(capture, currency="USD")
            case Planted.REFUND_BY_HAND:
                return replace(capture, returned=capture.amount)
        return replace(capture, returned=_RETURNED.get(kind, 0))

    def _attempt_id(self, number: int, *, second: bool = False) -> str:
        sample = self.samples[kind_of(number)]
        attempt_id = sample.second_attempt_id if second else sample.attempt_id
        return attempt_id.replace(sample.order_id, order_id_of(number))

    def _owner(self, number: int, *, second: bool = False) -> Owner:
        if kind_of(number) is Planted.FOREIGN_PAYMENT:
            return Owner(foreign="it names the stack another-shop")
        return Owner(self._attempt_id(number, second=second))

    def _subject(self, number: int, kind: Planted) -> str:
        capture = self._capture(number, second=kind is Planted.DOUBLE_CAPTURE)
        if kind is Planted.DISPUTE_LOST:
            return dispute_of(capture, DisputeStatus.LOST).dispute_id
        if kind is Planted.REFUND_FAILED:
            return derived_refund_id(self._attempt_id(number), capture.payment_id)
        return capture.payment_id


def night_after() -> datetime:
    """When the day is reconciled."""
    return NOON + timedelta(hours=15)
