"""What Paylatch and the sandbox gateway share: one key, from which the callbacks' signing secret is derived."""

import base64
import hashlib
import hmac
from dataclasses import dataclass

_LABEL = b"paylatch sandbox callback signature"


@dataclass(frozen=True, slots=True)
class SandboxCredentials:
    """The key that calls carry, and the one before it, whose callbacks may still be under way."""

    api_key: str
    previous_api_key: str | None = None

    @property
    def api_keys(self) -> tuple[str, ...]:
        """The keys that are accepted, the current one first."""
        return tuple(key for key in (self.api_key, self.previous_api_key) if key)

    @property
    def signing_secrets(self) -> tuple[str, ...]:
        """The secrets that a genuine callback may be signed with, the current one first."""
        return tuple(signing_secret(key) for key in self.api_keys)


def signing_secret(api_key: str) -> str:
    """The secret that signs callbacks, in the form of the Standard Webhooks specification."""
    digest = hmac.new(api_key.encode(), _LABEL, hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(digest).decode()
