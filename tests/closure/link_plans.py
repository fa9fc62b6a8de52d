"""What may be planned of an order's payment link: it is made and renewed, and whoever has one pays."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from paylatch.domain import transitions
from paylatch.domain.caller import Caller
from paylatch.domain.order import Order
from paylatch.domain.transitions import NewAttempt
from tests.closure.configuration import BUYER, LINKS, PAYERS, Configuration
from tests.closure.plan import WRITE_CONTEXT, Plan, is_not_settled_free, no_payment_begins

FINGERPRINT = "0QRS5TV7WX9Y"


def links(order: Order, configuration: Configuration) -> Iterator[Plan]:
    """As a payment link is asked for, and renewed once."""
    number = LINKS.index(order.link_id) + 1 if order.link_id else 0
    if configuration.links and number < len(LINKS):
        yield Plan("issue_link", transitions.issue_link(order, LINKS[number], None, WRITE_CONTEXT))


def locks_by_link(new: NewAttempt, what: str, configuration: Configuration) -> Iterator[Plan]:
    """As whoever has a payment link pays, also one that the order does not have yet, or not any more."""
    for payer in PAYERS if configuration.links else ():
        transition = transitions.lock(new, payer, None, WRITE_CONTEXT)
        yield Plan(f"{what}, by link", transition, blind=True, forbidden=partial(_does_not_begin_by, payer))


def free_settlements_by_link(order: Order, attempt_id: str, configuration: Configuration) -> Iterator[Plan]:
    """As whoever has a payment link pays for an order that costs nothing."""
    for payer in PAYERS if configuration.links else ():
        transition = transitions.settle_free(order, attempt_id, FINGERPRINT, payer, WRITE_CONTEXT)
        yield Plan(f"settle_free by {attempt_id}, by link", transition, forbidden=partial(_is_not_free_for, payer))


def _does_not_begin_by(payer: Caller, order: Order) -> bool:
    return order.link_id != payer.link_id or no_payment_begins(replace(order, buyer_id=BUYER.subject))


def _is_not_free_for(payer: Caller, order: Order) -> bool:
    return order.link_id != payer.link_id or is_not_settled_free(replace(order, buyer_id=BUYER.subject))
