"""The gateway's ledger of one attempt. A failed query is repeated, and never counts as an empty ledger."""

import http.client
import json
import time
import urllib.parse
from typing import Any

TRIES = 5
PAUSE_SECONDS = 1.0


class LedgerUnavailable(Exception):
    """The gateway does not answer with its ledger."""


def ledger_of(sandbox_url: str, attempt_id: str) -> dict[str, Any]:
    """Captured and refunded sums; nothing for an attempt without a session. Raises `LedgerUnavailable`."""
    response = ""
    for tries in range(TRIES):
        time.sleep(tries * PAUSE_SECONDS)
        try:
            status, document = _asked(sandbox_url, f"/ledger/{attempt_id}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            response = repr(error)
            continue
        if status == 200:
            return document
        if status == 404 and document.get("code") == "session-not-found":
            return {"captured": 0, "refunded": 0}
        response = f"{status} {document}"
    raise LedgerUnavailable(f"{attempt_id}: {response}")


def _asked(sandbox_url: str, path: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(sandbox_url).netloc, timeout=30)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        document: dict[str, Any] = json.loads(response.read())
        return response.status, document
    finally:
        connection.close()
