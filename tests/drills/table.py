"""The table of a stack, behind the API."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from local import aws
from local.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@cache
def table_client(endpoint: str) -> "DynamoDBClient":
    """The one client of DynamoDB at that endpoint."""
    return aws.session().client("dynamodb", endpoint_url=endpoint)


def head_key(order_id: str) -> dict[str, dict[str, str]]:
    """The key of an order's head, as DynamoDB takes it."""
    return {"pk": {"S": f"ORDER#{order_id}"}, "sk": {"S": "HEAD"}}


def read_head(stack: Stack, order_id: str) -> Mapping[str, Any]:
    """An order's head, as DynamoDB gives it. Raises `KeyError` where there is none."""
    return table_client(stack.aws_endpoint_url).get_item(
        TableName=stack.table, Key=head_key(order_id), ConsistentRead=True
    )["Item"]


def items_of(stack: Stack) -> list[Mapping[str, Any]]:
    """Every item of the table, as DynamoDB gives it."""
    pages = (
        table_client(stack.aws_endpoint_url).get_paginator("scan").paginate(TableName=stack.table, ConsistentRead=True)
    )
    return [item for page in pages for item in page["Items"]]
