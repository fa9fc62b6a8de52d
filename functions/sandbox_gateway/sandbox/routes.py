"""The sessions API and the testers' controls: routes, callers and effects.

| request | who | does |
|---|---|---|
| `POST /sessions` | shop | open a session, one for each attempt id |
| `GET /sessions/{s}`, `GET /sessions?attempt_id=` | shop | its state |
| `POST /sessions/{s}/void` | shop | close it |
| `GET /statement?kind=&since=&until=&cursor=` | shop | its captures, refunds or disputes in a window, 100 a page |
| `GET /payments/{payment_id}` | shop | the money of a payment, and the attempt it was for |
| `POST /refunds`, `GET /refunds/{refund_id}` | shop | refund money; the refund's state |
| `POST /sessions/{s}/refunds` | anyone who knows `s` | money goes back by hand: `{"amount": n}`, or all that is left |
| `PUT /sessions/{s}/dispute` | anyone who knows `s` | a dispute: `{"status": "open"}`, then `"won"` or `"lost"` |
| `GET /ledger/{s}` | anyone who knows `s` | money in and out |
| `POST /sessions/{s}/faults` | anyone who knows `s` | replace its fault plan |
| `POST /sessions/{s}/callbacks` | anyone who knows `s` | send what waits now; `{"again": true}`: all of it once more |
| `PUT /orders/{order_id}/faults` | anyone who knows it | give a fault plan to that order's next `sessions` |
| `PUT /faults` | shop | give a fault plan to the next `sessions` of any order |

`{s}` is a session id or an attempt id; `sandbox.fault_plan` describes fault plans.
A shop sends its key: `Authorization: Bearer <api_key>`.
"""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.controls import Controls
from sandbox.ports import ANY_ORDER
from sandbox.provider import Provider
from sandbox.requests import (
    DISPUTE_CHANGE,
    FAULT_PLAN,
    HAND_REFUND,
    OPENING,
    PLANNED_FAULTS,
    REDELIVERY,
    REFUND_ORDER,
    InvalidBody,
    read_body,
    read_statement_request,
)
from sandbox.responses import SandboxResponse, problem
from sandbox.session_service import SessionContended, SessionNotFound


@dataclass(frozen=True, slots=True)
class SandboxRequest:
    """A request, as far as the routes look at it."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    authorization: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Services:
    """The services behind the routes."""

    provider: Provider
    controls: Controls


class KeyNeeded(Exception):
    """The request needs the shop's key."""


Handler = Callable[[Services, SandboxRequest, str], SandboxResponse]


@dataclass(frozen=True, slots=True)
class SandboxRoute:
    """A route; its handler receives the groups of the path's pattern."""

    method: str
    path: str
    handler: Handler
    shop_only: bool = True


_REFERENCE = "([0-9A-Za-z_-]{1,128})"


def _by_attempt(services: Services, request: SandboxRequest, _: str) -> SandboxResponse:
    attempt_id = request.query.get("attempt_id", "")
    if not re.fullmatch(_REFERENCE, attempt_id):
        raise InvalidBody({"attempt_id": "must be given in the query"})
    return services.provider.query(attempt_id)


def _set_faults(services: Services, request: SandboxRequest, reference: str) -> SandboxResponse:
    return services.controls.set_faults(reference, read_body(FAULT_PLAN, request.body))


def _redeliver(services: Services, request: SandboxRequest, reference: str) -> SandboxResponse:
    return services.controls.redeliver(reference, read_body(REDELIVERY, request.body))


def _refund_by_hand(services: Services, request: SandboxRequest, reference: str) -> SandboxResponse:
    return services.controls.refund_by_hand(reference, read_body(HAND_REFUND, request.body))


def _dispute(services: Services, request: SandboxRequest, reference: str) -> SandboxResponse:
    return services.controls.dispute(reference, read_body(DISPUTE_CHANGE, request.body))


def _plan(services: Services, request: SandboxRequest, order_id: str) -> SandboxResponse:
    return services.controls.plan(order_id or ANY_ORDER, read_body(PLANNED_FAULTS, request.body))


ROUTES = (
    SandboxRoute(
        "POST", "/sessions", lambda services, request, _: services.provider.open(read_body(OPENING, request.body))
    ),
    SandboxRoute("GET", "/sessions", _by_attempt),
    SandboxRoute("GET", f"/sessions/{_REFERENCE}", lambda services, _, reference: services.provider.query(reference)),
    SandboxRoute(
        "POST", f"/sessions/{_REFERENCE}/void", lambda services, _, reference: services.provider.void(reference)
    ),
    SandboxRoute(
        "GET", f"/payments/{_REFERENCE}", lambda services, _, payment_id: services.provider.query_payment(payment_id)
    ),
    SandboxRoute(
        "GET",
        "/statement",
        lambda services, request, _: services.provider.list_statement(read_statement_request(request.query)),
    ),
    SandboxRoute(
        "POST", "/refunds", lambda services, request, _: services.provider.refund(read_body(REFUND_ORDER, request.body))
    ),
    SandboxRoute(
        "GET", f"/refunds/{_REFERENCE}", lambda services, _, refund_id: services.provider.query_refund(refund_id)
    ),
    SandboxRoute("PUT", "/faults", _plan),
    SandboxRoute("PUT", f"/orders/{_REFERENCE}/faults", _plan, shop_only=False),
    SandboxRoute(
        "GET", f"/ledger/{_REFERENCE}", lambda services, _, ref: services.controls.ledger_of(ref), shop_only=False
    ),
    SandboxRoute("POST", f"/sessions/{_REFERENCE}/refunds", _refund_by_hand, shop_only=False),
    SandboxRoute("PUT", f"/sessions/{_REFERENCE}/dispute", _dispute, shop_only=False),
    SandboxRoute("POST", f"/sessions/{_REFERENCE}/faults", _set_faults, shop_only=False),
    SandboxRoute("POST", f"/sessions/{_REFERENCE}/callbacks", _redeliver, shop_only=False),
)


def answer_to(request: SandboxRequest, services: Services, api_keys: Callable[[], Sequence[str]]) -> SandboxResponse:
    """The response to a request; every error gives a problem document."""
    try:
        return _dispatched(request, services, api_keys)
    except KeyNeeded:
        return problem(401, "unauthorized", "This needs the shop's key: Authorization: Bearer <api_key>.")
    except InvalidBody as error:
        return problem(422, "invalid-request", str(error), fields=error.fields)
    except SessionNotFound as error:
        return problem(404, "session-not-found", str(error))
    except SessionContended as error:
        return problem(503, "try-again", str(error))


def _dispatched(request: SandboxRequest, services: Services, api_keys: Callable[[], Sequence[str]]) -> SandboxResponse:
    for route in ROUTES:
        found = re.fullmatch(route.path, request.path) if route.method == request.method else None
        if found:
            if route.shop_only and not _is_the_shop(request, api_keys()):
                raise KeyNeeded
            return route.handler(services, request, found[1] if found.groups() else "")
    return problem(404, "no-such-route", f"There is nothing at {request.method} {request.path[:200]}.")


def _is_the_shop(request: SandboxRequest, api_keys: Sequence[str]) -> bool:
    scheme, _, key = request.authorization.partition(" ")
    shown = key.strip().encode("utf-8", "backslashreplace")
    # Every key is compared, so that the duration does not reveal which one was close.
    matches = [hmac.compare_digest(shown, known.encode()) for known in api_keys if known]
    return scheme.lower() == "bearer" and any(matches)
