"""Gateway secrets from Secrets Manager, cached, so that a rotation reaches a warm function within five minutes.

An unusable secret is read again after seconds, and so is one after a gateway call raised `Misconfigured`.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from typing import Any

from paylatch.botocore_session import botocore_session_for
from paylatch.domain.errors import Misconfigured

LONGEST_KEPT = timedelta(minutes=5)
REFRESHED_WITHIN = timedelta(seconds=5)
CONNECT_TIMEOUT_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 1.5
TRIES = 2
Now = Callable[[], datetime]
Secret = Mapping[str, object]


class GatewaySecret:
    """Implements `Credentials`: the secret of one gateway, a JSON object, named by prefix and gateway."""

    def __init__(self, gateway: str, prefix: str, now: Now) -> None:
        self._gateway = gateway
        self._name = f"{prefix}{gateway}"
        self._now = now
        self._found: Secret | Misconfigured | None = None
        self._read_at = self._read_again_at = now()
        self._reading = Lock()

    def __call__(self) -> Secret:
        """The secret.

        Raises `Misconfigured`, with the secret's name, where it cannot be read or is not a JSON object.
        """
        with self._reading:
            if self._found is None or not self._read_at <= self._now() < self._read_again_at:
                self._read()
            found = self._found
        if isinstance(found, Misconfigured):
            raise Misconfigured(self._gateway, found.cause)
        return found or {}

    def refresh_soon(self) -> None:
        """Read the secret again soon: a gateway rejected it, and a person may be correcting it."""
        self._read_again_at = min(self._read_again_at, self._read_at + REFRESHED_WITHIN)

    def _read(self) -> None:
        self._read_at = self._now()
        self._read_again_at = self._read_at + LONGEST_KEPT
        try:
            self._found = _parsed(_value_of(self._name))
        except _Unusable as error:
            self._found = Misconfigured(self._gateway, f"the secret {self._name} {error}")
            self.refresh_soon()


class _Unusable(Exception):
    """The reason why a secret cannot be used, without any of its content."""


def _value_of(name: str) -> str | bytes:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = _client().get_secret_value(SecretId=name)
    except ClientError as error:
        raise _Unusable(f"cannot be read: {error.response.get('Error', {}).get('Code')}") from error
    except BotoCoreError as error:
        raise _Unusable(f"cannot be read: {type(error).__name__}") from error
    value: str | bytes = answer.get("SecretString") or answer.get("SecretBinary") or ""
    return value


def _parsed(value: str | bytes) -> Secret:
    try:
        secret = json.loads(value)
    except (ValueError, RecursionError):
        # The parser's error contains the whole text.
        raise _Unusable("is not JSON") from None
    if not isinstance(secret, Mapping):
        raise _Unusable("is not a JSON object")
    return secret


@cache
def _client() -> Any:
    # Imported here, so that only functions that call a gateway load it.
    from botocore.config import Config

    timeouts = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
    )
    return botocore_session_for("secretsmanager").create_client("secretsmanager", config=timeouts)
