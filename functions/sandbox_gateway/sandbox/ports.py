"""The ports of the sandbox. Each has an implementation for AWS and one in memory, for tests."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from sandbox.fault_plan import FaultPlan
from sandbox.outbox import Delivery
from sandbox.sessions import Session
from sandbox.statement import Listed, ListKind


class SessionStore(Protocol):
    """The store of sessions; each change is one conditional write."""

    def read(self, session_id: str) -> Session | None:
        """The session after the last write."""
        ...

    def write(self, session: Session) -> bool:
        """Store the session, and return True; return False where another write came after the read."""
        ...

    def due(self, now: datetime) -> Iterable[str]:
        """The ids of sessions that are due. A hint."""
        ...

    def listed(self, kind: ListKind, since: datetime, until: datetime, after: str | None) -> Sequence[Listed]:
        """At most a page of the places at or after `since`, before `until` and behind the cursor, in their order."""
        ...

    def read_all(self, session_ids: Iterable[str]) -> Sequence[Session]:
        """Those of at most a page of sessions that exist."""
        ...

    def link_refund(self, refund_id: str, session_id: str) -> None:
        """Store the session of a refund."""
        ...

    def session_of_refund(self, refund_id: str) -> str | None:
        """The session of a refund."""
        ...

    def plan(self, scope: str, fault_plan: FaultPlan, sessions: int) -> None:
        """Give this fault plan to that many future sessions: of one order, or of any (`ANY_ORDER`)."""
        ...

    def take_planned(self, scope: str) -> FaultPlan | None:
        """The fault plan of the next session; each call uses one up."""
        ...


ANY_ORDER = "*"


class WebhookSender(Protocol):
    """Sends callbacks to the shop."""

    def __call__(self, url: str, delivery: Delivery) -> bool:
        """Send the callback; True where the shop accepted it."""
        ...
