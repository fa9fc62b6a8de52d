"""Law 2, I2 and I6 on guards: each demands all that its row of the design's table asks for, whatever was read before.

In a schedule one clause often implies another: a write planned from an old version is refused by the version alone. So
each guard that let a transition through is also shown orders that differ from that one in a single thing.
"""

from collections.abc import Mapping
from typing import Any

from paylatch.domain.actors import ActorRole
from paylatch.domain.changes import Set
from paylatch.domain.guards import Document, broken_clauses
from paylatch.domain.ids import attempt_suffix
from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import AttemptStatus, DisputeStatus, PaymentPlace, RefundStatus
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions import Transition
from tests.invariants import expect
from tests.model_checker.spec_limits import MOST_ATTEMPTS
from tests.model_checker.spec_transitions import SPEC_GUARDS, SPEC_TRANSITIONS

_NEVER = "never before"
# A release demands it only where it records returned money.
_PLACE = "has a place for this payment"


def check_guard(transition: Transition, document: Document) -> None:
    """Raises `InvariantViolated` where the transition would also be made of an order that its row forbids."""
    sources = SPEC_TRANSITIONS[transition.name][0]
    for status in frozenset(PaymentStatus) - sources:
        _expect_refusal(transition, f"is {status}", {**document, "payment_status": status.value})
    _expect_refusal(transition, "is kept in another form", {**document, "format": document["format"] + 1})
    for difference in SPEC_GUARDS[transition.name]:
        if difference != _PLACE or _subject(transition, "payments"):
            _expect_refusal(transition, difference, {**document, **_differing(difference, transition, document)})


def _expect_refusal(transition: Transition, difference: str, document: Document) -> None:
    refused = bool(broken_clauses(transition.guard, document))
    expect(refused, "a guard demands all that its row asks for", f"{transition.name} of an order that {difference}")


def _differing(difference: str, transition: Transition, document: Document) -> dict[str, Any]:
    attempt_id = transition.event.attempt_id or ""
    match difference:
        case "has other owners":
            # To whoever has a payment link, an order with another one belongs to others.
            owned = "link_id" if transition.event.role == ActorRole.PAYMENT_LINK else "buyer_id"
            return {owned: _NEVER, "seller_id": _NEVER}
        case "is at another revision":
            return {"revision": document["revision"] + 1}
        case "changed since":
            return {"version": document["version"] + 1}
        case "had this attempt before":
            return {"past_attempts": {**document["past_attempts"], attempt_suffix(attempt_id): {}}}
        case "had this attempt long ago":
            return {"evicted_attempts": {*document.get("evicted_attempts", ()), attempt_suffix(attempt_id)}}
        case "had too many attempts":
            return {"attempts_made": MOST_ATTEMPTS}
        case "changed since, and is being released":
            status = PaymentStatus.RELEASING.value
            return {"version": document["version"] + 1, "payment_status": status}
        case _:
            return _terms_differing(difference, transition, document)


def _terms_differing(difference: str, transition: Transition, document: Document) -> dict[str, Any]:
    match difference:
        case "is not payable":
            return {"payable": False}
        case "was to be paid before":
            return {"pay_by": as_text(transition.event.at)}
        case "changed since, and has a pay_by":
            return {"version": document["version"] + 1, "pay_by": as_text(transition.event.at)}
        case _:
            return _money_differing(difference, transition, document)


def _money_differing(difference: str, transition: Transition, document: Document) -> dict[str, Any]:
    match difference:
        case "has a place for this payment":
            return _with(document, "payments", _subject(transition, "payments"), place=PaymentPlace.REFUND.value)
        case "knows that it went back":
            payment_id = _subject(transition, "payments")
            known = {"place": PaymentPlace.SETTLED.value, "returned": _returned(transition)}
            return _with(document, "payments", payment_id, **known)
        case "has given this money back":
            return _with(document, "refunds", _subject(transition, "refunds"), status=RefundStatus.REFUNDED.value)
        case "has written this refund off" | "knows this refund":
            return _with(document, "refunds", _subject(transition, "refunds"), status=RefundStatus.WRITTEN_OFF.value)
        case "knows nothing of this refund":
            return {"refunds": {}}
        case "is paid by other money":
            return _with(document, "payments", _refunded_payment(transition), place=PaymentPlace.REFUND.value)
        case _:
            return _dispute_differing(difference, transition, document)


def _dispute_differing(difference: str, transition: Transition, document: Document) -> dict[str, Any]:
    match difference:
        case "knows this dispute":
            return _with(document, "disputes", _subject(transition, "disputes"), status=DisputeStatus.OPEN.value)
        case "knows how this dispute ended":
            return _with(document, "disputes", _subject(transition, "disputes"), status=DisputeStatus.WON.value)
        case _:
            return _attempt_differing(difference, document)


def _attempt_differing(difference: str, document: Document) -> dict[str, Any]:
    match difference:
        case "is held by another attempt":
            return {"attempt": {**document["attempt"], "id": _NEVER}}
        case "has its attempt elsewhere":
            return {"attempt": {**document["attempt"], "status": AttemptStatus.SUCCEEDED.value}}
        case "changed since, and was processing":
            attempt = {**document["attempt"], "processing_until": document["created_at"]}
            return {"version": document["version"] + 1, "attempt": attempt}
        case "is paid at another gateway":
            return {"attempt": {**document["attempt"], "gateway": _NEVER}}
        case "costs more":
            return {"total": document["total"] + 1}
        case "costs nothing":
            return {"total": 0}
        case "costs other money":
            return {"currency": _NEVER}
        case _:
            raise AssertionError(difference)


def _subject(transition: Transition, part: str) -> str:
    """The one payment, refund or dispute that the transition changes; empty where it changes none."""
    found = {change.path[1] for change in transition.changes if change.path[0] == part and len(change.path) > 1}
    return next(iter(found), "")


def _refunded_payment(transition: Transition) -> str:
    """The payment of which the transition records a refund."""
    for change in transition.changes:
        if isinstance(change, Set) and change.path[0] == "refunds" and isinstance(change.value, Mapping):
            return str(change.value["payment_id"])
    raise AssertionError(f"{transition.name} records no refund")


def _returned(transition: Transition) -> object:
    """How much of a payment went back once the transition is made."""
    for change in transition.changes:
        if isinstance(change, Set) and change.path[0] == "payments":
            if isinstance(change.value, Mapping):
                return change.value["returned"]
            if change.path[-1] == "returned":
                return change.value
    raise AssertionError(f"{transition.name} names no payment")


def _with(document: Document, part: str, subject: str, **known: object) -> dict[str, Any]:
    return {part: {**document[part], subject: {**document[part].get(subject, {}), **known}}}
