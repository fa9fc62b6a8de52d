"""People sign in to the order desk by code and PKCE, services by their client's secret; the API takes access tokens."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3
import pytest

from local.api_client import ApiClient, ApiRequest, ApiResponse, HttpTransport
from local.deploy import STACK_NAME
from local.stack import Stack

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
VERIFIER = "a-verifier-of-at-least-forty-three-characters-12345"
LIFETIME = 15 * 60


def fetch(method: str, url: str, form: Mapping[str, str] | None = None, **headers: str) -> ApiResponse:
    address = urlsplit(url)
    path = f"{address.path}?{address.query}" if address.query else address.path
    body = None if form is None else urlencode(form).encode()
    sent = {**({} if form is None else FORM), **{name.replace("_", "-"): value for name, value in headers.items()}}
    return HttpTransport(f"{address.scheme}://{address.netloc}")(ApiRequest(method, path, sent, body))


@dataclass(frozen=True)
class Desk:
    """A browser in front of the sign-in pages, as the desk's configuration leads it there."""

    config: Mapping[str, Any]

    def sign_in_page(self, **changed: str) -> ApiResponse:
        asked = {
            "response_type": "code",
            "client_id": self.config["client_id"],
            "redirect_uri": self.config["redirect_uri"],
            "scope": self.config["scope"],
            "state": "a-state",
            "code_challenge": _challenge(VERIFIER),
            "code_challenge_method": "S256",
        }
        return fetch("GET", f"{self._server['authorization_endpoint']}?{urlencode({**asked, **changed})}")

    def code(self, user: Mapping[str, str], **changed: str) -> str:
        """Fill in the sign-in page; the code with which it leads back to the desk."""
        page = self.sign_in_page(**changed)
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.body)
        form = {name: html.unescape(value) for name, value in hidden}
        address = urlsplit(self._server["authorization_endpoint"])
        sent = {**form, "username": user["email"], "password": user["password"]}
        back = fetch("POST", f"{address.scheme}://{address.netloc}/login", sent)
        assert back.status in (302, 303), back.body
        location = back.headers["location"]
        assert location.startswith(f"{self.config['redirect_uri']}?")
        query = parse_qs(urlsplit(location).query)
        assert query["state"] == ["a-state"]
        return query["code"][0]

    def tokens(self, code: str, verifier: str = VERIFIER) -> ApiResponse:
        asked = {
            "grant_type": "authorization_code",
            "client_id": self.config["client_id"],
            "redirect_uri": self.config["redirect_uri"],
            "code": code,
            "code_verifier": verifier,
        }
        return fetch("POST", self._server["token_endpoint"], asked, Origin=_origin(self.config["redirect_uri"]))

    @property
    def _server(self) -> Mapping[str, str]:
        server: Mapping[str, str] = self.config["authorization_server"]
        return server


@pytest.fixture(scope="module")
def desk(stack: Stack) -> Desk:
    return Desk(fetch("GET", f"{stack.desk_url}/config.json").expect(200))


@pytest.fixture(scope="module")
def operator(stack: Stack, desk: Desk) -> Mapping[str, Any]:
    """What the token endpoint gave to an operator who signed in."""
    return desk.tokens(desk.code(stack.users["operator"])).expect(200)


@pytest.fixture(scope="module")
def service(stack: Stack, desk: Desk, emulated_aws: boto3.Session) -> Mapping[str, Any]:
    """What the token endpoint gave to a service."""
    client_id, secret = _service_client(stack, emulated_aws)
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    url = desk.config["authorization_server"]["token_endpoint"]
    asked = {"grant_type": "client_credentials", "scope": "paylatch/service"}
    return fetch("POST", url, asked, Authorization=f"Basic {basic}").expect(200)


def test_the_configuration_names_this_stack(stack: Stack, desk: Desk) -> None:
    assert desk.config["api_url"] == stack.api_url
    assert desk.config["redirect_uri"] == stack.desk_url == f"{stack.pages_url}/desk"


@pytest.mark.parametrize("path", ["", "/orders/0123456789ABCDEF"])
def test_the_desk_is_served_at_each_of_its_addresses_and_loads_its_own_files(stack: Stack, path: str) -> None:
    page = fetch("GET", f"{stack.desk_url}{path}")

    assert page.status == 200
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert stack.api_url in page.headers["content-security-policy"]
    (script,) = re.findall(r'<script type="module"[^>]* src="([^"]+)"', page.body)
    loaded = fetch("GET", f"{stack.pages_url}{script}", Accept_Encoding="gzip")
    assert (loaded.status, loaded.headers["content-encoding"]) == (200, "gzip")
    assert "immutable" in loaded.headers["cache-control"]


def test_the_desk_can_only_be_read(stack: Stack) -> None:
    assert fetch("POST", f"{stack.desk_url}/config.json", {}).status == 405
    assert fetch("HEAD", f"{stack.desk_url}/config.json").status == 200


def test_an_operator_signs_in_and_the_api_takes_the_access_token_for_fifteen_minutes(
    stack: Stack, operator: Mapping[str, Any]
) -> None:
    claims = _claims(operator["access_token"])

    assert (claims["token_use"], claims["exp"] - claims["iat"]) == ("access", LIFETIME)
    assert operator["expires_in"] == LIFETIME
    assert _client(stack, operator["access_token"]).list_attention().status == 200


def test_the_api_refuses_the_id_token_of_the_same_operator(stack: Stack, operator: Mapping[str, Any]) -> None:
    refused = _client(stack, operator["id_token"]).list_attention()

    assert (refused.status, refused.code) == (403, "not-allowed")


def test_a_code_is_worth_nothing_without_its_verifier(stack: Stack, desk: Desk) -> None:
    refused = desk.tokens(desk.code(stack.users["seller"]), verifier="b" * 50)

    assert (refused.status, refused.document["error"]) == (400, "invalid_grant")


def test_nobody_is_led_from_the_sign_in_page_to_another_address(desk: Desk) -> None:
    assert desk.sign_in_page(redirect_uri="https://elsewhere.test/desk").status == 400


def test_the_desk_cannot_ask_for_a_role(stack: Stack, desk: Desk) -> None:
    """A scope is a role, so that a buyer who asked for one would be a service."""
    refused = desk.sign_in_page(scope="openid paylatch/service")

    assert refused.status == 302
    assert "invalid_scope" in refused.headers["location"]


def test_a_service_signs_in_by_its_secret_and_gets_the_role_service_alone(
    stack: Stack, service: Mapping[str, Any]
) -> None:
    client = _client(stack, service["access_token"])

    assert service["expires_in"] == LIFETIME
    assert client.list_orders(seller_id=stack.seller_id).status == 200
    assert client.list_attention().status == 403


def _client(stack: Stack, token: str) -> ApiClient:
    return ApiClient(HttpTransport(stack.api_url), token)


def _service_client(stack: Stack, session: boto3.Session) -> tuple[str, str]:
    cloudformation = session.client("cloudformation", endpoint_url=stack.aws_endpoint_url)
    (found,) = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}
    cognito = session.client("cognito-idp", endpoint_url=stack.aws_endpoint_url)
    described = cognito.describe_user_pool_client(UserPoolId=outputs["UserPoolId"], ClientId=outputs["ServiceClientId"])
    return outputs["ServiceClientId"], described["UserPoolClient"]["ClientSecret"]


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _origin(url: str) -> str:
    address = urlsplit(url)
    return f"{address.scheme}://{address.netloc}"
