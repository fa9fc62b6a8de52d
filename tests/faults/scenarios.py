"""The calls that get faults: each one's preparation, the call, and the assertion on its answer."""

from collections.abc import Callable
from dataclasses import dataclass

from local.api_client import ApiResponse
from paylatch.domain.payment import DisputeStatus
from tests.faults import assertions
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
class Scenario:
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
    Scenario("create", given.no_order, ProxiedShop.create, assertions.order_matches),
    Scenario("create again", given.ordered, ProxiedShop.create, assertions.order_matches),
    Scenario("payment request", given.ordered, ProxiedShop.pay, assertions.lock_matches),
    Scenario("payment request again", given.locked, ProxiedShop.pay, assertions.lock_matches),
    Scenario("payment request resumed", given.opened_without_response, ProxiedShop.pay, assertions.lock_matches),
    Scenario(
        "payment request refused by the gateway",
        given.opening_will_be_refused,
        ProxiedShop.pay,
        assertions.refused_or_ended,
        refusals=frozenset({502}),
    ),
    Scenario(
        "payment request resumed and refused",
        given.locked_and_will_be_refused,
        ProxiedShop.pay,
        assertions.refused_or_ended,
        refusals=frozenset({502}),
    ),
    Scenario(
        "payment request, locked meanwhile",
        given.ordered,
        payment_locked_meanwhile,
        assertions.lock_holder_matches,
        refusals=_REFUSED,
    ),
    Scenario(
        "payment request, cancelled meanwhile",
        given.ordered,
        payment_cancelled_meanwhile,
        assertions.ended_attempt_matches,
    ),
    Scenario("edit", given.ordered, ProxiedShop.edit, assertions.order_matches),
    Scenario("edit, overtaken", given.ordered, overtaken_edit, assertions.revision_matches, refusals=frozenset({412})),
    Scenario(
        "edit, locked meanwhile",
        given.ordered,
        edit_locked_meanwhile,
        assertions.lock_holder_matches,
        refusals=_REFUSED,
    ),
    Scenario("cancel payment", given.locked, ProxiedShop.cancel_payment, assertions.order_matches),
    Scenario(
        "cancel payment, unconfirmed", given.void_will_not_succeed, ProxiedShop.cancel_payment, assertions.order_matches
    ),
    Scenario(
        "cancel payment, paid already",
        given.paid_at_the_gateway,
        ProxiedShop.cancel_payment,
        assertions.paid_or_order_matches,
        refusals=frozenset({409}),
    ),
    Scenario("cancel order", given.ordered, ProxiedShop.cancel_order, assertions.order_matches),
    Scenario(
        "cancel order, locked meanwhile",
        given.ordered,
        cancellation_locked_meanwhile,
        assertions.lock_holder_matches,
        refusals=_REFUSED,
    ),
    Scenario("read order", given.locked, ProxiedShop.read, assertions.order_matches),
    Scenario("read payment", given.locked, ProxiedShop.read_payment, assertions.lock_matches),
    Scenario("history", given.with_a_history, ProxiedShop.history, assertions.history_matches),
)
OPERATOR_SCENARIOS = (
    Scenario("attention", given.under_review, ProxiedShop.attention, assertions.attention_matches),
    Scenario("recheck: paid", given.paid_at_the_gateway, ProxiedShop.recheck, assertions.order_matches),
    Scenario("recheck: releasing", given.releasing, ProxiedShop.recheck, assertions.order_matches),
    Scenario("release by an operator", given.locked, ProxiedShop.release, assertions.order_matches),
    Scenario("recheck: refused refund", given.refund_refused, ProxiedShop.recheck, assertions.order_matches),
    Scenario("write-off", given.refund_refused, ProxiedShop.write_off, assertions.order_matches),
    Scenario("review: settled", given.under_review, ProxiedShop.settle_review, assertions.order_matches),
    Scenario("review: refunded", given.under_review, ProxiedShop.refund_review, assertions.order_matches),
)
CALLBACK_SCENARIOS = (
    Scenario("callback: paid", given.paid_at_the_gateway, ProxiedShop.callback, assertions.PAID),
    Scenario("callback: paid again", given.paid, ProxiedShop.callback, assertions.PAID),
    Scenario("callback: late money, accepted", given.late_money, ProxiedShop.callback, swept(assertions.PAID)),
    Scenario(
        "callback: late money after an edit",
        given.late_money_after_an_edit,
        ProxiedShop.callback,
        assertions.refund_recorded,
    ),
    Scenario("callback: mismatched money", given.mismatched, ProxiedShop.callback, assertions.REVIEW),
    Scenario("callback: expired", given.expired_at_the_gateway, ProxiedShop.callback, swept(assertions.UNLOCKED)),
    Scenario(
        "callback: late money, not confirmed",
        given.late_money_unconfirmed,
        ProxiedShop.callback,
        assertions.claim_recorded,
    ),
    Scenario(
        "callback: late money, given back",
        given.late_money_given_back,
        ProxiedShop.callback_before,
        swept(assertions.all_money_returned),
    ),
    Scenario(
        "callback: money returned", given.paid_and_given_back, ProxiedShop.callback, assertions.all_money_returned
    ),
    Scenario(
        "callback: disputed", given.disputed, ProxiedShop.callback, assertions.dispute_status_is(DisputeStatus.OPEN)
    ),
    Scenario(
        "callback: dispute lost",
        given.dispute_lost,
        ProxiedShop.callback,
        assertions.dispute_status_is(DisputeStatus.LOST),
    ),
    Scenario("callback: refunded", given.refund_confirmed, ProxiedShop.callback, assertions.no_refund_due),
    Scenario("callback: refund failed", given.refund_failed, ProxiedShop.callback, assertions.refund_due_again),
)
SCHEDULE_SCENARIOS = (
    Scenario("sweep: nothing is due", given.ordered, ProxiedShop.sweep, assertions.nothing_to_do, each_shard=True),
    Scenario("sweep: timeout", given.expired, ProxiedShop.sweep, swept(assertions.UNLOCKED)),
    Scenario("sweep: refund", given.refund_owed, ProxiedShop.sweep, swept(assertions.no_refund_due)),
    Scenario(
        "sweep: refund refused", given.refund_will_be_refused, ProxiedShop.sweep, swept(assertions.refund_refused)
    ),
    Scenario("sweep: claimed payment", given.claimed, ProxiedShop.sweep, swept(assertions.PAID)),
    Scenario("sweep: two refunds", given.two_refunds_owed, ProxiedShop.sweep, swept(assertions.no_refund_due)),
    Scenario("sweep: refund delayed", given.refund_pending, ProxiedShop.sweep, assertions.refund_rescheduled),
    Scenario("sweep: delayed refund", given.refund_delayed, ProxiedShop.sweep, swept(assertions.no_refund_due)),
    Scenario(
        "sweep: refund request lost", given.refund_request_lost, ProxiedShop.sweep, swept(assertions.no_refund_due)
    ),
    Scenario("sweep: live link, expired", given.link_live, ProxiedShop.sweep, swept(assertions.link_ended)),
    Scenario("sweep: live link, still live", given.link_outliving, ProxiedShop.sweep, assertions.link_watched),
    Scenario("sweep: live link, paid", given.link_paid, ProxiedShop.sweep, swept(assertions.PAID)),
    Scenario("sweep: age of a review", given.long_under_review, ProxiedShop.sweep, assertions.age_is_measured),
    Scenario("order events", given.with_a_record, ProxiedShop.record_events, assertions.event_is_recorded),
)
SCENARIOS = (*CALLER_SCENARIOS, *OPERATOR_SCENARIOS, *CALLBACK_SCENARIOS, *SCHEDULE_SCENARIOS)
