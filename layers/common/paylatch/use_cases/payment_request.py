"""A buyer's payment request, and the attempt that it gets."""

from datetime import timedelta

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import fingerprint_of
from paylatch.domain.order import Order
from paylatch.domain.payment import Attempt, PastAttempt
from paylatch.domain.without_gateway import NO_GATEWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """A buyer's payment request.

    `revision` binds the consent to one revision; without a `gateway` or `expires_in` the stack's default applies.
    """

    order_id: str
    idempotency_key: str
    return_url: str
    expires_in: timedelta | None
    gateway: str | None
    revision: int | None
    callback_base: str

    @property
    def fingerprint(self) -> str:
        """The fingerprint of all fields of the request."""
        return self._fingerprint(self.gateway, self.expires_in)

    def is_of(self, attempt: Attempt | PastAttempt, default_gateway: str, default_lock: timedelta) -> bool:
        """Whether this same request made that attempt; naming a default explicitly makes no difference."""
        gateways, wanted = {self.gateway}, self.gateway or default_gateway
        settled_free = attempt.gateway == NO_GATEWAY and wanted == default_gateway
        if wanted == attempt.gateway or settled_free:
            gateways |= {None, wanted}
        locks = {self.expires_in}
        if self.expires_in in {None, default_lock}:
            locks |= {None, default_lock}
        return attempt.fingerprint in {self._fingerprint(gateway, lock) for gateway in gateways for lock in locks}

    def _fingerprint(self, gateway: str | None, expires_in: timedelta | None) -> str:
        seconds = "" if expires_in is None else str(int(expires_in.total_seconds()))
        return fingerprint_of(self.return_url, seconds, gateway or "", str(self.revision or ""))


@dataclass(frozen=True, slots=True)
class RequestedPayment:
    """The attempt of a payment request; `settled_now` where this very request settled a free order by it."""

    attempt: Attempt | PastAttempt
    settled_now: bool = False


def without_link(cause: str, order: Order) -> str:
    """A gateway's text for an event, without the secret of the payment link, which its return address has."""
    return cause if order.link_id is None else cause.replace(order.link_id, "…")
