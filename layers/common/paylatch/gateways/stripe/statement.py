"""Stripe's lists of charges, refunds, disputes and events, converted to the entries of a statement."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from paylatch.domain.payment import Capture
from paylatch.domain.statement import (
    ListedCapture,
    ListedDispute,
    ListedRefund,
    ListedState,
    Owner,
    StatementEntry,
    StatementKind,
)
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.gateways.stack_reference import owner_by
from paylatch.gateways.stripe.calls import NAME, StripeCalls
from paylatch.gateways.stripe.disputes import dispute_of, intent_id_of
from paylatch.gateways.stripe.money import from_stripe
from paylatch.gateways.stripe.sessions import SETTLED, attempt_of, capture_of
from paylatch.ports import LARGEST_STATEMENT_PAGE, StatementPage, StatementWindow

if TYPE_CHECKING:
    from stripe import StripeClient, StripeObject

Reader = Callable[[Document, str], StatementEntry | None]

# Refunds made by hand, and disputes, have no metadata of their payment; its charge has.
_WITH_CHARGE = {"expand": ["data.charge"]}
_STATES = {
    "succeeded": ListedState.DONE,
    "pending": ListedState.UNDER_WAY,
    "requires_action": ListedState.UNDER_WAY,
    "failed": ListedState.FAILED,
    "canceled": ListedState.FAILED,
}
_NO_INTENT = "no Checkout Session made it"


class StripeStatement:
    """Reads pages of the newest first. What was created stays in its list, whatever becomes of it."""

    def __init__(self, call: StripeCalls, stack: str) -> None:
        self._call = call
        self._stack = stack

    def page(self, kind: StatementKind, window: StatementWindow, cursor: str | None) -> StatementPage:
        """One page; `cursor` is the id of the last object on the page before."""
        created = {"gte": int(window.since.timestamp()), "lt": int(window.until.timestamp())}
        after = {"starting_after": cursor} if cursor else {}
        params: Any = {"limit": LARGEST_STATEMENT_PAGE, "created": created, **_PARAMETERS[kind], **after}
        answer = self._call(lambda stripe: _LISTS[kind](stripe, params))
        with fields.read_as_answer(NAME):
            documents, more = fields.required_parts(answer, "data"), answer.get("has_more") is True
            return _page(documents, _READERS[kind], self._stack, more=more)


def _page(documents: tuple[Document, ...], read: Reader, stack: str, *, more: bool) -> StatementPage:
    entries: list[StatementEntry] = []
    unreadable: list[str] = []
    for document in documents:
        try:
            entry = read(document, stack)
        except fields.Malformed:
            unreadable.append(fields.text_as_given(document, "id"))
        else:
            entries += [entry] if entry else []
    cursor = fields.word(documents[-1], "id") if more and documents else None
    return StatementPage(tuple(entries), cursor, tuple(unreadable))


def _charge(charge: Document, stack: str) -> StatementEntry | None:
    """A capture; nothing for a charge that failed, is under way or only authorised."""
    if charge.get("status") != "succeeded" or charge.get("captured") is not True:
        return None
    return ListedCapture(_capture(charge), owner_by(attempt_of, charge, stack), _created(charge))


def _refund(refund: Document, stack: str) -> StatementEntry | None:
    owner, metadata = _owner_by_charge(refund, stack), refund.get("metadata")
    name = metadata.get("refund_id") if isinstance(metadata, Mapping) else None
    is_ours = fields.is_refund_of(name, owner.attempt_id) if owner.attempt_id else False
    return ListedRefund(
        refund_id=str(name) if is_ours else fields.word(refund, "id"),
        capture=_capture_of_refund(refund),
        state=fields.known(_STATES, refund, "status"),
        owner=owner,
        at=_created(refund),
        is_ours=is_ours,
    )


def _dispute(document: Document, stack: str) -> StatementEntry | None:
    dispute = dispute_of(document)
    return ListedDispute(dispute, _owner_by_charge(document, stack), _created(document)) if dispute else None


def _event(event: Document, stack: str) -> StatementEntry | None:
    read = _EVENTS.get(fields.word(event, "type"))
    document = fields.part(fields.part(event, "data"), "object")
    # Listed on the day of the change, and not on that of what changed.
    dated = {**document, "created": event.get("created")}
    return read(dated, stack) if read else None


def _session(session: Document, stack: str) -> StatementEntry | None:
    if session.get("payment_status") not in SETTLED:
        return None
    return ListedCapture(capture_of(session), owner_by(attempt_of, session, stack), _created(session))


def _capture(charge: Document) -> Capture:
    code = fields.currency(charge, "currency")
    amount, returned = fields.minor_units(charge, "amount_captured"), fields.minor_units(charge, "amount_refunded")
    payment_id = intent_id_of(charge) or fields.word(charge, "id")
    return Capture(payment_id, from_stripe(amount, code), code, from_stripe(returned, code))


def _capture_of_refund(refund: Document) -> Capture:
    """The payment; without its sums where the list does not show the charge, and then the gateway is asked."""
    charge = refund.get("charge")
    if isinstance(charge, Mapping):
        return _capture(charge)
    payment_id = intent_id_of(refund) or fields.word(refund, "id")
    return Capture(payment_id, 0, fields.currency(refund, "currency"))


def _owner_by_charge(document: Document, stack: str) -> Owner:
    charge = document.get("charge")
    if intent_id_of(document) is None:
        return Owner(foreign=_NO_INTENT)
    return owner_by(attempt_of, charge, stack) if isinstance(charge, Mapping) else Owner()


def _created(document: Document) -> datetime:
    created = fields.epoch_timestamp(document, "created")
    if created is None:
        raise fields.Malformed("created is not a time")
    return created


_EVENTS: Mapping[str, Reader] = {
    # A payment that takes days; its charge was created when the payer submitted it.
    "checkout.session.async_payment_succeeded": _session,
    "charge.dispute.closed": _dispute,
    "refund.failed": _refund,
}
_READERS: Mapping[StatementKind, Reader] = {
    StatementKind.CAPTURES: _charge,
    StatementKind.REFUNDS: _refund,
    StatementKind.DISPUTES: _dispute,
    StatementKind.CHANGES: _event,
}
_PARAMETERS: Mapping[StatementKind, Mapping[str, Any]] = {
    StatementKind.CAPTURES: {},
    StatementKind.REFUNDS: _WITH_CHARGE,
    StatementKind.DISPUTES: _WITH_CHARGE,
    StatementKind.CHANGES: {"types": list(_EVENTS)},
}
_LISTS: "Mapping[StatementKind, Callable[[StripeClient, Any], StripeObject]]" = {
    StatementKind.CAPTURES: lambda stripe, params: stripe.v1.charges.list(params),
    StatementKind.REFUNDS: lambda stripe, params: stripe.v1.refunds.list(params),
    StatementKind.DISPUTES: lambda stripe, params: stripe.v1.disputes.list(params),
    StatementKind.CHANGES: lambda stripe, params: stripe.v1.events.list(params),
}
