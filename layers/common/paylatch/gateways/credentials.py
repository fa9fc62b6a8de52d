"""A gateway's credentials: one JSON secret per gateway, read for each call, so that a rotated one takes effect."""

from collections.abc import Callable, Mapping

from paylatch.domain.errors import Misconfigured

Credentials = Callable[[], Mapping[str, object]]


def required(gateway: str, secret: Mapping[str, object], name: str) -> str:
    """A value without which the gateway cannot be called. Raises `Misconfigured` where it is missing."""
    value = secret.get(name)
    if not isinstance(value, str) or not value:
        raise Misconfigured(gateway, f"the secret has no {name}")
    return value


def optional(secret: Mapping[str, object], name: str, default: str) -> str:
    """The value, or the default where the secret does not have it."""
    value = secret.get(name)
    return value if isinstance(value, str) and value else default


def live(gateway: str, secret: Mapping[str, object], name: str) -> tuple[str, ...]:
    """Like `several`; raises `Misconfigured` for an empty list, with which no callback could be verified."""
    values = several(secret, name)
    if not values:
        raise Misconfigured(gateway, f"the secret has no {name}")
    return values


def several(secret: Mapping[str, object], name: str) -> tuple[str, ...]:
    """The values that are valid at the same time: the current one and those being retired."""
    values = secret.get(name)
    if not isinstance(values, list | tuple):
        return ()
    return tuple(value for value in values if isinstance(value, str) and value)
