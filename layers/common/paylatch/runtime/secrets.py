"""Gateway secrets: from Secrets Manager, cached, so that a rotation reaches a warm function within five minutes."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from paylatch.domain.errors import Misconfigured
from paylatch.gateways.credentials import Credentials

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

MAX_AGE_SECONDS = 300
CONNECT_TIMEOUT_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 1.5
TRIES = 2


def credentials_of(gateway: str, prefix: str) -> Credentials:
    """A callable that gives the gateway's secret, a JSON object, from the cache where it is fresh.

    The callable raises `Misconfigured` for a secret that cannot be read or is no JSON object.
    """

    def credentials() -> Mapping[str, object]:
        # Imported here: only a function that meets a gateway pays for it.
        from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError, TransformParameterError

        try:
            secret: Any = _provider().get(f"{prefix}{gateway}", transform="json", max_age=MAX_AGE_SECONDS)
        except (GetParameterError, TransformParameterError) as error:
            raise Misconfigured(gateway, f"its secret cannot be read: {type(error).__name__}") from error
        if not isinstance(secret, Mapping):
            raise Misconfigured(gateway, "its secret is no JSON object")
        return secret

    return credentials


@cache
def _provider() -> "SecretsProvider":
    from aws_lambda_powertools.utilities.parameters import SecretsProvider
    from botocore.config import Config

    timeouts = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
    )
    return SecretsProvider(boto_config=timeouts)
