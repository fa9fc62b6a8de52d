"""What is said of one operation: its body, its answers, and the problems that it can tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openapi.problem_responses import Errors
from paylatch.domain import errors

JSON = "application/json"
ORDER_PATH = ("OrderId",)
ATTEMPT_PATH = ("OrderId", "AttemptId")
REFUND_PATH = ("OrderId", "RefundId")


@dataclass(frozen=True, slots=True)
class BodySpec:
    """A request body: its component, an example, and the media types it may come in."""

    schema: str
    example: Mapping[str, Any]
    media_types: tuple[str, ...] = (JSON,)


@dataclass(frozen=True, slots=True)
class ResponseSpec:
    """A success: its component and an example; `headers` and `links` by their component's name."""

    description: str
    schema: str = ""
    example: Mapping[str, Any] | None = None
    headers: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    media_type: str = JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call of the API. `public` ones need no token."""

    route: str
    name: str
    summary: str
    description: str = ""
    tag: str
    parameters: tuple[str, ...] = ()
    body: BodySpec | None = None
    answers: Mapping[int, ResponseSpec]
    problems: Errors = field(default_factory=frozenset)
    public: bool = False


STORE = frozenset({errors.StoreUnavailable, errors.StoreRefused, errors.OrderUnreadable})
READS = STORE | {errors.NotAllowed, errors.OrderNotFound}
WRITES = READS | {errors.OrderContended, errors.OrderTooLarge}
BODIES = frozenset({errors.InvalidRequest, errors.BodyTooLarge, errors.UnsupportedMediaType})
NO_ATTEMPT = frozenset({errors.AttemptNotFound})
EDITABLE_ONLY = frozenset({errors.OrderLocked, errors.OrderPaid})
GATEWAYS = frozenset(
    {errors.Refused, errors.RateLimited, errors.Transient, errors.OutcomeUnknown, errors.Misconfigured}
)


def order_answer(description: str, example: Mapping[str, Any], *links: str) -> ResponseSpec:
    """An order as the answer, with its ETag."""
    return ResponseSpec(description, "Order", example, ("ETag",), links)
