"""The calls that get faults: each one's preparation, the call, and the assertion on its answer."""

from collections.abc import Callable
from dataclasses import dataclass

from local.api_client import ApiResponse
from paylatch.domain.payment import DisputeStatus
from tests.faults import assertions, page_visits
from tests.faults import preparations as given
from tests.faults.assertions import Check, swept
from tests.faults.concurrent_actions import (
    cancellation_locked_meanwhile,
    edit_locked_meanwhile,
    overtaken_edit,
    payment_cancelled_meanwhile,
    payment_locked_meanwhile,
)
from tests.faults.proxied_shop import ProxiedShop


@dataclass(frozen=True, slots=True)
class FaultScenario:
    """`act` runs between the faults, after `arrange`. `assertion` compares a good answer with the table.

    A status among `refusals` is a good answer too. Indexes are asked shard by shard: where `each_shard` is not set, the
    first and the last of these queries are disturbed.
    """

    name: str
    arrange: Callable[[ProxiedShop], None]
    act: Callable[[ProxiedShop], ApiResponse]
    assertion: Check
    refusals: frozenset[int] = frozenset()
    each_shard: bool = False

    def is_correct(self, shop: ProxiedShop, response: ApiResponse) -> bool:
        """Whether it is a good answer, and true."""
        return (response.status // 100 == 2 or response.status in self.refusals) and self.assertion(shop, response)


_REFUSED = frozenset({409})
CALLER_SCENARIOS = (
    FaultScenario("create", given.no_order, ProxiedShop.create, assertions.order_matches),
    FaultScenario("create again", given.ordered, ProxiedShop.create, assertions.order_matches),
    FaultScenario("payment request", given.ordered, ProxiedShop.pay, assertions.lock_matches),
    FaultScenario("payment request again", given.locked, ProxiedShop.pay, assertions.lock_matches),
    FaultScenario("payment request resumed", given.opened_without_response, ProxiedShop.pay, assertions.lock_matches),
    FaultScenario("payment request of a free order", given.free, ProxiedShop.pay, assertions.free_payment_matches),
    FaultScenario(
        "payment request of a free order again", given.free_and_paid, ProxiedShop.pay, assertions.free_payment_matches
    ),
    FaultScenario(
        "payment request refused by the gateway",
        given.opening_will_be_refused,
        ProxiedShop.pay,
        assertions.refused_or_ended,
        refusals=frozenset({502}),
    ),
    FaultScenario(
        "payment request resumed and refused",
        given.locked_and_will_be_refused,
        ProxiedShop.pay,
        assertions.refused_or_ended,
        refusals=frozenset({502}),
    ),
    FaultScenario(
        "payment request, locked meanwhile",
        given.ordered,
        payment_locked_meanwhile,
        assertions.lock_holder_matches,
        refusals=_REFUSED,
    ),
    FaultScenario(
        "payment request, cancelled meanwhile",
        given.ordered,
        payment_cancelled_meanwhile,
        assertions.ended_attempt_matches,
    ),
    FaultScenario("edit", given.ordered, ProxiedShop.edit, assertions.order_matches),
    FaultScenario(
        "edit, overtaken", given.ordered, overtaken_edit, assertions.revision_matches, refusals=frozenset({412})
    ),
    FaultScenario(
        "edit, locked meanwhile",
        given.ordered,
        edit_locked_meanwhile,
        assertions.lock_holder_matches,
        refusals=_REFUSED,
    ),
    FaultScenario("hand over", given.ordered, ProxiedShop.hand_over, assertions.order_matches),
    FaultScenario("pay link", given.ordered, ProxiedShop.pay_link, assertions.link_matches),
    FaultScenario("pay link again", given.linked, ProxiedShop.pay_link, assertions.link_matches),
    FaultScenario("pay link, renewed", given.linked, ProxiedShop.renew_pay_link, assertions.link_matches),
    FaultScenario("cancel payment", given.locked, ProxiedShop.cancel_payment, assertions.order_matches),
    FaultScenario(
        "cancel payment, unconfirmed", given.void_will_not_succeed, ProxiedShop.cancel_payment, assertions.order_matches
    ),
    FaultScenario(
        "cancel payment, paid already",
        given.paid_at_the_gateway,
        ProxiedShop.cancel_payment,
        assertions.paid_or_order_matches,
        refusals=frozenset({409}),
    ),
    FaultScenario(
        "cancel payment, under way",
        given.under_way,
        ProxiedShop.cancel_payment,
        assertions.under_way_or_order_matches,
        refusals=_REFUSED,
    ),
    FaultScenario(
        "stop and change, under way",
        given.under_way,
        ProxiedShop.stop_and_change,
        assertions.under_way_or_order_matches,
        refusals=_REFUSED,
    ),
    FaultScenario(
        "recheck: back first", given.paid_at_the_gateway, ProxiedShop.recheck_by_buyer, assertions.order_matches
    ),
    FaultScenario("stop and change", given.locked, ProxiedShop.stop_and_change_until_made, assertions.order_matches),
    FaultScenario(
        "stop and change, unconfirmed at first",
        given.void_will_not_succeed,
        ProxiedShop.stop_and_change_until_made,
        assertions.order_matches,
    ),
    FaultScenario(
        "stop and change, paid already",
        given.paid_at_the_gateway,
        ProxiedShop.stop_and_change,
        assertions.paid_or_order_matches,
        refusals=frozenset({409}),
    ),
    FaultScenario(
        "stop and change, nothing", given.locked, ProxiedShop.stop_and_change_nothing, assertions.stop_is_kept
    ),
    FaultScenario("stop and change, released", given.released, ProxiedShop.stop_and_change, assertions.stop_is_kept),
    FaultScenario(
        "edit, overdue lock",
        given.expired,
        ProxiedShop.edit_with_timers,
        assertions.refused_and_sent_or_counted,
        refusals=_REFUSED,
    ),
    FaultScenario("payment request, overdue lock", given.expired, ProxiedShop.pay_anew, assertions.lock_matches),
    FaultScenario("settle manually", given.ordered, ProxiedShop.settle_manually, assertions.order_matches),
    FaultScenario("refund", given.paid, ProxiedShop.refund, assertions.refund_recorded_once),
    FaultScenario("refund by hand", given.settled_manually, ProxiedShop.refund, assertions.refund_recorded_once),
    FaultScenario("erase", given.cancelled, ProxiedShop.erase, assertions.erased),
    FaultScenario("erase a history", given.settled_with_a_history, ProxiedShop.erase, assertions.erased),
    FaultScenario("cancel order", given.ordered, ProxiedShop.cancel_order, assertions.order_matches),
    FaultScenario(
        "cancel order, locked meanwhile",
        given.ordered,
        cancellation_locked_meanwhile,
        assertions.lock_holder_matches,
        refusals=_REFUSED,
    ),
    FaultScenario("list orders", given.ordered, ProxiedShop.list_bought_orders, assertions.list_matches),
    FaultScenario("list orders of a reference", given.ordered, ProxiedShop.list_orders, assertions.list_matches),
    FaultScenario("read order", given.locked, ProxiedShop.read, assertions.order_matches),
    FaultScenario("read payment", given.locked, ProxiedShop.read_payment, assertions.lock_matches),
    FaultScenario("history", given.with_a_history, ProxiedShop.history, assertions.history_matches),
)
_PAGE = frozenset({page_visits.LEADS_ON})
PAGE_SCENARIOS = (
    FaultScenario("page: pay", page_visits.opened, page_visits.pay, page_visits.leads_to_the_payment, refusals=_PAGE),
    FaultScenario(
        "page: pay, edited meanwhile",
        page_visits.opened_before_an_edit,
        page_visits.pay,
        page_visits.shows_the_change,
        refusals=_REFUSED,
    ),
    FaultScenario(
        "page: agree",
        page_visits.opened_before_an_edit,
        page_visits.agree,
        page_visits.leads_to_the_payment,
        refusals=_PAGE,
    ),
    FaultScenario("page: stop", page_visits.paying, page_visits.stop, page_visits.is_given_back, refusals=_PAGE),
    FaultScenario(
        "page: back first",
        page_visits.back_from_the_gateway,
        page_visits.recheck,
        page_visits.shows_the_order,
        refusals=_PAGE,
    ),
)
OPERATOR_SCENARIOS = (
    FaultScenario("attention", given.under_review, ProxiedShop.attention, assertions.attention_matches),
    FaultScenario("recheck: paid", given.paid_at_the_gateway, ProxiedShop.recheck, assertions.order_matches),
    FaultScenario("recheck: releasing", given.releasing, ProxiedShop.recheck, assertions.order_matches),
    FaultScenario("release by an operator", given.locked, ProxiedShop.release, assertions.order_matches),
    FaultScenario("recheck: refused refund", given.refund_refused, ProxiedShop.recheck, assertions.order_matches),
    FaultScenario("write-off", given.refund_refused, ProxiedShop.write_off, assertions.order_matches),
    FaultScenario("review: settled", given.under_review, ProxiedShop.settle_review, assertions.order_matches),
    FaultScenario("review: refunded", given.under_review, ProxiedShop.refund_review, assertions.order_matches),
)
CALLBACK_SCENARIOS = (
    FaultScenario("callback: paid", given.paid_at_the_gateway, ProxiedShop.callback, assertions.PAID),
    FaultScenario("callback: under way", given.under_way, ProxiedShop.callback, assertions.marked_as_under_way),
    FaultScenario("callback: paid again", given.paid, ProxiedShop.callback, assertions.PAID),
    FaultScenario("callback: late money, accepted", given.late_money, ProxiedShop.callback, swept(assertions.PAID)),
    FaultScenario(
        "callback: late money after an edit",
        given.late_money_after_an_edit,
        ProxiedShop.callback,
        assertions.refund_recorded,
    ),
    FaultScenario("callback: order retired", given.retired, ProxiedShop.callback, assertions.stays_retired),
    FaultScenario("callback: mismatched money", given.mismatched, ProxiedShop.callback, assertions.REVIEW),
    FaultScenario("callback: expired", given.expired_at_the_gateway, ProxiedShop.callback, swept(assertions.UNLOCKED)),
    FaultScenario(
        "callback: late money, not confirmed",
        given.late_money_unconfirmed,
        ProxiedShop.callback,
        assertions.claim_recorded,
    ),
    FaultScenario(
        "callback: late money, given back",
        given.late_money_given_back,
        ProxiedShop.callback_before,
        swept(assertions.all_money_returned),
    ),
    FaultScenario(
        "callback: money returned", given.paid_and_given_back, ProxiedShop.callback, assertions.all_money_returned
    ),
    FaultScenario(
        "callback: disputed", given.disputed, ProxiedShop.callback, assertions.dispute_status_is(DisputeStatus.OPEN)
    ),
    FaultScenario(
        "callback: dispute lost",
        given.dispute_lost,
        ProxiedShop.callback,
        assertions.dispute_status_is(DisputeStatus.LOST),
    ),
    FaultScenario("callback: refunded", given.refund_confirmed, ProxiedShop.callback, assertions.no_refund_due),
    FaultScenario("callback: refund failed", given.refund_failed, ProxiedShop.callback, assertions.refund_due_again),
)
SCHEDULE_SCENARIOS = (
    FaultScenario("sweep: nothing is due", given.ordered, ProxiedShop.sweep, assertions.nothing_to_do, each_shard=True),
    FaultScenario("sweep: timeout", given.expired, ProxiedShop.sweep, swept(assertions.UNLOCKED)),
    FaultScenario("sweep: end of an order", given.past_its_end, ProxiedShop.sweep, swept(assertions.CANCELLED)),
    FaultScenario("sweep: under way", given.look_due, ProxiedShop.sweep, assertions.marked_as_under_way),
    FaultScenario("timer: under way", given.look_due, ProxiedShop.run_timer, assertions.marked_as_under_way),
    FaultScenario("sweep: requested refund", given.refund_requested, ProxiedShop.sweep, swept(assertions.part_is_back)),
    FaultScenario("sweep: refund", given.refund_owed, ProxiedShop.sweep, swept(assertions.no_refund_due)),
    FaultScenario(
        "sweep: refund refused", given.refund_will_be_refused, ProxiedShop.sweep, swept(assertions.refund_refused)
    ),
    FaultScenario("sweep: claimed payment", given.claimed, ProxiedShop.sweep, swept(assertions.PAID)),
    FaultScenario("sweep: two refunds", given.two_refunds_owed, ProxiedShop.sweep, swept(assertions.no_refund_due)),
    FaultScenario("sweep: refund delayed", given.refund_pending, ProxiedShop.sweep, assertions.refund_rescheduled),
    FaultScenario("sweep: delayed refund", given.refund_delayed, ProxiedShop.sweep, swept(assertions.no_refund_due)),
    FaultScenario(
        "sweep: refund request lost", given.refund_request_lost, ProxiedShop.sweep, swept(assertions.no_refund_due)
    ),
    FaultScenario("sweep: live link, expired", given.link_live, ProxiedShop.sweep, swept(assertions.link_ended)),
    FaultScenario("sweep: two dead links", given.two_links_live, ProxiedShop.sweep, swept(assertions.link_ended)),
    FaultScenario("sweep: live link, still live", given.link_outliving, ProxiedShop.sweep, assertions.link_watched),
    FaultScenario("sweep: live link, paid", given.link_paid, ProxiedShop.sweep, swept(assertions.PAID)),
    FaultScenario("sweep: age of a review", given.long_under_review, ProxiedShop.sweep, assertions.age_is_measured),
    FaultScenario("sweep: timers sent", given.due_soon, ProxiedShop.sweep_with_timers, assertions.sent_or_counted),
    FaultScenario("timer: timeout", given.expired, ProxiedShop.run_timer, swept(assertions.UNLOCKED)),
    FaultScenario("timer: paid already", given.expired_but_paid, ProxiedShop.run_timer, swept(assertions.PAID)),
    FaultScenario("timer: refund", given.refund_owed, ProxiedShop.run_timer, swept(assertions.no_refund_due)),
    FaultScenario("timer: early", given.locked, ProxiedShop.run_early_timer, assertions.timer_is_queued),
    FaultScenario("due events", given.due_at_once, ProxiedShop.send_due, assertions.timer_is_queued),
    FaultScenario("order events", given.with_two_records, ProxiedShop.record_events, assertions.events_are_recorded),
    FaultScenario(
        "order events: erasure", given.erased, ProxiedShop.record_events, assertions.nothing_personal_is_left
    ),
    FaultScenario(
        "order events: end scheduled", given.over, ProxiedShop.record_with_retention, assertions.is_scheduled
    ),
    FaultScenario("order events: retirement", given.expired_item, ProxiedShop.retire, assertions.retired_or_scheduled),
)
SCENARIOS = (
    *CALLER_SCENARIOS,
    *PAGE_SCENARIOS,
    *OPERATOR_SCENARIOS,
    *CALLBACK_SCENARIOS,
    *SCHEDULE_SCENARIOS,
)
