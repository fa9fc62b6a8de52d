"""Alipay page pay behind the `Gateway` port.

A session is a signed link; the trade exists at Alipay only once the payer has scanned it. Until then it cannot be
closed, and the link stays payable up to its own expiry, the attempt's deadline.
"""

from dataclasses import replace
from datetime import timedelta

from paylatch.domain.amount_rules import AmountRules
from paylatch.domain.errors import Refused, Transient
from paylatch.domain.ids import DEFAULT_STACK
from paylatch.domain.limits import GRACE
from paylatch.domain.payment import Attempt, Capture, PastAttempt, Refund
from paylatch.gateways import fields
from paylatch.gateways.alipay.calls import NAME, AlipayCalls, AlipayResponse, beijing
from paylatch.gateways.alipay.money import CURRENCY, to_yuan
from paylatch.gateways.alipay.notifications import CLOSED, STATES, capture_of, gateway_events_of, genuine_parameters
from paylatch.gateways.credentials import Credentials
from paylatch.gateways.gateway_http import GatewayHttp
from paylatch.gateways.order_title import order_title
from paylatch.gateways.refused_voids import refused_void
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

# Characters that Alipay refuses in a subject.
_REFUSED_IN_SUBJECT = "/=&"
# A refund that does not exist, or that failed, has no status.
_REFUNDS = {"REFUND_SUCCESS": RefundState.DONE}
_NOT_SCANNED = "ACQ.TRADE_NOT_EXIST"
# Refusals that time can resolve: the account gets funds, the fee can be booked, a frozen trade is released.
_PASSING = frozenset({"ACQ.SELLER_BALANCE_NOT_ENOUGH", "ACQ.REFUND_CHARGE_ERROR", "ACQ.REASON_TRADE_BEEN_FREEZEN"})


class AlipayGateway:
    """Implements `Gateway`. The attempt id is the session id.

    Our trade number is the attempt id and a code of the stack, because queries return no other field that the shop
    sends.
    """

    name: str = NAME
    capabilities: Capabilities = Capabilities(
        void_is_final=False,
        shortest_session=timedelta(minutes=1),
        longest_session=timedelta(days=15),
        reports_disputes=False,
        shows_partial_refunds=False,
        amounts=AmountRules(currencies=frozenset({CURRENCY}), steps={}),
    )

    def __init__(
        self, credentials: Credentials, clock: Clock, wire: GatewayHttp | None = None, stack: str = DEFAULT_STACK
    ) -> None:
        self._stack = stack
        self._credentials = credentials
        self._clock = clock
        self._call = AlipayCalls(credentials, clock, wire or GatewayHttp(NAME))

    def open(self, request: SessionRequest) -> Session:
        """A signed `alipay.trade.page.pay` link; no call is made."""
        if request.currency != CURRENCY:
            raise Refused(NAME, f"takes {CURRENCY}, not {request.currency}")
        content = {
            "out_trade_no": merchant_reference(request.attempt_id, self._stack),
            "product_code": "FAST_INSTANT_TRADE_PAY",
            "total_amount": to_yuan(request.amount),
            "subject": order_title(request.reference, _REFUSED_IN_SUBJECT),
            "time_expire": beijing(request.expires_at),
        }
        where = {"return_url": request.return_url, "notify_url": request.callback_url}
        return Session(request.attempt_id, self._call.link("alipay.trade.page.pay", content, **where))

    def query(self, attempt: Attempt | PastAttempt) -> SessionReport:
        """`alipay.trade.query`."""
        answer = self._call("alipay.trade.query", self._trade_of(attempt))
        if answer.problem == _NOT_SCANNED:
            return SessionReport(SessionState.OPEN if self._link_is_live(attempt) else SessionState.CLOSED)
        _require_success(answer)
        with fields.read_as_answer(NAME):
            return _report(answer)

    def query_payment(self, payment_id: str) -> Capture | None:
        """`alipay.trade.query` by `trade_no`; it does not show partial refunds."""
        answer = self._trade(payment_id)
        if answer is None:
            return None
        with fields.read_as_answer(NAME):
            return _report(answer).capture

    def find_attempt(self, payment_id: str) -> FoundAttempt | None:
        """`alipay.trade.query` by `trade_no`: its `out_trade_no`."""
        answer = self._trade(payment_id)
        try:
            return read_reference(answer.document.get("out_trade_no"), self._stack) if answer else None
        except NotOurs:
            return None

    def void(self, attempt: Attempt | PastAttempt) -> VoidAnswer:
        """`alipay.trade.close`; where closing is refused, a query finds the reason."""
        answer = self._call("alipay.trade.close", self._trade_of(attempt))
        if answer.problem is None:
            return VoidAnswer(VoidKind.VOIDED)
        if answer.problem == _NOT_SCANNED:
            if self._link_is_live(attempt):
                return VoidAnswer(VoidKind.NOT_VOIDABLE, until=attempt.deadline)
            return VoidAnswer(VoidKind.ALREADY_CLOSED)
        return refused_void(NAME, self.query(attempt))

    def refund(self, refund: Refund) -> RefundState:
        """`alipay.trade.refund`; only the call that moved the money reports it, so a repeated one needs a query.

        Raises `Refused` where waiting cannot help. That includes a payment that was partly refunded by other
        means, so that less is held than the refund's amount: Alipay does not report the remaining amount.
        """
        content = {
            "trade_no": refund.payment_id,
            "refund_amount": to_yuan(refund.amount),
            "out_request_no": refund.refund_id,
        }
        answer = self._call("alipay.trade.refund", content)
        if answer.problem is None and answer.document.get("fund_change") == "Y":
            return RefundState.DONE
        state = self.query_refund(refund)
        if answer.problem is None or state is RefundState.DONE or self._was_given_back(refund):
            return state if answer.problem is None else RefundState.DONE
        raise (Transient if answer.problem in _PASSING else Refused)(NAME, answer.problem)

    def query_refund(self, refund: Refund) -> RefundState:
        """`alipay.trade.fastpay.refund.query`; a failed refund leaves no record there."""
        content = {"trade_no": refund.payment_id, "out_request_no": refund.refund_id}
        answer = self._call("alipay.trade.fastpay.refund.query", content)
        if answer.problem or not answer.document.get("refund_status"):
            return RefundState.UNKNOWN
        with fields.read_as_answer(NAME):
            return fields.known(_REFUNDS, answer.document, "refund_status")

    def parse_callback(self, callback: Callback) -> tuple[GatewayEvent, ...]:
        """Paid, refunded (in whole or in part), closed; Alipay reports nothing else."""
        parameters = genuine_parameters(callback, self._credentials(), self._clock.now())
        with fields.read_as_callback(NAME):
            return gateway_events_of(parameters, self._stack)

    def acknowledge(self) -> Acknowledgement:
        """This exact word; Alipay repeats the notification for 25 hours on any other."""
        return Acknowledgement(body="success")

    def _trade_of(self, attempt: Attempt | PastAttempt) -> dict[str, str]:
        return {"out_trade_no": merchant_reference(attempt.attempt_id, self._stack)}

    def _was_given_back(self, refund: Refund) -> bool:
        # A paid trade is closed only by a full refund, which was made by hand here.
        answer = self._call("alipay.trade.query", {"trade_no": refund.payment_id})
        return answer.problem is None and answer.document.get("trade_status") == CLOSED

    def _trade(self, payment_id: str) -> AlipayResponse | None:
        answer = self._call("alipay.trade.query", {"trade_no": payment_id})
        if answer.problem == _NOT_SCANNED:
            return None
        _require_success(answer)
        return answer

    def _link_is_live(self, attempt: Attempt | PastAttempt) -> bool:
        return self._clock.now() < attempt.deadline + GRACE


def _require_success(answer: AlipayResponse) -> None:
    if answer.problem:
        raise Refused(NAME, answer.problem)


def _report(answer: AlipayResponse) -> SessionReport:
    state = fields.known(STATES, answer.document, "trade_status")
    if state is SessionState.PAID:
        return SessionReport(state, capture_of(answer.document))
    if state is SessionState.CLOSED and answer.document.get("send_pay_date"):
        # Only a full refund closes a paid trade.
        capture = capture_of(answer.document)
        return SessionReport(SessionState.PAID, replace(capture, returned=capture.amount))
    return SessionReport(state)
