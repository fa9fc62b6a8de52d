"""The work of each minute: sessions that expire or settle, and callbacks to send again."""

from collections.abc import Callable
from datetime import datetime

from paylatch.runtime.observability import logger
from sandbox.ports import SessionStore
from sandbox.session_service import SessionService

# The longest time for one session: two callbacks with all their timeouts, and the writes around them.
SECONDS_FOR_ONE = 14.0


def run_due(
    session_service: SessionService, store: SessionStore, now: datetime, seconds_left: Callable[[], float]
) -> int:
    """Process the due sessions and return their number; a failing one does not delay the others.

    Sessions for which no time is left wait for the next minute.
    """
    looked_at = 0
    for session_id in store.due(now):
        if seconds_left() < SECONDS_FOR_ONE:
            break
        try:
            session_service.deliver_due(session_id)
        except Exception:
            logger.exception("session failed", extra={"session_id": session_id})
        looked_at += 1
    return looked_at
