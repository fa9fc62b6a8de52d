"""The users of the demo shop, with tokens like those of real callers."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local import aws
from local.deploy import Deployment

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

ROLES = ("buyer", "seller", "service", "operator")
# In minutes. Programs that test a stack sign in once.
_TOKENS_LAST = 60


@dataclass(frozen=True, slots=True)
class TestUsers:
    """One user of each role; they can sign in again when their tokens have expired."""

    deployment: Deployment
    passwords: Mapping[str, str]

    def sign_in(self) -> dict[str, str]:
        """A fresh token for each role."""
        cognito = _cognito(self.deployment)
        outputs = self.deployment.outputs
        return {
            role: cognito.admin_initiate_auth(
                UserPoolId=outputs["UserPoolId"],
                ClientId=outputs["UserPoolClientId"],
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": email_of(role), "PASSWORD": password},
            )["AuthenticationResult"]["AccessToken"]
            for role, password in self.passwords.items()
        }

    def credentials(self) -> dict[str, dict[str, str]]:
        """By role, what its user signs in with."""
        return {role: {"email": email_of(role), "password": password} for role, password in self.passwords.items()}


def email_of(role: str) -> str:
    """The e-mail address by which the user of that role signs in."""
    return f"{role}@example.com"


def create_test_users(deployment: Deployment) -> TestUsers:
    """Create one user of each role in the stack's user pool."""
    cognito = _cognito(deployment)
    _lengthen_tokens(cognito, deployment.outputs)
    test_users = TestUsers(deployment, {role: f"Aa1{secrets.token_urlsafe(16)}" for role in ROLES})
    for role, password in test_users.passwords.items():
        _create(cognito, deployment.outputs["UserPoolId"], role, password)
    return test_users


def subject(token: str) -> str:
    """The subject of the token."""
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["sub"])


def _create(cognito: "CognitoIdentityProviderClient", pool: str, role: str, password: str) -> None:
    email = email_of(role)
    cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=role)


def _lengthen_tokens(cognito: "CognitoIdentityProviderClient", outputs: Mapping[str, str]) -> None:
    """Let the tokens of the storefront's client last for an hour; those of the desk and of services stay short."""
    cognito.update_user_pool_client(
        UserPoolId=outputs["UserPoolId"],
        ClientId=outputs["UserPoolClientId"],
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        AccessTokenValidity=_TOKENS_LAST,
        TokenValidityUnits={"AccessToken": "minutes"},
    )


def _cognito(deployment: Deployment) -> "CognitoIdentityProviderClient":
    return aws.session().client("cognito-idp", endpoint_url=deployment.endpoint)
