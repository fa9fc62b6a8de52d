"""Callers who are refused, whatever the order is like; each gives those tries that were not refused as agreed."""

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
from paylatch.ports import Callback, Ports
from paylatch.use_cases.cancel_payment import cancel_payment
from paylatch.use_cases.create_order import create_order
from paylatch.use_cases.edit_order import cancel_order, edit_order
from paylatch.use_cases.read_order import read_attempt, read_history, read_order
from paylatch.use_cases.receive_callback import receive_callback
from paylatch.use_cases.refund_payment import hear_of_refund
from paylatch.use_cases.request_payment import request_payment
from paylatch.use_cases.review_payment import Resolution, recheck_payment, resolve_review
from paylatch.use_cases.settle_payment import settle_payment
from tests.explorer.foreign_news import ELSEWHERE
from tests.explorer.hosted_gateway import NAME
from tests.explorer.people import (
    BUYER,
    FIRST,
    MISTAKEN,
    NO_ATTEMPT,
    NO_ORDER,
    NO_REVISION,
    ODD_CAPTURE,
    OPERATOR,
    ORDER,
    PLACED,
    STRANGER,
    TOO_LONG,
    dearer_tea,
    more_lines,
    more_tea,
    no_lines,
    payment_request,
)

Try = Callable[[], object]


def _stranger(ports: Ports) -> object:
    """Beside a callback that names no attempt of ours, which is acknowledged."""
    receive_callback(NAME, Callback({}, b""), ports)
    return _not_refused(
        OrderNotFound,
        lambda: request_payment(payment_request("theirs"), STRANGER, ports),
        lambda: cancel_payment(ORDER, FIRST, STRANGER, ports),
        lambda: edit_order(ORDER, more_tea, 1, STRANGER, ports),
        lambda: cancel_order(ORDER, STRANGER, ports),
    )


def _buyer_in_error(ports: Ports) -> object:
    """A gateway that takes no payments any more, too long a time, a revision that never was or is not named, prices."""
    # An edit that changes nothing writes nothing.
    _refused(lambda: edit_order(ORDER, lambda content: content, 1, BUYER, ports), PaylatchError)
    return [
        *_not_refused(
            InvalidRequest,
            lambda: request_payment(replace(payment_request("there"), gateway=ELSEWHERE), BUYER, ports),
            lambda: request_payment(replace(payment_request("long"), expires_in=TOO_LONG), BUYER, ports),
        ),
        *_not_refused(
            PaylatchError,
            lambda: edit_order(ORDER, more_tea, NO_REVISION, BUYER, ports),
            lambda: edit_order(ORDER, lambda content: content, NO_REVISION, BUYER, ports),
            *(partial(edit_order, ORDER, change, 1, BUYER, ports) for change in (dearer_tea, more_lines, no_lines)),
        ),
        *_not_refused(PreconditionRequired, lambda: edit_order(ORDER, more_tea, None, BUYER, ports)),
    ]


def _wrong_role(ports: Ports) -> object:
    """The order's own people in each other's roles, an operator who changes orders, a buyer who decides reviews."""
    return [
        *_not_refused(
            NotAllowed,
            partial(cancel_order, ORDER, OPERATOR, ports),
            partial(cancel_payment, ORDER, FIRST, OPERATOR, ports),
            *(partial(resolve_review, ORDER, FIRST, choice, "mine", BUYER, ports) for choice in Resolution),
            lambda: recheck_payment(ORDER, FIRST, BUYER, ports),
        ),
        *_not_refused(
            OrderNotFound,
            *(partial(cancel_order, ORDER, caller, ports) for caller in MISTAKEN),
            *(partial(cancel_payment, ORDER, FIRST, caller, ports) for caller in MISTAKEN),
        ),
    ]


def _lost(ports: Ports) -> object:
    """What is said of an order or a payment that is not there, and by a gateway nobody has heard of."""
    return [
        *_not_refused(
            OrderNotFound,
            lambda: hear_of_refund(NO_ORDER, "pay_odd", NAME, ports),
            lambda: recheck_payment(NO_ORDER, FIRST, OPERATOR, ports),
            lambda: cancel_order(NO_ORDER, BUYER, ports),
            lambda: settle_payment(NO_ORDER, Payment(FIRST, NAME, ODD_CAPTURE), ports),
        ),
        *_not_refused(
            AttemptNotFound,
            lambda: cancel_payment(ORDER, NO_ATTEMPT, BUYER, ports),
            lambda: recheck_payment(ORDER, NO_ATTEMPT, OPERATOR, ports),
            *(partial(resolve_review, ORDER, NO_ATTEMPT, choice, "mine", OPERATOR, ports) for choice in Resolution),
        ),
        *_not_refused(CallbackRejected, lambda: receive_callback("unheard-of", Callback({}, b""), ports)),
    ]


def _onlooker(ports: Ports) -> object:
    """Who looks at an order of others, or at what is not there, and who places an order in another's name."""
    return [
        *_not_refused(
            OrderNotFound,
            *(partial(read_order, ORDER, caller, ports) for caller in (STRANGER, *MISTAKEN)),
            lambda: read_attempt(ORDER, FIRST, STRANGER, ports),
            lambda: read_history(ORDER, 0, 1, STRANGER, ports),
            lambda: read_order(NO_ORDER, BUYER, ports),
            lambda: read_history(NO_ORDER, 0, 1, OPERATOR, ports),
        ),
        *_not_refused(AttemptNotFound, lambda: read_attempt(ORDER, NO_ATTEMPT, BUYER, ports)),
        *_not_refused(
            NotAllowed,
            *(partial(create_order, PLACED, caller, ports) for caller in (BUYER, OPERATOR, STRANGER, *MISTAKEN)),
        ),
    ]


STRANGERS: dict[str, Callable[[Ports], object]] = {
    "stranger": _stranger,
    "buyer-in-error": _buyer_in_error,
    "wrong-role": _wrong_role,
    "lost": _lost,
    "onlooker": _onlooker,
}


def _not_refused(how: type[PaylatchError], *tries: Try) -> list[object]:
    return [(how.__name__, number) for number, attempt in enumerate(tries) if not _refused(attempt, how)]


def _refused(attempt: Try, how: type[PaylatchError]) -> bool:
    """Whether the caller is told just this, or that nobody can tell just now."""
    try:
        attempt()
    except (how, StoreUnavailable):
        return True
    except PaylatchError:
        return False
    return False
