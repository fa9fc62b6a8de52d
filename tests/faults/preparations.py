"""An order's state before a call with a fault."""

from datetime import timedelta

from paylatch.domain.timestamps import as_text
from tests.faults.proxied_connections import KEPT
from tests.faults.proxied_shop import ProxiedShop
from tests.lambda_events import sample_body

TTL = timedelta(minutes=15)


def no_order(shop: ProxiedShop) -> None:
    pass


def ordered(shop: ProxiedShop) -> None:
    shop.create()


def linked(shop: ProxiedShop) -> None:
    """The order has a payment link."""
    shop.create()
    shop.pay_link()


def past_its_end(shop: ProxiedShop) -> None:
    """Nobody paid for the order by its `pay_by`."""
    shop.create(pay_by=as_text(shop.connections.clock.now() + TTL))
    shop.connections.clock.advance(TTL)


def free(shop: ProxiedShop) -> None:
    """A coupon pays for all of the order."""
    coupon = {"sku": "coupon", "name": "Coupon", "quantity": 1, "unit_price": -2500, "kind": "discount"}
    shop.create(lines=[*sample_body("order_create")["lines"], coupon])


def free_and_paid(shop: ProxiedShop) -> None:
    free(shop)
    shop.pay()


def locked(shop: ProxiedShop) -> None:
    shop.create()
    shop.pay()


def opened_without_response(shop: ProxiedShop) -> None:
    """The session was opened, and its response was lost."""
    shop.create()
    shop.gateway.plan_faults(shop.order_id, 1, open={"fault": "no_answer"})
    shop.pay()


def opening_will_be_refused(shop: ProxiedShop) -> None:
    shop.create()
    shop.gateway.plan_faults(shop.order_id, 9, open={"fault": "refuse"})


def locked_and_will_be_refused(shop: ProxiedShop) -> None:
    """Locked by a request that died before it had a session; the gateway will refuse the session."""
    shop.create()
    shop.gateway.plan_faults(shop.order_id, 1, open={"fault": "unavailable"})
    shop.pay()
    shop.gateway.plan_faults(shop.order_id, 9, open={"fault": "refuse"})


def void_will_not_succeed(shop: ProxiedShop) -> None:
    locked(shop)
    shop.gateway.set_faults(shop.attempt_id, void={"fault": "in_progress", "times": 1})


def releasing(shop: ProxiedShop) -> None:
    void_will_not_succeed(shop)
    shop.cancel_payment()


def released(shop: ProxiedShop) -> None:
    """The buyer gave the payment up; the gateway confirmed it to the sweep."""
    releasing(shop)
    shop.connections.clock.advance(timedelta(minutes=5))
    shop.sweep()


def paid_at_the_gateway(shop: ProxiedShop) -> None:
    locked(shop)
    shop.gateway.payer_pays(shop.pay_url())


def settled_manually(shop: ProxiedShop) -> None:
    shop.create()
    shop.settle_manually()


def cancelled(shop: ProxiedShop) -> None:
    """An order with two contents that is over, and a history with what a person wrote."""
    shop.create(email="ada@example.org")
    shop.edit()
    shop.cancel_order()


def settled_with_a_history(shop: ProxiedShop) -> None:
    settled_manually(shop)
    shop.take_record()
    shop.record_events()


def erased(shop: ProxiedShop) -> None:
    """Its last change has not reached the history."""
    settled_with_a_history(shop)
    shop.erase()
    shop.take_record()


def over(shop: ProxiedShop) -> None:
    """An order that is over, none of whose changes has reached the history."""
    with_two_records(shop)
    shop.cancel_order()
    shop.take_record()


def expired_item(shop: ProxiedShop) -> None:
    """An order that was kept for its time; the table has deleted its expiry."""
    over(shop)
    shop.record_events()
    shop.connections.clock.advance(KEPT)


def refund_requested(shop: ProxiedShop) -> None:
    """The order is paid, and the shop refunds a part of it."""
    paid(shop)
    shop.refund()


def under_way(shop: ProxiedShop) -> None:
    """The payer submitted a bank debit."""
    locked(shop)
    shop.gateway.payer_submits(shop.pay_url())


def look_due(shop: ProxiedShop) -> None:
    """A payment under way is to be asked about, and the bank has not decided."""
    under_way(shop)
    shop.callback()
    shop.connections.clock.advance(timedelta(hours=1))


def paid(shop: ProxiedShop) -> None:
    paid_at_the_gateway(shop)
    shop.callback()


def retired(shop: ProxiedShop) -> None:
    """A paid order that was kept for its time; its payment is disputed afterwards."""
    paid(shop)
    attempt_id = shop.attempt_id
    shop.connections.clock.advance(KEPT)
    shop.retire()
    shop.gateway.dispute(attempt_id, "open")


def expired(shop: ProxiedShop) -> None:
    locked(shop)
    shop.connections.clock.advance(TTL + timedelta(minutes=5))


def expired_but_paid(shop: ProxiedShop) -> None:
    paid_at_the_gateway(shop)
    shop.connections.clock.advance(TTL)


def due_soon(shop: ProxiedShop) -> None:
    locked(shop)
    shop.connections.clock.advance(TTL - timedelta(seconds=30))


def due_at_once(shop: ProxiedShop) -> None:
    refund_owed(shop)
    shop.take_record()


def expired_at_the_gateway(shop: ProxiedShop) -> None:
    locked(shop)
    shop.connections.clock.advance(TTL)
    shop.gateway.run_schedule()


def mismatched(shop: ProxiedShop) -> None:
    """The payer paid another sum than the order's."""
    locked(shop)
    shop.gateway.set_faults(shop.attempt_id, payment={"amount": 1})
    shop.gateway.payer_pays(shop.pay_url())


def under_review(shop: ProxiedShop) -> None:
    mismatched(shop)
    shop.callback()


def long_under_review(shop: ProxiedShop) -> None:
    under_review(shop)
    shop.connections.clock.advance(timedelta(hours=2))


def late_money(shop: ProxiedShop) -> None:
    """An ineffective void, then money for the unchanged order."""
    locked(shop)
    pay_url = shop.pay_url()
    shop.gateway.set_faults(shop.attempt_id, void={"fault": "pretend"})
    shop.cancel_payment()
    shop.gateway.payer_pays(pay_url)


def late_money_after_an_edit(shop: ProxiedShop) -> None:
    late_money(shop)
    shop.edit()


def refund_owed(shop: ProxiedShop) -> None:
    late_money_after_an_edit(shop)
    shop.callback()


def two_refunds_owed(shop: ProxiedShop) -> None:
    """The next payer's money came late as well, and after another edit."""
    refund_owed(shop)
    shop.revision = 2
    shop.pay("checkout-2")
    pay_url = shop.pay_url()
    shop.gateway.set_faults(shop.attempt_id, void={"fault": "pretend"})
    shop.cancel_payment()
    shop.edit(quantity=8)
    shop.gateway.payer_pays(pay_url)
    shop.callback()


def refund_pending(shop: ProxiedShop) -> None:
    refund_owed(shop)
    shop.gateway.set_faults(shop.attempt_id, refund={"fault": "pending", "seconds": 60})


def refund_delayed(shop: ProxiedShop) -> None:
    """The gateway made it in the meantime and has not reported it."""
    refund_pending(shop)
    shop.sweep()
    shop.connections.clock.advance(timedelta(minutes=5))


def refund_request_lost(shop: ProxiedShop) -> None:
    """The request for it was lost."""
    refund_owed(shop)
    shop.gateway.set_faults(shop.attempt_id, refund={"fault": "unavailable", "times": 1})
    shop.sweep()
    shop.connections.clock.advance(timedelta(minutes=5))


def refund_confirmed(shop: ProxiedShop) -> None:
    """The gateway made it in the meantime and reports it."""
    refund_delayed(shop)
    shop.gateway.run_schedule()


def refund_failed(shop: ProxiedShop) -> None:
    """It succeeded, and the bank returned it."""
    refund_owed(shop)
    shop.sweep()
    shop.gateway.bank_returns_refunds(shop.attempt_id)
    shop.gateway.run_schedule()


def refund_will_be_refused(shop: ProxiedShop) -> None:
    """The payer disputes the payment; the gateway refuses refunds during the dispute."""
    refund_owed(shop)
    shop.gateway.dispute(shop.attempt_id, "open")


def refund_refused(shop: ProxiedShop) -> None:
    refund_will_be_refused(shop)
    shop.sweep()


def late_money_unconfirmed(shop: ProxiedShop) -> None:
    """Late money may pay for the order, and the gateway does not answer whether it still holds it."""
    late_money(shop)
    shop.gateway.set_faults(shop.attempt_id, query={"fault": "unavailable", "times": 1})


def claimed(shop: ProxiedShop) -> None:
    late_money_unconfirmed(shop)
    shop.callback()
    shop.connections.clock.advance(timedelta(minutes=5))


def late_money_given_back(shop: ProxiedShop) -> None:
    """The money was refunded at the gateway before its capture was reported."""
    late_money(shop)
    shop.gateway.refund_manually(shop.attempt_id)


def paid_and_given_back(shop: ProxiedShop) -> None:
    paid(shop)
    shop.gateway.refund_manually(shop.attempt_id)


def disputed(shop: ProxiedShop) -> None:
    paid(shop)
    shop.gateway.dispute(shop.attempt_id, "open")


def dispute_lost(shop: ProxiedShop) -> None:
    disputed(shop)
    shop.callback()
    shop.gateway.dispute(shop.attempt_id, "lost")


def link_live(shop: ProxiedShop) -> None:
    """The order was unlocked with a link that cannot be voided; the link has ended since."""
    _released_with_live_link(shop)
    _after_link_expiry(shop)


def two_links_live(shop: ProxiedShop) -> None:
    """Two attempts left the order with links that cannot be voided; both links have ended since."""
    _released_with_live_link(shop)
    shop.pay("checkout-2")
    _released_without_void(shop)
    _after_link_expiry(shop)


def link_outliving(shop: ProxiedShop) -> None:
    """The same, but the link lives longer than its gateway had stated."""
    _released_with_live_link(shop)
    shop.gateway.set_faults(shop.attempt_id, void={"fault": "not_voidable", "times": 2}, link_outlives=7200)
    _after_link_expiry(shop)


def link_paid(shop: ProxiedShop) -> None:
    """The same, and the payer paid by the link; the gateway's report was lost."""
    locked(shop)
    pay_url = shop.pay_url()
    _released_without_void(shop)
    shop.gateway.payer_pays(pay_url)
    _after_link_expiry(shop)


def with_a_record(shop: ProxiedShop) -> None:
    shop.create()
    shop.take_record()


def with_two_records(shop: ProxiedShop) -> None:
    with_a_record(shop)
    shop.edit()
    shop.take_record()


def with_a_history(shop: ProxiedShop) -> None:
    with_a_record(shop)
    shop.record_events()


def _released_with_live_link(shop: ProxiedShop) -> None:
    locked(shop)
    _released_without_void(shop)


def _released_without_void(shop: ProxiedShop) -> None:
    shop.gateway.set_faults(shop.attempt_id, void={"fault": "not_voidable", "times": 1})
    shop.cancel_payment()


def _after_link_expiry(shop: ProxiedShop) -> None:
    shop.connections.clock.advance(TTL + timedelta(minutes=5))
