"""The adapter for PayU Europe, REST API 2.1."""

from dataclasses import replace
from datetime import timedelta
from math import ceil
from urllib.parse import quote

from paylatch.domain.errors import Misconfigured, OutcomeUnknown, Refused
from paylatch.domain.ids import DEFAULT_STACK
from paylatch.domain.payment import Attempt, Capture, PastAttempt, Refund
from paylatch.gateways import fields
from paylatch.gateways.credentials import Credentials, live, required
from paylatch.gateways.fields import Document
from paylatch.gateways.gateway_http import GatewayHttp
from paylatch.gateways.order_title import order_title
from paylatch.gateways.payu.buyer import buyer_of
from paylatch.gateways.payu.calls import NAME, PayuCalls, RefusedWith
from paylatch.gateways.payu.orders import ORDERS, gateway_events_of, report_of
from paylatch.gateways.payu.refunds import PayuRefunds
from paylatch.gateways.refused_voids import refused_void
from paylatch.gateways.signatures import verify_payu
from paylatch.gateways.stack_reference import NotOurs, merchant_reference, read_reference
from paylatch.ports import (
    Acknowledgement,
    Callback,
    Capabilities,
    Clock,
    FoundAttempt,
    GatewayEvent,
    RefundState,
    Session,
    SessionReport,
    SessionRequest,
    SessionState,
    VoidAnswer,
    VoidKind,
)

_NOT_FOUND = frozenset({"DATA_NOT_FOUND", "ERROR_ORDER_NOT_EXISTS", "ERROR_ORDER_NOT_FOUND"})


class PayUGateway:
    """Implements `Gateway`.

    PayU's `extOrderId`, which is unique, is the attempt id and a code of the stack: orders and notifications return
    no other field that the shop sends.
    """

    name: str = NAME
    capabilities: Capabilities = Capabilities(
        void_is_final=True,
        shortest_session=timedelta(minutes=1),
        longest_session=timedelta(days=1),
        reports_disputes=False,
        longest_processing=timedelta(days=5),
        # A shop's currencies are configured at PayU, and cards can be charged in any: there is no rule to declare here.
        amounts=None,
    )

    def __init__(
        self, credentials: Credentials, clock: Clock, wire: GatewayHttp | None = None, stack: str = DEFAULT_STACK
    ) -> None:
        self._stack = stack
        self._credentials = credentials
        self._clock = clock
        self._call = PayuCalls(credentials, clock, wire or GatewayHttp(NAME))
        self._refunds = PayuRefunds(self._call)

    def open(self, request: SessionRequest) -> Session:
        """`POST /orders`.

        PayU returns the payer's link once. An opening with a lost response cannot be repeated: its outcome
        stays unknown and the order locked, and a void finds and cancels it by the attempt id.
        """
        try:
            answer = self._call("POST", ORDERS, self._order(request))
        except RefusedWith as refusal:
            if refusal.code != "ERROR_ORDER_NOT_UNIQUE":
                raise
            raise OutcomeUnknown(NAME, f"{request.attempt_id} was opened before, its link is lost") from refusal
        with fields.read_as_answer(NAME):
            return Session(fields.word(answer, "orderId"), fields.link(answer, "redirectUri"))

    def query(self, attempt: Attempt | PastAttempt) -> SessionReport:
        """`GET /orders/{id}`, by the attempt id where the order's id is unknown; with refunds where it is paid."""
        order = self._find(attempt)
        return self._report(order) if order else SessionReport(SessionState.UNKNOWN)

    def query_payment(self, payment_id: str) -> Capture | None:
        """`GET /orders/{id}` and its refunds; PayU's order is the payment."""
        order = self._order_named(payment_id)
        return self._report(order).capture if order else None

    def find_attempt(self, payment_id: str) -> FoundAttempt | None:
        """`GET /orders/{id}`: its `extOrderId`."""
        order = self._order_named(payment_id)
        try:
            return read_reference(order.get("extOrderId"), self._stack) if order else None
        except NotOurs:
            return None

    def void(self, attempt: Attempt | PastAttempt) -> VoidAnswer:
        """`GET /orders/{id}`, then `DELETE /orders/{id}` while it can still be cancelled.

        Also for an order that waits for confirmation: nothing was captured then, and PayU returns the payer's
        money. Only the first read shows that state. Where PayU refuses the cancellation, the order is read
        again.
        """
        order = self._find(attempt)
        if order is None and attempt.session_id is None:
            return VoidAnswer(VoidKind.ALREADY_CLOSED)
        if order is None:
            raise OutcomeUnknown(NAME, f"does not show order {attempt.session_id}")
        report = self._report(order)
        if report.state in (SessionState.PAID, SessionState.CLOSED):
            return refused_void(NAME, report)
        try:
            self._call("DELETE", f"{ORDERS}/{quote(_order_id(order), safe='')}")
        except Refused:
            return refused_void(NAME, self.query(attempt))
        return VoidAnswer(VoidKind.VOIDED, misconfiguration=report.misconfiguration)

    def refund(self, refund: Refund) -> RefundState:
        """`POST /orders/{id}/refunds`, of what is still held."""
        return self._refunds.refund(refund)

    def query_refund(self, refund: Refund) -> RefundState:
        """`GET /orders/{id}/refunds`."""
        return self._refunds.query(refund)

    def parse_callback(self, callback: Callback) -> tuple[GatewayEvent, ...]:
        """Order and refund notifications."""
        secret = self._credentials()
        second_keys, pos_id = live(NAME, secret, "second_keys"), required(NAME, secret, "pos_id")
        verify_payu(NAME, callback.headers, callback.body, second_keys)
        with fields.read_as_callback(NAME):
            return gateway_events_of(fields.parse(callback.body), pos_id, self._stack)

    def acknowledge(self) -> Acknowledgement:
        """200, with or without a body."""
        return Acknowledgement()

    def _order(self, request: SessionRequest) -> Document:
        name, amount = order_title(request.reference), str(request.amount)
        lifetime = (request.expires_at - self._clock.now()).total_seconds()
        return {
            "extOrderId": merchant_reference(request.attempt_id, self._stack),
            "merchantPosId": required(NAME, self._credentials(), "pos_id"),
            "notifyUrl": request.callback_url,
            "continueUrl": request.return_url,
            # A required field with a free choice: this function does not have the buyer's address.
            "customerIp": "127.0.0.1",
            "description": name,
            "currencyCode": request.currency,
            "totalAmount": amount,
            "validityTime": str(max(1, ceil(lifetime))),
            "products": [{"name": name, "unitPrice": amount, "quantity": "1"}],
            **buyer_of(request.email, request.locale),
        }

    def _report(self, order: Document) -> SessionReport:
        with fields.read_as_answer(NAME):
            report = report_of(order)
        if report.capture is None:
            return report
        # The status does not show refunds: a fully refunded order is still completed.
        returned = self._refunds.returned(report.capture.payment_id)
        return replace(report, capture=replace(report.capture, returned=returned))

    def _find(self, attempt: Attempt | PastAttempt) -> Document | None:
        if attempt.session_id is None:
            # The search is not in PayU's reference: the result is compared, so that no other order is cancelled.
            reference = merchant_reference(attempt.attempt_id, self._stack)
            search = self._orders(f"?extOrderId={reference}") or ()
            return next((order for order in search if order.get("extOrderId") == reference), None)
        found = self._orders(f"/{quote(attempt.session_id, safe='')}")
        if found is None:
            # PayU keeps every order: an unknown one belongs to another point of sale.
            raise Misconfigured(NAME, f"does not know {attempt.session_id}")
        return next(iter(found), None)

    def _order_named(self, order_id: str) -> Document | None:
        return next(iter(self._orders(f"/{quote(order_id, safe='')}") or ()), None)

    def _orders(self, which: str) -> tuple[Document, ...] | None:
        try:
            answer = self._call("GET", ORDERS + which)
        except RefusedWith as refusal:
            if refusal.code not in _NOT_FOUND:
                raise
            return None
        with fields.read_as_answer(NAME):
            return fields.parts(answer, "orders")


def _order_id(order: Document) -> str:
    with fields.read_as_answer(NAME):
        return fields.word(order, "orderId")
