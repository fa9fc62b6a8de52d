"""The gateway's ledger of one attempt. A failed query is repeated, and never counts as an empty ledger."""

import time
from collections.abc import Mapping
from typing import Any

from local.api_client import NoResponse
from local.sandbox_client import SandboxClient

TRIES = 5
PAUSE_SECONDS = 1.0


class LedgerUnavailable(Exception):
    """The gateway does not answer with its ledger."""


def ledger_of(sandbox_url: str, attempt_id: str) -> Mapping[str, Any]:
    """Captured and refunded sums; nothing for an attempt without a session. Raises `LedgerUnavailable`."""
    last = ""
    for tries in range(TRIES):
        time.sleep(tries * PAUSE_SECONDS)
        try:
            response = SandboxClient(sandbox_url).read_ledger(attempt_id)
        except NoResponse as error:
            last = str(error)
            continue
        if response.status == 200 and response.document:
            return response.document
        if response.status == 404 and response.document.get("code") == "session-not-found":
            return {"captured": 0, "refunded": 0}
        last = f"{response.status} {response.body}"
    raise LedgerUnavailable(f"{attempt_id}: {last}")
