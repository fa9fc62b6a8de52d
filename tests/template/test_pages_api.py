"""The pages have an API of their own, which needs no token; and no resource depends on itself."""

import json
import re
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

from tests.template import transformed
from tests.template.test_routes import ACCESS_LOG, STAGE

# `${Name}` and `${Name.Attribute}`, as `transformed.plain` writes what a resource refers to.
_REFERENCE = re.compile(r"\$\{(\w+)(?:\.[\w.]+)?\}")


def test_the_pages_have_an_api_of_their_own_to_which_everybody_has_access() -> None:
    assert transformed.of_type("ApiGatewayV2::Api")["PagesApi"] == {
        "Name": "${AWS::StackName}-pages",
        "Description": "The payment pages",
        "ProtocolType": "HTTP",
    }
    assert transformed.of_type("ApiGatewayV2::Route") == {
        "PagesRoute": {
            "ApiId": "${PagesApi}",
            "RouteKey": "$default",
            "AuthorizationType": "NONE",
            "Target": "integrations/${PagesIntegration}",
        }
    }
    assert transformed.of_type("ApiGatewayV2::Integration") == {
        "PagesIntegration": {
            "ApiId": "${PagesApi}",
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": "${PayPageFunctionAliaslive}",
            "PayloadFormatVersion": "2.0",
        }
    }
    assert transformed.of_type("Lambda::Permission")["PagesPermission"] == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "${PayPageFunctionAliaslive}",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${PagesApi}/*",
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
