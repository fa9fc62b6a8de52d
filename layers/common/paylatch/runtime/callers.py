"""The conversion from a token's claims to a `Caller`."""

from collections.abc import Mapping
from typing import Any

from paylatch.domain.actors import is_reserved
from paylatch.domain.caller import Caller, Role
from paylatch.domain.errors import NotAllowed

GROUP_CLAIMS = ("cognito:groups", "roles")
SCOPE_PREFIX = "paylatch/"
# What Cognito writes into `token_use` of a token for access. Other issuers write no such claim.
_ACCESS = "access"


def caller_of(event: Mapping[str, Any]) -> Caller:
    """The caller that the JWT authorizer verified.

    Raises `NotAllowed` for a token that is marked as no access token, for one without a subject or a role, and for a
    subject that is the name of another actor in the history.
    """
    authorizer = event.get("requestContext", {}).get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    # The authorizer takes Cognito's ID tokens, too: they name the client as their audience.
    if claims.get("token_use", _ACCESS) != _ACCESS:
        raise NotAllowed("The token is not an access token.")
    subject = _subject_of(claims)
    roles = frozenset(Role(name) for name in _role_names(claims) if name in Role.__members__.values())
    if not subject or not roles:
        raise NotAllowed("The token names no subject with a role of buyer, seller, service or operator.")
    if is_reserved(subject):
        raise NotAllowed("The token's subject has the name that Paylatch gives to its own work or to a gateway's.")
    return Caller(subject, roles)


def _subject_of(claims: Mapping[str, Any]) -> str:
    """The subject as it is; empty where it has no visible character."""
    subject = claims.get("sub")
    return subject if isinstance(subject, str) and subject.isprintable() and not subject.isspace() else ""


def _role_names(claims: Mapping[str, Any]) -> list[str]:
    groups = [name for claim in GROUP_CLAIMS for name in _words(claims.get(claim, ""))]
    scopes = [
        word.removeprefix(SCOPE_PREFIX) for word in _words(claims.get("scope", "")) if word.startswith(SCOPE_PREFIX)
    ]
    return groups + scopes


def _words(claim: Any) -> list[str]:
    """The names in a claim: an HTTP API passes a list on as the text "[buyer seller]"; blanks separate scopes, too.

    Nothing else separates two names: one may have commas, brackets and other white space in it.
    """
    if isinstance(claim, list):
        return [str(entry) for entry in claim]
    text = str(claim)
    return (text[1:-1] if text.startswith("[") and text.endswith("]") else text).split(" ")
