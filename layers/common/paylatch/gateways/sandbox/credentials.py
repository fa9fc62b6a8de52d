"""The shared key of Paylatch and the sandbox gateway; the callbacks' signing secret is derived from it."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.gateways.credentials import required, several

_LABEL = b"paylatch sandbox callback signature"


@dataclass(frozen=True, slots=True)
class SandboxCredentials:
    """The current key, and earlier ones whose callbacks may still be under way."""

    api_key: str
    previous_api_keys: tuple[str, ...] = ()

    @property
    def api_keys(self) -> tuple[str, ...]:
        """The accepted keys, the current one first."""
        return (self.api_key, *self.previous_api_keys)

    @property
    def signing_secrets(self) -> tuple[str, ...]:
        """The secrets of genuine callbacks, the current one first."""
        return tuple(signing_secret(key) for key in self.api_keys)


def read_credentials(gateway: str, secret: Mapping[str, object]) -> SandboxCredentials:
    """The credentials in `{"api_key": ..., "previous_api_keys": [...]}`."""
    return SandboxCredentials(required(gateway, secret, "api_key"), several(secret, "previous_api_keys"))


def signing_secret(api_key: str) -> str:
    """The secret that signs callbacks, in the form of the Standard Webhooks specification."""
    digest = hmac.new(api_key.encode(), _LABEL, hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(digest).decode()
