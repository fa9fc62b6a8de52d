"""Gateway secrets: from Secrets Manager, cached, so that a rotation reaches a warm function within five minutes."""

from collections.abc import Callable, Mapping
from typing import Any

MAX_AGE_SECONDS = 300

Credentials = Callable[[], Mapping[str, Any]]


def credentials_named(name: str) -> Credentials:
    """A callable that gives the secret's JSON object, from the cache where it is fresh."""

    def credentials() -> Mapping[str, Any]:
        from aws_lambda_powertools.utilities.parameters import get_secret

        secret: Mapping[str, Any] = get_secret(name, transform="json", max_age=MAX_AGE_SECONDS)
        return secret

    return credentials
