"""Gateway callbacks: verified on the raw bytes first; then each statement has its effect once."""

from typing import Any

from paylatch.domain import errors
from paylatch.ports import Callback
from paylatch.runtime import requests
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.operation import GATEWAYS, STORE, Operation, ResponseSpec, described
from paylatch.runtime.problems import NO_STORE
from paylatch.runtime.wiring import entry, ports
from paylatch.use_cases.receive_callback import receive_callback

# Callbacks of other shops on the same account can be long, and are acknowledged too: up to Lambda's own limit.
LARGEST_CALLBACK = 6 * 1024 * 1024


@described(
    Operation(
        route="POST /gateways/{gateway}/callbacks",
        name="receive_callback",
        summary="Receive a gateway's callback",
        description="Signed by the gateway, in its own format. Not for shops.",
        tag="Payments",
        answers={
            200: ResponseSpec("The gateway's own acknowledgement", media_type="text/plain"),
            204: ResponseSpec("The gateway's own acknowledgement, where it has no body"),
        },
        problems=STORE
        | GATEWAYS
        | {
            errors.InvalidRequest,
            errors.CallbackRejected,
            errors.OrderNotFound,
            errors.BodyTooLarge,
            errors.OrderContended,
            errors.OrderTooLarge,
        },
        public=True,
    )
)
@entry.http
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    acknowledgement = receive_callback(requests.path_value(event, "gateway"), _callback(event), ports())
    return {
        "statusCode": acknowledgement.status,
        "headers": {"Content-Type": acknowledgement.content_type, **NO_STORE},
        "body": acknowledgement.body,
    }


def _callback(event: dict[str, Any]) -> Callback:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return Callback(headers, requests.raw_body(event, LARGEST_CALLBACK))
