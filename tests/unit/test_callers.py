"""Claims become a caller in one place; what a caller may do follows from roles and subject."""

from typing import Any

import pytest

from paylatch.domain.caller import Caller, Role
from paylatch.domain.errors import NotAllowed
from paylatch.runtime.callers import caller_of


def caller_with(**claims: Any) -> Caller:
    return caller_of({"requestContext": {"authorizer": {"jwt": {"claims": claims}}}})


ROLES: list[tuple[dict[str, Any], set[Role]]] = [
    ({"cognito:groups": "[buyer]"}, {Role.BUYER}),
    ({"cognito:groups": "[buyer seller]"}, {Role.BUYER, Role.SELLER}),
    ({"roles": "buyer seller"}, {Role.BUYER, Role.SELLER}),
    ({"cognito:groups": ["buyer", "admin"]}, {Role.BUYER}),
    ({"roles": "[operator]"}, {Role.OPERATOR}),
    ({"scope": "openid paylatch/service"}, {Role.SERVICE}),
    ({"cognito:groups": "[seller]", "scope": "paylatch/buyer"}, {Role.BUYER, Role.SELLER}),
]


@pytest.mark.parametrize(("claims", "roles"), ROLES)
def test_groups_roles_and_scopes_name_roles(claims: dict[str, Any], roles: set[Role]) -> None:
    assert caller_with(sub="somebody", **claims) == Caller("somebody", frozenset(roles))


@pytest.mark.parametrize("use", ["id", "refresh", "", "ACCESS", None, ["access"]])
def test_a_token_that_is_not_for_access_is_not_allowed(use: Any) -> None:
    with pytest.raises(NotAllowed, match="not an access token"):
        caller_with(sub="x", **{"cognito:groups": "[operator]"}, token_use=use)


def test_a_token_for_access_is_allowed_and_so_is_one_that_does_not_say_what_it_is_for() -> None:
    groups = {"cognito:groups": "[operator]"}

    assert caller_with(sub="x", token_use="access", **groups) == caller_with(sub="x", **groups)


REFUSED: list[dict[str, Any]] = [
    {},
    {"sub": "x"},
    {"cognito:groups": "[buyer]"},
    {"sub": "", "cognito:groups": "[buyer]"},
    {"sub": " ", "cognito:groups": "[buyer]"},
    {"sub": None, "cognito:groups": "[buyer]"},
    {"sub": ["x"], "cognito:groups": "[buyer]"},
    {"sub": "x\x00", "cognito:groups": "[buyer]"},
    {"sub": "\ud800", "cognito:groups": "[buyer]"},
    {"sub": "x", "cognito:groups": "[BUYER]"},
    {"sub": "x", "cognito:groups": "[buyers]"},
    {"sub": "x", "scope": "service"},
    {"sub": "x", "scope": "other/service"},
    {"sub": "x", "groups": "[service]"},
]


@pytest.mark.parametrize("claims", REFUSED)
def test_a_token_without_subject_or_role_is_not_allowed(claims: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed):
        caller_with(**claims)


# Cognito lets the name of a group have letters, marks, symbols, digits and punctuation; other issuers take any text.
NO_ROLES: list[dict[str, Any]] = [
    *({"cognito:groups": f"[{name}]"} for name in ("x,operator", "operator,", "[operator]", "operator]", '"operator"')),
    *({"roles": name} for name in ("x,operator", "x\toperator", "x\u00a0operator", "x\u2003operator", "x\noperator")),
    *(
        {"scope": scope}
        for scope in ("x,paylatch/operator", "paylatch/operator]", "paylatch/operator,x", "x/paylatch/operator")
    ),
]


@pytest.mark.parametrize("claims", NO_ROLES)
def test_a_name_with_a_role_in_it_is_not_that_role(claims: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed):
        caller_with(sub="x", **claims)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("subject", ["sweep", "gateway:sandbox", "gateway:"])
def test_no_caller_has_the_name_by_which_the_history_shows_paylatch_or_a_gateway(subject: str, role: Role) -> None:
    with pytest.raises(NotAllowed, match="the name that Paylatch gives"):
        caller_with(sub=subject, **{"cognito:groups": f"[{role}]"})


@pytest.mark.parametrize("subject", ["Sweep", "sweep ", "sweeper", "gateway", "link", "operator"])
def test_a_name_like_it_is_a_caller_s(subject: str) -> None:
    assert caller_with(sub=subject, **{"cognito:groups": "[service]"}).subject == subject


WITHOUT_AUTHORIZER: list[dict[str, Any]] = [
    {},
    {"requestContext": {}},
    *({"requestContext": {"authorizer": none}} for none in ({}, None, {"jwt": None}, {"jwt": {"claims": None}})),
]


@pytest.mark.parametrize("event", WITHOUT_AUTHORIZER)
def test_a_request_without_an_authorizer_is_not_allowed(event: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed):
        caller_of(event)


# Subject, role: owns, may read, edits prices, of an order of buyer b and seller s.
POWERS = [
    ("b", Role.BUYER, True, True, False),
    ("s", Role.SELLER, True, True, True),
    ("x", Role.SERVICE, True, True, True),
    ("x", Role.OPERATOR, False, True, False),
    ("x", Role.BUYER, False, False, False),
    ("x", Role.SELLER, False, False, False),
    ("s", Role.BUYER, False, False, False),
    ("b", Role.SELLER, False, False, False),
]


@pytest.mark.parametrize(("subject", "role", "owns", "reads", "prices"), POWERS)
def test_what_a_role_may_do(subject: str, role: Role, owns: bool, reads: bool, prices: bool) -> None:
    caller = Caller(subject, frozenset({role}))
    assert (caller.owns("b", "s"), caller.may_read("b", "s")) == (owns, reads)
    assert caller.edits_prices_of("s") == prices


def test_roles_add_up() -> None:
    both = Caller("b", frozenset({Role.BUYER, Role.OPERATOR}))
    assert both.owns("b", "s")
    assert both.may_read("other", "s")
    assert not both.owns("other", "s")
