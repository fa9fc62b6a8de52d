"""A payment gateway, and the gateways of a stack."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from paylatch.domain.payment import Attempt, Capture, PastAttempt, Refund
from paylatch.ports.callbacks import Acknowledgement, Callback, GatewayEvent
from paylatch.ports.sessions import FoundAttempt, RefundState, Session, SessionReport, SessionRequest, VoidAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a gateway can do.

    `void_is_final`: after a void no payment can arrive any more. `reports_disputes`: its callbacks do.
    `shows_partial_refunds`: asked about a payment, it says how much of it went back, also where that is only a part.
    """

    void_is_final: bool
    shortest_session: timedelta
    longest_session: timedelta
    reports_disputes: bool
    shows_partial_refunds: bool = True


class Gateway(Protocol):
    """A payment gateway.

    Every call that goes out raises only: `Transient` (certainly not executed), `OutcomeUnknown` (ask again),
    `Refused` (final), `Misconfigured` (our credentials or signature were refused).
    """

    name: str
    capabilities: Capabilities

    def open(self, request: SessionRequest) -> Session:
        """Open a session; asked twice with one attempt id it answers with the same session."""
        ...

    def query(self, attempt: Attempt | PastAttempt) -> SessionReport:
        """What became of the attempt's session, and what it still holds of the money: refunds are looked at."""
        ...

    def query_payment(self, payment_id: str) -> Capture | None:
        """What the gateway took by that payment and has returned of it by now; None where it knows no such capture."""
        ...

    def find_attempt(self, payment_id: str) -> FoundAttempt | None:
        """The attempt that the gateway keeps with that payment; None where it is another stack's or shop's."""
        ...

    def void(self, attempt: Attempt | PastAttempt) -> VoidAnswer:
        """Close the session so that it cannot be paid any more. `session_id` may be None: then by attempt id."""
        ...

    def refund(self, refund: Refund) -> RefundState:
        """Give back what is still held of a payment, at most the amount; `refund_id` is the idempotency key."""
        ...

    def query_refund(self, refund: Refund) -> RefundState:
        """What became of a refund asked for earlier."""
        ...

    def parse_callback(self, callback: Callback) -> tuple[GatewayEvent, ...]:
        """Verify the signature on the raw bytes, then normalise. No side effect.

        Raises `CallbackRejected` for anything that is not a genuine, fresh callback, `Misconfigured` where our own
        secret has nothing to tell a genuine one by, and nothing else.
        """
        ...

    def acknowledge(self) -> Acknowledgement:
        """The answer to a genuine callback that was dealt with."""
        ...


class ReleasePolicy(StrEnum):
    """What to do about a link that cannot be voided: unlock behind the fence, or stay locked until it is dead."""

    FENCED = "fenced"
    STRICT = "strict"


class Gateways(Protocol):
    """The gateways that this stack is configured for: those that take payments, and retired ones.

    At a retired gateway no payment is opened any more; its callbacks, voids and refunds are still served.
    """

    default: str

    def takes_payments(self, name: str) -> bool:
        """Whether new payments may be opened at that gateway; not at a retired one."""
        ...

    def named(self, name: str) -> Gateway:
        """The adapter, of a retired gateway too. Raises `Misconfigured` for one that the stack does not have."""
        ...

    def policy(self, name: str) -> ReleasePolicy:
        """The release policy of that gateway."""
        ...
