"""The calls that are disturbed: how each is prepared, what is called, and what is true of its answer."""

from collections.abc import Callable
from dataclasses import dataclass

from paylatch.domain.payment import DisputeStatus
from tests.faults import arrangements as given
from tests.faults import truths as so
from tests.faults.meanwhile import (
    cancellation_locked_meanwhile,
    edit_locked_meanwhile,
    overtaken_edit,
    payment_cancelled_meanwhile,
    payment_locked_meanwhile,
)
from tests.faults.truths import Check, swept
from tests.faults.wired_shop import Told, WiredShop


@dataclass(frozen=True, slots=True)
class Scenario:
    """`act` runs between the faults, after `arrange`. `true` compares a good answer with the table.

    A status among `refusals` is a good answer too. Indexes are asked shard by shard: where `each_shard` is not set, the
    first and the last of these queries are disturbed.
    """

    name: str
    arrange: Callable[[WiredShop], None]
    act: Callable[[WiredShop], Told]
    true: Check
    refusals: frozenset[int] = frozenset()
    each_shard: bool = False

    def told_rightly(self, shop: WiredShop, told: Told) -> bool:
        """Whether it is a good answer, and true."""
        return (told.status // 100 == 2 or told.status in self.refusals) and self.true(shop, told)


_REFUSED = frozenset({409})
OF_PEOPLE = (
    Scenario("create", given.nothing, WiredShop.create, so.order_as_told),
    Scenario("create again", given.ordered, WiredShop.create, so.order_as_told),
    Scenario("payment request", given.ordered, WiredShop.pay, so.lock_as_told),
    Scenario("payment request again", given.locked, WiredShop.pay, so.lock_as_told),
    Scenario("payment request resumed", given.opened_unheard, WiredShop.pay, so.lock_as_told),
    Scenario(
        "payment request refused by the gateway",
        given.to_be_refused,
        WiredShop.pay,
        so.refused_or_ended,
        refusals=frozenset({502}),
    ),
    Scenario(
        "payment request resumed and refused",
        given.locked_to_be_refused,
        WiredShop.pay,
        so.refused_or_ended,
        refusals=frozenset({502}),
    ),
    Scenario(
        "payment request, locked meanwhile",
        given.ordered,
        payment_locked_meanwhile,
        so.locked_as_told,
        refusals=_REFUSED,
    ),
    Scenario("payment request, cancelled meanwhile", given.ordered, payment_cancelled_meanwhile, so.ended_as_told),
    Scenario("edit", given.ordered, WiredShop.edit, so.order_as_told),
    Scenario("edit, overtaken", given.ordered, overtaken_edit, so.revision_as_told, refusals=frozenset({412})),
    Scenario("edit, locked meanwhile", given.ordered, edit_locked_meanwhile, so.locked_as_told, refusals=_REFUSED),
    Scenario("cancel payment", given.locked, WiredShop.cancel_payment, so.order_as_told),
    Scenario("cancel payment, unconfirmed", given.to_be_voided_in_vain, WiredShop.cancel_payment, so.order_as_told),
    Scenario(
        "cancel payment, paid already",
        given.paid_at_the_gateway,
        WiredShop.cancel_payment,
        so.paid_or_order_as_told,
        refusals=frozenset({409}),
    ),
    Scenario("cancel order", given.ordered, WiredShop.cancel_order, so.order_as_told),
    Scenario(
        "cancel order, locked meanwhile",
        given.ordered,
        cancellation_locked_meanwhile,
        so.locked_as_told,
        refusals=_REFUSED,
    ),
    Scenario("read order", given.locked, WiredShop.read, so.order_as_told),
    Scenario("read payment", given.locked, WiredShop.read_payment, so.lock_as_told),
    Scenario("history", given.with_a_history, WiredShop.history, so.history_as_told),
)
OF_OPERATORS = (
    Scenario("attention", given.under_review, WiredShop.attention, so.attention_as_told),
    Scenario("recheck: paid", given.paid_at_the_gateway, WiredShop.recheck, so.order_as_told),
    Scenario("recheck: releasing", given.releasing, WiredShop.recheck, so.order_as_told),
    Scenario("release by an operator", given.locked, WiredShop.release, so.order_as_told),
    Scenario("recheck: refused refund", given.refund_refused, WiredShop.recheck, so.order_as_told),
    Scenario("write-off", given.refund_refused, WiredShop.write_off, so.order_as_told),
    Scenario("review: settled", given.under_review, WiredShop.settle_review, so.order_as_told),
    Scenario("review: refunded", given.under_review, WiredShop.refund_review, so.order_as_told),
)
OF_GATEWAYS = (
    Scenario("callback: paid", given.paid_at_the_gateway, WiredShop.callback, so.PAID),
    Scenario("callback: paid again", given.paid, WiredShop.callback, so.PAID),
    Scenario("callback: late money, accepted", given.late_money, WiredShop.callback, swept(so.PAID)),
    Scenario(
        "callback: late money after an edit", given.late_money_after_an_edit, WiredShop.callback, so.refund_recorded
    ),
    Scenario("callback: mismatched money", given.mismatched, WiredShop.callback, so.REVIEW),
    Scenario("callback: expired", given.expired_at_the_gateway, WiredShop.callback, swept(so.UNLOCKED)),
    Scenario(
        "callback: late money, not confirmed", given.late_money_unconfirmed, WiredShop.callback, so.claim_recorded
    ),
    Scenario(
        "callback: late money, given back",
        given.late_money_given_back,
        WiredShop.callback_before,
        swept(so.all_went_back),
    ),
    Scenario("callback: money returned", given.paid_and_given_back, WiredShop.callback, so.all_went_back),
    Scenario("callback: disputed", given.disputed, WiredShop.callback, so.dispute_stands_at(DisputeStatus.OPEN)),
    Scenario(
        "callback: dispute lost", given.dispute_lost, WiredShop.callback, so.dispute_stands_at(DisputeStatus.LOST)
    ),
    Scenario("callback: refunded", given.refund_told, WiredShop.callback, so.nothing_owed),
    Scenario("callback: refund failed", given.refund_returned, WiredShop.callback, so.refund_due_again),
)
OF_SCHEDULES = (
    Scenario("sweep: nothing is due", given.ordered, WiredShop.sweep, so.nothing_to_do, each_shard=True),
    Scenario("sweep: timeout", given.expired, WiredShop.sweep, swept(so.UNLOCKED)),
    Scenario("sweep: refund", given.owing, WiredShop.sweep, swept(so.nothing_owed)),
    Scenario("sweep: refund refused", given.refund_to_be_refused, WiredShop.sweep, swept(so.refund_refused)),
    Scenario("sweep: claimed payment", given.claimed, WiredShop.sweep, swept(so.PAID)),
    Scenario("sweep: two refunds", given.owing_twice, WiredShop.sweep, swept(so.nothing_owed)),
    Scenario("sweep: refund delayed", given.owing_to_a_slow_gateway, WiredShop.sweep, so.refund_put_off),
    Scenario("sweep: delayed refund", given.refund_delayed, WiredShop.sweep, swept(so.nothing_owed)),
    Scenario("sweep: refund unheard of", given.refund_never_heard_of, WiredShop.sweep, swept(so.nothing_owed)),
    Scenario("sweep: live link, expired", given.link_live, WiredShop.sweep, swept(so.link_ended)),
    Scenario("sweep: live link, still live", given.link_outliving, WiredShop.sweep, so.link_watched),
    Scenario("sweep: live link, paid", given.link_paid, WiredShop.sweep, swept(so.PAID)),
    Scenario("sweep: age of a review", given.long_under_review, WiredShop.sweep, so.age_told),
    Scenario("order events", given.with_a_record, WiredShop.record_events, so.event_is_kept),
)
SCENARIOS = (*OF_PEOPLE, *OF_OPERATORS, *OF_GATEWAYS, *OF_SCHEDULES)
