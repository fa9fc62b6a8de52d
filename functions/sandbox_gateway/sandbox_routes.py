"""The sessions API and the testers' controls: which request is which call, and who may make it.

| request | who | does |
|---|---|---|
| `POST /sessions` | shop | open a session; once an attempt id |
| `GET /sessions/{s}`, `GET /sessions?attempt_id=` | shop | what became of it |
| `POST /sessions/{s}/void` | shop | close it |
| `GET /payments/{payment_id}` | shop | the money of a payment, and the attempt it was for |
| `POST /refunds`, `GET /refunds/{refund_id}` | shop | give money back; what became of that |
| `POST /sessions/{s}/refunds` | anyone who knows `s` | money goes back by hand: `{"amount": n}`, or all that is left |
| `PUT /sessions/{s}/dispute` | anyone who knows `s` | a dispute: `{"status": "open"}`, then `"won"` or `"lost"` |
| `GET /books/{s}` | anyone who knows `s` | money in and out |
| `POST /sessions/{s}/misbehaviour` | anyone who knows `s` | from now on it misbehaves like this |
| `POST /sessions/{s}/callbacks` | anyone who knows `s` | send what waits now; `{"again": true}`: all of it once more |
| `PUT /orders/{order_id}/misbehaviour` | anyone who knows it | that order's next `sessions` misbehave like this |
| `PUT /misbehaviour` | shop | the next `sessions` of any order misbehave like this |

`{s}` is a session id or an attempt id; how to misbehave is described in `sandbox_misbehaviour`.
A shop shows its key: `Authorization: Bearer <api_key>`.
"""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sandbox_answers import Answer, problem
from sandbox_controls import Controls
from sandbox_keeper import SessionContended, SessionNotFound
from sandbox_ports import ANY_ORDER
from sandbox_provider import Provider
from sandbox_requests import (
    DISPUTE_CHANGE,
    HAND_REFUND,
    MISBEHAVIOUR,
    OPENING,
    PLAN,
    REDELIVERY,
    REFUND_ORDER,
    InvalidBody,
    read_body,
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request, as far as the routes look at it."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    authorization: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who answers."""

    provider: Provider
    controls: Controls


class KeyNeeded(Exception):
    """Only the shop may ask for this."""


Handler = Callable[[Desk, Call, str], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """What a request is for; the handler gets what stands in the path's parentheses."""

    method: str
    path: str
    handler: Handler
    shop_only: bool = True


_REFERENCE = "([0-9A-Za-z_-]{1,128})"


def _by_attempt(desk: Desk, call: Call, _: str) -> Answer:
    attempt_id = call.query.get("attempt_id", "")
    if not re.fullmatch(_REFERENCE, attempt_id):
        raise InvalidBody({"attempt_id": "must be given in the query"})
    return desk.provider.query(attempt_id)


def _misbehave(desk: Desk, call: Call, reference: str) -> Answer:
    return desk.controls.misbehave(reference, read_body(MISBEHAVIOUR, call.body))


def _redeliver(desk: Desk, call: Call, reference: str) -> Answer:
    return desk.controls.redeliver(reference, read_body(REDELIVERY, call.body))


def _refund_by_hand(desk: Desk, call: Call, reference: str) -> Answer:
    return desk.controls.refund_by_hand(reference, read_body(HAND_REFUND, call.body))


def _dispute(desk: Desk, call: Call, reference: str) -> Answer:
    return desk.controls.dispute(reference, read_body(DISPUTE_CHANGE, call.body))


def _plan(desk: Desk, call: Call, order_id: str) -> Answer:
    return desk.controls.plan(order_id or ANY_ORDER, read_body(PLAN, call.body))


ROUTES = (
    Route("POST", "/sessions", lambda desk, call, _: desk.provider.open(read_body(OPENING, call.body))),
    Route("GET", "/sessions", _by_attempt),
    Route("GET", f"/sessions/{_REFERENCE}", lambda desk, _, reference: desk.provider.query(reference)),
    Route("POST", f"/sessions/{_REFERENCE}/void", lambda desk, _, reference: desk.provider.void(reference)),
    Route("GET", f"/payments/{_REFERENCE}", lambda desk, _, payment_id: desk.provider.query_payment(payment_id)),
    Route("POST", "/refunds", lambda desk, call, _: desk.provider.refund(read_body(REFUND_ORDER, call.body))),
    Route("GET", f"/refunds/{_REFERENCE}", lambda desk, _, refund_id: desk.provider.query_refund(refund_id)),
    Route("PUT", "/misbehaviour", _plan),
    Route("PUT", f"/orders/{_REFERENCE}/misbehaviour", _plan, shop_only=False),
    Route("GET", f"/books/{_REFERENCE}", lambda desk, _, ref: desk.controls.books(ref), shop_only=False),
    Route("POST", f"/sessions/{_REFERENCE}/refunds", _refund_by_hand, shop_only=False),
    Route("PUT", f"/sessions/{_REFERENCE}/dispute", _dispute, shop_only=False),
    Route("POST", f"/sessions/{_REFERENCE}/misbehaviour", _misbehave, shop_only=False),
    Route("POST", f"/sessions/{_REFERENCE}/callbacks", _redeliver, shop_only=False),
)


def answer_to(call: Call, desk: Desk, api_keys: Callable[[], Sequence[str]]) -> Answer:
    """The answer to a request, whatever comes in."""
    try:
        return _dispatched(call, desk, api_keys)
    except KeyNeeded:
        return problem(401, "unauthorized", "This needs the shop's key: Authorization: Bearer <api_key>.")
    except InvalidBody as error:
        return problem(422, "invalid-request", str(error), fields=error.fields)
    except SessionNotFound as error:
        return problem(404, "session-not-found", str(error))
    except SessionContended as error:
        return problem(503, "try-again", str(error))


def _dispatched(call: Call, desk: Desk, api_keys: Callable[[], Sequence[str]]) -> Answer:
    for route in ROUTES:
        found = re.fullmatch(route.path, call.path) if route.method == call.method else None
        if found:
            if route.shop_only and not _is_the_shop(call, api_keys()):
                raise KeyNeeded
            return route.handler(desk, call, found[1] if found.groups() else "")
    return problem(404, "no-such-route", f"There is nothing at {call.method} {call.path[:200]}.")


def _is_the_shop(call: Call, api_keys: Sequence[str]) -> bool:
    scheme, _, key = call.authorization.partition(" ")
    shown = key.strip().encode("utf-8", "backslashreplace")
    # Every key is compared, so that the time taken does not tell which one was near.
    matches = [hmac.compare_digest(shown, known.encode()) for known in api_keys if known]
    return scheme.lower() == "bearer" and any(matches)
