"""A payment gateway, and the gateways of a stack."""

from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from paylatch.domain.amount_rules import AmountRules
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.payment import Attempt, Capture, PastAttempt, Refund
from paylatch.domain.statement import StatementKind
from paylatch.ports.callbacks import Acknowledgement, Callback, GatewayEvent
from paylatch.ports.sessions import FoundAttempt, RefundState, Session, SessionReport, SessionRequest, VoidAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a gateway supports.

    `void_is_final`: no payment can arrive after a void. `reports_disputes`: its callbacks report disputes.
    `shows_partial_refunds`: a query about a payment shows partial refunds too. `longest_processing`: how long a payment
    may be under way before a person is shown it. `amounts`: the sums that it takes, None where nothing is known.
    `statements`: the lists that it gives of a day, none where its API has none.
    """

    void_is_final: bool
    shortest_session: timedelta
    longest_session: timedelta
    reports_disputes: bool
    shows_partial_refunds: bool = True
    longest_processing: timedelta = timedelta(0)
    amounts: AmountRules | None = None
    statements: frozenset[StatementKind] = frozenset()


class Gateway(Protocol):
    """A payment gateway.

    Every call that goes out raises only: `Transient` (certainly not executed), `OutcomeUnknown` (ask again),
    `Refused` (final), `Misconfigured` (our credentials or signature were refused). In a sweep or a timer the first call
    of a piece of work raises `CallPostponed` too, before anything was asked, where the gateway's rate is used up.
    """

    name: str
    capabilities: Capabilities

    def open(self, request: SessionRequest) -> Session:
        """Open a session; repeated with the same attempt id, it returns the same session."""
        ...

    def query(self, attempt: Attempt | PastAttempt) -> SessionReport:
        """The state of the attempt's session, and the money that the gateway still holds; refunds are included."""
        ...

    def query_payment(self, payment_id: str) -> Capture | None:
        """The captured amount of that payment and its returned total by now; None for an unknown payment."""
        ...

    def find_attempt(self, payment_id: str) -> FoundAttempt | None:
        """The attempt recorded with that payment; None where it belongs to another stack or shop."""
        ...

    def void(self, attempt: Attempt | PastAttempt) -> VoidAnswer:
        """Close the session so that it can no longer be paid; by attempt id where `session_id` is None."""
        ...

    def refund(self, refund: Refund) -> RefundState:
        """Refund what the gateway still holds of a payment, at most the amount; `refund_id` is the idempotency key."""
        ...

    def query_refund(self, refund: Refund) -> RefundState:
        """The state of a refund requested earlier."""
        ...

    def parse_callback(self, callback: Callback) -> tuple[GatewayEvent, ...]:
        """Verify the signature on the raw bytes, then normalise; without side effects.

        Raises only `CallbackRejected`, for a callback that is not genuine or not fresh, and `Misconfigured`,
        where our own secret cannot verify any signature.
        """
        ...

    def acknowledge(self) -> Acknowledgement:
        """The response to a genuine callback that was processed."""
        ...


# The calls of a gateway that a sweep, a timer or reconciliation makes.
CALLS_OF_A_SWEEP = frozenset(
    {"void", "query", "query_payment", "find_attempt", "refund", "query_refund", "list_statement"}
)


class ReleasePolicy(StrEnum):
    """The treatment of a link that cannot be voided: unlock and watch the link, or stay locked until it is dead."""

    FENCED = "fenced"
    STRICT = "strict"


class Gateways(Protocol):
    """The configured gateways of this stack: those that take payments, and retired ones.

    A retired gateway opens no new payments; its callbacks, voids and refunds still work.
    """

    default: str

    def takes_payments(self, name: str) -> bool:
        """Whether that gateway opens new payments; a retired one does not."""
        ...

    def named(self, name: str) -> Gateway:
        """The adapter, also of a retired gateway. Raises `Misconfigured` for a gateway that the stack does not have."""
        ...

    def policy(self, name: str) -> ReleasePolicy:
        """The release policy of that gateway."""
        ...
