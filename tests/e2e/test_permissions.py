"""The stack runs with its policies enforced, so a call that no statement allows would have failed the other tests."""

import boto3
import pytest
from botocore.exceptions import ClientError

from local.aws import REGION
from local.stack import Stack


def test_a_role_without_a_policy_reads_nothing(stack: Stack, emulated_aws: boto3.Session) -> None:
    iam = emulated_aws.client("iam", endpoint_url=stack.aws_endpoint_url)
    iam.create_user(UserName="stranger")
    key = iam.create_access_key(UserName="stranger")["AccessKey"]
    without_policy = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)
    table = without_policy.client("dynamodb", endpoint_url=stack.aws_endpoint_url)

    with pytest.raises(ClientError, match="AccessDenied"):
        table.get_item(TableName=stack.table, Key={"pk": {"S": "ORDER#x"}, "sk": {"S": "HEAD"}})


def test_what_one_function_may_another_may_not(stack: Stack, emulated_aws: boto3.Session) -> None:
    """The sandbox's role, taken as its function takes it, does not open the orders' table."""
    functions = emulated_aws.client("lambda", endpoint_url=stack.aws_endpoint_url)
    role = functions.get_function_configuration(FunctionName=stack.functions["SandboxGatewayFunction"])["Role"]
    iam = emulated_aws.client("iam", endpoint_url=stack.aws_endpoint_url)

    decided = iam.simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=["dynamodb:GetItem"],
        ResourceArns=[f"arn:aws:dynamodb:{REGION}:000000000000:table/{stack.table}"],
    )["EvaluationResults"]

    assert [result["EvalDecision"] for result in decided] == ["implicitDeny"]
