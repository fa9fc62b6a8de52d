"""The errors that Paylatch raises on purpose, as a small tree; they carry data."""

from collections.abc import Mapping
from datetime import datetime

from paylatch.domain.limits import MOST_FAULTS


class PaylatchError(Exception):
    """The base class of every error that Paylatch raises on purpose."""


class InvalidRequest(PaylatchError):
    """A request that can never succeed.

    `fields` maps each invalid field to its fault, 20 at most; `more` counts those left out. The message names three.
    """

    def __init__(self, fields: Mapping[str, str], more: int = 0) -> None:
        self.fields = dict([*fields.items()][:MOST_FAULTS])
        self.more = more + len(fields) - len(self.fields)
        shown = [f"{name}: {problem}" for name, problem in [*fields.items()][:3]]
        hidden = len(fields) - len(shown) + more
        super().__init__("; ".join([*shown, *([f"and {hidden} more"] if hidden else [])]))


class NotAllowed(PaylatchError):
    """The caller's role may not do this at all."""


class EditNotAllowed(NotAllowed):
    """An edit that this buyer may not make; `fields` maps each field to what stands against it."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in fields.items()))
        self.fields = dict(fields)


class OrderNotFound(PaylatchError):
    """There is no such order for this caller."""

    def __init__(self, order_id: str) -> None:
        super().__init__(f"There is no order {order_id}.")
        self.order_id = order_id


class AttemptNotFound(PaylatchError):
    """The order has no such payment attempt."""

    def __init__(self, attempt_id: str) -> None:
        super().__init__(f"The order has no payment attempt {attempt_id}.")
        self.attempt_id = attempt_id


class RefundNotFound(PaylatchError):
    """The order has no such refund."""

    def __init__(self, refund_id: str) -> None:
        super().__init__(f"The order has no refund {refund_id}.")
        self.refund_id = refund_id


class OrderLocked(PaylatchError):
    """A payment attempt holds the order.

    `until` is the latest end of the lock, None while unknown. `retry_at` is when Paylatch next checks the lock,
    None where a person or a bank decides, which takes hours. `overdue`: that time has passed; it may end any moment.
    """

    def __init__(
        self, attempt_id: str, until: datetime | None, retry_at: datetime | None = None, *, overdue: bool = False
    ) -> None:
        super().__init__(f"The order is locked by payment attempt {attempt_id}.")
        self.attempt_id = attempt_id
        self.until = until
        self.retry_at = retry_at
        self.overdue = overdue


class OrderPaid(PaylatchError):
    """The order is paid; its content is final."""


class OrderCancelled(PaylatchError):
    """The order is cancelled and accepts neither payments nor edits."""


class OrderNotPayable(PaylatchError):
    """The order's seller has set `payable` to false."""


class PayByPassed(PaylatchError):
    """The order's `pay_by` has passed: no payment begins any more, and the order is about to end."""


class OrderContended(PaylatchError):
    """Concurrent writers changed the order during every try; the caller can safely try again.

    `moved_on`: the order is newer now than any try was planned from, so that none can take effect any more.
    """

    moved_on = False


class RevisionMismatch(PaylatchError):
    """The caller's revision is not the order's current one."""

    def __init__(self, current: int) -> None:
        super().__init__(f"The order is at revision {current} now.")
        self.current = current


class PreconditionRequired(PaylatchError):
    """An edit request without the revision that it edits."""


class IdempotencyKeyMissing(PaylatchError):
    """A payment request without an Idempotency-Key."""


class IdempotencyKeyReused(PaylatchError):
    """The Idempotency-Key belongs to an earlier, different request."""


class ReferenceTaken(PaylatchError):
    """Another order of the seller has claimed this reference."""


class PaymentCompleted(PaylatchError):
    """The payment to cancel has already succeeded."""


class PaymentProcessing(PaylatchError):
    """The payment to cancel is under way: the payer has submitted it, and only the bank decides."""


class TooManyAttempts(PaylatchError):
    """The order has reached the largest number of payment attempts."""


class OrderUnreadable(PaylatchError):
    """The stored order has a format, field or word that this release does not understand; no decision is made on it."""

    def __init__(self, order_id: str, cause: str) -> None:
        super().__init__(f"Order {order_id} cannot be read: {cause}.")
        self.order_id = order_id
        self.cause = cause


class OrderTooLarge(PaylatchError):
    """The write would make the order's item larger than the database allows."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"The order's record is too large: {cause}")


class StoreUnavailable(PaylatchError):
    """The database did not answer; whether the write took effect is unknown."""


class StoreRefused(PaylatchError):
    """The database rejected the request itself: missing permission or table, bad credentials or an invalid request.

    The request was not executed, and retries fail until a person corrects the cause, which `cause` names.
    """

    def __init__(self, operation: str, cause: str) -> None:
        super().__init__(f"{operation}: {cause}")
        self.cause = f"{operation}: {cause}"


class EventNotPublished(PaylatchError):
    """The event bus did not accept an event. The stream's record is retried, and the event with it."""


class EventRefused(EventNotPublished):
    """The event bus refuses this event for good: no retry would change that, so nothing waits for it."""


class TimersNotSent(PaylatchError):
    """The queue did not accept some timers, or did not give its length. The next sweep finds the orders."""


class GatewayError(PaylatchError):
    """A gateway call that failed; `gateway` is the gateway's name."""

    def __init__(self, gateway: str, cause: str) -> None:
        super().__init__(f"{gateway}: {cause}")
        self.gateway = gateway
        self.cause = cause


class Transient(GatewayError):
    """The call was certainly not executed: connection refused, rate limit. A retry is safe and may succeed."""


class NotAsked(Transient):
    """Paylatch made no call, for lack of time or after too many without a response; the gateway's state is unknown."""


class RateLimited(Transient):
    """The gateway limits the rate of calls (HTTP 429). It answers, so this is not an outage."""


class CallPostponed(PaylatchError):
    """Nothing was asked or recorded: the gateway's rate is used up for about that many `seconds`; do all later."""

    def __init__(self, gateway: str, seconds: float = 0.0) -> None:
        super().__init__(f"{gateway}: its rate leaves no call for {seconds:.1f} s")
        self.gateway = gateway
        self.seconds = seconds


class OutcomeUnknown(GatewayError):
    """The call may have been executed: timeout or server error after sending. Keep the lock and query."""


class Refused(GatewayError):
    """The gateway's final refusal of this request.

    `shown_cause` is its cause where the caller may know it: the order's seller or a service, not its buyer.
    """

    def __init__(self, gateway: str, cause: str, shown_cause: str | None = None) -> None:
        super().__init__(gateway, cause)
        self.shown_cause = shown_cause


class Misconfigured(GatewayError):
    """The gateway refused our credentials or signature. A person must correct them; never unlock on this error."""


class CallbackRejected(GatewayError):
    """The callback is not genuine, or not fresh."""


class BodyTooLarge(PaylatchError):
    """The request's body is longer than the limit, in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than {limit} bytes.")
        self.limit = limit


class UnsupportedMediaType(PaylatchError):
    """The request's body has a media type that this call does not accept."""

    def __init__(self, expected: tuple[str, ...]) -> None:
        super().__init__(f"Content-Type must be {' or '.join(expected)}.")
        self.expected = expected
