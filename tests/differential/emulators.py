"""The emulators of DynamoDB, each with an empty table made from the template."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import moto

from local import emulator
from local.ports import claim
from paylatch.store import connection as store_connection
from paylatch.store.connection import TableConnection
from tests.differential.official import official_running
from tests.orders_table import TABLE, table_request

REGION = "us-east-1"
TIMEOUT_SECONDS = 30
Running = Callable[[], contextlib.AbstractContextManager[TableConnection]]


@contextlib.contextmanager
def moto_table() -> Iterator[TableConnection]:
    """moto, in this process."""
    with moto.mock_aws():
        yield _table(None)


@contextlib.contextmanager
def ministack_table() -> Iterator[TableConnection]:
    """MiniStack, as the local stack starts it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        emulator.running(claim(0, 0, 0).emulator, Path(folder)) as url,
    ):
        yield _table(url)


@contextlib.contextmanager
def official_table() -> Iterator[TableConnection]:
    """DynamoDB Local. Raises `OfficialMissing` where it cannot be run."""
    with tempfile.TemporaryDirectory() as folder, official_running(Path(folder)) as url:
        yield _table(url)


EMULATORS: dict[str, Running] = {
    "moto": moto_table,
    "MiniStack": ministack_table,
    "DynamoDB Local": official_table,
}


def _table(host: str | None) -> TableConnection:
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    # Answers are compared, not times: a busy machine is no difference.
    store_connection.READ_TIMEOUT_SECONDS = TIMEOUT_SECONDS
    client = boto3.client("dynamodb", region_name=REGION, endpoint_url=host)
    client.create_table(**table_request())
    client.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return TableConnection(TABLE, region=REGION, host=host)
