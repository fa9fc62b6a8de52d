"""How an order stands before a call of it is disturbed."""

from datetime import timedelta

from tests.faults.wired_shop import WiredShop

TTL = timedelta(minutes=15)


def nothing(shop: WiredShop) -> None:
    pass


def ordered(shop: WiredShop) -> None:
    shop.create()


def locked(shop: WiredShop) -> None:
    shop.create()
    shop.pay()


def opened_unheard(shop: WiredShop) -> None:
    """The session was opened, and nobody here heard of it."""
    shop.create()
    shop.gateway.will_misbehave(shop.order_id, 1, open={"fault": "no_answer"})
    shop.pay()


def to_be_refused(shop: WiredShop) -> None:
    shop.create()
    shop.gateway.will_misbehave(shop.order_id, 9, open={"fault": "refuse"})


def locked_to_be_refused(shop: WiredShop) -> None:
    """Locked by a request that died before it had a session; the gateway will have none of it."""
    shop.create()
    shop.gateway.will_misbehave(shop.order_id, 1, open={"fault": "unavailable"})
    shop.pay()
    shop.gateway.will_misbehave(shop.order_id, 9, open={"fault": "refuse"})


def to_be_voided_in_vain(shop: WiredShop) -> None:
    locked(shop)
    shop.gateway.misbehaves(shop.attempt_id, void={"fault": "in_progress", "times": 1})


def releasing(shop: WiredShop) -> None:
    to_be_voided_in_vain(shop)
    shop.cancel_payment()


def paid_at_the_gateway(shop: WiredShop) -> None:
    locked(shop)
    shop.gateway.payer_pays(shop.pay_url())


def paid(shop: WiredShop) -> None:
    paid_at_the_gateway(shop)
    shop.callback()


def expired(shop: WiredShop) -> None:
    locked(shop)
    shop.wires.clock.advance(TTL + timedelta(minutes=5))


def expired_at_the_gateway(shop: WiredShop) -> None:
    locked(shop)
    shop.wires.clock.advance(TTL)
    shop.gateway.minute_passes()


def mismatched(shop: WiredShop) -> None:
    """The payer paid, and not what was asked for."""
    locked(shop)
    shop.gateway.misbehaves(shop.attempt_id, payment={"amount": 1})
    shop.gateway.payer_pays(shop.pay_url())


def under_review(shop: WiredShop) -> None:
    mismatched(shop)
    shop.callback()


def long_under_review(shop: WiredShop) -> None:
    under_review(shop)
    shop.wires.clock.advance(timedelta(hours=2))


def late_money(shop: WiredShop) -> None:
    """A void that did not void, and then the money for the order as it still is."""
    locked(shop)
    pay_url = shop.pay_url()
    shop.gateway.misbehaves(shop.attempt_id, void={"fault": "pretend"})
    shop.cancel_payment()
    shop.gateway.payer_pays(pay_url)


def late_money_after_an_edit(shop: WiredShop) -> None:
    late_money(shop)
    shop.edit()


def owing(shop: WiredShop) -> None:
    late_money_after_an_edit(shop)
    shop.callback()


def owing_twice(shop: WiredShop) -> None:
    """The next payer's money came late as well, and after another edit."""
    owing(shop)
    shop.revision = 2
    shop.pay("checkout-2")
    pay_url = shop.pay_url()
    shop.gateway.misbehaves(shop.attempt_id, void={"fault": "pretend"})
    shop.cancel_payment()
    shop.edit(quantity=8)
    shop.gateway.payer_pays(pay_url)
    shop.callback()


def owing_to_a_slow_gateway(shop: WiredShop) -> None:
    owing(shop)
    shop.gateway.misbehaves(shop.attempt_id, refund={"fault": "pending", "seconds": 60})


def refund_delayed(shop: WiredShop) -> None:
    """The gateway made it in the meantime, and has not said so."""
    owing_to_a_slow_gateway(shop)
    shop.sweep()
    shop.wires.clock.advance(timedelta(minutes=5))


def refund_never_heard_of(shop: WiredShop) -> None:
    """The request for it did not get there."""
    owing(shop)
    shop.gateway.misbehaves(shop.attempt_id, refund={"fault": "unavailable", "times": 1})
    shop.sweep()
    shop.wires.clock.advance(timedelta(minutes=5))


def refund_told(shop: WiredShop) -> None:
    """The gateway made it in the meantime, and says so."""
    refund_delayed(shop)
    shop.gateway.minute_passes()


def refund_returned(shop: WiredShop) -> None:
    """It was made, and the bank sent it back."""
    owing(shop)
    shop.sweep()
    shop.gateway.bank_returns_refunds(shop.attempt_id)
    shop.gateway.minute_passes()


def refund_to_be_refused(shop: WiredShop) -> None:
    """The payer contests the payment, and is given nothing back as long as that lasts."""
    owing(shop)
    shop.gateway.dispute(shop.attempt_id, "open")


def refund_refused(shop: WiredShop) -> None:
    refund_to_be_refused(shop)
    shop.sweep()


def late_money_unconfirmed(shop: WiredShop) -> None:
    """Money that came late may pay for the order, and the gateway does not say whether it still holds it."""
    late_money(shop)
    shop.gateway.misbehaves(shop.attempt_id, query={"fault": "unavailable", "times": 1})


def claimed(shop: WiredShop) -> None:
    late_money_unconfirmed(shop)
    shop.callback()
    shop.wires.clock.advance(timedelta(minutes=5))


def late_money_given_back(shop: WiredShop) -> None:
    """Somebody gave the money back at the gateway, before anybody here heard that it was there."""
    late_money(shop)
    shop.gateway.refunds_by_hand(shop.attempt_id)


def paid_and_given_back(shop: WiredShop) -> None:
    paid(shop)
    shop.gateway.refunds_by_hand(shop.attempt_id)


def disputed(shop: WiredShop) -> None:
    paid(shop)
    shop.gateway.dispute(shop.attempt_id, "open")


def dispute_lost(shop: WiredShop) -> None:
    disputed(shop)
    shop.callback()
    shop.gateway.dispute(shop.attempt_id, "lost")


def link_live(shop: WiredShop) -> None:
    """The order went back to its buyer behind a link that cannot be voided; it has ended since."""
    _behind_a_live_link(shop)
    _after_its_end(shop)


def link_outliving(shop: WiredShop) -> None:
    """The same, but the link is live for longer than its gateway had said."""
    _behind_a_live_link(shop)
    shop.gateway.misbehaves(shop.attempt_id, void={"fault": "not_voidable", "times": 2}, link_outlives=7200)
    _after_its_end(shop)


def link_paid(shop: WiredShop) -> None:
    """The same, and somebody paid by the link; what the gateway said of it did not get here."""
    locked(shop)
    pay_url = shop.pay_url()
    _given_back_unvoided(shop)
    shop.gateway.payer_pays(pay_url)
    _after_its_end(shop)


def with_a_record(shop: WiredShop) -> None:
    shop.create()
    shop.take_record()


def with_a_history(shop: WiredShop) -> None:
    with_a_record(shop)
    shop.record_events()


def _behind_a_live_link(shop: WiredShop) -> None:
    locked(shop)
    _given_back_unvoided(shop)


def _given_back_unvoided(shop: WiredShop) -> None:
    shop.gateway.misbehaves(shop.attempt_id, void={"fault": "not_voidable", "times": 1})
    shop.cancel_payment()


def _after_its_end(shop: WiredShop) -> None:
    shop.wires.clock.advance(TTL + timedelta(minutes=5))
