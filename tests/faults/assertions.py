"""Assertions on answers: each compares an answer with the table and the gateway's ledger."""

from collections.abc import Callable

from local.api_client import ApiResponse
from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import DisputeStatus, RefundStatus
from paylatch.domain.timestamps import as_text
from paylatch.ports import Metric
from paylatch.runtime.attention_responses import attention_response
from paylatch.runtime.response_models import (
    attempt_response,
    order_response,
    orders_response,
)
from paylatch.use_cases.due_orders import Unread
from paylatch.use_cases.list_findings import OpenFindings
from paylatch.use_cases.list_orders import OrdersPage
from paylatch.use_cases.read_order import WholeOrder, attempt_of
from paylatch.use_cases.review_payment import Attention
from tests.faults.proxied_shop import PART, ProxiedShop

Check = Callable[[ProxiedShop, ApiResponse], bool]


def order_matches(shop: ProxiedShop, response: ApiResponse) -> bool:
    order = shop.stored()
    whole = WholeOrder(order, shop.connections.stored.read_content(order.order_id, order.content_id))
    return bool(response.document == order_response(whole, shop.connections.clock.now()))


def link_matches(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The URL that was given is the one by which the order can be paid."""
    link_id = shop.stored().link_id
    return link_id is not None and bool(response.document["url"].endswith(f"/{shop.order_id}/{link_id}"))


def paid_or_order_matches(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The answer says that the payment succeeded, or that the gateway has not confirmed anything yet."""
    if response.status == 409:
        return bool(response.document["code"] == "payment-completed") and PAID(shop, response)
    return order_matches(shop, response)


def under_way_or_order_matches(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The answer says that the payment is under way, or that the gateway has not confirmed anything yet."""
    if response.status == 409:
        return bool(response.document["code"] == "payment-processing") and marked_as_under_way(shop, response)
    return order_matches(shop, response)


def marked_as_under_way(shop: ProxiedShop, _: ApiResponse) -> bool:
    """The attempt is `processing`, and is looked at later."""
    return shop.stored().processing_until is not None and _is_scheduled(shop)


def stop_is_kept(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The answer shows the order, and the attempt keeps the edit, so that a later repetition is known."""
    past = shop.stored().past_attempts.get(shop.attempt_id)
    return order_matches(shop, response) and past is not None and past.edit is not None


def attempt_matches(shop: ProxiedShop, response: ApiResponse) -> bool:
    order = shop.stored()
    attempt = attempt_of(order, response.document["attempt_id"])
    return bool(response.document == attempt_response(attempt, order.order_id))


def lock_matches(shop: ProxiedShop, response: ApiResponse) -> bool:
    return attempt_matches(shop, response) and shop.stored().locked


def free_payment_matches(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The attempt has settled the order without money."""
    order = shop.stored()
    paid = order.status is PaymentStatus.PAID and not order.payments and order.attempts_made == 1
    return attempt_matches(shop, response) and paid


def ended_attempt_matches(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The attempt has ended and does not hold the order."""
    return attempt_matches(shop, response) and UNLOCKED(shop, response)


def refused_or_ended(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The answer names the gateway's refusal, or, when repeated, the attempt that it ended; the order is unlocked."""
    if response.status == 502:
        return swept(UNLOCKED)(shop, response)
    return ended_attempt_matches(shop, response)


def revision_matches(shop: ProxiedShop, response: ApiResponse) -> bool:
    """Another caller was faster, and the answer gives the order's current revision."""
    return response.status == 412 and bool(response.document["revision"] == shop.stored().revision)


def lock_holder_matches(shop: ProxiedShop, response: ApiResponse) -> bool:
    """Another caller pays, and the answer names the attempt that holds the order."""
    attempt = shop.stored().attempt
    named = response.document.get("attempt_id")
    return response.status == 409 and attempt is not None and bool(named == attempt.attempt_id) and shop.stored().locked


def list_matches(shop: ProxiedShop, response: ApiResponse) -> bool:
    return bool(response.document == orders_response(OrdersPage((shop.stored(),), None), shop.connections.clock.now()))


def history_matches(shop: ProxiedShop, response: ApiResponse) -> bool:
    """Every event of the page is there; who made it and whose order it is are added to what is stored."""
    stored = [
        (event.seq, event.type, as_text(event.at), event.payment_status, event.revision)
        for event in shop.connections.stored.read_history(shop.order_id).events
    ]
    names = ("seq", "type", "at", "payment_status", "revision")
    shown = [tuple(event[name] for name in names) for event in response.document.get("events", ())]
    return bool(stored) and shown == stored


def attention_matches(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The order, or the names of what could not be read in its place."""
    whole = attention_response(Attention((shop.stored(),), Unread()), OpenFindings(()), shop.connections.clock.now())
    names_the_rest = response.document["unread"] != whole["unread"] and response.document["orders"] in (
        [],
        whole["orders"],
    )
    return bool(response.document == whole or names_the_rest)


def no_refund_due(shop: ProxiedShop, response: ApiResponse) -> bool:
    return not shop.stored().refunds_due and shop.ledger() == 0


def all_money_returned(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The order records what the gateway returned, whatever its state; nothing more is owed."""
    (payment,) = shop.stored().payments.values()
    return payment.returned == payment.amount and no_refund_due(shop, response)


def claim_recorded(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The payment is kept as claimed; the next query confirms it."""
    return len(shop.stored().claimed_payments) == 1 or PAID(shop, response)


def refund_refused(shop: ProxiedShop, response: ApiResponse) -> bool:
    return [refund.status for refund in shop.stored().refunds.values()] == [RefundStatus.REFUSED]


def dispute_status_is(status: DisputeStatus) -> Check:
    return lambda shop, response: [dispute.status for dispute in shop.stored().disputes.values()] == [status]


def refund_recorded(shop: ProxiedShop, response: ApiResponse) -> bool:
    return len(shop.stored().refunds) == 1


def refund_recorded_once(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The order has the one refund that was answered."""
    (refund,) = shop.stored().refunds.values()
    named = [response.document.get(name) for name in ("refund_id", "amount", "status")]
    return named == [refund.refund_id, PART, refund.status.value]


def part_is_back(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The gateway's ledger and ours agree on what went back."""
    (payment,) = shop.stored().payments.values()
    return not shop.stored().refunds_due and payment.returned == PART and shop.ledger() == payment.amount - PART


def refund_due_again(shop: ProxiedShop, response: ApiResponse) -> bool:
    return len(shop.stored().refunds_due) == 1


def refund_rescheduled(shop: ProxiedShop, response: ApiResponse) -> bool:
    return all(refund.tries for refund in shop.stored().refunds_due) and _is_scheduled(shop)


def link_ended(shop: ProxiedShop, response: ApiResponse) -> bool:
    return shop.stored().live_links == 0


def link_watched(shop: ProxiedShop, response: ApiResponse) -> bool:
    return shop.stored().live_links == 1 and _is_scheduled(shop)


def age_is_measured(shop: ProxiedShop, response: ApiResponse) -> bool:
    return shop.connections.metrics.times(Metric.OLDEST_ATTENTION) == 1


def erased(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The answer shows the order, whose content is its only one, and no event has what a person wrote."""
    return order_matches(shop, response) and nothing_personal_is_left(shop, response)


def nothing_personal_is_left(shop: ProxiedShop, _: ApiResponse) -> bool:
    store, order = shop.connections.stored, shop.stored()
    notes = {str(event.detail.get("note", "erased")) for event in store.read_history(shop.order_id).events}
    return (
        order.erased_at is not None and notes <= {"erased"} and store.content_ids(shop.order_id) == (order.content_id,)
    )


def events_are_recorded(shop: ProxiedShop, response: ApiResponse) -> bool:
    events = shop.connections.stored.read_history(shop.order_id).events
    return [event.seq for event in events] == [*range(1, shop.stored().version + 1)]


def is_scheduled(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The history is stored, and the order is looked at once its time is over."""
    return events_are_recorded(shop, response) and "EXPIRY" in shop.sort_keys()


def retired_or_scheduled(shop: ProxiedShop, _: ApiResponse) -> bool:
    """Nothing of the order is left but its tombstone, or it is looked at again; it is never there in part."""
    if not shop.is_retired():
        return is_scheduled(shop, _)
    return shop.sort_keys() == ("HEAD",) or "EXPIRY" in shop.sort_keys()


def stays_retired(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The gateway need not repeat the callback, and nothing of the order comes back."""
    return shop.is_retired() and response.status == 204


def timer_is_queued(shop: ProxiedShop, response: ApiResponse) -> bool:
    """At least once: a doubled timer does no harm."""
    return shop.connections.queued() > 0


def sent_or_counted(shop: ProxiedShop, response: ApiResponse) -> bool:
    """A timer that is not sent is a matter of the next minute's run, which finds the order in the index."""
    counted = {metric for metric, _, _ in shop.connections.metrics.counted}
    return timer_is_queued(shop, response) or Metric.TIMERS_NOT_SENT in counted


def refused_and_sent_or_counted(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The response asks the caller to try again at once, whether or not the timer was sent."""
    asks_again = response.status == 409 and response.headers.get("retry-after") == "1"
    return asks_again and lock_holder_matches(shop, response) and sent_or_counted(shop, response)


def nothing_to_do(shop: ProxiedShop, response: ApiResponse) -> bool:
    return bool(response.document["handled"] == 0)


def swept(check: Check) -> Check:
    """A sweep that reports no failure has handled everything that is due, or has set a time to go on."""
    return lambda shop, response: check(shop, response) or _is_scheduled(shop)


def _is_scheduled(shop: ProxiedShop) -> bool:
    order = shop.stored()
    timestamps = [timestamp for timestamp in (order.due_at, order.follow_up_at) if timestamp is not None]
    return bool(timestamps) and min(timestamps) > shop.connections.clock.now()


def _status_is(status: PaymentStatus) -> Check:
    return lambda shop, response: shop.stored().status is status


UNLOCKED = _status_is(PaymentStatus.PENDING_PAYMENT)
PAID = _status_is(PaymentStatus.PAID)
CANCELLED = _status_is(PaymentStatus.CANCELLED)
REVIEW = _status_is(PaymentStatus.REVIEW)
