"""Where the application finds the API, and where its users sign in."""

import os
from collections.abc import Mapping
from typing import Any

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.return_address import origin_of
from paylatch.runtime.settings import pages_url_from


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """The settings that the template passes to the function.

    `client_id` is empty where nobody can sign in. `sign_in_url` is the base URL of the user pool's sign-in pages; where
    it is empty, the application asks the issuer for its addresses. `sign_in_origins` are further origins that it calls
    to sign in. `four_eyes`: an operator decides about no order that they sell.
    """

    pages_url: str
    api_url: str
    issuer: str
    client_id: str
    scope: str
    sign_in_url: str
    sign_in_origins: tuple[str, ...]
    four_eyes: bool

    @property
    def called_origins(self) -> tuple[str, ...]:
        """The origins that the application sends requests to, besides its own."""
        urls = (self.api_url, self.issuer, self.sign_in_url)
        origins = (*(origin_of(url) for url in urls if url), *self.sign_in_origins)
        return tuple(dict.fromkeys(origins))


def desk_settings(environment: Mapping[str, str] = os.environ) -> DeskSettings:
    """The settings in this environment. Raises `KeyError` for one that is missing."""
    return DeskSettings(
        pages_url=pages_url_from(environment),
        api_url=environment["PAYLATCH_API_URL"].rstrip("/"),
        issuer=environment["PAYLATCH_JWT_ISSUER"],
        client_id=environment["PAYLATCH_DESK_CLIENT_ID"],
        scope=environment["PAYLATCH_DESK_SCOPE"],
        sign_in_url=environment["PAYLATCH_SIGN_IN_URL"].rstrip("/"),
        sign_in_origins=tuple(filter(None, environment["PAYLATCH_SIGN_IN_ORIGINS"].split(","))),
        four_eyes=environment["PAYLATCH_FOUR_EYES"] != "false",
    )


def config_document(settings: DeskSettings) -> dict[str, Any]:
    """The content of `config.json`.

    `client_id` is null where nobody can sign in. `authorization_server` holds the members of the issuer's discovery
    document (RFC 8414) that signing in needs; it is null where the application has to read that document itself.
    """
    return {
        "api_url": settings.api_url,
        "issuer": settings.issuer,
        "client_id": settings.client_id or None,
        "scope": settings.scope,
        "redirect_uri": f"{settings.pages_url}/desk",
        "authorization_server": _authorization_server(settings),
        "four_eyes": settings.four_eyes,
    }


def _authorization_server(settings: DeskSettings) -> dict[str, str] | None:
    if not settings.sign_in_url:
        return None
    return {
        "issuer": settings.issuer,
        "authorization_endpoint": f"{settings.sign_in_url}/oauth2/authorize",
        "token_endpoint": f"{settings.sign_in_url}/oauth2/token",
        "revocation_endpoint": f"{settings.sign_in_url}/oauth2/revoke",
        "end_session_endpoint": f"{settings.sign_in_url}/logout",
    }
