"""The stack's own callers: nobody signs up, passwords are long, and a group is a role."""

from paylatch.domain.caller import Role
from tests.template import transformed
from tests.template.transformed import If


def test_people_are_let_in_by_an_administrator_with_a_password_of_twelve_characters() -> None:
    assert transformed.of_type("Cognito::UserPool") == {
        "UserPool": {
            "UserPoolName": "${AWS::StackName}-callers",
            "DeletionProtection": If("DataProtected", "ACTIVE", "INACTIVE"),
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
            "MfaConfiguration": "OPTIONAL",
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


def test_the_storefront_keeps_no_secret_and_learns_nothing_of_who_exists() -> None:
    assert transformed.of_type("Cognito::UserPoolClient") == {
        "UserPoolClient": {
            "UserPoolId": "${UserPool}",
            "ClientName": "storefront",
            "GenerateSecret": False,
            "PreventUserExistenceErrors": "ENABLED",
            "ExplicitAuthFlows": [
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_ADMIN_USER_PASSWORD_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
            ],
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


def _is_cognito(resource: dict[str, object]) -> bool:
    return str(resource["Type"]).startswith("AWS::Cognito::")
