"""The one DynamoDB client of a Lambda sandbox, with timeouts that leave an HTTP caller time for an answer."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError
from botocore.session import Session
from pynamodb.connection import Connection
from pynamodb.connection.base import MetaTable

from paylatch.botocore_session import botocore_session_for
from paylatch.store.failures import SDK_FAILURES, answered, code_of, store_error
from paylatch.store.whole_responses import require_whole

CONNECT_TIMEOUT_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 1.0
TRIES_AFTER_THE_FIRST = 2
# As many as the threads that a function uses it from at the same time.
CONNECTIONS = 16


class ConditionFailed(Exception):
    """The write's condition did not hold; `item` is the item that it was checked on, None where there is none.

    `retried`: the SDK had sent the write before, and the response was lost; that try may have been applied.
    """

    def __init__(self, item: Mapping[str, Any] | None, *, retried: bool) -> None:
        super().__init__("the condition did not hold")
        self.item = item
        self.retried = retried


class _Connection(Connection):
    """PynamoDB's connection with a faster start: it creates a session only to make its client."""

    @property
    def session(self) -> Session:
        session = botocore_session_for("dynamodb")
        session.register("before-parse.dynamodb", require_whole)
        return session


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
            max_pool_connections=CONNECTIONS,
        )
        self.connection.add_meta_table(MetaTable(_shape_of(table)))

    def make_client(self) -> None:
        """Make the client now; otherwise the first request makes it."""
        _ = self.connection.client

    def kwargs(self, pk: str, sk: str, **options: Any) -> dict[str, Any]:
        """The arguments of a request, built from expressions."""
        return self.connection.get_operation_kwargs(self.table, pk, sk, **options)

    def send(self, operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Send a request.

        Raises `ConditionFailed`, with the old item where the request asked for it; `OrderTooLarge` for a write
        that would make its item larger than DynamoDB allows; `StoreRefused` where the request itself is
        rejected (no permission, no such table); and `StoreUnavailable` for any other failure: after a timeout
        or a server error it is unknown whether a write took effect.
        """
        try:
            return self.connection.dispatch(operation, kwargs)
        except SDK_FAILURES as error:
            if isinstance(error, ClientError) and code_of(error) == "ConditionalCheckFailedException":
                # PynamoDB's own error does not carry the item.
                response: Mapping[str, Any] = answered(error).response
                retries = response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
                raise ConditionFailed(response.get("Item"), retried=retries > 0) from error
            raise store_error(operation, error) from error


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
