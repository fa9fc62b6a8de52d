"""Failures of DynamoDB requests, mapped to the errors of the store port."""

from botocore import exceptions
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from paylatch.domain.errors import OrderTooLarge, PaylatchError, StoreRefused, StoreUnavailable

# The SDK raises these where no complete or readable response arrived.
SDK_FAILURES = (ClientError, exceptions.BotoCoreError, ResponseParserError)
# Status codes below 500 for which a retry helps.
_BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "ThrottledException",
        "Throttling",
        "TooManyRequestsException",
        "RequestThrottled",
        "RequestThrottledException",
        "LimitExceededException",
        "BandwidthLimitExceeded",
        "SlowDown",
        "EC2ThrottledException",
        "KMSThrottlingException",
        "KMSInternalException",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ReplicatedWriteConflictException",
        "PriorRequestNotComplete",
        "RequestTimeout",
        "RequestTimeoutException",
        "RequestAbortedException",
        "InternalFailure",
        "InternalServerError",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
_BUSY_STATUSES = frozenset({408, 425, 429})
# The SDK raises these before it sends anything: DynamoDB cannot resolve them.
_NOT_SENT = (
    exceptions.BaseEndpointResolverError,
    exceptions.CredentialRetrievalError,
    exceptions.EndpointProviderError,
    exceptions.InvalidConfigError,
    exceptions.InvalidEndpointConfigurationError,
    exceptions.MissingParametersError,
    exceptions.NoAuthTokenError,
    exceptions.NoCredentialsError,
    exceptions.ParamValidationError,
    exceptions.PartialCredentialsError,
    exceptions.ProfileNotFound,
    exceptions.TokenRetrievalError,
    exceptions.UnknownServiceError,
    exceptions.UnknownSignatureVersionError,
    exceptions.ValidationError,
)


def store_error(operation: str, error: Exception) -> PaylatchError:
    """The error for a failure of the SDK, other than a condition that did not hold.

    `StoreRefused` where DynamoDB or the SDK rejects the request itself, `OrderTooLarge` where the item would be too
    large, and `StoreUnavailable` where the same request may succeed later, and for any unknown failure.
    """
    if isinstance(error, ClientError):
        return _answered(operation, error)
    if isinstance(error, _NOT_SENT):
        # Some of these messages contain the request's values.
        return StoreRefused(operation, type(error).__name__)
    return StoreUnavailable(f"{operation}: {error}")


def code_of(error: ClientError) -> str:
    """DynamoDB's error code; empty where there is none."""
    code: str = error.response.get("Error", {}).get("Code") or ""
    return code


def answered(error: ClientError) -> ClientError:
    """The error with DynamoDB's complete response, which PynamoDB's own error wraps."""
    return error.__cause__ if isinstance(error.__cause__, ClientError) else error


def _answered(operation: str, error: ClientError) -> PaylatchError:
    if _is_too_large(error):
        return OrderTooLarge(operation)
    if _may_succeed_later(error):
        return StoreUnavailable(f"{operation}: {error}")
    return StoreRefused(operation, f"{code_of(error)}: {error.response['Error'].get('Message', '')}".rstrip(": "))


def _may_succeed_later(error: ClientError) -> bool:
    metadata = answered(error).response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode", 500 if not code_of(error) else 400)
    return code_of(error) in _BUSY or status >= 500 or status in _BUSY_STATUSES


def _is_too_large(error: ClientError) -> bool:
    # DynamoDB has no separate code for this: the message is "Item size has exceeded the maximum allowed size" for a
    # put, and "Item size to update has exceeded the maximum allowed size" for an update.
    message: str = error.response.get("Error", {}).get("Message") or ""
    return code_of(error) == "ValidationException" and "Item size" in message
