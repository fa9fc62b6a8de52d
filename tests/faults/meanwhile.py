"""What somebody else does to the order, each time at the same moment of a call."""

from collections.abc import Callable
from dataclasses import replace

from paylatch.domain.caller import Caller, Role
from paylatch.domain.order import Content
from paylatch.use_cases.cancel_payment import cancel_payment
from paylatch.use_cases.edit_order import edit_order
from tests.faults.call_sites import call_site
from tests.faults.fault_proxy import Fault, Seen
from tests.faults.wired_shop import Told, WiredShop
from tests.lambda_events import BUYER, SELLER


def overtaken_edit(shop: WiredShop) -> Told:
    """The seller's edit comes between the buyer's look at the order and the buyer's write."""

    def noted(content: Content) -> Content:
        return replace(content, note="from the seller")

    def seller_edits() -> None:
        if shop.truth().revision == 1:
            edit_order(shop.order_id, noted, 1, _caller(SELLER.subject, Role.SELLER), shop.wires.others)

    return _while_writing("OrderEdited", seller_edits, shop, shop.edit)


def payment_cancelled_meanwhile(shop: WiredShop) -> Told:
    """The buyer cancels in another window while the first one waits for its session."""

    def buyer_cancels() -> None:
        attempt = shop.truth().attempt
        if attempt is not None:
            buyer = _caller(BUYER.subject, Role.BUYER)
            cancel_payment(shop.order_id, attempt.attempt_id, buyer, shop.wires.others)

    return _while_writing("PaymentOpened", buyer_cancels, shop, shop.pay)


def _while_writing(event: str, deed: Callable[[], None], shop: WiredShop, act: Callable[[], Told]) -> Told:
    """The deed is done when the write is asked for, and before it is made."""
    decide = shop.wires.table.decide

    def interrupted(seen: Seen) -> Fault | None:
        if call_site(seen) == f"table: UpdateItem {event}":
            deed()
        return decide(seen)

    shop.wires.table.decide = interrupted
    try:
        return act()
    finally:
        shop.wires.table.decide = decide


def _caller(subject: str, role: Role) -> Caller:
    return Caller(subject, frozenset({role}))
