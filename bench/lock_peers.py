"""Ways to lock an order for one payment and to settle it, each as its documentation says."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from importlib import import_module
from typing import Any, ClassVar

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
from pynamodb.exceptions import UpdateError
from pynamodb.models import Model

from paylatch.store import connection
from tests.api.handlers import Context

# Imported only here: `make bench-locks` installs it separately.
_lock: Any = import_module("python_dynamodb_lock.python_dynamodb_lock")
REGION = "eu-west-1"
TABLE = "peers"
SDK = Config(retries={"total_max_attempts": 1 + connection.TRIES_AFTER_THE_FIRST, "mode": "standard"})

ONE_SECOND = timedelta(seconds=1)
ORDER, MINE = "order", "mine"

Started = Callable[[], None]


class Answer(StrEnum):
    """What the caller learns."""

    DONE = "done"
    REFUSED = "refused"


class LockPeer(ABC):
    """One way to lock one order. `started` is called where the measured part of a call begins."""

    name: ClassVar[str]
    table: ClassVar[str] = TABLE
    client: Any

    def place(self) -> None:  # noqa: B027 (a lock of its own needs no order)
        """Prepare the unlocked order."""

    @abstractmethod
    def lock(self, attempt: str, /) -> Answer:
        """Lock the order for that attempt."""

    @abstractmethod
    def settle(self, started: Started) -> Answer:
        """Lock the order for the attempt `MINE`; then, measured, record that it is paid."""


class _Crash(BaseException):
    """Ends a function as a crash would: its idempotency record stays in progress."""


class Powertools(LockPeer):
    """A function that is idempotent by its key: its record is the lock, and its result the settlement."""

    name = "Powertools idempotency"

    def __init__(self) -> None:
        self.client = boto3.client("dynamodb", region_name=REGION, config=SDK)
        context: Any = Context(lambda: 20_000)
        self._settings = IdempotencyConfig(lambda_context=context)
        self._store = DynamoDBPersistenceLayer(TABLE, key_attr="pk", sort_key_attr="sk", boto3_client=self.client)

    def lock(self, _attempt: str, /) -> Answer:
        try:
            self._call(self._crash)
        except _Crash:
            return Answer.DONE
        except IdempotencyAlreadyInProgressError:
            return Answer.REFUSED
        raise AssertionError("the function did not run")

    def settle(self, started: Started) -> Answer:
        self._call(started)
        return Answer.DONE

    def _call(self, body: Callable[[], None]) -> None:
        @idempotent_function(  # type: ignore[untyped-decorator]
            data_keyword_argument="key", persistence_store=self._store, config=self._settings
        )
        def requested(key: str) -> dict[str, str]:
            body()
            return {"attempt": key}

        requested(key=ORDER)

    @staticmethod
    def _crash() -> None:
        raise _Crash


class DynamoDbLock(LockPeer):
    """One lock client without heartbeats; a caller of an HTTP API waits for one second at most."""

    name = "python-dynamodb-lock"

    def __init__(self) -> None:
        resource: Any = boto3.resource("dynamodb", region_name=REGION, config=SDK)
        self.client = resource.meta.client
        self._locks = _lock.DynamoDBLockClient(
            resource,
            table_name=TABLE,
            partition_key_name="pk",
            sort_key_name="sk",
            heartbeat_period=timedelta(hours=1),
            safe_period=timedelta(hours=2),
            lease_duration=timedelta(hours=3),
        )

    def lock(self, _attempt: str, /) -> Answer:
        return Answer.DONE if self._acquired() else Answer.REFUSED

    def settle(self, started: Started) -> Answer:
        held = self._acquired()
        started()
        try:
            held.release(best_effort=False)
        except _lock.DynamoDBLockError:
            return Answer.REFUSED
        return Answer.DONE

    def _acquired(self) -> Any:
        try:
            return self._locks.acquire_lock(ORDER, retry_period=timedelta(seconds=0.5), retry_timeout=ONE_SECOND)
        except _lock.DynamoDBLockError:
            return None


class PynamoDbModel(LockPeer):
    """Read the order, decide in Python, write it on the condition that it is as it was read."""

    name = "pynamodb get and update"

    def __init__(self) -> None:
        class OrderModel(Model):
            class Meta:
                table_name = TABLE
                region = REGION
                max_retry_attempts = connection.TRIES_AFTER_THE_FIRST

            pk = UnicodeAttribute(hash_key=True)
            sk = UnicodeAttribute(range_key=True)
            status = UnicodeAttribute()
            attempt = UnicodeAttribute(null=True)

        self._model = OrderModel
        self.client = OrderModel._get_connection().connection.client  # noqa: SLF001 (the model hides its client)

    def place(self) -> None:
        self._model(ORDER, "HEAD", status="pending").save()

    def lock(self, attempt: str, /) -> Answer:
        found = self._model.get(ORDER, "HEAD", consistent_read=True)
        if found.status != "pending":
            return Answer.REFUSED
        actions = [self._model.status.set("locked"), self._model.attempt.set(attempt)]
        return self._update(found, actions, self._model.status == "pending")

    def settle(self, started: Started) -> Answer:
        self.lock(MINE)
        started()
        found = self._model.get(ORDER, "HEAD", consistent_read=True)
        condition = (self._model.status == "locked") & (self._model.attempt == MINE)
        return self._update(found, [self._model.status.set("paid")], condition)

    @staticmethod
    def _update(order: Any, actions: list[Any], condition: Any) -> Answer:
        try:
            order.update(actions, condition=condition)
        except UpdateError:
            return Answer.REFUSED
        return Answer.DONE


class Transaction(LockPeer):
    """The order and its attempt are two items, written by one `TransactWriteItems`."""

    name = "TransactWriteItems"

    def __init__(self) -> None:
        self.client = boto3.client("dynamodb", region_name=REGION, config=SDK)

    def place(self) -> None:
        item = {**_item_key(ORDER, "HEAD"), "status": {"S": "pending"}}
        self.client.put_item(TableName=TABLE, Item=item)

    def lock(self, attempt: str, /) -> Answer:
        return self._moved(attempt, "pending", "locked")

    def settle(self, started: Started) -> Answer:
        self.lock(MINE)
        started()
        return self._moved(MINE, "locked", "paid")

    def _moved(self, attempt: str, before: str, after: str) -> Answer:
        head: dict[str, Any] = {
            "ConditionExpression": "#status = :before",
            "ExpressionAttributeValues": {":before": {"S": before}, ":after": {"S": after}},
        }
        part: dict[str, Any] = {"ExpressionAttributeValues": {":after": {"S": after}}}
        updates = [(_item_key(ORDER, "HEAD"), head), (_item_key(ORDER, f"ATTEMPT#{attempt}"), part)]
        items: Any = [{"Update": {"Key": key, **_UPDATE, **options}} for key, options in updates]
        try:
            self.client.transact_write_items(TransactItems=items)
        except ClientError:
            return Answer.REFUSED
        return Answer.DONE


_UPDATE: dict[str, Any] = {
    "TableName": TABLE,
    "UpdateExpression": "SET #status = :after",
    "ExpressionAttributeNames": {"#status": "status"},
}


def _item_key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}
