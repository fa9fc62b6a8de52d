"""What a handler is for: its route, what it takes, what it answers with, and the problems that it can answer with.

It stands above the handler. The router takes the route from it; `openapi/` makes the contract of it at build time, and
there looks up by name what a function does not need: schemas, parameters, headers, links and examples.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, TypeVar

from paylatch.domain import errors
from paylatch.runtime.json_text import JSON

Errors = Collection[type[errors.PaylatchError]]
Described = TypeVar("Described", bound=Callable[..., Any])


# Named tuples: three dataclasses would add 2 ms to the start of every function behind the API.
class BodySpec(NamedTuple):
    """A request body: its component, an example, and the media types it may come in; whether it must be there."""

    schema: str
    example: str
    media_types: tuple[str, ...] = (JSON,)
    required: bool = True


class ResponseSpec(NamedTuple):
    """A success: its component and an example; `headers` and `links` by their component's name."""

    description: str
    schema: str = ""
    example: str = ""
    headers: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    media_type: str = JSON


class Operation(NamedTuple):
    """One call of the API. `parameters`: those besides the path's. `public` ones need no token."""

    route: str
    name: str
    summary: str
    tag: str
    answers: Mapping[int, ResponseSpec]
    description: str = ""
    parameters: tuple[str, ...] = ()
    body: BodySpec | None = None
    problems: Errors = frozenset()
    public: bool = False


STORE = frozenset({errors.StoreUnavailable, errors.StoreRefused, errors.OrderUnreadable})
READS = STORE | {errors.NotAllowed, errors.OrderNotFound}
WRITES = READS | {errors.OrderContended, errors.OrderTooLarge}
BODIES = frozenset({errors.InvalidRequest, errors.BodyTooLarge, errors.UnsupportedMediaType})
NO_ATTEMPT = frozenset({errors.AttemptNotFound})
EDITABLE_ONLY = frozenset({errors.OrderLocked, errors.OrderPaid})
GATEWAYS = frozenset(
    {errors.Refused, errors.RateLimited, errors.NotAsked, errors.Transient, errors.OutcomeUnknown, errors.Misconfigured}
)


def order_spec(description: str, example: str, *links: str) -> ResponseSpec:
    """An order as the answer, with its ETag."""
    return ResponseSpec(description, "Order", example, ("ETag",), links)


def described(operation: Operation) -> Callable[[Described], Described]:
    """Mark a handler as serving this operation."""

    def describe(handler: Described) -> Described:
        vars(handler)["operation"] = operation
        return handler

    return describe
