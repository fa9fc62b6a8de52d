"""Who made a change, as everybody is shown it: by their part in the order, not by their name."""

from enum import StrEnum

from paylatch.domain.event_words import METHOD, REFUND_EVENTS, REMARK
from paylatch.domain.guards import Document

# A timer or the sweep.
SWEEP = "sweep"
_GATEWAY = "gateway:"
# Whoever used an order's payment link; their writes store the role, because a caller's subject may be the same text.
LINK = "link"


class ActorRole(StrEnum):
    """Who made a change. `SYSTEM`: a timer or the sweep."""

    BUYER = "buyer"
    SELLER = "seller"
    SERVICE = "service"
    OPERATOR = "operator"
    PAYMENT_LINK = "payment_link"
    GATEWAY = "gateway"
    SYSTEM = "system"


def role_of(actor: str, stored: str | None, parties: Document, detail: Document) -> str:
    """The role of a stored actor in an order with these `buyer_id` and `seller_id`.

    `stored` is the role that the write stored, where the actor's name does not show it.
    """
    if stored:
        return stored
    if is_reserved(actor):
        return ActorRole.SYSTEM if actor == SWEEP else ActorRole.GATEWAY
    return _role_by_name(actor, parties, detail)


def _role_by_name(actor: str, parties: Document, detail: Document) -> str:
    # Releases that stored no role for an operator stored this.
    if REMARK in detail:
        return ActorRole.OPERATOR
    if actor == parties.get("buyer_id"):
        return ActorRole.BUYER
    return ActorRole.SELLER if actor == parties.get("seller_id") else ActorRole.SERVICE


def answers_by_name(role: str, event_type: str, detail: Document) -> bool:
    """Whether a named person stays accountable: an operator, who declared an order paid, who refunds money."""
    refunds = event_type in REFUND_EVENTS and role in (ActorRole.SELLER, ActorRole.SERVICE)
    return role == ActorRole.OPERATOR or METHOD in detail or refunds


def is_reserved(name: str) -> bool:
    """Whether no caller may have that name: it is the actor of what Paylatch or a gateway does."""
    return name == SWEEP or name.startswith(_GATEWAY)


def gateway_actor(gateway: str) -> str:
    """The actor of what a gateway's answer or callback causes."""
    return f"{_GATEWAY}{gateway}"


def gateway_in(actor: str) -> str:
    """The name of a gateway that is an actor."""
    return actor.removeprefix(_GATEWAY)
