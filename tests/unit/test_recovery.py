"""A restored table is adopted: what a restore leaves off is turned on, once, and other tables are refused unchanged."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from recovery.__main__ import main
from recovery.adopt_table import NotAnOrdersTable, adopt_table
from tests.orders_table import table_request, template

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "orders-restored"
PROPERTIES: dict[str, Any] = template()["Resources"]["OrdersTable"]["Properties"]


@pytest.fixture
def client() -> Iterator["DynamoDBClient"]:
    with mock_aws():
        yield boto3.client("dynamodb", "eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")


def restored(client: "DynamoDBClient", **other: Any) -> None:
    """A table as a restore makes it: keys, indexes and items, and nothing else."""
    request: Any = {**table_request(TABLE), "StreamSpecification": {"StreamEnabled": False}, **other}
    client.create_table(**request)


def adopted(client: "DynamoDBClient") -> str:
    return adopt_table(TABLE, client, protected=True, tags={"team": "payments"})


def test_what_a_restore_leaves_off_is_as_the_template_has_it(client: "DynamoDBClient") -> None:
    restored(client)

    stream = adopted(client)

    table = client.describe_table(TableName=TABLE)["Table"]
    assert table["LatestStreamArn"] == stream
    assert table["StreamSpecification"] == {"StreamEnabled": True, **PROPERTIES["StreamSpecification"]}
    assert table["DeletionProtectionEnabled"] is True
    expiry = client.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
    assert expiry.get("AttributeName") == PROPERTIES["TimeToLiveSpecification"]["AttributeName"]
    backups = client.describe_continuous_backups(TableName=TABLE)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"] == [{"Key": "team", "Value": "payments"}]


def test_a_second_time_gives_the_same_stream(client: "DynamoDBClient") -> None:
    restored(client)

    assert adopted(client) == adopted(client)


@pytest.mark.parametrize("missing", [index["IndexName"] for index in PROPERTIES["GlobalSecondaryIndexes"]])
def test_a_table_restored_without_an_index_is_refused_by_its_name_and_unchanged(
    client: "DynamoDBClient", missing: str
) -> None:
    present = [index for index in table_request()["GlobalSecondaryIndexes"] if index["IndexName"] != missing]
    used = {key["AttributeName"] for index in present for key in index["KeySchema"]} | {"pk", "sk"}
    defined = [each for each in table_request()["AttributeDefinitions"] if each["AttributeName"] in used]
    restored(client, GlobalSecondaryIndexes=present, AttributeDefinitions=defined)

    with pytest.raises(NotAnOrdersTable, match=missing):
        adopted(client)

    assert "LatestStreamArn" not in client.describe_table(TableName=TABLE)["Table"]


def test_a_stream_that_shows_something_else_is_refused(client: "DynamoDBClient") -> None:
    restored(client, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})

    with pytest.raises(NotAnOrdersTable, match="KEYS_ONLY"):
        adopted(client)


def test_the_parameters_for_the_deployment_are_printed_as_the_template_takes_them(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    restored(client)
    monkeypatch.setattr("sys.argv", ["recovery", TABLE, "--region", "eu-west-1"])

    assert main() == 0

    given = dict(pair.split("=") for pair in capsys.readouterr().out.split())
    assert given == {"TableSource": "restored", "RestoredStreamArn": adopted(client), "Canary": "never"}
    allowed = {name: template()["Parameters"][name].get("AllowedValues", [value]) for name, value in given.items()}
    assert all(value in allowed[name] for name, value in given.items())


@pytest.mark.parametrize(
    ("region", "profile", "cause"),
    [
        ([], None, "specify a region"),
        (["--region", "eu west"], None, "region_name 'eu west'"),
        (["--region", "eu-west-1"], "nobody", "profile (nobody)"),
    ],
)
def test_a_wrong_profile_or_region_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    region: list[str],
    profile: str | None,
    cause: str,
) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    if profile is not None:
        monkeypatch.setenv("AWS_PROFILE", profile)
    monkeypatch.setattr("sys.argv", ["recovery", TABLE, *region])

    assert main() == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{TABLE}: ")
    assert cause in line
