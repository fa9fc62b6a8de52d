"""With a key of the operator's own, every function may use it for what it reads and writes, and for nothing else."""

import re
from typing import Any

import pytest

from local.deploy import logical_id
from tests.orders_table import ROOT
from tests.template import transformed
from tests.template.test_functions import OWN_KEY
from tests.template.test_permissions import MAY
from tests.template.transformed import NO_VALUE, If

(POLICY,) = transformed.of_type("IAM::Policy").values()
# Where each type has its key. The bus keeps nothing, and a real gateway's secret has the key that its owner gave it.
KEYS = {
    "DynamoDB::Table": "KMSMasterKeyId",
    "SQS::Queue": "KmsMasterKeyId",
    "Logs::LogGroup": "KmsKeyId",
    "Events::Archive": "KmsKeyIdentifier",
    "SecretsManager::Secret": "KmsKeyId",
}


@pytest.mark.parametrize("kind", KEYS)
def test_whatever_keeps_data_is_encrypted_by_it(kind: str) -> None:
    assert {name for name, each in transformed.of_type(kind).items() if _key(each, KEYS[kind]) != OWN_KEY} == set()


def test_every_function_that_has_access_to_data_may_use_the_key() -> None:
    roles = [role.then if isinstance(role, If) else role for role in POLICY["Roles"]]
    functions = {logical_id(folder) for folder, granted in MAY.items() if granted}

    assert sorted(roles) == sorted(f"${{{function}Role}}" for function in functions)


def test_a_function_may_decrypt_and_make_data_keys_and_nothing_else() -> None:
    assert POLICY["PolicyDocument"]["Statement"] == [
        {
            "Sid": "UseOwnKey",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "${KeyArn}",
        }
    ]


def test_a_role_of_a_part_that_is_not_deployed_is_left_out() -> None:
    assert [role for role in POLICY["Roles"] if isinstance(role, If)] == [
        If("WebhooksOn", "${WebhooksFunctionRole}", NO_VALUE),
        If("SandboxOn", "${SandboxGatewayFunctionRole}", NO_VALUE),
    ]


@pytest.mark.parametrize("role", transformed.of_type("IAM::Role"))
def test_a_role_has_no_managed_policy_but_that_for_logs(role: str) -> None:
    managed = transformed.of_type("IAM::Role")[role]["ManagedPolicyArns"]

    assert [arn.rpartition("/")[2] for arn in managed] == ["AWSLambdaBasicExecutionRole"]


def test_no_partition_or_suffix_is_taken_for_granted() -> None:
    written = re.sub(r"^  Consoles:\n(?:    .*\n)+", "", (ROOT / "template.yaml").read_text(), flags=re.MULTILINE)
    # A service has one name as a principal, in every partition.
    written = re.sub(r"Principal: \w+\.amazonaws\.com\n", "", written)

    # A service's principal has this name in every partition.
    written = written.replace("Service: events.amazonaws.com", "")
    assert re.findall(r"arn:aws:|amazonaws\.com|aws\.amazon\.com", written) == []


def _key(properties: dict[str, Any], name: str) -> Any:
    return properties.get("SSESpecification", properties).get(name)
