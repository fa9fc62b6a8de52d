"""From an order to the view of its payment page."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from pay_page.money_view import money_of
from pay_page.page_view import (
    ChangedFrom,
    Notice,
    OngoingPayment,
    OrderPage,
    PageAddresses,
    PageState,
    PayForm,
    PolledState,
    Summary,
)
from paylatch.domain.actors import LINK
from paylatch.domain.cancellation import CancellationReason
from paylatch.domain.endings import cancellation_of, paid_at_of
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import derived_attempt_id
from paylatch.domain.ledger import RefundedPart, refunded_part
from paylatch.domain.order import Content, Order, PaymentStatus
from paylatch.domain.payment import AttemptStatus
from paylatch.domain.transitions.attempt_changes import MOST_ATTEMPTS

# So long after its payment an order's page says that it was just paid.
JUST_PAID_LASTS = timedelta(minutes=15)

_WEB = ("https://", "http://")
_BY_ATTEMPT = {
    AttemptStatus.OPENING: PageState.OPENING,
    AttemptStatus.OPEN: PageState.BEING_PAID,
    AttemptStatus.PROCESSING: PageState.PROCESSING,
}
_PAYABLE = frozenset({PageState.OWED, PageState.CHANGED})
_STOPPABLE = frozenset({PageState.OPENING, PageState.BEING_PAID})
_NOTICES = {
    AttemptStatus.DECLINED: Notice.DECLINED,
    AttemptStatus.TIMED_OUT: Notice.TIMED_OUT,
    AttemptStatus.CANCELLED: Notice.STOPPED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One look at a page.

    `changed_from` is set where the reader's form was for another revision than the order has now. `notice` is the
    result of the reader's request, None for a mere look. `may_stop`: this page may stop the payment that holds the
    order.
    """

    now: datetime
    addresses: PageAddresses
    notice: Notice | None = None
    changed_from: ChangedFrom | None = None
    may_stop: bool = True


def view_of(order: Order, content: Content, visit: Visit) -> OrderPage:
    """What the page shows of this order to this visit; `content` is that of the order's revision."""
    state = state_of(order, visit.now)
    changed = state is PageState.OWED and visit.changed_from is not None
    state = PageState.CHANGED if changed else state
    return OrderPage(
        state=state,
        version=order.version,
        now=visit.now,
        summary=Summary(order.reference, content.lines, order.total, order.currency),
        addresses=replace(visit.addresses, shop=_web_address(visit.addresses.shop)),
        money=money_of(order),
        offer=PayForm(order.revision, payment_key_of(order)) if state in _PAYABLE else None,
        changed_from=visit.changed_from if changed else None,
        payment=_payment_of(order, state, visit),
        pay_by=order.pay_by if state in _PAYABLE else None,
        paid_at=paid_at_of(order),
        notice=_result_of(visit, state) or _notice_of(order, state),
    )


def state_of(order: Order, now: datetime) -> PageState:
    """The state of the order's page, for a reader who saw no other revision."""
    if order.status is PaymentStatus.PENDING_PAYMENT:
        return _unpaid(order, now)
    if order.status is PaymentStatus.IN_PAYMENT:
        return _in_payment(order, now)
    if order.status is PaymentStatus.PAID:
        return _paid(order, now)
    if order.status is PaymentStatus.CANCELLED:
        return _ended(order)
    return PageState.STOPPING if order.status is PaymentStatus.RELEASING else PageState.UNDER_REVIEW


def polled_state(order: Order, now: datetime) -> PolledState:
    """What the page's script is answered."""
    return PolledState(state_of(order, now), order.version, order.locked_until)


def payment_key_of(order: Order) -> str:
    """The key of the payment that a form rendered now asks for; a later attempt or revision has another one.

    One that the order has had is passed over: somebody made up a form, and such a key would pay nothing any more.
    """
    keys = (f"link:{order.revision}:{number}" for number in count(order.attempts_made))
    return next(key for key in keys if not order.had(derived_attempt_id(order.order_id, LINK, key)))


def _unpaid(order: Order, now: datetime) -> PageState:
    if order.terms.pay_by_passed(now):
        return PageState.EXPIRED
    if order.attempts_made >= MOST_ATTEMPTS:
        return PageState.TOO_MANY_ATTEMPTS
    return PageState.OWED if order.payable else PageState.NOT_PAYABLE


def _in_payment(order: Order, now: datetime) -> PageState:
    status = order.attempt.status if order.attempt else AttemptStatus.CLOSING
    state = _BY_ATTEMPT.get(status, PageState.STOPPING)
    # The time to act on the lock has come: nobody can be sent to its gateway any more.
    return PageState.STOPPING if state in _STOPPABLE and order.is_overdue(now) else state


def _paid(order: Order, now: datetime) -> PageState:
    part = refunded_part(order)
    if part is not RefundedPart.NONE:
        return PageState.REFUNDED if part is RefundedPart.FULL else PageState.PARTLY_REFUNDED
    paid_at = paid_at_of(order)
    return PageState.JUST_PAID if paid_at and now - paid_at < JUST_PAID_LASTS else PageState.PAID


def _ended(order: Order) -> PageState:
    end = cancellation_of(order)
    expired = end is not None and end.reason is CancellationReason.EXPIRED
    return PageState.EXPIRED if expired else PageState.CANCELLED


def _payment_of(order: Order, state: PageState, visit: Visit) -> OngoingPayment | None:
    if order.attempt is None or not order.locked:
        return None
    stoppable = state in _STOPPABLE
    return OngoingPayment(
        attempt_id=order.attempt.attempt_id,
        until=order.locked_until if stoppable else None,
        continue_url=_web_address(order.attempt.pay_url) if state is PageState.BEING_PAID else None,
        may_stop=stoppable and visit.may_stop,
    )


def _web_address(address: str | None) -> str | None:
    """The address, where a browser opens it as a page."""
    return address if address and address.lower().startswith(_WEB) else None


def _result_of(visit: Visit, state: PageState) -> Notice | None:
    # Money that does not match the order is no success.
    unsure = state is PageState.UNDER_REVIEW and visit.notice is Notice.STOPPED_TOO_LATE
    return None if unsure else visit.notice


def _notice_of(order: Order, state: PageState) -> Notice | None:
    """How the last payment ended, if it was for what the order is now."""
    if state not in _PAYABLE or not order.past_attempts:
        return None
    last = max(order.past_attempts.values(), key=lambda attempt: attempt.since)
    led_to = last.edit.revision if last.edit else last.revision
    return _NOTICES.get(last.status) if led_to == order.revision else None
