"""The HTTP routes are the contract's, and only what must be open is open."""

from typing import Any

from paylatch.runtime.openapi import openapi_document

OPEN = {"GET /openapi.json", "POST /gateways/{gateway}/callbacks"}
ROUTES = {
    "POST /orders": "orders",
    "GET /orders/{order_id}": "orders",
    "PATCH /orders/{order_id}": "orders",
    "POST /orders/{order_id}/cancellation": "orders",
    "GET /orders/{order_id}/history": "orders",
    "GET /openapi.json": "orders",
    "POST /orders/{order_id}/payments": "payment_requests",
    "GET /orders/{order_id}/payments/{attempt_id}": "payment_requests",
    "POST /orders/{order_id}/payments/{attempt_id}/cancellation": "payment_cancellations",
    "POST /gateways/{gateway}/callbacks": "gateway_callbacks",
    "GET /operations/attention": "operations",
    "POST /orders/{order_id}/payments/{attempt_id}/recheck": "operations",
    "POST /orders/{order_id}/payments/{attempt_id}/resolution": "operations",
    "POST /orders/{order_id}/payments/{attempt_id}/release": "operations",
    "POST /orders/{order_id}/refunds/{refund_id}/write-off": "operations",
}


def test_the_routes_are_these(functions: dict[str, Any]) -> None:
    assert {key: folder for api, key, folder, _ in _routes(functions) if api == "Api"} == ROUTES


def test_only_callbacks_and_the_contract_need_no_token(functions: dict[str, Any]) -> None:
    assert {key for api, key, _, is_open in _routes(functions) if api == "Api" and is_open} == OPEN


def test_whoever_is_not_named_must_show_a_token(resources: dict[str, Any]) -> None:
    auth = resources["Api"]["Properties"]["Auth"]

    assert auth["DefaultAuthorizer"] in auth["Authorizers"]


def test_a_browser_s_page_may_do_what_the_contract_says_and_nothing_where_no_origin_is_named(
    resources: dict[str, Any],
) -> None:
    condition, cors, otherwise = resources["Api"]["Properties"]["CorsConfiguration"]["If"]
    contract = openapi_document()["components"]
    asked = {parameter["name"] for parameter in contract["parameters"].values() if parameter["in"] == "header"}

    assert (condition, otherwise) == ("BrowsersCall", {"Ref": "AWS::NoValue"})
    assert cors["AllowOrigins"] == {"Split": [",", {"Ref": "AllowedOrigins"}]}
    assert set(cors["AllowMethods"]) == {key.partition(" ")[0] for key in ROUTES}
    assert set(cors["AllowHeaders"]) == {"Authorization", "Content-Type", *asked}
    assert set(cors["ExposeHeaders"]) == {*contract["headers"], "Retry-After"}


def test_no_preflight_meets_the_authorizer(functions: dict[str, Any]) -> None:
    """API Gateway answers an OPTIONS request itself, unless a route takes it."""
    methods = {key.partition(" ")[0] for api, key, _, _ in _routes(functions) if api == "Api"}

    assert not methods & {"OPTIONS", "ANY", "$default"}


def test_the_sandbox_has_an_api_of_its_own(functions: dict[str, Any], resources: dict[str, Any]) -> None:
    routes = {(key, folder) for api, key, folder, _ in _routes(functions) if api == "SandboxApi"}

    assert routes == {("ANY /{proxy+}", "sandbox_gateway")}
    assert resources["SandboxApi"]["Condition"] == "SandboxOn"


def test_both_apis_are_throttled(resources: dict[str, Any]) -> None:
    for api in ("Api", "SandboxApi"):
        settings = resources[api]["Properties"]["DefaultRouteSettings"]
        assert settings == {
            "ThrottlingRateLimit": {"Ref": "ThrottleRate"},
            "ThrottlingBurstLimit": {"Ref": "ThrottleBurst"},
        }


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
