"""Orders with many cancelled attempts, and the write units of each of their writes."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from paylatch.domain import transitions
from paylatch.domain.caller import Caller, Role
from paylatch.domain.documents import order_from_document
from paylatch.domain.ids import ORDER_ID_LENGTH
from paylatch.domain.order import Order
from paylatch.domain.payment import Attempt, Capture, PaymentPlace, RefundStatus
from paylatch.domain.refund_request import RefundRequest
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions import NewAttempt, NewOrder, Transition, WriteContext
from paylatch.domain.transitions.attempt_changes import captured_payment
from paylatch.ports import Applied
from paylatch.store.items import item_of
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.integration.item_size import size_of
from tests.transition_cases import ORDER_ID, START

KILOBYTE = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The texts of an order that callers and gateways choose, and that make its head large."""

    person: str
    reference: str
    gateway: str
    return_url: str
    session: str
    pay_url: str


@dataclass
class Life:
    """One order, and the write units of its last lock, opening and settlement."""

    texts: Texts
    store: MemoryOrderStore = field(default_factory=MemoryOrderStore)
    units: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    writes: int = 0

    def __post_init__(self) -> None:
        draft = NewOrder(
            order_id=ORDER_ID,
            reference=self.texts.reference,
            buyer_id=self.texts.person,
            seller_id=self.texts.person,
            content_id="x" * 16,
            total=12_500,
            currency="EUR",
            fingerprint="W3E5R7T9Y1AB",
        )
        self._apply(transitions.create(draft, self._stamp(self.texts.person)))

    @property
    def head(self) -> dict[str, Any]:
        """The stored document."""
        return self.store.heads[ORDER_ID]

    @property
    def order(self) -> Order:
        """The order that the head describes."""
        return order_from_document(self.head)

    def edit(self) -> None:
        buyer = Caller(self.texts.person, frozenset({Role.BUYER}))
        write_context = self._stamp(self.texts.person)
        self._apply(transitions.edit(self.order, buyer, "y" * 16, 12_500, write_context))

    def try_and_give_up(self, times: int) -> None:
        for _ in range(times):
            self.open()
            reason = ReleaseReason.TIMED_OUT
            self._apply(transitions.release(self.order, self._holder(), reason, None, self._stamp(self.texts.person)))

    def leave_links(self, times: int) -> None:
        """Try and give up, each time with a link that stays live."""
        for _ in range(times):
            self.open()
            write_context = self._stamp(self.texts.person)
            check_at = write_context.at + timedelta(hours=1)
            self._apply(
                transitions.release(self.order, self._holder(), ReleaseReason.CANCELLED, check_at, write_context)
            )

    def end_links(self) -> None:
        """All links are found dead."""
        self._apply(transitions.end_links(self.order, list(self.order.past_attempts.values()), self._stamp("sweep")))

    def open(self) -> None:
        """Lock the order and record the gateway's session."""
        buyer = Caller(self.texts.person, frozenset({Role.BUYER}))
        write_context = self._stamp(self.texts.person)
        draft = NewAttempt(
            attempt_id=f"{ORDER_ID}_{self.order.attempts_made:08d}",
            gateway=self.texts.gateway,
            deadline=write_context.at + timedelta(minutes=15),
            return_url=self.texts.return_url,
            fingerprint="0QRS5TV7WX9Y",
        )
        self._apply(transitions.lock(draft, buyer, None, write_context))
        by_gateway = self._stamp(f"gateway:{self.texts.gateway}")
        opened = transitions.record_session(self._holder(), self.texts.session, self.texts.pay_url, by_gateway)
        self._apply(opened)

    def settle(self) -> None:
        capture, attempt_id = (
            Capture("pi_" + "x" * 24, self.order.total, self.order.currency),
            self._holder().attempt_id,
        )
        write_context = self._stamp(f"gateway:{self.texts.gateway}")
        payment = captured_payment(attempt_id, self.texts.gateway, capture, PaymentPlace.SETTLED, write_context.at)
        self._apply(transitions.settle(payment, self.order, write_context))

    def request_refunds(self, times: int, reason: str) -> None:
        (payment,) = self.order.payments.values()
        for number in range(times):
            write_context = self._stamp(self.texts.person)
            request = RefundRequest(ORDER_ID, 1, reason, f"return-{number}")
            refund = request.refund(payment, 1, RefundStatus.DUE, write_context.at)
            self._apply(transitions.request_refund(self.order, refund, write_context))

    def _holder(self) -> Attempt:
        holder = self.order.attempt
        assert holder is not None
        return holder

    def _apply(self, transition: Transition) -> None:
        before = self.store.heads.get(ORDER_ID, {})
        assert isinstance(self.store.apply(ORDER_ID, transition), Applied)
        size = max(stored_size(before), stored_size(self.head))
        self.units[transition.name] = -(-size // KILOBYTE)
        self.sizes[transition.name] = stored_size(self.head)

    def _stamp(self, actor: str) -> WriteContext:
        self.writes += 1
        return WriteContext(f"{self.writes:016d}", START + timedelta(milliseconds=self.writes), actor)


def stored_size(head: dict[str, Any]) -> int:
    """The bytes of a head as an item, its key included."""
    return size_of(item_of({"pk": f"ORDER#{'x' * ORDER_ID_LENGTH}", "sk": "HEAD", **head})) if head else 0
