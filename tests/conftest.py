"""Fixtures of all tiers. moto is imported before any client is made: only then are the calls intercepted."""

import moto  # isort: skip

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from typing import Any

import pytest
from hypothesis import settings
from moto.core import models as moto_core
from moto.core.models import DEFAULT_ACCOUNT_ID, botocore_stubber
from moto.dynamodb.models import dynamodb_backends

from paylatch.store.connection import TableConnection
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.orders_table import TABLE, client_of, table_request
from tests.quick_moto import quick_moto

REGION = "eu-west-1"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def pytest_configure(config: pytest.Config) -> None:
    # No deadline for an example: a busy machine is no fault of the code.
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
    # Powertools warns of every call without a metric, and most have none.
    config.addinivalue_line("filterwarnings", "ignore:No application metrics to publish:UserWarning")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object | None:
    """What `--dist loadfile` means here; another choice is xdist's own."""
    # The environments of the fuzzer and of the lock libraries have no xdist, and load these fixtures too.
    from tests.distribution import FilesInOneProcess

    return FilesInOneProcess(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True, scope="session")
def one_request_at_a_time() -> Iterator[None]:
    """A condition and its write are one step for the threads too: DynamoDB promises that of an item, moto does not."""
    one_at_a_time, process = Lock(), botocore_stubber.process_request

    def serve(request: Any) -> Any:
        with one_at_a_time:
            return process(request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore_stubber, "process_request", serve)
        yield


@pytest.fixture(autouse=True, scope="session")
def only_botocore_is_mocked() -> Iterator[None]:
    """No client here uses `requests`, for which moto would register a thousand addresses for every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moto_core, "RESPONSES_METHODS", [])
        yield


@pytest.fixture(autouse=True, scope="session")
def moto_works_once() -> Iterator[None]:
    """moto is most of the time of the tests on it."""
    with quick_moto():
        yield


@pytest.fixture
def clock() -> SettableClock:
    """Noon, until a test moves it."""
    return SettableClock(NOON)


@pytest.fixture
def tokens() -> SequentialIdGenerator:
    """The same tokens in every run."""
    return SequentialIdGenerator()


@pytest.fixture
def orders_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[TableConnection]:
    """An empty table on moto, made from the template, and the connection to it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with moto.mock_aws():
        tables_of_moto()[TABLE] = deepcopy(_empty_table())
        yield _connection()


@cache
def _empty_table() -> Any:
    # Making a table takes longer than copying one, and longer than most tests.
    client_of(_connection()).create_table(**table_request())
    return tables_of_moto().pop(TABLE)


def tables_of_moto() -> dict[str, Any]:
    """The tables that are on moto now, by name."""
    tables: dict[str, Any] = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
    return tables


@cache
def _connection() -> TableConnection:
    # Making a client takes longer than most tests; the tables behind it come and go.
    return TableConnection(TABLE, region=REGION)
