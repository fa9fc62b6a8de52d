"""Every guard says all that its row of the design's table asks for, whoever planned the transition, and from whatever.

In a schedule one clause often implies another: whoever read an old version is refused by the version alone. So each
guard that let a transition through is also shown orders that differ from that one in a single thing.
"""

from collections.abc import Mapping
from typing import Any

from paylatch.domain.guards import Document, broken_clauses
from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import AttemptStatus, RefundStatus
from paylatch.domain.transitions import Transition
from tests.explorer.agreed_states import AGREED, ASKED
from tests.explorer.promises import expect

_NEVER = "never before"


def check_guard(transition: Transition, document: Document) -> None:
    """Raises `Broken` where the transition would also be made of an order that its row forbids."""
    sources = AGREED[transition.name][0]
    for status in frozenset(PaymentStatus) - sources:
        _expect_refusal(transition, f"is {status}", {**document, "payment_status": status.value})
    for difference in ASKED[transition.name]:
        _expect_refusal(transition, difference, {**document, **_differing(difference, transition, document)})


def _expect_refusal(transition: Transition, difference: str, document: Document) -> None:
    refused = bool(broken_clauses(transition.guard, document))
    expect(refused, "a guard says all that its row asks for", f"{transition.name} of an order that {difference}")


def _differing(difference: str, transition: Transition, document: Document) -> dict[str, Any]:
    attempt_id = transition.event.attempt_id or ""
    match difference:
        case "has other owners":
            return {"buyer_id": _NEVER, "seller_id": _NEVER}
        case "is at another revision":
            return {"revision": document["revision"] + 1}
        case "changed since":
            return {"version": document["version"] + 1}
        case "had this attempt before":
            return {"superseded": {**document["superseded"], attempt_id: {}}}
        case "had this attempt long ago":
            return {"forgotten": {**document["forgotten"], attempt_id: 1}}
        case "has recorded this payment" | "has given this money back":
            return _with_refund(transition, document)
        case "knows nothing of this money":
            return {"refunds": {}}
        case _:
            return _attempt_differing(difference, document)


def _attempt_differing(difference: str, document: Document) -> dict[str, Any]:
    match difference:
        case "is held by another attempt":
            return {"attempt_id": _NEVER}
        case "has its attempt elsewhere":
            return {"attempt_status": AttemptStatus.SUCCEEDED.value}
        case "is paid at another gateway":
            return {"attempt_gateway": _NEVER}
        case "costs more":
            return {"attempt_amount": document["attempt_amount"] + 1}
        case "costs other money":
            return {"attempt_currency": _NEVER}
        case _:
            raise AssertionError(difference)


def _with_refund(transition: Transition, document: Document) -> dict[str, Any]:
    (payment_id,) = (
        change.path[1] for change in transition.changes if change.path[0] == "refunds" and len(change.path) > 1
    )
    known: Mapping[str, Any] = document["refunds"].get(payment_id, {})
    return {"refunds": {**document["refunds"], payment_id: {**known, "status": RefundStatus.REFUNDED.value}}}
