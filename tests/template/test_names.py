"""Two stacks fit into one account: every name there contains the stack's."""

from typing import Any

# The properties that name a resource in its whole account and region.
NAMED = {
    "AWS::ApiGatewayV2::Api": "Name",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::Events::EventBus": "Name",
    "AWS::IAM::Policy": "PolicyName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::Serverless::HttpApi": "Name",
    "AWS::Serverless::LayerVersion": "LayerName",
}
# CloudFormation makes a name of the stack's and the resource's, where none is given.
NAMED_BY_CLOUDFORMATION = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::Archive": "ArchiveName",
    "AWS::Events::Rule": "Name",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Serverless::Function": "FunctionName",
}
# Within another resource, which has a name of its own, or without any name.
NAMELESS = {
    "AWS::ApiGatewayV2::ApiMapping",
    # Its name is the operator's own.
    "AWS::ApiGatewayV2::DomainName",
    "AWS::Cognito::UserPoolClient",
    # Its name, which is unique in a region, is the operator's own or contains the stack's id.
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::UserPoolGroup",
    "AWS::Cognito::UserPoolResourceServer",
    "AWS::Lambda::EventSourceMapping",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::Lambda::Permission",
    "AWS::SQS::QueuePolicy",
}


def test_every_type_of_resource_is_known_here(resources: dict[str, Any]) -> None:
    types = {resource["Type"] for resource in resources.values()}

    assert types == {*NAMED, *NAMED_BY_CLOUDFORMATION, *NAMELESS}


def test_a_name_is_given_where_two_stacks_would_have_the_same_one(resources: dict[str, Any]) -> None:
    names = [
        (resource["Type"], str(resource["Properties"].get(NAMED[resource["Type"]])))
        for resource in resources.values()
        if resource["Type"] in NAMED
    ]

    assert [(kind, name) for kind, name in names if "AWS::StackName" not in name] == []
    assert len(set(names)) == len(names)


def test_no_other_resource_has_a_fixed_name(resources: dict[str, Any]) -> None:
    fixed = {
        logical_id
        for logical_id, resource in resources.items()
        if NAMED_BY_CLOUDFORMATION.get(resource["Type"]) in resource["Properties"]
    }

    assert fixed == set()
