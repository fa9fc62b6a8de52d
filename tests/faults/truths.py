"""What is true of an answer: each check holds it against the table and the gateway's books."""

from collections.abc import Callable

from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import DisputeStatus, RefundStatus
from paylatch.ports import Metric
from paylatch.runtime.representations import (
    attempt_representation,
    attention_representation,
    history_representation,
    order_representation,
)
from paylatch.use_cases.due_orders import Unread
from paylatch.use_cases.read_order import WholeOrder, attempt_of
from tests.faults.wired_shop import Told, WiredShop

Check = Callable[[WiredShop, Told], bool]


def order_as_told(shop: WiredShop, told: Told) -> bool:
    order = shop.truth()
    whole = WholeOrder(order, shop.wires.truth.read_content(order.order_id, order.content_id))
    return bool(told.document == order_representation(whole))


def paid_or_order_as_told(shop: WiredShop, told: Told) -> bool:
    """Told that the payment had succeeded, or that the gateway has not confirmed anything yet."""
    if told.status == 409:
        return bool(told.document["code"] == "payment-completed") and PAID(shop, told)
    return order_as_told(shop, told)


def attempt_as_told(shop: WiredShop, told: Told) -> bool:
    order = shop.truth()
    attempt = attempt_of(order, told.document["attempt_id"])
    return bool(told.document == attempt_representation(attempt, order.order_id))


def lock_as_told(shop: WiredShop, told: Told) -> bool:
    return attempt_as_told(shop, told) and shop.truth().locked


def ended_as_told(shop: WiredShop, told: Told) -> bool:
    """The attempt is over, whoever ended it, and does not hold the order."""
    return attempt_as_told(shop, told) and UNLOCKED(shop, told)


def refused_or_ended(shop: WiredShop, told: Told) -> bool:
    """Told of the gateway's no, or, when asked again, of the attempt that ended by it; and the way back is open."""
    if told.status == 502:
        return swept(UNLOCKED)(shop, told)
    return ended_as_told(shop, told)


def revision_as_told(shop: WiredShop, told: Told) -> bool:
    """Somebody else was faster, and the caller is told how far they came."""
    return told.status == 412 and bool(told.document["revision"] == shop.truth().revision)


def locked_as_told(shop: WiredShop, told: Told) -> bool:
    """Somebody else pays, and the caller is told by which attempt."""
    attempt = shop.truth().attempt
    named = told.document.get("attempt_id")
    return told.status == 409 and attempt is not None and bool(named == attempt.attempt_id) and shop.truth().locked


def history_as_told(shop: WiredShop, told: Told) -> bool:
    page = shop.wires.truth.read_history(shop.order_id)
    return bool(page.events) and bool(told.document == history_representation(page))


def attention_as_told(shop: WiredShop, told: Told) -> bool:
    """The order, or the names of what could not be read in its place."""
    whole = attention_representation([shop.truth()], Unread())
    names_the_rest = told.document["unread"] != whole["unread"] and told.document["orders"] in ([], whole["orders"])
    return bool(told.document == whole or names_the_rest)


def nothing_owed(shop: WiredShop, told: Told) -> bool:
    return not shop.truth().refunds_due and shop.books() == 0


def all_went_back(shop: WiredShop, told: Told) -> bool:
    """What the gateway gave back is known, whatever the order is; and nothing more is owed."""
    (payment,) = shop.truth().payments.values()
    return payment.returned == payment.amount and nothing_owed(shop, told)


def claim_recorded(shop: WiredShop, told: Told) -> bool:
    """The payment is kept until it is confirmed; a gateway that is asked once more confirms it."""
    return len(shop.truth().claimed_payments) == 1 or PAID(shop, told)


def refund_refused(shop: WiredShop, told: Told) -> bool:
    return [refund.status for refund in shop.truth().refunds.values()] == [RefundStatus.REFUSED]


def dispute_stands_at(status: DisputeStatus) -> Check:
    return lambda shop, told: [dispute.status for dispute in shop.truth().disputes.values()] == [status]


def refund_recorded(shop: WiredShop, told: Told) -> bool:
    return len(shop.truth().refunds) == 1


def refund_due_again(shop: WiredShop, told: Told) -> bool:
    return len(shop.truth().refunds_due) == 1


def refund_put_off(shop: WiredShop, told: Told) -> bool:
    return all(refund.tries for refund in shop.truth().refunds_due) and _goes_on(shop)


def link_ended(shop: WiredShop, told: Told) -> bool:
    return shop.truth().live_links == 0


def link_watched(shop: WiredShop, told: Told) -> bool:
    return shop.truth().live_links == 1 and _goes_on(shop)


def age_told(shop: WiredShop, told: Told) -> bool:
    return shop.wires.watch.times(Metric.OLDEST_ATTENTION) == 1


def event_is_kept(shop: WiredShop, told: Told) -> bool:
    return [event.seq for event in shop.wires.truth.read_history(shop.order_id).events] == [shop.truth().version]


def nothing_to_do(shop: WiredShop, told: Told) -> bool:
    return bool(told.document["handled"] == 0)


def swept(check: Check) -> Check:
    """A sweep that reports no failure has seen to everything, or has set a time to go on."""
    return lambda shop, told: check(shop, told) or _goes_on(shop)


def _goes_on(shop: WiredShop) -> bool:
    order = shop.truth()
    moments = [moment for moment in (order.due_at, order.follow_up_at) if moment is not None]
    return bool(moments) and min(moments) > shop.wires.clock.now()


def _stands_at(status: PaymentStatus) -> Check:
    return lambda shop, told: shop.truth().status is status


UNLOCKED = _stands_at(PaymentStatus.PENDING_PAYMENT)
PAID = _stands_at(PaymentStatus.PAID)
REVIEW = _stands_at(PaymentStatus.REVIEW)
