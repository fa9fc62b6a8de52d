"""How long things take at worst, so that a function ends in time and has written what it learnt."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from paylatch.gateways import gateway_http
from paylatch.gateways.gateway_http import sending_while
from paylatch.runtime import gateway_secrets
from paylatch.store import connection

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

# What the SDK waits between the tries of a request that nobody answers. Who is throttled is answered at once.
PAUSES_SECONDS = 0.1
STORE_REQUEST_SECONDS = PAUSES_SECONDS + (1 + connection.TRIES_AFTER_THE_FIRST) * (
    connection.CONNECT_TIMEOUT_SECONDS + connection.READ_TIMEOUT_SECONDS
)
SECRET_SECONDS = PAUSES_SECONDS + gateway_secrets.TRIES * (
    gateway_secrets.CONNECT_TIMEOUT_SECONDS + gateway_secrets.READ_TIMEOUT_SECONDS
)
GATEWAY_CALL_SECONDS = gateway_http.CONNECT_TIMEOUT_SECONDS + gateway_http.READ_TIMEOUT_SECONDS
# Money that does not match: refused as the settlement, put under review, and the order's content read for the answer.
REQUESTS_AFTER_A_CALL = 3
CALL_SECONDS = GATEWAY_CALL_SECONDS + REQUESTS_AFTER_A_CALL * STORE_REQUEST_SECONDS
# An order is read, its gateway's secret fetched, and the gateway asked once; further calls are made while time is left.
SLOWEST_ORDER_SECONDS = STORE_REQUEST_SECONDS + SECRET_SECONDS + CALL_SECONDS


def time_for(seconds: float, context: LambdaContext) -> Callable[[], bool]:
    """Says whether more than so many seconds are left until the function is ended."""
    return lambda: context.get_remaining_time_in_millis() > seconds * 1000


def ending_in_time(handler: Handler) -> Handler:
    """Make the handler begin a call to a gateway only while there is time for it and for what is written afterwards."""

    @wraps(handler)
    def timed(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        with sending_while(lambda: context.get_remaining_time_in_millis() >= CALL_SECONDS * 1000):
            return handler(event, context)

    return timed
