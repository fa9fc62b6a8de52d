"""Puts the running stack's key into an event from `events/`, because each stack's sandbox gateway has its own key."""

import json
from datetime import UTC, datetime
from typing import Any

from local import aws
from local.stack import Stack
from paylatch.gateways.sandbox.credentials import signing_secret
from paylatch.gateways.signatures import sign_standard_webhook

EXAMPLE_KEY = "key-of-the-example-event"


def key_of(stack: Stack) -> str:
    """The key of the stack's sandbox gateway."""
    client = aws.session().client("secretsmanager", endpoint_url=stack.aws_endpoint_url)
    secret = client.get_secret_value(SecretId=f"{stack.secrets_prefix}sandbox")["SecretString"]
    return str(json.loads(secret)["api_key"])


def with_key(event: dict[str, Any], key: str, now: datetime | None = None) -> dict[str, Any]:
    """The event with that key, signed anew where the sandbox gateway signs it; other events unchanged."""
    headers = dict(event.get("headers", {}))
    if headers.get("authorization") == f"Bearer {EXAMPLE_KEY}":
        headers["authorization"] = f"Bearer {key}"
    elif "webhook-signature" in headers:
        timestamp = now or datetime.now(UTC)
        headers |= sign_standard_webhook(signing_secret(key), headers["webhook-id"], timestamp, event["body"].encode())
    else:
        return event
    return {**event, "headers": headers}
