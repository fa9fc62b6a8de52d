"""The sandbox gateway: sessions API, payment pages, and the schedule that processes due sessions each minute."""

import json
import os
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from aws_lambda_powertools.utilities.typing import LambdaContext
from sandbox.checkout import PayerAction
from sandbox.pages import missing_page, payment_page
from sandbox.responses import SandboxResponse
from sandbox.routes import SandboxRequest, answer_to
from sandbox.schedule import run_due
from sandbox.service import deployed_sandbox, entry
from sandbox.session_service import SessionNotFound
from sandbox.style import PAGE_HEADERS

from paylatch.domain.errors import InvalidRequest
from paylatch.runtime.requests import header, raw_body

Event = Mapping[str, Any]
Result = dict[str, Any]

_PAY = re.compile(r"/pay/(cs_[a-z2-7]{16})")


def handler(event: dict[str, Any], context: LambdaContext) -> Result:
    """Handle an HTTP API event or a scheduled one."""
    return _request(event, context) if "requestContext" in event else _minute(event, context)


@entry.http
def _request(event: dict[str, Any], context: LambdaContext) -> Result:  # noqa: ARG001
    page = _PAY.fullmatch(_path(event))
    return _payment_page(event, page[1]) if page else _api(event)


@entry.scheduled
def _minute(event: dict[str, Any], context: LambdaContext) -> Result:  # noqa: ARG001
    sandbox = deployed_sandbox()
    looked_at = run_due(
        sandbox.session_service, sandbox.store, sandbox.now(), lambda: context.get_remaining_time_in_millis() / 1000
    )
    return {"sessions": looked_at}


def _api(event: Event) -> Result:
    sandbox = deployed_sandbox()
    call = SandboxRequest(
        method=_method(event),
        path=_path(event),
        query=event.get("queryStringParameters") or {},
        authorization=header(event, "authorization") or "",
        body=raw_body(event),
    )
    answer = answer_to(call, sandbox.services(_base_url(event)), lambda: sandbox.credentials().api_keys)
    time.sleep(answer.pause)
    return _json(answer)


def _payment_page(event: Event, session_id: str) -> Result:
    checkout, now = deployed_sandbox().checkout, deployed_sandbox().now
    try:
        if _method(event) in ("GET", "HEAD"):
            return _html(200, payment_page(checkout.look(session_id), now()))
        if _method(event) != "POST":
            return _html(405, missing_page(), allow="GET, HEAD, POST")
        session, done = checkout.act(session_id, _action(event))
    except SessionNotFound:
        return _html(404, missing_page())
    # Relative, so that it works behind any proxy; after the redirect a reload does not pay twice.
    return _html(303, "", location=session_id) if done else _html(409, payment_page(session, now()))


def _action(event: Event) -> PayerAction:
    form = parse_qs(raw_body(event).decode("utf-8", "replace"), max_num_fields=20)
    try:
        return PayerAction(form.get("action", [""])[-1])
    except ValueError:
        raise InvalidRequest({"action": f"must be {' or '.join(PayerAction)}"}) from None


def _method(event: Event) -> str:
    method: str = event["requestContext"]["http"]["method"]
    return method


def _path(event: Event) -> str:
    path: str = event["rawPath"]
    stage = event["requestContext"].get("stage", "$default")
    return path if stage == "$default" else path.removeprefix(f"/{stage}")


def _base_url(event: Event) -> str:
    configured = os.environ.get("PAYLATCH_SANDBOX_URL", "").rstrip("/")
    context = event["requestContext"]
    stage = context.get("stage", "$default")
    return configured or f"https://{context['domainName']}{'' if stage == '$default' else f'/{stage}'}"


def _json(answer: SandboxResponse) -> Result:
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": answer.status, "headers": headers, "body": json.dumps(answer.document)}


def _html(status: int, page: str, **headers: str) -> Result:
    return {"statusCode": status, "headers": {**PAGE_HEADERS, **headers}, "body": page}
