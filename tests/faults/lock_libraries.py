"""Alternatives for a Python team, each set up as its documentation says: one order is locked for one payment. There is
no other caller. So a true answer says that the caller has the lock, or that the outcome is unknown; an answer that
another caller has it is false.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from importlib import import_module
from typing import Any

import boto3
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError
from botocore.config import Config
from botocore.exceptions import ClientError
from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import PynamoDBException, UpdateError
from pynamodb.models import Model

from paylatch.store import connection
from tests.api.handlers import Context
from tests.faults.proxied_connections import REGION

# Imported only here: `make compare-lost-responses` installs it separately.
_lock: Any = import_module("python_dynamodb_lock.python_dynamodb_lock")
TABLE = "peers"
_orders = itertools.count()


class LockResult(StrEnum):
    """The caller's answer."""

    ACQUIRED = "locked"
    HELD_BY_OTHER = "locked by another"
    UNKNOWN = "unknown"


TryLock = Callable[[], LockResult]


@dataclass(frozen=True, slots=True)
class LockLibrary:
    """`fresh` makes the call that locks an order that was not locked before."""

    name: str
    fresh: Callable[[], TryLock]


def lock_libraries(database: str) -> tuple[LockLibrary, ...]:
    """All of them, with time-outs and retries as Paylatch's own client has them, at that address."""
    config = Config(
        connect_timeout=connection.CONNECT_TIMEOUT_SECONDS,
        read_timeout=connection.READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": 1 + connection.TRIES_AFTER_THE_FIRST, "mode": "standard"},
    )
    return (
        LockLibrary("Powertools idempotency", _powertools(database, config)),
        LockLibrary("python-dynamodb-lock", _dynamodb_lock(database, config)),
        LockLibrary("pynamodb conditional update", _pynamodb(database, reads_when_refused=False)),
        LockLibrary("… and a read when refused", _pynamodb(database, reads_when_refused=True)),
    )


def create_table(database: str) -> None:
    """One table for all of them."""
    boto3.client("dynamodb", region_name=REGION, endpoint_url=database).create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )


def _powertools(database: str, config: Config) -> Callable[[], TryLock]:
    """The payment request's function is made idempotent by its Idempotency-Key; what it does costs nothing here."""
    # It needs the function's remaining time: an unfinished call may be repeated after that.
    context: Any = Context(lambda: 20_000)
    settings = IdempotencyConfig(lambda_context=context)
    client: Any = boto3.client("dynamodb", region_name=REGION, endpoint_url=database, config=config)
    store = DynamoDBPersistenceLayer(TABLE, key_attr="pk", sort_key_attr="sk", boto3_client=client)

    @idempotent_function(  # type: ignore[untyped-decorator]
        data_keyword_argument="key", persistence_store=store, config=settings
    )
    def requested(key: str) -> dict[str, str]:
        return {"attempt": key}

    def fresh() -> TryLock:
        key = f"order-{next(_orders)}"

        def try_lock() -> LockResult:
            try:
                requested(key=key)
            except IdempotencyAlreadyInProgressError:
                return LockResult.HELD_BY_OTHER
            except Exception:
                return LockResult.UNKNOWN
            return LockResult.ACQUIRED

        return try_lock

    return fresh


def _dynamodb_lock(database: str, config: Config) -> Callable[[], TryLock]:
    """One client. Behind an HTTP API no caller waits for a lease to expire; heartbeats come too late to count here."""
    resource = boto3.resource("dynamodb", region_name=REGION, endpoint_url=database, config=config)
    client = _lock.DynamoDBLockClient(
        resource,
        table_name=TABLE,
        partition_key_name="pk",
        sort_key_name="sk",
        heartbeat_period=timedelta(hours=1),
        safe_period=timedelta(hours=2),
        lease_duration=timedelta(hours=3),
    )

    def fresh() -> TryLock:
        key = f"order-{next(_orders)}"

        def try_lock() -> LockResult:
            try:
                client.acquire_lock(key, retry_period=timedelta(seconds=0.5), retry_timeout=timedelta(seconds=1))
            except _lock.DynamoDBLockError as error:
                return (
                    LockResult.HELD_BY_OTHER
                    if error.code == _lock.DynamoDBLockError.ACQUIRE_TIMEOUT
                    else LockResult.UNKNOWN
                )
            return LockResult.ACQUIRED

        return try_lock

    return fresh


def _pynamodb(database: str, *, reads_when_refused: bool) -> Callable[[], TryLock]:
    """`SET attempt = mine` on the condition that there is none."""

    class OrderModel(Model):
        class Meta:
            table_name = TABLE
            region = REGION
            host = database
            connect_timeout_seconds = connection.CONNECT_TIMEOUT_SECONDS
            read_timeout_seconds = connection.READ_TIMEOUT_SECONDS
            max_retry_attempts = connection.TRIES_AFTER_THE_FIRST

        pk = UnicodeAttribute(hash_key=True)
        sk = UnicodeAttribute(range_key=True)
        attempt = UnicodeAttribute(null=True)

    def fresh() -> TryLock:
        order = OrderModel(f"order-{next(_orders)}", "HEAD")
        mine = f"attempt-of-{order.pk}"

        def try_lock() -> LockResult:
            try:
                order.update([OrderModel.attempt.set(mine)], condition=OrderModel.attempt.does_not_exist())
            except UpdateError as error:
                return refused() if _is_refusal(error.cause) else LockResult.UNKNOWN
            except PynamoDBException:
                return LockResult.UNKNOWN
            return LockResult.ACQUIRED

        def refused() -> LockResult:
            if not reads_when_refused:
                return LockResult.HELD_BY_OTHER
            found = OrderModel.get(order.pk, "HEAD", consistent_read=True)
            return LockResult.ACQUIRED if found.attempt == mine else LockResult.HELD_BY_OTHER

        return try_lock

    return fresh


def _is_refusal(cause: Exception | None) -> bool:
    return isinstance(cause, ClientError) and cause.response["Error"].get("Code") == "ConditionalCheckFailedException"
