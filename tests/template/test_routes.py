"""The template has the routes that the handlers declare, and only what must be open is open."""

import json
from typing import Any

import pytest

from openapi.document import document as openapi_document
from openapi.operations import declared
from tests.template import transformed
from tests.template.transformed import NO_VALUE, If

OPEN = {"GET /openapi.json", "POST /gateways/{gateway}/callbacks"}
ROUTES = {operation.route: function for function, operation in declared()}
# Scheme and host of the pages' URL.
PAGES_ORIGIN = {
    "Host": If(
        "PagesUrlGiven",
        {"Fn::Select": [2, "${PagesUrl}/// split at /"]},
        # SAM puts the region into what is within a `Sub`.
        "${PagesApi}.execute-api.eu-west-1.${AWS::URLSuffix}",
    ),
    "Scheme": If("PagesUrlGiven", {"Fn::Select": [0, "${PagesUrl}/// split at /"]}, "https:"),
}
# Only the stack's own issuer signs callers' tokens.
AUTHORIZER = {
    "x-amazon-apigateway-authorizer": {
        "type": "jwt",
        "identitySource": "$request.header.Authorization",
        "jwtConfiguration": {
            "issuer": If(
                "OwnUserPool", "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${UserPool}", "${JwtIssuer}"
            ),
            "audience": [
                If("OwnUserPool", "${UserPoolClient}", "${JwtAudience}"),
                If("OwnUserPool", "${DeskClient}", NO_VALUE),
                If("OwnUserPool", "${ServiceClient}", NO_VALUE),
            ],
        },
    }
}
STAGE = {
    "StageName": "$default",
    "AutoDeploy": True,
    "DefaultRouteSettings": {"ThrottlingRateLimit": "${ThrottleRate}", "ThrottlingBurstLimit": "${ThrottleBurst}"},
    "Tags": {"httpapi:createdBy": "SAM"},
}
ACCESS_LOG = {
    "request_id": "$context.requestId",
    "at": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "route": "$context.routeKey",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "error": "$context.error.message",
    "authorizer": "$context.authorizer.error",
    "integration": "$context.integrationErrorMessage",
}


def test_every_route_is_an_event_of_the_function_that_declares_it(functions: dict[str, Any]) -> None:
    events = {key: folder for api, key, folder, _ in _routes(functions) if api == "Api"}
    differing = sorted(events.items() ^ ROUTES.items())

    assert differing == [], "template.yaml: make the function's `Events` those of its app.py"


def test_only_callbacks_and_the_contract_need_no_token(functions: dict[str, Any]) -> None:
    assert {key for api, key, _, is_open in _routes(functions) if api == "Api" and is_open} == OPEN


def test_every_other_route_demands_a_token_of_the_stack_s_issuer() -> None:
    document = transformed.of_type("ApiGatewayV2::Api")["Api"]["Body"]
    guards = {
        f"{method.upper()} {path}": [name for scheme in operation["security"] for name in scheme]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }

    assert document["components"]["securitySchemes"] == {"Callers": {"type": "oauth2", **AUTHORIZER}}
    assert guards == {key: ["NONE" if key in OPEN else "Callers"] for key in ROUTES}


@pytest.mark.parametrize("others_are_named", [True, False])
def test_cors_allows_the_contract_s_requests_from_the_pages_origin_and_from_those_that_are_named(
    others_are_named: bool,
) -> None:
    document = transformed.of_type("ApiGatewayV2::Api")["Api"]["Body"]
    contract = openapi_document()["components"]
    asked = {parameter["name"] for parameter in contract["parameters"].values() if parameter["in"] == "header"}
    condition, with_others, alone = document["x-amazon-apigateway-cors"]
    cors = dict(with_others if others_are_named else alone)

    assert condition == "BrowsersCall"
    assert cors.pop("allowOrigins") == (
        f"{['${Scheme}//${Host},${AllowedOrigins}', PAGES_ORIGIN]} split at ,"
        if others_are_named
        else [["${Scheme}//${Host}", PAGES_ORIGIN]]
    )
    assert {name: sorted(value) if isinstance(value, list) else value for name, value in cors.items()} == {
        "allowMethods": sorted({key.partition(" ")[0] for key in ROUTES}),
        "allowHeaders": sorted({"Authorization", "Content-Type", *asked}),
        "exposeHeaders": sorted({*contract["headers"], "Retry-After"}),
        "maxAge": 3600,
    }


def test_no_preflight_meets_the_authorizer(functions: dict[str, Any]) -> None:
    """API Gateway answers an OPTIONS request itself, unless a route takes it."""
    methods = {key.partition(" ")[0] for api, key, _, _ in _routes(functions) if api == "Api"}

    assert not methods & {"OPTIONS", "ANY", "$default"}


def test_the_sandbox_has_an_api_of_its_own(functions: dict[str, Any], resources: dict[str, Any]) -> None:
    routes = {(key, folder) for api, key, folder, _ in _routes(functions) if api == "SandboxApi"}

    assert routes == {("ANY /{proxy+}", "sandbox_gateway")}
    assert resources["SandboxApi"]["Condition"] == "SandboxOn"


def test_callbacks_have_a_rate_of_their_own() -> None:
    (route,) = [key for key in OPEN if key.endswith("/callbacks")]

    assert transformed.of_type("ApiGatewayV2::Stage")["ApiApiGatewayDefaultStage"]["RouteSettings"] == {
        route: {"ThrottlingRateLimit": "${CallbackRate}", "ThrottlingBurstLimit": "${CallbackBurst}"}
    }


@pytest.mark.parametrize("api", ["Api", "SandboxApi"])
def test_both_apis_are_throttled_and_have_an_access_log(api: str) -> None:
    stage = dict(transformed.of_type("ApiGatewayV2::Stage")[f"{api}ApiGatewayDefaultStage"])
    log = stage.pop("AccessLogSettings")
    stage.pop("RouteSettings", None)

    assert stage == {"ApiId": f"${{{api}}}", **STAGE}
    assert log["DestinationArn"] == "${ApiLogs.Arn}"
    assert json.loads(log["Format"]) == ACCESS_LOG


def test_no_api_has_another_stage() -> None:
    assert len(transformed.of_type("ApiGatewayV2::Stage")) == len(transformed.of_type("ApiGatewayV2::Api")) == 3


def _routes(functions: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """For each HTTP event: its API, route key, folder, and whether it needs no token."""
    return [
        (
            event["Properties"]["ApiId"]["Ref"],
            f"{event['Properties']['Method']} {event['Properties']['Path']}",
            folder,
            event["Properties"].get("Auth") == {"Authorizer": "NONE"},
        )
        for folder, function in functions.items()
        for event in function.get("Events", {}).values()
        if event["Type"] == "HttpApi"
    ]
