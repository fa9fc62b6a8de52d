"""Whoever has an order's payment link sees what is owed, pays, stops the payment, and has its gateway asked."""

from paylatch.domain.caller import payer_with
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.order import Order
from paylatch.ports import Ports
from paylatch.use_cases.access import authorize_payment_read
from paylatch.use_cases.cancel_payment import cancel_payment
from paylatch.use_cases.payment_request import PaymentRequest, RequestedPayment
from paylatch.use_cases.read_order import WholeOrder
from paylatch.use_cases.recheck_payment import recheck_payment
from paylatch.use_cases.request_payment import request_payment


@dataclass(frozen=True, slots=True)
class PayLink:
    """An order's payment link, as a payer used it."""

    order_id: str
    link_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPayment:
    """A payment request by a link: for the revision that the payer saw, under the key that the page had then.

    Two requests with one key are one payment. `page_url` is the link itself, to which the gateway sends the payer back.
    """

    payment_key: str
    revision: int
    page_url: str
    callback_base: str


def read_by_link(link: PayLink, ports: Ports) -> Order:
    """The order's head. Raises `OrderNotFound`, also for a link that was renewed."""
    return authorize_payment_read(link.order_id, ports.store.read_head(link.order_id), payer_with(link.link_id))


def pay_by_link(link: PayLink, payment: LinkPayment, ports: Ports) -> RequestedPayment:
    """Lock the order and open its payment at the stack's default gateway. Raises what `request_payment` raises."""
    request = PaymentRequest(
        order_id=link.order_id,
        idempotency_key=payment.payment_key,
        return_url=payment.page_url,
        expires_in=None,
        gateway=None,
        revision=payment.revision,
        callback_base=payment.callback_base,
    )
    return request_payment(request, payer_with(link.link_id), ports.for_link())


def stop_by_link(link: PayLink, attempt_id: str, ports: Ports) -> WholeOrder:
    """Release the order from this attempt, whoever began it. Raises what `cancel_payment` raises."""
    return cancel_payment(link.order_id, attempt_id, payer_with(link.link_id), ports.for_link())


def recheck_by_link(link: PayLink, attempt_id: str, ports: Ports) -> WholeOrder:
    """Have the gateway asked, within the order's bound on such questions. Raises what `recheck_payment` raises."""
    return recheck_payment(link.order_id, attempt_id, payer_with(link.link_id), ports.for_link())
