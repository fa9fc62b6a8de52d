"""The client of `make bench-locks` counts as DynamoDB charges, and loses a response after the write was applied."""

from collections.abc import Iterator
from typing import Any

import boto3
import moto
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from bench.metered_client import ClientMeter

TABLE = "counted"
KEY = {"pk": {"S": "order"}, "sk": {"S": "HEAD"}}
Metered = tuple[Any, ClientMeter]


@pytest.fixture
def metered() -> Iterator[Metered]:
    with moto.mock_aws():
        client: Any = boto3.client(
            "dynamodb", region_name="eu-west-1", config=Config(retries={"total_max_attempts": 2, "mode": "standard"})
        )
        plain: Any = boto3.client("dynamodb", region_name="eu-west-1")
        names = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
        keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
        plain.create_table(TableName=TABLE, AttributeDefinitions=names, KeySchema=keys, BillingMode="PAY_PER_REQUEST")
        yield client, ClientMeter(client, plain, TABLE)


def put(client: Any, text: str, **options: Any) -> None:
    client.put_item(TableName=TABLE, Item=KEY | {"text": {"S": text}}, **options)


def transact(client: Any) -> None:
    item = KEY | {"text": {"S": "once"}}
    condition = "attribute_not_exists(pk)"
    client.transact_write_items(
        TransactItems=[{"Put": {"TableName": TABLE, "Item": item, "ConditionExpression": condition}}]
    )


@pytest.mark.parametrize(("length", "units"), [(10, 1), (1500, 2), (3000, 3)])
def test_a_write_costs_a_unit_for_each_kilobyte_begun(metered: Metered, length: int, units: int) -> None:
    client, meter = metered
    put(client, "x" * length)

    assert (meter.requests, meter.units) == (1, units)


def test_a_refused_write_costs_the_units_of_the_item_that_refused_it(metered: Metered) -> None:
    client, meter = metered
    put(client, "x" * 1500)
    meter.start()
    with pytest.raises(ClientError):
        put(client, "y", ConditionExpression="attribute_not_exists(pk)")

    assert (meter.requests, meter.units) == (1, 2)


def test_a_read_costs_a_request_and_no_write_unit(metered: Metered) -> None:
    client, meter = metered
    client.get_item(TableName=TABLE, Key=KEY)

    assert (meter.requests, meter.units) == (1, 0)


def test_a_lost_response_is_that_of_a_write_which_was_applied_and_is_sent_again(metered: Metered) -> None:
    client, meter = metered
    meter.loses_next_write = True
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        put(client, "mine", ConditionExpression="attribute_not_exists(pk)")

    assert meter.requests == 2
    assert client.get_item(TableName=TABLE, Key=KEY)["Item"]["text"] == {"S": "mine"}


def test_a_transaction_costs_twice_and_its_token_makes_the_second_try_succeed(metered: Metered) -> None:
    client, meter = metered
    transact(client)
    assert (meter.requests, meter.units) == (1, 2)

    client.delete_item(TableName=TABLE, Key=KEY)
    meter.start()
    meter.loses_next_write = True
    transact(client)

    assert meter.requests == 2
