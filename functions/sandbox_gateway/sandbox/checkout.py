"""The payer's actions on the payment page."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sandbox.paying import declined, paid
from sandbox.session_service import SessionService
from sandbox.sessions import Session, SessionStatus


class PayerAction(StrEnum):
    """The page's buttons."""

    PAY = "pay"
    DECLINE = "decline"


_LEADS_TO = {
    PayerAction.PAY: frozenset({SessionStatus.PAID, SessionStatus.IN_PROGRESS}),
    PayerAction.DECLINE: frozenset[SessionStatus](),
}


@dataclass(frozen=True, slots=True)
class Checkout:
    """The payment page's access to sessions."""

    session_service: SessionService

    def look(self, session_id: str) -> Session:
        """The session to show."""
        return self.session_service.look(session_id)

    def act(self, session_id: str, action: PayerAction) -> tuple[Session, bool]:
        """The session after the payer's action, and whether the action applies; it does for a repeated click."""

        def press(session: Session, now: datetime) -> tuple[Session, bool]:
            changed = paid(session, now) if action is PayerAction.PAY else declined(session, now)
            return changed, changed != session or session.status in _LEADS_TO[action]

        return self.session_service.change_and_deliver(session_id, press)
