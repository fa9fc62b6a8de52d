"""Worst-case durations, so that a function ends in time and has written its results."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from paylatch.gateways import gateway_http
from paylatch.gateways.gateway_http import sending_while
from paylatch.ports import HasTime
from paylatch.runtime import gateway_secrets, timer_queue
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.store import connection

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

# The SDK's wait between tries of an unanswered request; a throttled request is answered at once.
PAUSES_SECONDS = 0.1
STORE_REQUEST_SECONDS = PAUSES_SECONDS + (1 + connection.TRIES_AFTER_THE_FIRST) * (
    connection.CONNECT_TIMEOUT_SECONDS + connection.READ_TIMEOUT_SECONDS
)
SECRET_SECONDS = PAUSES_SECONDS + gateway_secrets.TRIES * (
    gateway_secrets.CONNECT_TIMEOUT_SECONDS + gateway_secrets.READ_TIMEOUT_SECONDS
)
# What the queue did not take is sent once more.
TIMER_REQUEST_SECONDS = 2 * (
    PAUSES_SECONDS + timer_queue.TRIES * (timer_queue.CONNECT_TIMEOUT_SECONDS + timer_queue.READ_TIMEOUT_SECONDS)
)
GATEWAY_CALL_SECONDS = gateway_http.CONNECT_TIMEOUT_SECONDS + gateway_http.READ_TIMEOUT_SECONDS
# A mismatched payment: the settlement is refused, the review is written, and the content is read for the response.
REQUESTS_AFTER_A_CALL = 3
CALL_SECONDS = GATEWAY_CALL_SECONDS + REQUESTS_AFTER_A_CALL * STORE_REQUEST_SECONDS
# One order read, one fetch of the gateway's secret and one gateway call; further calls start only while time is left.
SLOWEST_ORDER_SECONDS = STORE_REQUEST_SECONDS + SECRET_SECONDS + CALL_SECONDS

# A page of a statement and its heads, or one entry: the gateway is asked, the head read, the difference written down.
SLOWEST_ENTRY_SECONDS = SLOWEST_ORDER_SECONDS + 2 * STORE_REQUEST_SECONDS


def time_for(seconds: float, context: LambdaContext) -> HasTime:
    """A function that returns whether more than that many seconds are left before the function's end."""
    return lambda: context.get_remaining_time_in_millis() > seconds * 1000


def time_within(seconds: float, reserved: float, context: LambdaContext) -> HasTime:
    """The same for `reserved` seconds, and no longer than `seconds` from now."""
    end = max(context.get_remaining_time_in_millis() - seconds * 1000, reserved * 1000)
    return lambda: context.get_remaining_time_in_millis() > end


def ending_in_time(handler: Handler) -> Handler:
    """Wrap the handler: gateway calls start only while there is time for them and for the writes afterwards."""

    @wraps(handler)
    def timed(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        def has_time(wait: float = 0.0) -> bool:
            return context.get_remaining_time_in_millis() >= (CALL_SECONDS + wait) * 1000

        with sending_while(has_time):
            return handler(event, context)

    return timed
