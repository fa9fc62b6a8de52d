"""Give the emulated HTTP APIs their routes, and what they allow browsers.

The emulator does not import an HTTP API's OpenAPI `Body`, which is what SAM makes of `HttpApi` events. This reads the
`Body` from the deployed template and creates the same routes through the API.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from local import aws
from local.deploy import STACK_NAME, Deployment

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_cloudformation import CloudFormationClient

_FUNCTION = re.compile(r"\$\{(\w+)\.Arn\}")
_METHODS = {"x-amazon-apigateway-any-method": "ANY"}
_CORS = "x-amazon-apigateway-cors"


@dataclass(frozen=True, slots=True)
class TemplateRoute:
    """One route of an HTTP API in the template."""

    key: str
    function: str
    authorized: bool


def routes_of(body: Mapping[str, Any]) -> Iterator[TemplateRoute]:
    """Every route in the `Body` of one `AWS::ApiGatewayV2::Api`."""
    for path, methods in body["paths"].items():
        for method, operation in _chosen(methods).items():
            yield _route(f"{_METHODS.get(method, method.upper())} {path}", _chosen(operation))


def cors_of(body: Mapping[str, Any], parameters: Mapping[str, str]) -> dict[str, Any]:
    """What the `Body` allows browsers, as `UpdateApi` takes it, with the origins that these parameters name."""
    if _CORS not in body:
        return {}
    pages = urlsplit(parameters["PagesUrl"])
    origins = [f"{pages.scheme}://{pages.netloc}", *filter(None, parameters["AllowedOrigins"].split(","))]
    cors = {**_chosen(body[_CORS]), "allowOrigins": origins}
    return {name[0].upper() + name[1:]: value for name, value in cors.items()}


def install(deployment: Deployment) -> None:
    """Create the routes of the stack's HTTP APIs, and let the origins that the template names call them."""
    session = aws.session()
    cloudformation = session.client("cloudformation", endpoint_url=deployment.endpoint)
    gateway = session.client("apigatewayv2", endpoint_url=deployment.endpoint)
    parameters = _parameters(cloudformation)
    for output, body in _bodies(cloudformation):
        api = _Api(gateway, deployment.outputs[output], deployment.functions)
        cors: Any = cors_of(body, parameters)
        if cors:
            gateway.update_api(ApiId=deployment.outputs[output], CorsConfiguration=cors)
        for route in routes_of(body):
            api.create(route, deployment.outputs)


class _Api:
    """One HTTP API that receives its routes."""

    def __init__(self, gateway: "ApiGatewayV2Client", api_id: str, functions: Mapping[str, str]) -> None:
        self._gateway = gateway
        self._id = api_id
        self._functions = functions
        self._integrations: dict[str, str] = {}
        self._authorizer_id = ""

    def create(self, route: TemplateRoute, outputs: Mapping[str, str]) -> None:
        target = f"integrations/{self._integration(route.function)}"
        if route.authorized:
            self._gateway.create_route(
                ApiId=self._id,
                RouteKey=route.key,
                Target=target,
                AuthorizationType="JWT",
                AuthorizerId=self._authorizer(outputs["JwtIssuer"], outputs["JwtAudience"]),
            )
        else:
            self._gateway.create_route(ApiId=self._id, RouteKey=route.key, Target=target)

    def _integration(self, function: str) -> str:
        if function not in self._integrations:
            made = self._gateway.create_integration(
                ApiId=self._id,
                IntegrationType="AWS_PROXY",
                IntegrationUri=aws.function_arn(self._functions[function]),
                PayloadFormatVersion="2.0",
            )
            self._integrations[function] = made["IntegrationId"]
        return self._integrations[function]

    def _authorizer(self, issuer: str, audiences: str) -> str:
        if not self._authorizer_id:
            made = self._gateway.create_authorizer(
                ApiId=self._id,
                Name="Callers",
                AuthorizerType="JWT",
                IdentitySource=["$request.header.Authorization"],
                JwtConfiguration={"Issuer": issuer, "Audience": audiences.split(",")},
            )
            self._authorizer_id = made["AuthorizerId"]
        return self._authorizer_id


def _route(key: str, operation: Mapping[str, Any]) -> TemplateRoute:
    uri = _chosen(operation["x-amazon-apigateway-integration"]["uri"])["Fn::Sub"]
    found = _FUNCTION.search(uri)
    if found is None:
        raise ValueError(f"{key}: no function in {uri}")
    authorizers = {name for requirement in operation.get("security", []) for name in requirement}
    return TemplateRoute(key, found[1], authorized=bool(authorizers - {"NONE"}))


def _chosen(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The value within a `Fn::If`: SAM wraps a conditional API in it, and the API's existence shows the condition."""
    return value["Fn::If"][1] if "Fn::If" in value else value


def _parameters(cloudformation: "CloudFormationClient") -> dict[str, str]:
    """The parameters of the deployed stack, because the emulator's `Body` contains the parameters' defaults."""
    (stack,) = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"]
    return {given["ParameterKey"]: given["ParameterValue"] for given in stack["Parameters"]}


def _bodies(cloudformation: "CloudFormationClient") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """For each HTTP API with a `Body`, the name of the output with its id, and its `Body`."""
    template: Any = cloudformation.get_template(StackName=STACK_NAME, TemplateStage="Processed")["TemplateBody"]
    for logical_id, resource in template["Resources"].items():
        # The pages' API has its routes as resources, which the emulator makes.
        if resource["Type"] == "AWS::ApiGatewayV2::Api" and "Body" in resource["Properties"]:
            yield f"{logical_id}Id", resource["Properties"]["Body"]
