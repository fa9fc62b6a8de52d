"""The sandbox's table for tests: made from the very resource that the template deploys."""

from functools import cache
from typing import Any

from paylatch.store.connection import TableConnection
from tests.orders_table import template

SANDBOX_TABLE = "sandbox"


def sandbox_table_request() -> dict[str, Any]:
    """The arguments of `CreateTable` that CloudFormation would send."""
    properties = template()["Resources"]["SandboxTable"]["Properties"]
    taken = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    return {"TableName": SANDBOX_TABLE, **{part: properties[part] for part in taken}}


@cache
def sandbox_connection(region: str) -> TableConnection:
    """The connection. Making a client takes longer than most tests; the tables behind it come and go."""
    return TableConnection(SANDBOX_TABLE, region=region)


def create_sandbox_table(region: str) -> TableConnection:
    """The table as it is deployed, empty, and the connection to it."""
    connection = sandbox_connection(region)
    client: Any = connection.connection.client
    client.create_table(**sandbox_table_request())
    return connection
