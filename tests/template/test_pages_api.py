"""The pages have an API of their own, which needs no token; and no resource depends on itself."""

import json
import re
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

import pytest

from tests.template import transformed
from tests.template.test_routes import ACCESS_LOG, STAGE

# A desk's page of any method: the function answers 405 to those that it does not take.
ROUTES = {
    "PagesRoute": ("$default", "PagesIntegration"),
    "DeskRoute": ("ANY /desk", "DeskIntegration"),
    "DeskPathsRoute": ("ANY /desk/{proxy+}", "DeskIntegration"),
}
PAGES = [("Pages", "PayPageFunction", "*"), ("Desk", "OrderDeskFunction", "*/*/desk*")]
# `${Name}` and `${Name.Attribute}`, as `transformed.plain` writes what a resource refers to.
_REFERENCE = re.compile(r"\$\{(\w+)(?:\.[\w.]+)?\}")


def test_the_pages_have_an_api_of_their_own_to_which_everybody_has_access() -> None:
    assert transformed.of_type("ApiGatewayV2::Api")["PagesApi"] == {
        "Name": "${AWS::StackName}-pages",
        "Description": "The payment pages and the order desk",
        "ProtocolType": "HTTP",
    }
    assert transformed.of_type("ApiGatewayV2::Route") == {
        name: {
            "ApiId": "${PagesApi}",
            "RouteKey": key,
            "AuthorizationType": "NONE",
            "Target": f"integrations/${{{integration}}}",
        }
        for name, (key, integration) in ROUTES.items()
    }


@pytest.mark.parametrize(("prefix", "function", "paths"), PAGES)
def test_each_function_of_the_pages_is_called_for_its_paths(prefix: str, function: str, paths: str) -> None:
    assert set(transformed.of_type("ApiGatewayV2::Integration")) == {f"{name}Integration" for name, _, _ in PAGES}
    assert transformed.of_type("ApiGatewayV2::Integration")[f"{prefix}Integration"] == {
        "ApiId": "${PagesApi}",
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": f"${{{function}Aliaslive}}",
        "PayloadFormatVersion": "2.0",
    }
    assert transformed.of_type("Lambda::Permission")[f"{prefix}Permission"] == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": f"${{{function}Aliaslive}}",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{PagesApi}}/{paths}",
    }


def test_the_pages_are_throttled_and_their_access_log_has_no_path() -> None:
    stage = dict(transformed.of_type("ApiGatewayV2::Stage")["PagesStage"])
    log = stage.pop("AccessLogSettings")

    assert stage == {"ApiId": "${PagesApi}", **{name: value for name, value in STAGE.items() if name != "Tags"}}
    assert log["DestinationArn"] == "${PagesApiLogs.Arn}"
    assert json.loads(log["Format"]) == ACCESS_LOG


def test_no_resource_depends_on_itself_however_indirectly() -> None:
    resources = transformed.resources()
    graph = {name: set(_references(resource)) & resources.keys() for name, resource in resources.items()}

    assert graph["PayPageFunction"] >= {"Api", "PagesApi"}
    assert graph["OrderDeskFunction"] >= {"Api", "PagesApi", "DeskClient"}
    assert graph["Api"] >= {"DeskClient", "PagesApi"}
    assert graph["ServiceClient"] >= {"ServiceScopes"}
    # Raises `CycleError` with the resources of a circle.
    assert len(list(TopologicalSorter(graph).static_order())) == len(resources)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _REFERENCE.findall(value)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _depended_on(part) if name == "DependsOn" else _references(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _references(part)


def _depended_on(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
