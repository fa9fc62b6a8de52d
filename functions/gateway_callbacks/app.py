"""Gateway callbacks: verified on the raw bytes first; then each statement has its effect once."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from paylatch.ports import Callback
from paylatch.runtime import requests
from paylatch.runtime.problems import NO_STORE
from paylatch.runtime.wiring import entry, ports
from paylatch.use_cases.receive_callback import receive_callback

# Callbacks of other shops on the same account can be long, and are acknowledged too: up to Lambda's own limit.
LARGEST_CALLBACK = 6 * 1024 * 1024


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
