"""Whatever calls a function calls an alias of its last version; in prod HTTP functions change by a canary."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.orders_table import template
from tests.template import transformed
from tests.template.test_functions import FUNCTIONS

HTTP = {
    function
    for function in FUNCTIONS
    for permission in transformed.of_type("Lambda::Permission").values()
    if permission["Principal"] == "apigateway.amazonaws.com" and f"{function}Alias" in permission["FunctionName"]
    # A page of the desk's one version would load the files of another.
} - {"SandboxGatewayFunction", "OrderDeskFunction"}
CANARY = transformed.resources("true")
CODE_DEPLOY = {name: resource for name, resource in CANARY.items() if "CodeDeploy" in resource["Type"]}
RESOURCES: dict[str, dict[str, Any]] = template()["Resources"]
LAYERS = [name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::Serverless::LayerVersion"]
FUNCTIONS_WRITTEN = {name: RESOURCES[name]["Properties"] for name in FUNCTIONS}
# What calls a function: SAM writes a function's name or ARN there, or those of its alias.
CALLERS = ("Events::Rule", "Lambda::EventSourceMapping", "Lambda::Permission", "ApiGatewayV2::Api")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_an_alias_of_its_last_version(function: str) -> None:
    alias = transformed.of_type("Lambda::Alias")[f"{function}Aliaslive"]
    (version,) = versions(transformed.resources())[function]

    assert alias == {
        "Name": "live",
        "FunctionName": f"${{{function}}}",
        "FunctionVersion": f"${{{version}.Version}}",
    }


@pytest.mark.parametrize("kind", CALLERS)
def test_routes_schedules_queue_and_streams_call_the_alias(kind: str) -> None:
    called = set(re.findall(r"\$\{(\w+Function)(Alias\w+)?[.}]", json.dumps(transformed.of_type(kind))))

    assert called
    assert {rest for _, rest in called} == {"Aliaslive"}


def test_the_http_functions_are_those_with_a_route_of_the_shop_s_api() -> None:
    assert {"OrdersFunction", "PaymentRequestsFunction", "GatewayCallbacksFunction", "OperationsFunction"} <= HTTP
    assert {name.removesuffix("DeploymentGroup") for name in CODE_DEPLOY} - {"ServerlessDeploymentApplication"} == HTTP


@pytest.mark.parametrize("function", sorted(HTTP))
def test_an_http_function_changes_by_a_canary_that_its_alarm_and_the_api_s_end(function: str) -> None:
    group = CANARY[f"{function}DeploymentGroup"]["Properties"]
    alarms = [alarm["Name"] for alarm in group["AlarmConfiguration"]["Alarms"]]

    assert group["DeploymentConfigName"] == [
        "CodeDeployDefault.Lambda${ConfigName}",
        {"ConfigName": "Canary10Percent5Minutes"},
    ]
    assert group["AlarmConfiguration"]["Enabled"]
    assert alarms == [f"${{{function.removesuffix('Function')}Errors}}", "${ApiFailing}"]
    assert {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"} <= set(group["AutoRollbackConfiguration"]["Events"])
    assert group["AutoRollbackConfiguration"]["Enabled"]
    assert CANARY[f"{function}Aliaslive"]["UpdatePolicy"] == {
        "CodeDeployLambdaAliasUpdate": {
            "ApplicationName": "${ServerlessDeploymentApplication}",
            "DeploymentGroupName": f"${{{function}DeploymentGroup}}",
        }
    }


def test_what_nobody_waits_for_changes_all_at_once() -> None:
    shifted = {name for name, resource in CANARY.items() if "UpdatePolicy" in resource}

    assert shifted == {f"{function}Aliaslive" for function in HTTP}


def test_without_a_canary_there_is_nothing_of_code_deploy() -> None:
    made = set(CANARY) - set(transformed.resources())

    assert made == {*CODE_DEPLOY, "CodeDeployServiceRole"}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_new_layer_is_a_new_version_of_each_function_that_uses_it(layer: str) -> None:
    before = versions(transformed.resources())
    after = versions(transformed.resources(changed_layer=layer))
    using = {name for name, written in FUNCTIONS_WRITTEN.items() if {"Ref": layer} in written.get("Layers", [])}

    assert before.keys() == after.keys() == set(FUNCTIONS)
    assert {function for function in before if before[function] != after[function]} == (using or set(FUNCTIONS))


def versions(resources: Mapping[str, dict[str, Any]]) -> dict[str, set[str]]:
    """The logical ids of the versions of each function."""
    found: dict[str, set[str]] = {}
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Lambda::Version":
            function = resource["Properties"]["FunctionName"].strip("${}")
            found.setdefault(function, set()).add(name)
    return found


@pytest.mark.parametrize(
    ("stage", "canary", "shifts"),
    [
        ("dev", "prod", False),
        ("prod", "prod", True),
        ("dev", "always", True),
        ("prod", "never", False),
        ("prod", "always", True),
        ("dev", "never", False),
    ],
)
def test_prod_shifts_by_default_and_dev_does_not(stage: str, canary: str, shifts: bool) -> None:
    assert template()["Mappings"]["Canary"][stage][canary] == str(shifts).lower()
