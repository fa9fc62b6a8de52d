"""Random transitions of every row, made from an order's present or past state, half of them invalid."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from paylatch.domain import transitions
from paylatch.domain.caller import Caller, Role, payer_with
from paylatch.domain.ids import CROCKFORD
from paylatch.domain.manual_settlement import ManualMethod, ManualSettlement
from paylatch.domain.order import Order
from paylatch.domain.payment import (
    Capture,
    CapturedPayment,
    Dispute,
    DisputeStatus,
    PastAttempt,
    PaymentPlace,
    Refund,
    RefundStatus,
)
from paylatch.domain.payment_terms import USUAL_TERMS, LateMoney, PaymentTerms
from paylatch.domain.refund_request import RefundRequest
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions import NewAttempt, NewContent, NewOrder, Transition, WriteContext
from paylatch.domain.transitions.attempt_changes import captured_payment
from tests.conftest import NOON
from tests.transition_cases import LINK_ID, OTHER_LINK_ID, holder

# Names that buyers, sellers and gateways may send: text with a special meaning to parsers.
TEXTS = (
    "tea",
    "a.b",
    "#n",
    ":v",
    "水 烏龍",
    "pay-1/2",
    "a[0]",
    '"',
    "x" * 120,
    "line\nbreak",
    "é",
    "NULL",
    "0",
    "\U0001f375",
)
PAYMENTS = ("pay-1", "pay-2", "p.3", "p[4]", "支付5")
CALLERS = (
    Caller("buyer-1", frozenset({Role.BUYER})),
    Caller("buyer-1", frozenset({Role.BUYER})),
    Caller("seller-1", frozenset({Role.SELLER})),
    Caller("seller-1", frozenset({Role.BUYER, Role.SELLER})),
    Caller("shop", frozenset({Role.SERVICE})),
    Caller("stranger", frozenset({Role.BUYER})),
    Caller("somebody", frozenset({Role.OPERATOR})),
    payer_with(LINK_ID),
    payer_with(OTHER_LINK_ID),
)


def odd_text(random: Random) -> str:
    return random.choice(TEXTS)


class RandomTransitions:
    """Makes them from the given random generator."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def made(self, row: str, order: Order) -> Transition | None:
        """A transition of that row; None where nothing of the kind can be made from this order."""
        make: Callable[[Order], Transition] = getattr(self, f"_{row}")
        try:
            return make(order)
        except (ValueError, IndexError):
            return None

    def create(self, order_id: str) -> Transition:
        draft = NewOrder(
            order_id=order_id,
            reference=odd_text(self.random),
            buyer_id="buyer-1",
            seller_id="seller-1",
            content_id=self._token(16),
            total=self._amount(),
            currency="EUR",
            fingerprint=self._token(12),
            terms=self._terms(),
        )
        return transitions.create(draft, self._stamp())

    def _create(self, order: Order) -> Transition:
        return self.create(order.order_id)

    def _edit(self, order: Order) -> Transition:
        total = self.random.choice((0, self._amount(), self._amount()))
        return transitions.edit(order, self._caller(), self._token(16), total, self._stamp(), terms=self._terms())

    def _release_and_edit(self, order: Order) -> Transition:
        reason = self.random.choice(tuple(ReleaseReason))
        check_at = self.random.choice((None, self._soon()))
        new = NewContent(self._token(16), self._amount(), self._token(12), terms=self._terms())
        return transitions.release_and_edit(order, holder(order), reason, check_at, self._caller(), new, self._stamp())

    def _lock(self, order: Order) -> Transition:
        draft = NewAttempt(
            attempt_id=self._attempt_id(order) if self.random.random() < 0.2 else f"{order.order_id}_{self._token(8)}",
            gateway=self.random.choice(("sandbox", "alipay")),
            deadline=self._soon(),
            return_url="https://shop.test/?q=" + odd_text(self.random),
            fingerprint=self._token(12),
        )
        revision = self.random.choice((None, None, order.revision, order.revision, order.revision + 1))
        return transitions.lock(draft, self._caller(), revision, self._stamp())

    def _record_session(self, order: Order) -> Transition:
        return transitions.record_session(
            holder(order), f"cs_{self._token(16)}", "https://pay.test/" + odd_text(self.random), self._stamp()
        )

    def _settle(self, order: Order) -> Transition:
        read = self.random.choice((None, order))
        return transitions.settle(self._entry(order, PaymentPlace.SETTLED), read, self._stamp())

    def _settle_free(self, order: Order) -> Transition:
        attempt_id = f"{order.order_id}_{self._token(8)}"
        return transitions.settle_free(order, attempt_id, self._token(12), self._caller(), self._stamp())

    def _release(self, order: Order) -> Transition:
        check_at = self.random.choice((None, self._soon()))
        return transitions.release(
            order, holder(order), self.random.choice(list(ReleaseReason)), check_at, self._stamp()
        )

    def _force_release(self, order: Order) -> Transition:
        reason = self.random.choice(list(ReleaseReason))
        return transitions.force_release(
            order, holder(order), reason, self._soon(), odd_text(self.random), self._stamp()
        )

    def _await_release(self, order: Order) -> Transition:
        return transitions.await_release(
            order, holder(order), self.random.choice(list(ReleaseReason)), self._soon(), self._stamp()
        )

    def _mark_processing(self, order: Order) -> Transition:
        return transitions.mark_processing(order, holder(order), self._soon(), self._soon(), self._stamp())

    def _accept_late(self, order: Order) -> Transition:
        late = self._late(order)
        return transitions.accept_late(order, late, self._entry(order, PaymentPlace.SETTLED, late), self._stamp())

    def _claim(self, order: Order) -> Transition:
        claimed = replace(self._entry(order, PaymentPlace.CLAIMED, self._late(order)), next_at=self._soon(), tries=1)
        return transitions.claim(order, claimed, self._stamp())

    def _money_returned(self, order: Order) -> Transition:
        new = self._entry(order, PaymentPlace.RETURNED)
        known = self.random.choice([*order.payments.values(), new])
        return transitions.money_returned(order, replace(known, returned=self._amount()), self._stamp())

    def _owe_refund(self, order: Order) -> Transition:
        owed = self._entry(order, PaymentPlace.REFUND)
        return transitions.owe_refund(order, owed, self._refund_of(owed), self._stamp())

    def _request_refund(self, order: Order) -> Transition:
        return transitions.request_refund(order, self._requested_refund(order), self._stamp())

    def _refund_manually(self, order: Order) -> Transition:
        return transitions.refund_manually(order, self._requested_refund(order), self._stamp())

    def _requested_refund(self, order: Order) -> Refund:
        payment = self.random.choice(list(order.payments.values()))
        # A few keys, so that one comes again.
        request = RefundRequest(order.order_id, None, odd_text(self.random), str(self.random.randrange(30)))
        return request.refund(payment, self._amount(), RefundStatus.DUE, self._soon())

    def _delay_refund(self, order: Order) -> Transition:
        return transitions.delay_refund(order, self._refund(order), self._soon(), odd_text(self.random), self._stamp())

    def _refunded(self, order: Order) -> Transition:
        return transitions.refunded(order, self._refund(order), self._stamp())

    def _refund_failed(self, order: Order) -> Transition:
        return transitions.refund_failed(order, self._refund(order), self._stamp())

    def _refuse_refund(self, order: Order) -> Transition:
        return transitions.refuse_refund(order, self._refund(order), odd_text(self.random), self._stamp())

    def _write_off(self, order: Order) -> Transition:
        return transitions.write_off(order, self._refund(order), odd_text(self.random), self._stamp())

    def _dispute_opened(self, order: Order) -> Transition:
        return transitions.dispute_opened(order, self._dispute(), self._attempt_id(order), self._stamp())

    def _dispute_closed(self, order: Order) -> Transition:
        return transitions.dispute_closed(order, self._dispute(), self._attempt_id(order), self._stamp())

    def _end_links(self, order: Order) -> Transition:
        return transitions.end_links(order, self._some_late(order), self._stamp())

    def _watch_link(self, order: Order) -> Transition:
        return transitions.watch_link(order, self._late(order), self._soon(), self._stamp())

    def _quarantine(self, order: Order) -> Transition:
        return transitions.quarantine(order, self._entry(order, PaymentPlace.REVIEW), self._stamp())

    def _settle_review(self, order: Order) -> Transition:
        return transitions.settle_review(
            order, holder(order), self._under_review(order), odd_text(self.random), self._stamp()
        )

    def _refund_review(self, order: Order) -> Transition:
        payment = self._under_review(order)
        refund = self.random.choice((None, self._refund_of(payment)))
        return transitions.refund_review(order, holder(order), payment, refund, odd_text(self.random), self._stamp())

    def _cancel_order(self, order: Order) -> Transition:
        # Few, for a cancelled order has little left to try.
        if self.random.random() < 0.8:
            raise ValueError("not now")
        return transitions.cancel_order(order, self._caller(), self._stamp())

    def _hand_over(self, order: Order) -> Transition:
        return transitions.hand_over(order, self.random.choice(("buyer-1", "buyer-2")), self._stamp())

    def _issue_link(self, order: Order) -> Transition:
        return transitions.issue_link(
            order,
            self.random.choice((LINK_ID, OTHER_LINK_ID)),
            self.random.choice((None, "https://shop.test/?q=" + odd_text(self.random))),
            self._stamp(),
        )

    def _erase(self, order: Order) -> Transition:
        # Few, like cancellations.
        if self.random.random() < 0.8:
            raise ValueError("not now")
        content_id = odd_text(self.random) if order.erased_at is None else None
        return transitions.erase(order, content_id, self._stamp())

    def _expire_order(self, order: Order) -> Transition:
        # Few, like cancellations.
        if self.random.random() < 0.8:
            raise ValueError("not now")
        return transitions.expire_order(order, self._stamp())

    def _settle_manually(self, order: Order) -> Transition:
        # Few, for a paid order has little left to try.
        if self.random.random() < 0.8:
            raise ValueError("not now")
        settlement = ManualSettlement(
            self.random.choice(list(ManualMethod)), self.random.choice((order.total, 1)), odd_text(self.random)
        )
        return transitions.settle_manually(order, settlement, self._stamp())

    def _caller(self) -> Caller:
        return self.random.choice(CALLERS)

    def _attempt_id(self, order: Order) -> str:
        known = [*order.past_attempts, *sorted(order.evicted_attempt_ids), f"{order.order_id}_{self._token(8)}"]
        holder = [order.attempt.attempt_id] * 8 if order.attempt else []
        return self.random.choice([*holder, *known])

    def _late(self, order: Order) -> PastAttempt:
        return self.random.choice(list(order.past_attempts.values()))

    def _some_late(self, order: Order) -> list[PastAttempt]:
        late = list(order.past_attempts.values())
        return self.random.sample(late, self.random.randint(1, len(late)))

    def _refund(self, order: Order) -> Refund:
        return self.random.choice(list(order.refunds.values()))

    def _under_review(self, order: Order) -> CapturedPayment:
        captured = holder(order).captured
        if captured is None:
            raise ValueError("no money came")
        return order.payments[captured.payment_id]

    def _entry(self, order: Order, place: PaymentPlace, late: PastAttempt | None = None) -> CapturedPayment:
        attempt_id = late.attempt_id if late else self._attempt_id(order)
        gateway = late.gateway if late else order.attempt.gateway if order.attempt else "sandbox"
        return captured_payment(attempt_id, gateway, self._capture(order), place, self._soon())

    def _dispute(self) -> Dispute:
        due = self.random.choice((None, self._soon()))
        status = self.random.choice(list(DisputeStatus))
        return Dispute(self.random.choice(PAYMENTS), self.random.choice(PAYMENTS), self._amount(), "EUR", status, due)

    def _refund_of(self, payment: CapturedPayment) -> Refund:
        return Refund(
            payment_id=payment.payment_id,
            attempt_id=payment.attempt_id,
            gateway=payment.gateway,
            amount=payment.amount,
            currency=payment.currency,
            status=RefundStatus.DUE,
            reason=odd_text(self.random),
            since=NOON,
            next_at=self._soon(),
        )

    def _capture(self, order: Order) -> Capture:
        exact = order.attempt is not None and self.random.random() < 0.7
        amount = order.attempt.amount if exact and order.attempt else self._amount()
        return Capture(self.random.choice(PAYMENTS), amount, self.random.choice(("EUR",) * 6 + ("USD",)))

    def _terms(self) -> PaymentTerms:
        if self.random.random() < 0.7:
            return USUAL_TERMS
        pay_by = self.random.choice((None, self._soon()))
        return PaymentTerms(
            self.random.random() < 0.8, pay_by, self.random.choice((None, LateMoney.ACCEPT, LateMoney.REFUND))
        )

    def _amount(self) -> int:
        return self.random.choice((1, 2500, 2500, 10**12))

    def _soon(self) -> datetime:
        return NOON + timedelta(milliseconds=self.random.randint(0, 7_200_000))

    def _stamp(self) -> WriteContext:
        return WriteContext(self._token(16), self._soon(), odd_text(self.random))

    def _token(self, length: int) -> str:
        return "".join(self.random.choices(CROCKFORD, k=length))
