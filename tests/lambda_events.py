"""The events under `events/`, with a test's own ids, bodies, headers and callers filled in."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

EVENTS = Path(__file__).parents[1] / "events"
SAMPLE_ORDER = "Q89683FB7M1E9QR4"
SAMPLE_ATTEMPT = f"{SAMPLE_ORDER}_YEMRWA4C"
SAMPLE_REFUND = f"{SAMPLE_ORDER}_RYS6VNPAAWW6K"
# The function of each event; `local/invoke` gets it from its user.
FUNCTIONS = {
    "order_create": "orders",
    "order_read": "orders",
    "order_list": "orders",
    "order_edit": "orders",
    "order_cancel": "orders",
    "settlement": "orders",
    "erasure": "orders",
    "order_history": "orders",
    "openapi": "orders",
    "payment_request": "payment_requests",
    "payment_read": "payment_requests",
    "refund": "payment_requests",
    "pay_link": "payment_requests",
    "payment_cancellation": "payment_cancellations",
    "stop_and_change": "payment_cancellations",
    "gateway_callback": "gateway_callbacks",
    "timeout_sweep": "timeout_sweeps",
    "order_events": "order_events",
    "due_events": "due_events",
    "timer": "timers",
    "reconciliation": "reconciliation",
    "replay": "operations",
    "attention": "operations",
    "attention_groups": "operations",
    "group_recheck": "operations",
    "group_release": "operations",
    "reconcile_day": "operations",
    "handle_finding": "operations",
    "recheck": "operations",
    "resolution": "operations",
    "release": "operations",
    "write_off": "operations",
    "webhooks": "webhooks",
}


@dataclass(frozen=True)
class Person:
    """The subject of a token."""

    subject: str
    role: str

    @property
    def token(self) -> str:
        """A token that names them, for an authorizer that reads it by `of_token`."""
        return f"{self.role}:{self.subject}"

    @classmethod
    def of_token(cls, token: str) -> "Person | None":
        """Whose token it is; None where it is nobody's."""
        role, separator, subject = token.partition(":")
        return cls(subject, role) if separator else None

    @property
    def claims(self) -> dict[str, str]:
        """Those of the token's claims that differ from caller to caller."""
        return {"sub": self.subject, "username": self.subject, "cognito:groups": f"[{self.role}]"}


BUYER = Person("5c1f3f9e-8f0e-4c1c-9c37-1f1d6f6a0b11", "buyer")
SELLER = Person("b7a0c5d2-13f4-4b0e-a7c9-6a1c1f0e9d22", "seller")
SERVICE = Person("storefront", "service")
OPERATOR = Person("0e9a4c1b-77d5-4a52-8f0b-3b2f6c5d4e33", "operator")
OTHER_CALLER = Person("77777777-7777-4777-8777-777777777777", "buyer")


@cache
def _text(name: str) -> str:
    return (EVENTS / f"{name}.json").read_text()


def event(name: str) -> dict[str, Any]:
    """The event as stored under `events/`."""
    document: dict[str, Any] = json.loads(_text(name))
    return document


def sample_body(name: str) -> dict[str, Any]:
    """The JSON body that the event carries."""
    body: dict[str, Any] = json.loads(event(name)["body"])
    return body


def http_event(
    name: str,
    *,
    order_id: str = SAMPLE_ORDER,
    attempt_id: str = SAMPLE_ATTEMPT,
    refund_id: str = SAMPLE_REFUND,
    body: Any = None,
    headers: Mapping[str, str | None] | None = None,
    person: Person | None = None,
    query: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The event about this order and attempt. A header of None is taken away; a body of bytes is sent as it is."""
    text = _text(name).replace(SAMPLE_ATTEMPT, attempt_id).replace(SAMPLE_REFUND, refund_id)
    text = text.replace(SAMPLE_ORDER, order_id)
    filled: dict[str, Any] = json.loads(text)
    if isinstance(body, bytes):
        filled |= {"body": b64encode(body).decode(), "isBase64Encoded": True}
    elif body is not None:
        filled["body"] = body if isinstance(body, str) else json.dumps(body)
    for header, value in (headers or {}).items():
        filled["headers"].pop(header, None)
        filled["headers"] |= {} if value is None else {header: value}
    if query is not None:
        filled |= {"queryStringParameters": dict(query), "rawQueryString": urlencode(query)}
    if person is not None:
        filled["requestContext"]["authorizer"]["jwt"]["claims"] |= person.claims
    return filled
