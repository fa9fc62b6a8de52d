"""What a form led to: the gateway's page, this page again, or what the page says about a refusal."""

from http import HTTPStatus

from pay_page.link_requests import Action, Form
from pay_page.page_view import Notice
from paylatch.domain import errors
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.payment import Attempt, AttemptStatus
from paylatch.ports import Ports
from paylatch.use_cases.pay_by_link import LinkPayment, PayLink, pay_by_link, recheck_by_link, stop_by_link

# What the page itself says: the order's state, or that it changed.
_STATE_SAYS_IT = (
    errors.RevisionMismatch,
    errors.OrderPaid,
    errors.OrderCancelled,
    errors.OrderNotPayable,
    errors.PayByPassed,
    errors.TooManyAttempts,
    errors.IdempotencyKeyReused,
    errors.AttemptNotFound,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the page says where a form's request was refused; `notice` None where the order's state says it all."""

    status: HTTPStatus
    notice: Notice | None = None


def carry_out(link: PayLink, form: Form, page_url: str, callback_base: str, ports: Ports) -> str | None:
    """Do what the form asks for; gives the address at which the payer pays, None where the page itself is next.

    Raises what the use cases raise.
    """
    if form.action is Action.STOP:
        stop_by_link(link, form.attempt_id, ports)
        return None
    if form.action is Action.RECHECK:
        recheck_by_link(link, form.attempt_id, ports)
        return None
    payment = LinkPayment(
        payment_key=form.payment_key, revision=form.revision, page_url=page_url, callback_base=callback_base
    )
    attempt = pay_by_link(link, payment, ports).attempt
    if not isinstance(attempt, Attempt) or attempt.status is not AttemptStatus.OPEN:
        return None
    # An old form sent again after the lock's end: the page says what becomes of that payment.
    return attempt.pay_url if ports.clock.now() < attempt.deadline else None


def refusal_of(error: Exception, action: Action) -> Refusal | None:
    """How the page shows this error of a form's request; None where there is no page of the order to show it on."""
    if action is Action.RECHECK and isinstance(error, errors.GatewayError):
        # It refused to answer: that says nothing of the payment.
        return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, Notice.TRY_AGAIN)
    match error:
        case errors.OrderLocked():
            return Refusal(HTTPStatus.CONFLICT, Notice.ALREADY_BEING_PAID)
        case errors.InvalidRequest():
            return Refusal(HTTPStatus.CONFLICT, Notice.SUM_NOT_TAKEN)
        case errors.Refused():
            return Refusal(HTTPStatus.CONFLICT, Notice.GATEWAY_REFUSED)
        case errors.GatewayError() | errors.OrderContended():
            return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, Notice.TRY_AGAIN)
        case errors.PaymentCompleted():
            return Refusal(HTTPStatus.CONFLICT, Notice.STOPPED_TOO_LATE)
        case errors.PaymentProcessing():
            return Refusal(HTTPStatus.CONFLICT, Notice.NOT_STOPPED)
    return Refusal(HTTPStatus.CONFLICT) if isinstance(error, _STATE_SAYS_IT) else None
