"""Everything that can go wrong, as a small tree of errors that carry data."""

from collections.abc import Mapping
from datetime import datetime


class PaylatchError(Exception):
    """The root: anything that Paylatch raises on purpose."""


class InvalidRequest(PaylatchError):
    """A request that can never succeed.

    `fields` names each field and what is wrong with it, `more` counts faults that are not named; the message has three.
    """

    def __init__(self, fields: Mapping[str, str], more: int = 0) -> None:
        shown = [f"{name}: {problem}" for name, problem in fields.items()]
        hidden = len(shown[3:]) + more
        super().__init__("; ".join([*shown[:3], *([f"and {hidden} more"] if hidden else [])]))
        self.fields = dict(fields)
        self.more = more


class NotAllowed(PaylatchError):
    """The caller's role may not do this at all."""


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
    """Somebody is paying. `until` is when the lock ends at the latest, None while that is not known.

    `retry_at` is when the lock is looked at next, None where a person or a bank decides, which takes hours.
    """

    def __init__(self, attempt_id: str, until: datetime | None, retry_at: datetime | None = None) -> None:
        super().__init__(f"The order is locked by payment attempt {attempt_id}.")
        self.attempt_id = attempt_id
        self.until = until
        self.retry_at = retry_at


class OrderPaid(PaylatchError):
    """The order is paid; its content is final."""


class OrderCancelled(PaylatchError):
    """The order was cancelled; it takes no payment and no edit."""


class OrderContended(PaylatchError):
    """Others kept changing the order while this was tried; trying again later is safe."""


class RevisionMismatch(PaylatchError):
    """The caller saw another revision than the order has now."""

    def __init__(self, current: int) -> None:
        super().__init__(f"The order is at revision {current} now.")
        self.current = current


class PreconditionRequired(PaylatchError):
    """An edit must say which revision it edits."""


class IdempotencyKeyMissing(PaylatchError):
    """A payment request must carry an Idempotency-Key."""


class IdempotencyKeyReused(PaylatchError):
    """The same Idempotency-Key came with another request."""


class PaymentCompleted(PaylatchError):
    """The payment that was to be cancelled had already succeeded."""


class TooManyAttempts(PaylatchError):
    """The order has had as many payment attempts as an order may have."""


class OrderUnreadable(PaylatchError):
    """The order's record holds what this release does not understand; nothing is decided about it."""

    def __init__(self, order_id: str, cause: str) -> None:
        super().__init__(f"Order {order_id} cannot be read: {cause}.")
        self.order_id = order_id
        self.cause = cause


class OrderTooLarge(PaylatchError):
    """The order's record would exceed the database's largest item."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"The order's record is too large: {cause}")


class StoreUnavailable(PaylatchError):
    """The database did not answer; whether the write took effect is not known."""


class StoreRefused(PaylatchError):
    """The database refuses the request as such: no permission, no such table, credentials or a request it rejects.

    It was not executed, and no later try is, until a person has acted. `cause` is the database's own.
    """

    def __init__(self, operation: str, cause: str) -> None:
        super().__init__(f"{operation}: {cause}")
        self.cause = f"{operation}: {cause}"


class EventNotPublished(PaylatchError):
    """The event bus did not take an event; it is tried again with the stream's record."""


class GatewayError(PaylatchError):
    """A gateway call that did not do what was asked; `gateway` is its name."""

    def __init__(self, gateway: str, cause: str) -> None:
        super().__init__(f"{gateway}: {cause}")
        self.gateway = gateway
        self.cause = cause


class Transient(GatewayError):
    """Certainly not executed: refused connection, rate limit. Asking again is safe and may help."""


class RateLimited(Transient):
    """The gateway asks for fewer calls (HTTP 429). It does answer: this is no sign of an outage."""


class OutcomeUnknown(GatewayError):
    """Perhaps executed: a timeout or a server error after sending. Stay locked and ask."""


class Refused(GatewayError):
    """A final no to this very request."""


class Misconfigured(GatewayError):
    """Our credentials or signature were refused. A person must act; never unlock on it."""


class CallbackRejected(GatewayError):
    """Not a genuine, fresh callback of this gateway."""


class BodyTooLarge(PaylatchError):
    """The request's body is over the limit, in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than {limit} bytes.")
        self.limit = limit


class UnsupportedMediaType(PaylatchError):
    """The request's body is in a format that this call does not take."""

    def __init__(self, expected: tuple[str, ...]) -> None:
        super().__init__(f"Content-Type must be {' or '.join(expected)}.")
        self.expected = expected
