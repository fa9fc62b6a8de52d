"""The authenticated caller: built from the token's claims in one place, and part of a write's condition."""

from enum import StrEnum
from hmac import compare_digest

from paylatch.domain.actors import LINK
from paylatch.domain.frozen_dataclass import dataclass


class Role(StrEnum):
    """The roles of callers.

    A service acts for buyers and sellers. An operator reads every order and decides reviews.
    """

    BUYER = "buyer"
    SELLER = "seller"
    SERVICE = "service"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated subject and the roles its token grants.

    With a `link_id` it is whoever has that payment link: without a role, and known by the link alone.
    """

    subject: str
    roles: frozenset[Role]
    link_id: str | None = None

    def has_link(self, link_id: str | None) -> bool:
        """Whether this caller came by the payment link of an order with that `link_id`; compared in constant time."""
        if self.link_id is None or link_id is None:
            return False
        return compare_digest(self.link_id.encode(), link_id.encode())

    def owns(self, buyer_id: str, seller_id: str) -> bool:
        """Whether this caller may change an order of that buyer and seller."""
        return (
            Role.SERVICE in self.roles
            or (Role.BUYER in self.roles and self.subject == buyer_id)
            or (Role.SELLER in self.roles and self.subject == seller_id)
        )

    def may_read(self, buyer_id: str, seller_id: str) -> bool:
        """Whether this caller may see an order of that buyer and seller."""
        return Role.OPERATOR in self.roles or self.owns(buyer_id, seller_id)

    def sees_causes_of(self, seller_id: str) -> bool:
        """Whether this caller may see the cause of a gateway's refusal, for an order of that seller."""
        return Role.OPERATOR in self.roles or self.edits_prices_of(seller_id)

    def edits_prices_of(self, seller_id: str) -> bool:
        """Whether this caller may change prices and lines, and not only quantities."""
        return Role.SERVICE in self.roles or (Role.SELLER in self.roles and self.subject == seller_id)


def payer_with(link_id: str) -> Caller:
    """Whoever has that payment link."""
    return Caller(LINK, frozenset(), link_id)
