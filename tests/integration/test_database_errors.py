"""For every failure of DynamoDB, each call of a store raises the one error that says what to do next."""

import inspect
import json
import socket
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from botocore.session import get_session
from sandbox.ports import SessionStore
from sandbox.store import DynamoSessionStore

from paylatch.domain.errors import OrderTooLarge, StoreRefused, StoreUnavailable
from paylatch.ports import OrderStore, ReconciliationStore
from paylatch.store import connection
from paylatch.store.connection import TRIES_AFTER_THE_FIRST, TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from paylatch.store.statements import DynamoReconciliationStore
from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply
from tests.fakes.sandbox_samples import NOON
from tests.orders_table import TABLE
from tests.store_calls import ORDER_CALLS, RECONCILIATION_CALLS, SANDBOX_CALLS

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
ONE, TRIES = 1, 1 + TRIES_AFTER_THE_FIRST
# Each error that DynamoDB has a name for: its HTTP status, and what a caller is to do about it.
SILENT: dict[str, int] = {
    "ProvisionedThroughputExceededException": 400,
    "RequestLimitExceeded": 400,
    "ThrottlingException": 400,
    "LimitExceededException": 400,
    "TransactionConflictException": 400,
    "TransactionInProgressException": 400,
    "ReplicatedWriteConflictException": 400,
    "RequestTimeoutException": 408,
    "RequestAbortedException": 400,
    "KMSThrottlingException": 400,
    "KMSInternalException": 500,
    "InternalServerError": 500,
    "InternalFailure": 500,
    "ServiceUnavailable": 503,
}
FINAL: dict[str, int] = {
    "AccessDeniedException": 400,
    "ResourceNotFoundException": 400,
    "TableNotFoundException": 400,
    "ValidationException": 400,
    "SerializationException": 400,
    "ItemCollectionSizeLimitExceededException": 400,
    "IncompleteSignatureException": 400,
    "InvalidSignatureException": 400,
    "SignatureDoesNotMatch": 403,
    "MissingAuthenticationTokenException": 400,
    "UnrecognizedClientException": 400,
    "InvalidClientTokenId": 403,
    "ExpiredTokenException": 400,
    "RequestExpired": 400,
    "NotAuthorized": 400,
    "OptInRequired": 403,
    "MalformedHttpRequestException": 400,
    "RequestEntityTooLargeException": 413,
    "UnknownOperationException": 400,
    "KMSAccessDeniedException": 400,
    "KMSDisabledException": 400,
    "KMSInvalidStateException": 400,
    "KMSNotFoundException": 400,
    "ACodeOfNextYear": 400,
}
ERRORS = [*((code, StoreUnavailable) for code in SILENT), *((code, StoreRefused) for code in FINAL)]
# Not an error of the request: the answer to a condition, which only those who set one get.
CONDITION = "ConditionalCheckFailedException"
OPERATIONS = ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "BatchGetItem", "BatchWriteItem")


def failing(code: str, status: int, message: str = "in DynamoDB's words") -> Callable[[ReceivedRequest], Reply]:
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message}).encode()
    return lambda _: Reply(status, body, {"Content-Type": "application/x-amz-json-1.0"})


@pytest.fixture(scope="module")
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer(lambda _: Reply(), at_once=True) as server:
        yield server


@pytest.fixture(scope="module")
def tables(server: LoopbackServer) -> Iterator[dict[str, TableConnection]]:
    """Connections to two tables there. Making a client takes longer than all its requests here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "READ_TIMEOUT_SECONDS", 0.2)
        for name in CREDENTIALS:
            patch.setenv(name, "test")
        made = {name: table_at(server.url, name) for name in (TABLE, "sandbox")}
        for table in made.values():
            table.make_client()
        yield made


@pytest.fixture
def database(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> LoopbackServer:
    """Something that speaks HTTP where DynamoDB should be; the SDK does not wait between its tries."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None))
    server.asked.clear()
    server.answers, server.stalls = lambda _: Reply(), lambda _: False
    return server


@pytest.fixture
def orders(tables: dict[str, TableConnection], database: LoopbackServer) -> DynamoOrderStore:
    return DynamoOrderStore(tables[TABLE])


@pytest.fixture
def sessions(tables: dict[str, TableConnection], database: LoopbackServer) -> DynamoSessionStore:
    return DynamoSessionStore(tables["sandbox"], lambda: NOON)


def table_at(url: str, name: str = TABLE) -> TableConnection:
    return TableConnection(name, region="eu-west-1", host=url)


def calls_of(port: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(port, inspect.isfunction) if not name.startswith("_")}


def test_every_call_of_a_store_is_tried_here() -> None:
    assert set(ORDER_CALLS) == calls_of(OrderStore)
    assert set(SANDBOX_CALLS) == calls_of(SessionStore)
    assert set(RECONCILIATION_CALLS) == calls_of(ReconciliationStore)


def test_every_error_that_the_sdk_knows_of_these_operations_is_tried_here() -> None:
    model = get_session().get_service_model("dynamodb")
    known = {shape.name for operation in OPERATIONS for shape in model.operation_model(operation).error_shapes}

    assert known <= {*SILENT, *FINAL, CONDITION}


@pytest.mark.parametrize("call", ORDER_CALLS)
@pytest.mark.parametrize("code", SILENT)
def test_what_may_succeed_later_is_an_unknown_outcome(
    database: LoopbackServer, orders: DynamoOrderStore, code: str, call: str
) -> None:
    database.answers = failing(code, SILENT[code])
    with pytest.raises(StoreUnavailable, match=code):
        ORDER_CALLS[call](orders)
    assert ONE <= len(database.asked) <= TRIES


@pytest.mark.parametrize("call", ORDER_CALLS)
@pytest.mark.parametrize("code", FINAL)
def test_what_a_person_must_mend_is_a_refusal_and_is_not_asked_again(
    database: LoopbackServer, orders: DynamoOrderStore, code: str, call: str
) -> None:
    database.answers = failing(code, FINAL[code])
    with pytest.raises(StoreRefused, match=code):
        ORDER_CALLS[call](orders)
    assert len(database.asked) == ONE


@pytest.mark.parametrize("call", SANDBOX_CALLS)
@pytest.mark.parametrize(("code", "error"), ERRORS)
def test_the_sandbox_distinguishes_them_too(
    database: LoopbackServer, sessions: DynamoSessionStore, code: str, error: type[Exception], call: str
) -> None:
    database.answers = failing(code, {**SILENT, **FINAL}[code])
    with pytest.raises(error, match=code):
        SANDBOX_CALLS[call](sessions)


@pytest.mark.parametrize("call", RECONCILIATION_CALLS)
@pytest.mark.parametrize(("code", "error"), ERRORS)
def test_the_reconciliation_distinguishes_them_too(
    database: LoopbackServer, tables: dict[str, TableConnection], code: str, error: type[Exception], call: str
) -> None:
    database.answers = failing(code, {**SILENT, **FINAL}[code])
    with pytest.raises(error, match=code):
        RECONCILIATION_CALLS[call](DynamoReconciliationStore(tables[TABLE]))


@pytest.mark.parametrize("call", ["apply", "put_content", "record_events"])
@pytest.mark.parametrize("words", ["Item size has exceeded", "Item size to update has exceeded"])
def test_an_item_without_room_is_neither(
    database: LoopbackServer, orders: DynamoOrderStore, words: str, call: str
) -> None:
    database.answers = failing("ValidationException", 400, f"{words} the maximum allowed size")
    with pytest.raises(OrderTooLarge):
        ORDER_CALLS[call](orders)
    assert len(database.asked) == ONE


UNREADABLE = {
    "no JSON": Reply(200, b"<html>"),
    "half a JSON": Reply(200, b'{"Item": {'),
    "an error without a name": Reply(500, b""),
    "an error of something on the way": Reply(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"}),
    "less than was announced": Reply(200, b"{}", {"Content-Length": "100"}),
    "another checksum than was sent": Reply(200, b"{}", {"x-amz-crc32": "1"}),
}


@pytest.mark.parametrize("call", ORDER_CALLS)
@pytest.mark.parametrize("reply", UNREADABLE.values(), ids=UNREADABLE)
def test_an_answer_that_cannot_be_read_leaves_the_outcome_unknown(
    database: LoopbackServer, orders: DynamoOrderStore, reply: Reply, call: str
) -> None:
    database.answers = lambda _: reply
    with pytest.raises(StoreUnavailable):
        ORDER_CALLS[call](orders)


@pytest.mark.parametrize("call", ORDER_CALLS)
def test_a_database_that_does_not_answer_leaves_the_outcome_unknown(
    database: LoopbackServer, orders: DynamoOrderStore, call: str
) -> None:
    database.stalls = lambda _: True
    with pytest.raises(StoreUnavailable, match="imeout"):
        ORDER_CALLS[call](orders)


def nobody(database: LoopbackServer) -> str:
    """A closed port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


WRONG_ADDRESSES: dict[str, Callable[[LoopbackServer], str]] = {
    "refused connection": nobody,
    "no TLS where TLS is expected": lambda database: database.url.replace("http:", "https:"),
    "no such host": lambda _: "http://database.invalid",
}


@pytest.mark.parametrize("where", WRONG_ADDRESSES.values(), ids=WRONG_ADDRESSES)
def test_a_database_that_cannot_be_reached_is_a_silent_one(
    database: LoopbackServer, where: Callable[[LoopbackServer], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in CREDENTIALS:
        monkeypatch.setenv(name, "test")
    store = DynamoOrderStore(table_at(where(database)))
    for call in ORDER_CALLS.values():
        with pytest.raises(StoreUnavailable):
            call(store)


@pytest.mark.parametrize("call", ORDER_CALLS)
def test_a_connection_that_is_closed_without_an_answer_leaves_the_outcome_unknown(
    database: LoopbackServer, orders: DynamoOrderStore, call: str
) -> None:
    def close(_: ReceivedRequest) -> Reply:
        raise ConnectionResetError

    database.answers = close
    with pytest.raises(StoreUnavailable):
        ORDER_CALLS[call](orders)
    assert ONE <= len(database.asked) <= TRIES


def test_without_credentials_nothing_is_sent_and_no_retry_is_suggested(
    database: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    store = DynamoOrderStore(table_at(database.url))
    for call in ORDER_CALLS.values():
        with pytest.raises(StoreRefused, match="NoCredentials"):
            call(store)
    assert database.asked == []
