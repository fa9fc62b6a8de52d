"""Ownership, and I7: callers who are refused whatever the order's state.

Each returns the tries that were not refused as specified. Who may call which route is a table of
`tests/integration/test_authorisation.py`; here is one caller of each kind, so that mutation testing needs no HTTP.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from paylatch.domain.errors import (
    AttemptNotFound,
    CallbackRejected,
    InvalidRequest,
    NotAllowed,
    OrderNotFound,
    PaylatchError,
    PreconditionRequired,
    StoreUnavailable,
)
from paylatch.domain.late_money import Payment
from paylatch.domain.payment import Resolution
from paylatch.ports import Callback, Ports
from paylatch.use_cases.cancel_payment import cancel_payment
from paylatch.use_cases.create_order import create_order
from paylatch.use_cases.edit_order import cancel_order, edit_order
from paylatch.use_cases.issue_pay_link import LinkRequest, issue_pay_link
from paylatch.use_cases.pay_by_link import PayLink, pay_by_link, read_by_link, recheck_by_link, stop_by_link
from paylatch.use_cases.read_order import read_attempt, read_history, read_order
from paylatch.use_cases.receive_callback import receive_callback
from paylatch.use_cases.recheck_payment import recheck_payment
from paylatch.use_cases.refund_payment import handle_refund_event
from paylatch.use_cases.request_payment import request_payment
from paylatch.use_cases.request_refund import request_refund
from paylatch.use_cases.review_payment import resolve_review
from paylatch.use_cases.settle_order_manually import settle_order_manually
from paylatch.use_cases.settle_payment import settle_payment
from paylatch.use_cases.stop_and_change import stop_and_change
from tests.model_checker.actors import (
    BUYER,
    CASH,
    FIRST_ATTEMPT,
    LINK_ATTEMPT,
    LINK_PAYMENT,
    OPERATOR,
    ORDER,
    OTHER_CALLER,
    PAGES_URL,
    PART_BACK,
    PAYER,
    PLACED,
    SWAPPED_ROLES,
    TOO_LONG_A_LOCK,
    UNKNOWN_ATTEMPT,
    UNKNOWN_CAPTURE,
    UNKNOWN_ORDER,
    UNKNOWN_REVISION,
    dearer_tea,
    more_lines,
    more_tea,
    no_lines,
    payment_request,
    stop_request,
)
from tests.model_checker.simulated_gateway import NAME
from tests.model_checker.unrelated_callbacks import OTHER_GATEWAY

Operation = Callable[[], object]


def _other_caller(ports: Ports) -> object:
    """Beside a callback that names no attempt of ours, which is acknowledged."""
    receive_callback(NAME, Callback({}, b""), ports)
    return _not_refused(
        OrderNotFound,
        lambda: request_payment(payment_request("theirs"), OTHER_CALLER, ports),
        lambda: cancel_payment(ORDER, FIRST_ATTEMPT, OTHER_CALLER, ports),
        lambda: edit_order(ORDER, more_tea, 1, OTHER_CALLER, ports),
        lambda: stop_and_change(stop_request(more_tea), OTHER_CALLER, ports),
        lambda: cancel_order(ORDER, OTHER_CALLER, ports),
        lambda: settle_order_manually(ORDER, CASH, OTHER_CALLER, ports),
        lambda: request_refund(PART_BACK, OTHER_CALLER, ports),
    )


def _invalid_buyer_requests(ports: Ports) -> object:
    """A gateway that takes no payments any more, too long a time, a revision that never was or is not named, prices."""
    # An edit that changes nothing writes nothing.
    _refused(lambda: edit_order(ORDER, lambda content: content, 1, BUYER, ports), PaylatchError)
    return [
        *_not_refused(
            InvalidRequest,
            lambda: request_payment(replace(payment_request("there"), gateway=OTHER_GATEWAY), BUYER, ports),
            lambda: request_payment(replace(payment_request("long"), expires_in=TOO_LONG_A_LOCK), BUYER, ports),
        ),
        *_not_refused(
            PaylatchError,
            lambda: edit_order(ORDER, more_tea, UNKNOWN_REVISION, BUYER, ports),
            lambda: edit_order(ORDER, lambda content: content, UNKNOWN_REVISION, BUYER, ports),
            *(partial(edit_order, ORDER, change, 1, BUYER, ports) for change in (dearer_tea, more_lines, no_lines)),
            *(partial(stop_and_change, stop_request(change), BUYER, ports) for change in (dearer_tea, more_lines)),
            lambda: stop_and_change(stop_request(more_tea, revision=UNKNOWN_REVISION), BUYER, ports),
        ),
        *_not_refused(
            PreconditionRequired,
            lambda: edit_order(ORDER, more_tea, None, BUYER, ports),
            lambda: stop_and_change(stop_request(more_tea, revision=None), BUYER, ports),
        ),
    ]


def _wrong_role(ports: Ports) -> object:
    """Buyer and seller in each other's roles, an operator who changes orders, a buyer who decides reviews."""
    return [
        *_not_refused(
            NotAllowed,
            partial(cancel_order, ORDER, OPERATOR, ports),
            partial(cancel_payment, ORDER, FIRST_ATTEMPT, OPERATOR, ports),
            partial(stop_and_change, stop_request(more_tea), OPERATOR, ports),
            *(partial(resolve_review, ORDER, FIRST_ATTEMPT, choice, "mine", BUYER, ports) for choice in Resolution),
            lambda: settle_order_manually(ORDER, CASH, BUYER, ports),
            lambda: request_refund(PART_BACK, BUYER, ports),
        ),
        *_not_refused(
            OrderNotFound,
            *(partial(cancel_order, ORDER, caller, ports) for caller in SWAPPED_ROLES),
            *(partial(recheck_payment, ORDER, FIRST_ATTEMPT, caller, ports) for caller in SWAPPED_ROLES),
        ),
    ]


def _unknown_order_or_attempt(ports: Ports) -> object:
    """Requests for an order or a payment that does not exist, and callbacks of an unknown gateway."""
    return [
        *_not_refused(
            OrderNotFound,
            lambda: handle_refund_event(UNKNOWN_ORDER, "pay_odd", NAME, ports),
            lambda: recheck_payment(UNKNOWN_ORDER, FIRST_ATTEMPT, OPERATOR, ports),
            lambda: recheck_payment(UNKNOWN_ORDER, FIRST_ATTEMPT, BUYER, ports),
            lambda: cancel_order(UNKNOWN_ORDER, BUYER, ports),
            lambda: settle_order_manually(UNKNOWN_ORDER, CASH, OPERATOR, ports),
            lambda: request_refund(replace(PART_BACK, order_id=UNKNOWN_ORDER), OPERATOR, ports),
            lambda: settle_payment(UNKNOWN_ORDER, Payment(FIRST_ATTEMPT, NAME, UNKNOWN_CAPTURE), ports),
        ),
        *_not_refused(
            AttemptNotFound,
            lambda: cancel_payment(ORDER, UNKNOWN_ATTEMPT, BUYER, ports),
            lambda: stop_and_change(stop_request(more_tea, attempt_id=UNKNOWN_ATTEMPT), BUYER, ports),
            lambda: recheck_payment(ORDER, UNKNOWN_ATTEMPT, OPERATOR, ports),
            *(
                partial(resolve_review, ORDER, UNKNOWN_ATTEMPT, choice, "mine", OPERATOR, ports)
                for choice in Resolution
            ),
        ),
        *_not_refused(CallbackRejected, lambda: receive_callback("unheard-of", Callback({}, b""), ports)),
    ]


def _onlooker(ports: Ports) -> object:
    """A caller who reads an order of others or an attempt that does not exist, or places an order in a wrong role."""
    return [
        *_not_refused(
            OrderNotFound,
            lambda: read_order(ORDER, OTHER_CALLER, ports),
            lambda: read_attempt(ORDER, FIRST_ATTEMPT, OTHER_CALLER, ports),
            lambda: read_history(ORDER, 0, 1, OTHER_CALLER, ports),
        ),
        *_not_refused(AttemptNotFound, lambda: read_attempt(ORDER, UNKNOWN_ATTEMPT, BUYER, ports)),
        *_not_refused(
            NotAllowed, *(partial(create_order, PLACED, caller, ports) for caller in (BUYER, *SWAPPED_ROLES))
        ),
    ]


def _link_holder(ports: Ports) -> object:
    """Somebody with a link that is not the order's, and the payer, who has it, where it is no right."""
    guessed = PayLink(ORDER, "guessed")
    return _not_refused(
        OrderNotFound,
        lambda: read_by_link(guessed, ports),
        lambda: pay_by_link(guessed, replace(LINK_PAYMENT, page_url=f"{PAGES_URL}/pay/{ORDER}/guessed"), ports),
        lambda: stop_by_link(guessed, LINK_ATTEMPT, ports),
        lambda: recheck_by_link(guessed, LINK_ATTEMPT, ports),
        lambda: read_order(ORDER, PAYER, ports),
        lambda: edit_order(ORDER, more_tea, 1, PAYER, ports),
        lambda: cancel_order(ORDER, PAYER, ports),
        lambda: issue_pay_link(LinkRequest(ORDER, renew=True), PAYER, ports),
    )


UNAUTHORISED_CALLERS: dict[str, Callable[[Ports], object]] = {
    "stranger": _other_caller,
    "buyer-in-error": _invalid_buyer_requests,
    "wrong-role": _wrong_role,
    "lost": _unknown_order_or_attempt,
    "onlooker": _onlooker,
    "link-holder": _link_holder,
}


def _not_refused(how: type[PaylatchError], *tries: Operation) -> list[object]:
    return [(how.__name__, number) for number, attempt in enumerate(tries) if not _refused(attempt, how)]


def _refused(attempt: Operation, how: type[PaylatchError]) -> bool:
    """Whether the caller gets exactly this error, or one that the outcome is unknown for now."""
    try:
        attempt()
    except (how, StoreUnavailable):
        return True
    except PaylatchError:
        return False
    return False
