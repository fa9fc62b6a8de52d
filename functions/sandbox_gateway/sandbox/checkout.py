"""The payer's actions on the payment page."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sandbox.paying import confirmed, declined, paid, refused, submitted
from sandbox.session_service import SessionService
from sandbox.sessions import Session, SessionStatus


class PayerAction(StrEnum):
    """The page's buttons. `SUBMIT` pays by a bank debit, which the bank confirms or refuses days later."""

    PAY = "pay"
    SUBMIT = "submit"
    DECLINE = "decline"
    CONFIRM = "confirm"
    REFUSE = "refuse"


_LEADS_TO = {
    PayerAction.PAY: frozenset({SessionStatus.PAID, SessionStatus.IN_PROGRESS}),
    PayerAction.SUBMIT: frozenset({SessionStatus.PAID, SessionStatus.IN_PROGRESS}),
    PayerAction.DECLINE: frozenset[SessionStatus](),
    PayerAction.CONFIRM: frozenset({SessionStatus.PAID}),
    PayerAction.REFUSE: frozenset({SessionStatus.CLOSED}),
}
_ACTS = {
    PayerAction.PAY: paid,
    PayerAction.SUBMIT: submitted,
    PayerAction.DECLINE: declined,
    PayerAction.CONFIRM: confirmed,
    PayerAction.REFUSE: refused,
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
            changed = _ACTS[action](session, now)
            return changed, changed != session or session.status in _LEADS_TO[action]

        return self.session_service.change_and_deliver(session_id, press)
