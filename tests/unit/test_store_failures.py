"""A refused request, a database that does not answer and an item without room are different errors."""

from typing import Any

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from paylatch.domain.errors import OrderTooLarge, StoreRefused, StoreUnavailable
from paylatch.store.failures import store_error


def answer(code: str, status: int, message: str = "in DynamoDB's words") -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "UpdateItem")


REFUSED: list[Exception] = [
    answer("AccessDeniedException", 400),
    answer("ResourceNotFoundException", 400),
    answer("ValidationException", 400),
    answer("SerializationException", 400),
    answer("UnrecognizedClientException", 400),
    answer("MissingAuthenticationTokenException", 400),
    answer("IncompleteSignatureException", 400),
    answer("InvalidSignatureException", 400),
    answer("ExpiredTokenException", 400),
    answer("InvalidClientTokenId", 403),
    answer("RequestExpired", 400),
    answer("KMSAccessDeniedException", 400),
    answer("KMSDisabledException", 400),
    answer("KMSInvalidStateException", 400),
    answer("KMSNotFoundException", 400),
    answer("OptInRequired", 403),
    answer("ANewCodeOfNextYear", 400),
    exceptions.NoCredentialsError(),
    exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
    exceptions.CredentialRetrievalError(provider="x", error_msg="x"),
    exceptions.NoRegionError(),
    exceptions.ParamValidationError(report="value: Jane Doe"),
]
NO_ANSWER: list[Exception] = [
    answer("ProvisionedThroughputExceededException", 400),
    answer("ThrottlingException", 400),
    answer("RequestLimitExceeded", 400),
    answer("LimitExceededException", 400),
    answer("TransactionConflictException", 400),
    answer("ReplicatedWriteConflictException", 400),
    answer("KMSThrottlingException", 400),
    answer("RequestTimeout", 408),
    answer("InternalServerError", 500),
    answer("ServiceUnavailable", 503),
    answer("ANewCodeOfNextYear", 500),
    answer("", 502),
    ClientError({}, "UpdateItem"),
    exceptions.EndpointConnectionError(endpoint_url="https://dynamodb"),
    exceptions.ConnectTimeoutError(endpoint_url="https://dynamodb"),
    exceptions.ReadTimeoutError(endpoint_url="https://dynamodb"),
    exceptions.ConnectionClosedError(endpoint_url="https://dynamodb"),
    exceptions.BotoCoreError(),
    ResponseParserError("not JSON"),
]


def named(error: Exception) -> str:
    return f"{error.response.get('Error', {}).get('Code')}" if isinstance(error, ClientError) else type(error).__name__


@pytest.mark.parametrize("error", REFUSED, ids=named)
def test_a_request_that_is_refused_as_such_is_no_silence(error: Exception) -> None:
    found = store_error("UpdateItem", error)
    assert isinstance(found, StoreRefused)
    assert found.cause.startswith("UpdateItem: ")
    assert named(error) in found.cause


@pytest.mark.parametrize("error", NO_ANSWER, ids=named)
def test_what_may_succeed_later_is_no_refusal(error: Exception) -> None:
    assert isinstance(store_error("UpdateItem", error), StoreUnavailable)


@pytest.mark.parametrize("message", ["Item size has exceeded the maximum allowed size", "Item size to update has ..."])
def test_an_item_that_grows_too_large_is_neither(message: str) -> None:
    assert isinstance(store_error("PutItem", answer("ValidationException", 400, message)), OrderTooLarge)


def test_a_requests_values_are_in_no_cause() -> None:
    found = store_error("PutItem", exceptions.ParamValidationError(report="value: Jane Doe"))
    assert "Jane" not in str(found)
