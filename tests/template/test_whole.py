"""Every resource that CloudFormation makes is in a table that describes it."""

import pytest

from tests.template import transformed

# Each type, and where every property of it stands.
SPECIFIED_IN = {
    "ApiGatewayV2::Api": "test_routes",
    "ApiGatewayV2::ApiMapping": "test_domain",
    "ApiGatewayV2::DomainName": "test_domain",
    "ApiGatewayV2::Integration": "test_pages_api",
    "ApiGatewayV2::Route": "test_pages_api",
    "ApiGatewayV2::Stage": "test_routes",
    "CloudWatch::Alarm": "test_alarms",
    "CloudWatch::Dashboard": "test_alarms",
    "Cognito::UserPool": "test_callers",
    "Cognito::UserPoolClient": "test_callers",
    "Cognito::UserPoolDomain": "test_callers",
    "Cognito::UserPoolGroup": "test_callers",
    "Cognito::UserPoolResourceServer": "test_callers",
    "DynamoDB::Table": "test_data",
    "Events::Archive": "test_data",
    "Events::EventBus": "test_data",
    "Events::Rule": "test_functions",
    "IAM::Policy": "test_own_key",
    "IAM::Role": "test_permissions",
    "Lambda::Alias": "test_versions",
    "Lambda::EventInvokeConfig": "test_functions",
    "Lambda::EventSourceMapping": "test_data",
    "Lambda::Function": "test_functions",
    "Lambda::LayerVersion": "test_functions",
    # What may call a function: made by SAM from its events.
    "Lambda::Permission": "test_routes",
    "Lambda::Version": "test_versions",
    "Logs::LogGroup": "test_functions",
    "SQS::Queue": "test_data",
    "SQS::QueuePolicy": "test_data",
    "SecretsManager::Secret": "test_data",
}


def test_every_type_is_specified_somewhere() -> None:
    types = {resource["Type"].removeprefix("AWS::") for resource in transformed.resources().values()}

    assert types == set(SPECIFIED_IN)


@pytest.mark.parametrize("name", transformed.resources())
def test_what_belongs_to_the_sandbox_or_the_webhooks_is_deployed_with_it_and_all_else_always(name: str) -> None:
    resource = transformed.resources()[name]
    chosen = {
        "Cognito": "OwnUserPool",
        "Domain": "OwnDomain",
        "DomainMapping": "OwnDomain",
        "EventArchive": "EventsArchived",
        "KeyUse": "OwnKey",
        "OrdersTable": "OwnTable",
    }
    by_type_or_name = chosen.get(resource["Type"].split("::")[1], chosen.get(name))

    parts = {"Sandbox": "SandboxOn", "Webhook": "WebhooksOn"}
    by_part = next((condition for part, condition in parts.items() if name.startswith(part)), None)
    assert resource.get("Condition") == (by_part or by_type_or_name)
