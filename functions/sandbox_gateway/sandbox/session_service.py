"""Changes to sessions: read, decide by pure functions, write on the version read, and send callbacks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from paylatch.domain.errors import OrderContended
from sandbox.outbox import Outbox, accepted, claimed
from sandbox.paying import advanced
from sandbox.ports import SessionStore, WebhookSender
from sandbox.sessions import Session

MOST_RACES = 25

T = TypeVar("T")


class SessionNotFound(LookupError):
    """The session does not exist."""


class SessionContended(OrderContended):
    """Concurrent writers changed the session during every try."""


class SessionService:
    """The only access to sessions. A change is written before any response or callback shows it."""

    def __init__(self, store: SessionStore, webhook_sender: WebhookSender, now: Callable[[], datetime]) -> None:
        self._store = store
        self._webhook_sender = webhook_sender
        self._now = now

    def change(self, session_id: str, act: Callable[[Session, datetime], tuple[Session, T]]) -> tuple[Session, T]:
        """The session after the effects of time and the action, and the action's result."""
        for _ in range(MOST_RACES):
            seen = self._store.read(session_id)
            if seen is None:
                raise SessionNotFound(f"There is no session {session_id}.")
            now = self._now()
            changed, result = act(advanced(seen, now), now)
            if changed == seen or self._store.write(changed):
                return changed, result
        raise SessionContended(f"Session {session_id} is too busy.")

    def look(self, session_id: str) -> Session:
        """The session as it is now."""
        return self.change(session_id, lambda session, _: (session, None))[0]

    def change_and_deliver(
        self, session_id: str, act: Callable[[Session, datetime], tuple[Session, T]]
    ) -> tuple[Session, T]:
        """As `change`; then send every due callback at once."""

        def act_and_claim(session: Session, now: datetime) -> tuple[Session, tuple[T, Outbox]]:
            changed, result = act(session, now)
            outbox, due = claimed(changed.outbox, now)
            return replace(changed, outbox=outbox), (result, due)

        session, (result, due) = self.change(session_id, act_and_claim)
        return self._deliver(session, due), result

    def deliver_due(self, session_id: str) -> Session:
        """Send every due callback; gives the session afterwards."""
        return self.change_and_deliver(session_id, lambda session, _: (session, None))[0]

    def _deliver(self, session: Session, due: Outbox) -> Session:
        url = session.terms.callback_url
        done = frozenset(delivery.webhook_id for delivery in due if self._webhook_sender(url, delivery))
        if not done:
            return session
        return self.change(
            session.session_id,
            lambda now_known, now: (replace(now_known, outbox=accepted(now_known.outbox, done, now)), None),
        )[0]
