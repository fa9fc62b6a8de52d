"""Gateway callbacks: verified on the raw bytes before anything else, then each has its effect once."""

import json
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from paylatch.domain.errors import CallbackRejected, PaylatchError
from paylatch.ports import Callback, Metric
from paylatch.runtime import requests
from paylatch.runtime.http import note
from paylatch.runtime.observability import logger, metrics
from paylatch.runtime.problems import NO_STORE, problem_document, problem_headers
from paylatch.runtime.time_budget import ending_in_time
from paylatch.runtime.wiring import ports
from paylatch.use_cases.receive_callback import receive_callback

# What other shops sell on the same account may be described at any length, and is acknowledged all the same: as much
# as Lambda takes.
LARGEST_CALLBACK = 6 * 1024 * 1024


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
@ending_in_time
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    gateway = event.get("pathParameters", {}).get("gateway", "")
    try:
        acknowledgement = receive_callback(gateway, _callback(event), ports())
    except PaylatchError as error:
        return _told(error, gateway)
    return {
        "statusCode": acknowledgement.status,
        "headers": {"Content-Type": acknowledgement.content_type, **NO_STORE},
        "body": acknowledgement.body,
    }


def _callback(event: dict[str, Any]) -> Callback:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return Callback(headers, requests.raw_body(event, LARGEST_CALLBACK))


def _told(error: PaylatchError, gateway: str) -> dict[str, Any]:
    if isinstance(error, CallbackRejected):
        ports().watch.count(Metric.CALLBACK_REJECTED, gateway=gateway, cause=error.cause)
    document = problem_document(error)
    note(error, document)
    return {
        "statusCode": document["status"],
        "headers": {"Content-Type": "application/problem+json", **NO_STORE, **problem_headers(error)},
        "body": json.dumps(document),
    }
