"""The one DynamoDB client of a sandbox, with timeouts that leave an HTTP caller time for an answer."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session
from pynamodb.connection import Connection
from pynamodb.connection.base import MetaTable

from paylatch.domain.errors import OrderTooLarge, StoreUnavailable
from paylatch.service_models import session_for

CONNECT_TIMEOUT_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 1.0
TRIES_AFTER_THE_FIRST = 2


class ConditionFailed(Exception):
    """The write's condition did not hold; `item` is the item that refused it, None where there is none."""

    def __init__(self, item: Mapping[str, Any] | None) -> None:
        super().__init__("the condition did not hold")
        self.item = item


class _Connection(Connection):
    """PynamoDB's connection, quicker to its client. It asks for a session only when it makes one."""

    @property
    def session(self) -> Session:
        return session_for("dynamodb")


class TableConnection:
    """Sends requests for one table with a partition key `pk` and a sort key `sk`, both strings."""

    def __init__(self, table: str, region: str | None = None, host: str | None = None) -> None:
        self.table = table
        self.connection: Connection = _Connection(
            region=region,
            host=host,
            connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS,
            read_timeout_seconds=READ_TIMEOUT_SECONDS,
            max_retry_attempts=TRIES_AFTER_THE_FIRST,
        )
        self.connection.add_meta_table(MetaTable(_shape_of(table)))

    def make_client(self) -> None:
        """Make the client now; otherwise the first request makes it."""
        _ = self.connection.client

    def kwargs(self, pk: str, sk: str, **options: Any) -> dict[str, Any]:
        """A request's arguments, built from expressions."""
        return self.connection.get_operation_kwargs(self.table, pk, sk, **options)

    def send(self, operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Send a request.

        Raises `ConditionFailed` with the old item where the request asked for it, `OrderTooLarge` for a write that
        would make its item larger than DynamoDB keeps, and `StoreUnavailable` for any other failure: after a timeout or
        a server error nobody knows whether a write took effect.
        """
        try:
            return self.connection.dispatch(operation, kwargs)
        except ClientError as error:
            if error.response["Error"].get("Code") == "ConditionalCheckFailedException":
                raise ConditionFailed(_old_item(error)) from error
            if _is_too_large(error):
                raise OrderTooLarge(operation) from error
            raise StoreUnavailable(f"{operation}: {error}") from error
        except BotoCoreError as error:
            raise StoreUnavailable(f"{operation}: {error}") from error


def _old_item(error: ClientError) -> Mapping[str, Any] | None:
    # PynamoDB's own error keeps only `Error`; the item is on the botocore error that it wraps.
    answered = error.__cause__ if isinstance(error.__cause__, ClientError) else error
    response: Mapping[str, Any] = answered.response
    return response.get("Item")


def _is_too_large(error: ClientError) -> bool:
    # DynamoDB has no code of its own for this; "Item size has exceeded the maximum allowed size" is for a put, and
    # "Item size to update has exceeded the maximum allowed size" for an update.
    told = error.response["Error"]
    return told.get("Code") == "ValidationException" and "Item size" in told.get("Message", "")


def _shape_of(table: str) -> dict[str, Any]:
    return {
        "TableName": table,
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    }
