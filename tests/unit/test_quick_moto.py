"""What makes moto quicker takes none of its checks away."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from paylatch.store.connection import TableConnection
from tests.orders_table import TABLE, client_of

KEY = {"pk": {"S": "ORDER#1"}, "sk": {"S": "HEAD"}}
ONE = {":one": {"N": "1"}}


def update(table: TableConnection, expression: str, names: dict[str, str]) -> dict[str, Any]:
    return dict(
        client_of(table).update_item(
            TableName=TABLE,
            Key=KEY,
            UpdateExpression=expression,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=ONE,
            ReturnValues="ALL_NEW",
        )
    )


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        pytest.param("SET #a = :one, #b = :one, #a = :one", {"#a": "a", "#b": "b"}, id="an attribute twice"),
        pytest.param("SET #b = :one REMOVE #b", {"#b": "b"}, id="an attribute in two clauses"),
        pytest.param("SET #a = :one SET #b = :one", {"#a": "a", "#b": "b"}, id="a clause twice"),
        pytest.param("SET #a = :one, #b = :one", {"#a": "a", "#b": "sk"}, id="a key"),
    ],
)
def test_an_update_that_dynamodb_refuses_is_refused(
    orders_table: TableConnection, expression: str, names: dict[str, str]
) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        update(orders_table, expression, names)


def test_an_expression_that_comes_again_is_applied_again(orders_table: TableConnection) -> None:
    expression = "ADD #a :one"
    update(orders_table, expression, {"#a": "a"})
    assert update(orders_table, expression, {"#a": "a"})["Attributes"]["a"] == {"N": "2"}
