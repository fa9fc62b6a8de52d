"""A payer's browser on the order's payment page: its forms, as the page showed them before the faults."""

from urllib.parse import urlsplit

from local.api_client import ApiResponse
from paylatch.domain.limits import QUESTION_LASTS
from paylatch.domain.order import PaymentStatus
from tests.api.handlers import sent_response
from tests.faults import preparations as given
from tests.faults.proxied_shop import ProxiedShop
from tests.integration.pay_pages import page_event

# The page leads on, or says why not.
LEADS_ON, CHANGED = 303, 409


def opened(shop: ProxiedShop) -> None:
    """The order has a payment link, and its page is open."""
    given.linked(shop)


def opened_before_an_edit(shop: ProxiedShop) -> None:
    """The order was edited after the page was opened."""
    given.linked(shop)
    shop.edit()


def paying(shop: ProxiedShop) -> None:
    """The payer is at the gateway."""
    given.linked(shop)
    pay(shop)
    shop.attempt_id = _attempt_id(shop)


def back_from_the_gateway(shop: ProxiedShop) -> None:
    """The payer has paid and is back before the gateway's callback."""
    paying(shop)
    shop.gateway.payer_pays(shop.pay_url())


def pay(shop: ProxiedShop) -> ApiResponse:
    return _post(shop, {"action": "pay", "revision": "1", "payment_key": "link:1:0"})


def agree(shop: ProxiedShop) -> ApiResponse:
    return _post(shop, {"action": "agree", "revision": "2", "payment_key": "link:2:0"})


def stop(shop: ProxiedShop) -> ApiResponse:
    return _post(shop, {"action": "stop", "attempt_id": shop.attempt_id})


def recheck(shop: ProxiedShop) -> ApiResponse:
    """The payer has the gateway asked; once more when the bound of questions has passed."""
    response = _post(shop, {"action": "recheck", "attempt_id": shop.attempt_id})
    shop.connections.clock.advance(QUESTION_LASTS)
    return response


def leads_to_the_payment(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The payer is sent to where the one attempt that holds the order is paid."""
    order = shop.stored()
    known = order.status is PaymentStatus.IN_PAYMENT and order.attempts_made == 1
    return known and response.headers["location"] == shop.pay_url()


def shows_the_change(shop: ProxiedShop, response: ApiResponse) -> bool:
    """Nothing is locked for what the payer did not see."""
    order = shop.stored()
    return response.status == CHANGED and not order.locked and order.attempts_made == 0


def is_given_back(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The payment is given up, or the order waits visibly for its gateway's word."""
    waits_or_ended = shop.stored().status in (PaymentStatus.RELEASING, PaymentStatus.PENDING_PAYMENT)
    return waits_or_ended and _leads_to_the_page(shop, response)


def shows_the_order(shop: ProxiedShop, response: ApiResponse) -> bool:
    """The page that the payer is sent to says paid where the order is paid, and nowhere else."""
    order = shop.stored()
    state = sent_response("pay_page", page_event("GET", f"{_path(shop)}/state")).content.decode()
    paid = order.status is PaymentStatus.PAID
    return ('"just_paid"' in state) == paid and _leads_to_the_page(shop, response)


def _leads_to_the_page(shop: ProxiedShop, response: ApiResponse) -> bool:
    return urlsplit(response.headers["location"]).path == shop.stored().link_id


def _post(shop: ProxiedShop, form: dict[str, str]) -> ApiResponse:
    sent = sent_response("pay_page", page_event("POST", _path(shop), form=form))
    return ApiResponse(sent.status, sent.headers, sent.content.decode())


def _path(shop: ProxiedShop) -> str:
    return f"/pay/{shop.order_id}/{shop.stored().link_id}"


def _attempt_id(shop: ProxiedShop) -> str:
    attempt = shop.stored().attempt
    if attempt is None:
        raise LookupError(f"nobody pays for {shop.order_id}")
    return attempt.attempt_id
