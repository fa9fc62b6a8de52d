"""The local stack gives the emulated APIs the routes that SAM wrote into their bodies."""

from typing import Any

from local.http_routes import TemplateRoute, cors_of, routes_of


def _operation(function: str, **more: Any) -> dict[str, Any]:
    uri = f"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/functions/${{{function}.Arn}}/invocations"
    return {"x-amazon-apigateway-integration": {"uri": {"Fn::Sub": uri}}, **more}


def _if(value: Any) -> dict[str, Any]:
    return {"Fn::If": ["SandboxOn", value, {"Ref": "AWS::NoValue"}]}


def test_a_route_with_an_authorizer() -> None:
    body = {"paths": {"/orders": {"post": _operation("OrdersFunction", security=[{"Callers": []}])}}}

    assert list(routes_of(body)) == [TemplateRoute("POST /orders", "OrdersFunction", authorized=True)]


def test_a_route_for_everybody() -> None:
    body = {"paths": {"/openapi.json": {"get": _operation("OrdersFunction", security=[{"NONE": []}])}}}

    assert list(routes_of(body)) == [TemplateRoute("GET /openapi.json", "OrdersFunction", authorized=False)]


def test_a_conditional_api() -> None:
    operation = _operation("SandboxGatewayFunction")
    operation["x-amazon-apigateway-integration"]["uri"] = _if(operation["x-amazon-apigateway-integration"]["uri"])
    body = {"paths": {"/{proxy+}": _if({"x-amazon-apigateway-any-method": _if(operation)})}}

    assert list(routes_of(body)) == [TemplateRoute("ANY /{proxy+}", "SandboxGatewayFunction", authorized=False)]


CORS = {
    "x-amazon-apigateway-cors": {
        "Fn::If": ["BrowsersCall", {"allowOrigins": {"Fn::Split": [",", ""]}, "maxAge": 60}, {"Ref": "AWS::NoValue"}]
    }
}


def test_what_browsers_are_allowed() -> None:
    given = {"PagesUrl": "http://127.0.0.1:3002/shop", "AllowedOrigins": "https://a.test,https://b.test"}

    assert cors_of(CORS, given) == {
        "AllowOrigins": ["http://127.0.0.1:3002", "https://a.test", "https://b.test"],
        "MaxAge": 60,
    }


def test_the_pages_call_also_where_no_other_origin_is_named() -> None:
    given = {"PagesUrl": "http://127.0.0.1:3002", "AllowedOrigins": ""}

    assert cors_of(CORS, given)["AllowOrigins"] == ["http://127.0.0.1:3002"]
    assert cors_of({"paths": {}}, given) == {}
