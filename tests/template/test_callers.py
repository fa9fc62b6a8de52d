"""The stack's own callers: nobody signs up, passwords are long, and a group is a role."""

from typing import Any

from paylatch.domain.caller import Role
from paylatch.runtime.callers import SCOPE_PREFIX
from tests.template import transformed
from tests.template.transformed import If


def test_people_are_let_in_by_an_administrator_with_a_password_of_twelve_characters() -> None:
    assert transformed.of_type("Cognito::UserPool") == {
        "UserPool": {
            "UserPoolName": "${AWS::StackName}-callers",
            "DeletionProtection": If("DataProtected", "ACTIVE", "INACTIVE"),
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
            "UsernameAttributes": ["email"],
            "MfaConfiguration": If("SecondFactorDemanded", "ON", "OPTIONAL"),
            "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
            "Policies": {
                "PasswordPolicy": {
                    "MinimumLength": 12,
                    "RequireLowercase": True,
                    "RequireNumbers": True,
                    "RequireSymbols": False,
                    "RequireUppercase": True,
                }
            },
        }
    }


def test_every_client_s_access_tokens_last_for_fifteen_minutes() -> None:
    clients = transformed.of_type("Cognito::UserPoolClient").values()

    assert {(client["AccessTokenValidity"], client["TokenValidityUnits"]["AccessToken"]) for client in clients} == {
        (15, "minutes")
    }


def test_the_storefront_keeps_no_secret_and_is_not_shown_who_exists() -> None:
    assert _client("UserPoolClient") == {
        "ClientName": "storefront",
        "GenerateSecret": False,
        "PreventUserExistenceErrors": "ENABLED",
        "ExplicitAuthFlows": [
            "ALLOW_USER_SRP_AUTH",
            "ALLOW_ADMIN_USER_PASSWORD_AUTH",
            "ALLOW_REFRESH_TOKEN_AUTH",
        ],
    }


def test_the_desk_signs_in_by_code_without_a_secret_and_comes_back_to_its_own_address_only() -> None:
    desk = If(
        "PagesUrlGiven",
        "${PagesUrl}/desk",
        "https://${PagesApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/desk",
    )

    assert _client("DeskClient") == {
        "ClientName": "desk",
        "GenerateSecret": False,
        "PreventUserExistenceErrors": "ENABLED",
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
        "SupportedIdentityProviders": ["COGNITO"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        # None of the API's, which would be a role for whoever asks for it.
        "AllowedOAuthScopes": ["openid", "email"],
        "CallbackURLs": [desk],
        "LogoutURLs": [desk],
        "RefreshTokenValidity": 12,
    }


def test_services_sign_in_by_their_client_s_secret_and_get_no_other_role() -> None:
    assert _client("ServiceClient") == {
        "ClientName": "service",
        "GenerateSecret": True,
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["client_credentials"],
        "AllowedOAuthScopes": [f"{SCOPE_PREFIX}{Role.SERVICE}"],
    }
    (scopes,) = transformed.of_type("Cognito::UserPoolResourceServer").values()
    assert (f"{scopes['Identifier']}/", [scope["ScopeName"] for scope in scopes["Scopes"]]) == (
        SCOPE_PREFIX,
        [Role.SERVICE],
    )
    assert scopes["UserPoolId"] == "${UserPool}"


def test_the_sign_in_pages_have_an_address_of_the_stack_s_own_where_none_is_given() -> None:
    assert transformed.of_type("Cognito::UserPoolDomain") == {
        "UserPoolDomain": {
            "UserPoolId": "${UserPool}",
            "Domain": If(
                "SignInDomainGiven",
                "${SignInDomain}",
                f"{['paylatch', {'Fn::Select': [2, '${AWS::StackId} split at /']}]} joined by -",
            ),
        }
    }


def test_each_role_is_a_group() -> None:
    groups = transformed.of_type("Cognito::UserPoolGroup").values()

    assert {group["GroupName"] for group in groups} == {role.value for role in Role}
    assert {group["UserPoolId"] for group in groups} == {"${UserPool}"}


def test_a_stack_with_another_issuer_has_no_callers_of_its_own() -> None:
    own = {
        name: resource.get("Condition") for name, resource in transformed.resources().items() if _is_cognito(resource)
    }

    assert set(own.values()) == {"OwnUserPool"}


def _client(name: str) -> dict[str, Any]:
    """The client's properties, without those that all clients have in common."""
    client = dict(transformed.of_type("Cognito::UserPoolClient")[name])
    assert client.pop("UserPoolId") == "${UserPool}"
    del client["AccessTokenValidity"], client["TokenValidityUnits"]
    return client


def _is_cognito(resource: dict[str, object]) -> bool:
    return str(resource["Type"]).startswith("AWS::Cognito::")
