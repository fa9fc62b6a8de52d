"""A purchase with changed orders, by Paylatch and by the classic flow, built from the same parts."""

from dataclasses import dataclass, replace
from datetime import timedelta

from paylatch.domain import clauses
from paylatch.domain.caller import Caller, Role
from paylatch.domain.late_money import Payment
from paylatch.domain.order import Content, Line, Order, PaymentStatus
from paylatch.domain.transitions import cancel_order
from paylatch.domain.transitions.attempt_changes import no_longer_due
from paylatch.ports import Ports
from paylatch.use_cases.cancel_payment import cancel_payment
from paylatch.use_cases.create_order import OrderRequest, create_order
from paylatch.use_cases.edit_order import edit_order
from paylatch.use_cases.payment_request import PaymentRequest
from paylatch.use_cases.read_order import with_content
from paylatch.use_cases.request_payment import request_payment
from paylatch.use_cases.settle_payment import settle_payment
from tests.fakes.scripted_gateway import ScriptedGateway

SHOP = Caller("shop", frozenset({Role.SERVICE}))
BUYER = Caller("buyer-1", frozenset({Role.BUYER}))
ADDRESS = {"recipient": "Ada Lovelace", "line1": "12 St James Square", "city": "London", "country": "GB"}


@dataclass(slots=True)
class Purchase:
    """One buyer's purchase; `changes` is how often the buyer cancels the payment and changes the order."""

    ports: Ports
    gateway: ScriptedGateway
    lines: int
    changes: int

    def with_paylatch(self) -> int:
        """Cancel the payment and edit the same order after each change, by two calls; return the number of orders."""
        order = self.placed(0)
        for change in range(self.changes):
            attempt_id = self.gone_to_pay(order, change)
            cancel_payment(order.order_id, attempt_id, BUYER, self.ports)
            wanted = self.content(change + 1)
            order = edit_order(order.order_id, lambda _, w=wanted: w, change + 1, BUYER, self.ports).order  # type: ignore[misc]
        self.pay(order)
        return 1

    def as_elsewhere(self) -> int:
        """Cancel the frozen order and place it again after each change, by two calls; return the number of orders.

        The cancellation answers with the order; the new order is copied from the cancelled one.
        """
        order = self.placed(0)
        for change in range(self.changes):
            self.gone_to_pay(order, change)
            with_content(self._cancel_frozen(self.head(order.order_id)), self.ports)
            with_content(self.head(order.order_id), self.ports)
            order = self.placed(change + 1)
        self.pay(order)
        return 1 + self.changes

    def as_elsewhere_by_one_call(self) -> int:
        """Like `as_elsewhere`, by one call that reads the order once: the best case of the classic flow."""
        order = self.placed(0)
        for change in range(self.changes):
            self.gone_to_pay(order, change)
            copied = with_content(self.head(order.order_id), self.ports)
            self._cancel_frozen(copied.order)
            order = self.placed(change + 1)
        self.pay(order)
        return 1 + self.changes

    def placed(self, change: int) -> Order:
        """A new order, as it is after that many changes."""
        request = OrderRequest(
            reference=f"2026-{change}",
            buyer_id="buyer-1",
            seller_id="seller-1",
            currency="EUR",
            content=self.content(change),
            fingerprint="0QRS5TV7WX9Y",
            idempotency_key=None,
        )
        return create_order(request, SHOP, self.ports).order

    def content(self, change: int) -> Content:
        """The lines and the address after that many changes."""
        lines = (Line(f"sku-{n}", f"Article number {n}", 1 + change, 1250) for n in range(self.lines))
        return Content(tuple(lines), ADDRESS)

    def gone_to_pay(self, order: Order, key: int) -> str:
        """Start a payment; the attempt's id."""
        request = PaymentRequest(
            order_id=order.order_id,
            idempotency_key=str(key),
            return_url="https://shop.example/thanks",
            expires_in=timedelta(minutes=15),
            gateway=None,
            revision=None,
            callback_base="https://api.example",
        )
        return request_payment(request, BUYER, self.ports).attempt.attempt_id

    def head(self, order_id: str) -> Order:
        """The order's head, read."""
        order = self.ports.store.read_head(order_id)
        if order is None:
            raise LookupError(order_id)
        return order

    def _cancel_frozen(self, order: Order) -> Order:
        """Close the session, then cancel the order by one write whose guard accepts a frozen order."""
        if order.attempt is None:
            raise LookupError(order.order_id)
        self.gateway.void(order.attempt)
        ended = cancel_order(order, BUYER, self.ports.write_context("buyer-1"))
        frozen = clauses.status_is_one_of({PaymentStatus.IN_PAYMENT}).clause({})
        once = replace(ended, guard=(frozen, *ended.guard[1:]), changes=(*ended.changes, no_longer_due()))
        return self.ports.store.apply(order.order_id, once).order or order

    def pay(self, order: Order) -> None:
        """Start the last payment, and have the gateway report it."""
        attempt_id = self.gone_to_pay(order, self.changes)
        capture = self.gateway.capture_payment(attempt_id)
        statement = Payment(attempt_id, "sandbox", capture, stated_at=self.ports.clock.now())
        settle_payment(order.order_id, statement, self.ports)
