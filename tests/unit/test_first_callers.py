"""docs/deployment.md, "First callers": its commands exist, and fit the template's stack."""

import re
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import get_session

from paylatch.domain.caller import Role
from paylatch.runtime.callers import SCOPE_PREFIX
from tests.orders_table import ROOT, template

PAGE = (ROOT / "docs" / "deployment.md").read_text()
SECTION = PAGE.partition("## First callers")[2].partition("\n## A key")[0]
COMMANDS = re.findall(r"aws cognito-idp ([a-z-]+) ((?:[^\n]|\\\n)*)", SECTION.replace("\\\n", " "))
CLIENT = template()["Resources"]["UserPoolClient"]["Properties"]
SERVICE = template()["Resources"]["ServiceClient"]["Properties"]
# The command line's own, which every command takes.
OF_THE_COMMAND_LINE = {"output", "query"}


@pytest.mark.parametrize(("command", "rest"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_a_command_takes_these_options_and_lacks_none(command: str, rest: str) -> None:
    model = get_session().get_service_model("cognito-idp")
    operations = {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}
    asked: Any = operations[command].input_shape
    given = set(re.findall(r"--([a-z-]+)", rest)) - OF_THE_COMMAND_LINE

    assert {xform_name(name, "-") for name in asked.required_members} <= given
    assert given <= {xform_name(name, "-") for name in asked.members}


def test_its_groups_are_the_template_s_and_the_code_s() -> None:
    groups = [
        resource["Properties"]["GroupName"]
        for resource in template()["Resources"].values()
        if resource["Type"] == "AWS::Cognito::UserPoolGroup"
    ]

    assert sorted(groups) == sorted(Role)
    assert all(f"`{group}`" in SECTION for group in groups)
    assert re.findall(r"--group-name (\w+)", SECTION) == ["buyer"]
    assert f"`{SCOPE_PREFIX}service`" in PAGE


@pytest.mark.parametrize("flow", ["ADMIN_USER_PASSWORD_AUTH", "USER_SRP_AUTH"])
def test_the_client_lets_them_sign_in_that_way(flow: str) -> None:
    assert flow in SECTION
    assert f"ALLOW_{flow}" in CLIENT["ExplicitAuthFlows"]


def test_the_user_pool_client_is_as_the_section_says() -> None:
    assert "AllowedOAuthFlows" not in CLIENT
    assert CLIENT["GenerateSecret"] is False


def test_the_service_client_is_as_the_section_says() -> None:
    (flow,), (scope,) = SERVICE["AllowedOAuthFlows"], SERVICE["AllowedOAuthScopes"]

    assert SERVICE["GenerateSecret"] is True
    assert f"-d grant_type={flow} -d scope={scope} " in SECTION


@pytest.mark.parametrize("client", ["UserPoolClient", "DeskClient", "ServiceClient"])
def test_access_tokens_last_as_long_as_the_section_says(client: str) -> None:
    minutes = template()["Resources"][client]["Properties"]["AccessTokenValidity"]

    assert f"Access tokens last for {minutes} minutes" in SECTION
    assert f"# valid for {minutes} minutes" in SECTION


def test_its_outputs_are_the_stack_s() -> None:
    asked = re.findall(r"\$\(output (\w+)\)", SECTION)

    assert len(asked) == 5
    assert set(asked) <= set(template()["Outputs"])


def test_a_second_factor_is_demanded_in_prod_and_people_are_known_by_their_address() -> None:
    pool = template()["Resources"]["UserPool"]["Properties"]

    assert pool["MfaConfiguration"] == {"If": ["SecondFactorDemanded", "ON", "OPTIONAL"]}
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert pool["UsernameAttributes"] == ["email"]
