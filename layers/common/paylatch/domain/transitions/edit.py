"""An order's content is edited."""

from dataclasses import replace

from paylatch.domain import clauses
from paylatch.domain.attempt_edit import AttemptEdit, StopRequest
from paylatch.domain.caller import Caller
from paylatch.domain.changes import Change, Set
from paylatch.domain.guards import past_attempt_path
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment_terms import USUAL_TERMS, PaymentTerms
from paylatch.domain.stored_records import record_document
from paylatch.domain.transitions.attempt_changes import follow_up
from paylatch.domain.transitions.content_changes import content_replaced
from paylatch.domain.transitions.rule import PENDING, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext, transition

EDIT = Rule(
    "edit",
    PENDING,
    PaymentStatus.PENDING_PAYMENT,
    EventType.ORDER_EDITED,
    (
        clauses.CALLER_OWNS_IT,
        clauses.revision_is("the revision is the one that was read"),
        clauses.VERSION_CHECK,
    ),
)


def edit(
    order: Order,
    caller: Caller,
    content_id: str,
    total: int,
    write_context: WriteContext,
    stop: StopRequest | None = None,
    *,
    has_contact: bool = False,
    terms: PaymentTerms = USUAL_TERMS,
) -> Transition:
    """The head moves from the revision that was read to new content and the next revision.

    `stop` is the request to stop a past attempt for this edit. The attempt keeps the first edit that is made for it, by
    which a repeated request is recognised. `has_contact`: whether the content has an e-mail address or a locale.
    """
    return transition(
        EDIT,
        write_context,
        {"caller": caller, "revision": order.revision, "version": order.version},
        (
            *content_replaced(order, content_id, total, has_contact, terms),
            *_moved(order, terms),
            *_kept(order, stop),
        ),
        detail={"revision": order.revision + 1, "total": total},
    )


def _moved(order: Order, terms: PaymentTerms) -> tuple[Change, ...]:
    return () if terms.pay_by == order.pay_by else (follow_up(replace(order, pay_by=terms.pay_by)),)


def _kept(order: Order, stop: StopRequest | None) -> tuple[Change, ...]:
    past = order.past_attempts.get(stop.attempt_id) if stop is not None else None
    if stop is None or past is None or past.edit is not None:
        return ()
    made = AttemptEdit(stop.fingerprint, order.revision + 1)
    return (Set((*past_attempt_path(past.attempt_id), "edit"), record_document(made)),)
