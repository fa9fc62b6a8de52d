"""A function's environment as one typed value."""

import os
from collections.abc import Mapping
from datetime import timedelta

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import DEFAULT_STACK
from paylatch.domain.limits import DEFAULT_LOCK, LONGEST_LOCK
from paylatch.domain.payment_terms import LateMoney
from paylatch.ports import ReleasePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings that the template passes to a function.

    `stack` is the name in every payment; it distinguishes the payments of stacks on one gateway account.
    `gateways[0]` is the default gateway; a retired gateway is not among `gateways`. `gateway_rates` are the calls a
    second, by gateway, of timers and sweep together. `timer_width` is how many invocations of timers run at once; 0 in
    other functions. `rate_shares` is the same number where only an operator's action on a group keeps the rates.
    `default_lock` is never longer than `longest_lock`. `keep` is how long a finished order is kept, None for ever.
    """

    table: str
    stack: str
    gateways: tuple[str, ...]
    retired_gateways: tuple[str, ...]
    secrets_prefix: str
    policies: Mapping[str, ReleasePolicy]
    sandbox_url: str
    public_url: str
    event_bus: str
    four_eyes: bool
    stage: str
    return_origins: frozenset[str]
    default_lock: timedelta
    longest_lock: timedelta
    late_money: LateMoney
    keep: timedelta | None
    timer_width: int
    rate_shares: int
    gateway_rates: Mapping[str, int]


def settings_from(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in this environment.

    Raises `KeyError` without a table, `ValueError` for an unknown release policy or rule of late money, and, with the
    variable's name, for what is not a whole number.
    """
    longest_lock = _seconds(environment, "PAYLATCH_LONGEST_LOCK", LONGEST_LOCK)
    retired = tuple(_listed(environment.get("PAYLATCH_RETIRED_GATEWAYS", "")))
    return Settings(
        table=environment["PAYLATCH_TABLE"],
        stack=environment.get("PAYLATCH_STACK") or DEFAULT_STACK,
        gateways=tuple(name for name in _listed(environment.get("PAYLATCH_GATEWAYS", "")) if name not in retired),
        retired_gateways=retired,
        secrets_prefix=environment.get("PAYLATCH_SECRETS_PREFIX", ""),
        policies=_policies(environment.get("PAYLATCH_RELEASE_POLICIES", "")),
        sandbox_url=environment.get("PAYLATCH_SANDBOX_URL", "").rstrip("/"),
        public_url=environment.get("PAYLATCH_PUBLIC_URL", "").rstrip("/"),
        event_bus=environment.get("PAYLATCH_EVENT_BUS", ""),
        four_eyes=environment.get("PAYLATCH_FOUR_EYES", "true") != "false",
        stage=environment.get("PAYLATCH_STAGE", ""),
        return_origins=frozenset(_listed(environment.get("PAYLATCH_RETURN_ORIGINS", ""))),
        default_lock=min(_seconds(environment, "PAYLATCH_DEFAULT_LOCK", DEFAULT_LOCK), longest_lock),
        longest_lock=longest_lock,
        late_money=LateMoney(environment.get("PAYLATCH_LATE_MONEY") or LateMoney.ACCEPT),
        keep=timedelta(days=_number(environment, "PAYLATCH_RETENTION_DAYS")) or None,
        timer_width=_number(environment, "PAYLATCH_TIMER_WIDTH"),
        rate_shares=_number(environment, "PAYLATCH_RATE_SHARES"),
        gateway_rates={
            gateway: _whole("PAYLATCH_GATEWAY_RATES", rate)
            for gateway, rate in _pairs(environment.get("PAYLATCH_GATEWAY_RATES", ""))
        },
    )


def pages_url_from(environment: Mapping[str, str] = os.environ) -> str:
    """The base URL of the stack's pages. Raises `KeyError` without one."""
    return environment["PAYLATCH_PAGES_URL"].rstrip("/")


def pages_folder_from(environment: Mapping[str, str] = os.environ) -> str:
    """The path of that base URL; empty where it has none."""
    _, _, after_scheme = environment.get("PAYLATCH_PAGES_URL", "").partition("://")
    _, slash, path = after_scheme.partition("/")
    return f"{slash}{path}".rstrip("/")


def _seconds(environment: Mapping[str, str], name: str, default: timedelta) -> timedelta:
    """That variable, in whole seconds. Raises `ValueError` for anything else."""
    return timedelta(seconds=_number(environment, name)) if environment.get(name) else default


def _number(environment: Mapping[str, str], name: str) -> int:
    """That variable as a whole number, 0 where it is missing or empty. Raises `ValueError` for anything else."""
    return _whole(name, environment.get(name) or "0")


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{name}: {text!r} is not a whole number") from None


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _policies(text: str) -> dict[str, ReleasePolicy]:
    return {gateway: ReleasePolicy(policy) for gateway, policy in _pairs(text)}


def _pairs(text: str) -> list[tuple[str, str]]:
    parts = (entry.partition("=") for entry in _listed(text))
    return [(name.strip(), value.strip()) for name, _, value in parts]
