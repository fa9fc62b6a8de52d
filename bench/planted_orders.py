"""Orders with planted discrepancies: a sample of each, made by the product's use cases, and copied under other ids."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from bench.purchases import BUYER, SHOP, Purchase
from paylatch.domain.ids import derived_refund_id
from paylatch.domain.late_money import Evidence, Payment
from paylatch.domain.order import Order
from paylatch.domain.payment import Capture, Dispute, DisputeStatus
from paylatch.domain.transitions.attempt_changes import KEPT_ATTEMPTS
from paylatch.ports import Ports, VoidAnswer, VoidKind
from paylatch.use_cases.cancel_payment import cancel_payment
from paylatch.use_cases.edit_order import cancel_order, edit_order
from paylatch.use_cases.record_dispute import record_dispute
from paylatch.use_cases.record_return import handle_money_returned
from paylatch.use_cases.refund_payment import refund_payment
from paylatch.use_cases.settle_payment import settle_payment
from tests.conftest import NOON
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock

GATEWAY = "sandbox"
PART = 300


class Planted(StrEnum):
    """What is planted in an order, and honest orders."""

    PAID = "paid"
    RETURNED = "paid, a part returned and recorded"
    DISPUTED = "paid, a dispute recorded"
    MISSING_WEBHOOK = "missing webhook"
    DOUBLE_CAPTURE = "double capture"
    REFUND_BY_HAND = "refund by hand"
    PARTIAL_REFUND = "partial refund"
    WRONG_AMOUNT = "wrong amount"
    FOREIGN_PAYMENT = "foreign payment"
    UNKNOWN_ORDER = "unknown order"
    DISPUTE_LOST = "dispute lost"
    REFUND_FAILED = "refund failed later"
    WRONG_CURRENCY = "wrong currency"
    CAPTURED_AFTER_CANCEL = "captured after cancel"
    EVICTED_ATTEMPT = "evicted attempt"


HONEST = (Planted.PAID, Planted.RETURNED, Planted.DISPUTED)
PLANTED = tuple(kind for kind in Planted if kind not in HONEST)


@dataclass(frozen=True, slots=True)
class Sample:
    """A head, the attempt and the sum of the listed payment, and the attempt of a second one where there are two."""

    document: Mapping[str, Any]
    order_id: str
    attempt_id: str
    amount: int
    second_attempt_id: str = ""

    def head(self, order_id: str) -> dict[str, Any]:
        """The sample's head under another order id."""
        renamed: dict[str, Any] = _renamed(self.document, self.order_id, order_id)
        # A refund's id is derived from its attempt and payment.
        attempt_id = self.attempt_id.replace(self.order_id, order_id)
        refund_id = derived_refund_id(attempt_id, f"pay_{attempt_id}")
        for refund in self.document.get("refunds", {}).values():
            renamed["refunds"] = {refund_id: _renamed(refund, self.order_id, order_id)}
        return renamed


def _renamed(value: Any, old: str, new: str) -> Any:
    match value:
        case str():
            return value.replace(old, new)
        case Mapping():
            return {name.replace(old, new): _renamed(part, old, new) for name, part in value.items()}
        case Set():
            return {_renamed(part, old, new) for part in value}
        case list() | tuple():
            return [_renamed(part, old, new) for part in value]
    return value


@dataclass
class _Maker:
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOON))
    store: MemoryOrderStore = field(default_factory=MemoryOrderStore)

    def __post_init__(self) -> None:
        self.gateway = ScriptedGateway(self.clock)
        gateways = FixedGateways({GATEWAY: self.gateway})
        self.ports = Ports(self.store, gateways, self.clock, SequentialIdGenerator(), RecordedMetrics())
        self.purchase = Purchase(self.ports, self.gateway, 1, 0)
        self.order: Order = self.purchase.placed(0)

    def lock(self, key: int = 0) -> str:
        self.gateway.answer_with("void", VoidAnswer(VoidKind.NOT_VOIDABLE, until=NOON + timedelta(hours=1)))
        return self.purchase.gone_to_pay(self.order, key)

    def cancelled(self, key: int = 0) -> str:
        attempt_id = self.lock(key)
        cancel_payment(self.order.order_id, attempt_id, BUYER, self.ports)
        return attempt_id

    def settle(self, attempt_id: str) -> Payment:
        capture = self.gateway.capture_payment(attempt_id)
        payment = Payment(attempt_id, GATEWAY, capture, Evidence.CONFIRMED)
        settle_payment(self.order.order_id, payment, self.ports)
        return payment

    def paid(self) -> str:
        attempt_id = self.purchase.gone_to_pay(self.order, 0)
        self.settle(attempt_id)
        return attempt_id

    def sample(self, attempt_id: str, second: str = "") -> Sample:
        return Sample(self.store.heads[self.order.order_id], self.order.order_id, attempt_id, self.order.total, second)


def _paid() -> Sample:
    maker = _Maker()
    return maker.sample(maker.paid())


def _returned() -> Sample:
    maker = _Maker()
    attempt_id = maker.paid()
    capture = maker.gateway.money[attempt_id] = replace(maker.gateway.money[attempt_id], returned=PART)
    handle_money_returned(maker.order.order_id, Payment(attempt_id, GATEWAY, capture), maker.ports)
    return maker.sample(attempt_id)


def _disputed() -> Sample:
    maker = _Maker()
    attempt_id = maker.paid()
    dispute = dispute_of(maker.gateway.money[attempt_id], DisputeStatus.OPEN)
    record_dispute(maker.order.order_id, attempt_id, dispute, GATEWAY, maker.ports)
    return maker.sample(attempt_id)


def _locked() -> Sample:
    maker = _Maker()
    return maker.sample(maker.lock())


def _paid_twice() -> Sample:
    maker = _Maker()
    first = maker.cancelled()
    second = maker.purchase.gone_to_pay(maker.order, 1)
    maker.settle(second)
    return maker.sample(second, first)


def _refunded() -> Sample:
    maker = _Maker()
    attempt_id = maker.cancelled()
    wanted = maker.purchase.content(1)
    edit_order(maker.order.order_id, lambda _: wanted, 1, BUYER, maker.ports)
    maker.settle(attempt_id)
    head = maker.purchase.head(maker.order.order_id)
    (refund,) = head.refunds.values()
    refund_payment(head, refund, "timer", maker.ports)
    return maker.sample(attempt_id)


def _cancelled() -> Sample:
    maker = _Maker()
    attempt_id = maker.cancelled()
    cancel_order(maker.order.order_id, SHOP, maker.ports)
    return maker.sample(attempt_id)


def _evicted() -> Sample:
    maker = _Maker()
    first = maker.purchase.gone_to_pay(maker.order, 0)
    cancel_payment(maker.order.order_id, first, BUYER, maker.ports)
    for key in range(1, KEPT_ATTEMPTS + 2):
        maker.clock.advance(timedelta(seconds=1))
        attempt_id = maker.purchase.gone_to_pay(maker.order, key)
        cancel_payment(maker.order.order_id, attempt_id, BUYER, maker.ports)
    return maker.sample(first)


_MAKERS: Mapping[Planted, Callable[[], Sample]] = {
    Planted.RETURNED: _returned,
    Planted.DISPUTED: _disputed,
    Planted.MISSING_WEBHOOK: _locked,
    Planted.DOUBLE_CAPTURE: _paid_twice,
    Planted.WRONG_AMOUNT: _locked,
    Planted.WRONG_CURRENCY: _locked,
    Planted.REFUND_FAILED: _refunded,
    Planted.CAPTURED_AFTER_CANCEL: _cancelled,
    Planted.EVICTED_ATTEMPT: _evicted,
}


def samples() -> dict[Planted, Sample]:
    """A sample of every kind of order. Those of foreign payments and unknown orders have no head in the store."""
    return {kind: _MAKERS.get(kind, _paid)() for kind in Planted}


def dispute_of(capture: Capture, status: DisputeStatus) -> Dispute:
    """A dispute of a part of that payment."""
    return Dispute(f"dp_{capture.payment_id}", capture.payment_id, PART, capture.currency, status)
