"""Who may call what: every route, for every kind of caller, on an order that is theirs or somebody else's."""

from collections.abc import Callable

import pytest

from local.api_client import ApiResponse
from tests.integration.shop import Shop
from tests.lambda_events import BUYER, FUNCTIONS, OPERATOR, SAMPLE_ATTEMPT, SELLER, SERVICE, Person, event, http_event
from tests.template_routes import routes

# None: the request passed no authorizer.
CALLERS: dict[str, Person | None] = {
    "its buyer": BUYER,
    "its seller": SELLER,
    "a service": SERVICE,
    "an operator": OPERATOR,
    "another buyer": Person("another-buyer", "buyer"),
    "another seller": Person("another-seller", "seller"),
    "its buyer as a seller": Person(BUYER.subject, "seller"),
    "its seller as a buyer": Person(SELLER.subject, "buyer"),
    "its buyer as an administrator": Person(BUYER.subject, "administrator"),
    "nobody": None,
}
YES = "is not refused for who they are"
NO, NOT_FOUND = "not-allowed", "order-not-found"
_OTHERS = (NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND, NO, NO)
READ = (YES, YES, YES, YES, *_OTHERS)
WRITE = (YES, YES, YES, NO, *_OTHERS)
OPERATE = (NO, NO, NO, YES, NO, NO, NO, NO, NO, NO)
ERASE = (NO, NO, YES, YES, *_OTHERS)
DECLARE = (NO, YES, YES, YES, *_OTHERS)
# By its route, the answer to each of the callers.
MATRIX: dict[str, tuple[str, ...]] = {
    "POST /orders": (NO, YES, YES, NO, NO, NO, NO, NO, NO, NO),
    # Their own, whoever they are; a service and an operator must say whose.
    "GET /orders": (YES, YES, YES, YES, YES, YES, YES, YES, NO, NO),
    "GET /orders/{order_id}": READ,
    "PATCH /orders/{order_id}": WRITE,
    "POST /orders/{order_id}/cancellation": WRITE,
    "POST /orders/{order_id}/settlement": DECLARE,
    "POST /orders/{order_id}/erasure": ERASE,
    "GET /orders/{order_id}/history": READ,
    "POST /orders/{order_id}/payments": WRITE,
    "GET /orders/{order_id}/payments/{attempt_id}": READ,
    "POST /orders/{order_id}/payments/{attempt_id}/cancellation": WRITE,
    "POST /orders/{order_id}/payments/{attempt_id}/recheck": READ,
    "POST /orders/{order_id}/payments/{attempt_id}/resolution": OPERATE,
    "POST /orders/{order_id}/payments/{attempt_id}/release": OPERATE,
    "POST /orders/{order_id}/pay-link": WRITE,
    "POST /orders/{order_id}/refunds": DECLARE,
    "POST /orders/{order_id}/refunds/{refund_id}/write-off": OPERATE,
    "GET /operations/attention": OPERATE,
    "POST /operations/replay": OPERATE,
    "GET /operations/attention/groups": OPERATE,
    "POST /operations/attention/groups/{gateway}/{cause}/recheck": OPERATE,
    "POST /operations/attention/groups/{gateway}/{cause}/release": OPERATE,
    "POST /operations/reconciliation": OPERATE,
    "POST /operations/findings/{gateway}/{day}/{discrepancy}/{payment_id}/handled": OPERATE,
}
EVENT_NAMES = {event(name).get("routeKey"): name for name in FUNCTIONS}
OF_AN_ORDER = [route for route in MATRIX if "{order_id}" in route]


def request(shop: Shop, route: str, caller: str, order_id: str, attempt_id: str) -> ApiResponse:
    """The example request of that route, about that order, by that caller."""
    name, person = EVENT_NAMES[route], CALLERS[caller]
    filled = http_event(name, order_id=order_id, attempt_id=attempt_id, person=person)
    if person is None:
        del filled["requestContext"]["authorizer"]
    return shop.send(name, filled)


def answer_to(response: ApiResponse) -> str:
    """The problem's code where the caller was refused for who they are; else that they were not."""
    code = response.document.get("code")
    return str(code) if response.status in (401, 403) or code == NOT_FOUND else YES


def test_every_route_that_needs_a_token_is_in_the_matrix() -> None:
    assert {route.key for route in routes() if not route.public} == MATRIX.keys()


@pytest.mark.parametrize("route", MATRIX)
def test_a_caller_is_refused_exactly_what_the_matrix_says(shop: Shop, route: str) -> None:
    order_id, attempt_id = shop.locked()
    answers = {caller: answer_to(request(shop, route, caller, order_id, attempt_id)) for caller in CALLERS}
    assert answers == dict(zip(CALLERS, MATRIX[route], strict=True))


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "unlocked"])
@pytest.mark.parametrize("route", MATRIX)
def test_a_refused_caller_writes_nothing(
    shop: Shop, route: str, locked: bool, nothing_written: Callable[[], bool]
) -> None:
    order_id, attempt_id = shop.locked()
    if not locked:
        shop.cancel_payment(order_id, attempt_id)
    nothing_written()
    for caller, answer in zip(CALLERS, MATRIX[route], strict=True):
        if answer is not YES:
            response = request(shop, route, caller, order_id, attempt_id)
            assert (response.code, nothing_written()) == (answer, True), caller


@pytest.mark.parametrize("route", OF_AN_ORDER)
def test_an_order_that_does_not_exist_is_nobodys(shop: Shop, route: str) -> None:
    for caller in ("its buyer", "its seller", "a service", "an operator"):
        response = request(shop, route, caller, "7777777777777777", SAMPLE_ATTEMPT)
        by_others = MATRIX[route] is OPERATE and caller != "an operator"
        assert response.code == (NO if by_others else NOT_FOUND), caller
