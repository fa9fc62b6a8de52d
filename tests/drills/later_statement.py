"""The sandbox's statement as it will be a while later: what is too fresh to be listed now is in it."""

import json
from datetime import timedelta
from urllib.parse import urlencode

from local.api_client import ApiRequest, HttpTransport
from paylatch.domain.timestamps import as_text, from_text
from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply

# More than the quarter of an hour for which callbacks may still be on their way.
LATER = timedelta(minutes=20)
_OWN = ("host", "content-length", "connection", "accept-encoding")


def later_statement(sandbox_url: str) -> LoopbackServer:
    """Forwards every request to the sandbox, and has lists of its statement end twenty minutes later."""

    def answer(asked: ReceivedRequest) -> Reply:
        query = dict(asked.query)
        if "until" in query:
            query["until"] = as_text(from_text(query["until"]) + LATER)
        path = f"{asked.path}?{urlencode(query)}" if query else asked.path
        headers = {name: value for name, value in asked.headers.items() if name not in _OWN}
        response = HttpTransport(sandbox_url)(ApiRequest(asked.method, path, headers, asked.body or None))
        content_type = {"Content-Type": response.headers.get("content-type", "")}
        return Reply(response.status, json.dumps(response.body).encode(), content_type)

    return LoopbackServer(answer, at_once=True)
