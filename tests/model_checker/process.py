"""A process: one call of a real use case, with the facts that the invariants need to know about it."""

from collections.abc import Callable
from dataclasses import dataclass

from paylatch.domain.order import Content
from paylatch.domain.refund_request import RefundRequest
from paylatch.ports import GatewayEvent, Ports
from paylatch.use_cases.create_order import OrderRequest


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """What an operator decides about the money of an attempt: it settles the order, or goes back."""

    attempt_id: str
    settles: bool


@dataclass(frozen=True, slots=True)
class Process:
    """One invocation.

    Invariants ask for these facts, never for the name, which is for traces, scenarios and ids alone.

    `attempt_id` is the payment attempt that it makes, cancels or reports of, `writes` what it is there for, `revision`
    its If-Match, and `edits` what it asks for beside it; one that `edits_as_read` names the revision that it read.
    `fingerprint` is of the payment request that it makes, or of the edit that it stops a payment for, `actor` whose
    name its own writes carry. `id_prefix` begins its tokens, where that is not its name. `placed` is the order that it
    asks for. Who is not `authorised` is refused whatever they try. One that `sweeps` handles what is due, if it
    `has_time`; one that `runs_timer` does so for one order. One that `reads` changes nothing, one that `consumes`
    records the history. A reader who `sees_remarks` is an operator. An operator has a `decision` about a review, has
    the gateway asked about `rechecked_attempt_id`, or writes off `refund_id`. The shop asks for a refund by a
    `refund_request`. `link_id` is the payment link that it came by.
    """

    name: str
    run: Callable[[Ports], object]
    attempt_id: str | None = None
    writes: frozenset[str] = frozenset()
    gateway_event: GatewayEvent | None = None
    revision: int | None = None
    edits: Callable[[Content], Content] | None = None
    edits_as_read: bool = False
    fingerprint: str | None = None
    actor: str | None = None
    id_prefix: str = ""
    placed: OrderRequest | None = None
    authorised: bool = True
    sweeps: bool = False
    runs_timer: bool = False
    has_time: bool = True
    reads: bool = False
    consumes: bool = False
    sees_remarks: bool = False
    decision: ReviewDecision | None = None
    rechecked_attempt_id: str | None = None
    refund_id: str | None = None
    refund_request: RefundRequest | None = None
    link_id: str | None = None

    @property
    def pays(self) -> bool:
        """Whether it asks for a payment attempt."""
        return "lock" in self.writes

    @property
    def stops(self) -> bool:
        """Whether it ends a payment attempt to change the order."""
        return "release_and_edit" in self.writes

    @property
    def erases(self) -> bool:
        """Whether it erases the order's personal data."""
        return "erase" in self.writes

    @property
    def cancels_payment(self) -> bool:
        """Whether it ends a payment attempt at its caller's wish, with or without a change of the order."""
        return self.stops or "release" in self.writes

    @property
    def releases_by_force(self) -> bool:
        """Whether it ends a payment attempt without the gateway's answer."""
        return "force_release" in self.writes
