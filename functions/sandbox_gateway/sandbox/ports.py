"""What the sandbox needs from the outside. There is one of each for AWS and one in memory, for tests."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from sandbox.fault_plan import FaultPlan
from sandbox.outbox import Delivery
from sandbox.sessions import Session


class SessionStore(Protocol):
    """Sessions, each changed by one conditional write."""

    def read(self, session_id: str) -> Session | None:
        """The session as the last write left it."""
        ...

    def write(self, session: Session) -> bool:
        """Keep the session if nobody else has written it since it was read; else say False."""
        ...

    def due(self, now: datetime) -> Iterable[str]:
        """Ids of sessions that have to be looked at. A hint."""
        ...

    def link_refund(self, refund_id: str, session_id: str) -> None:
        """Keep which session a refund belongs to."""
        ...

    def session_of_refund(self, refund_id: str) -> str | None:
        """The session a refund belongs to."""
        ...

    def plan(self, scope: str, fault_plan: FaultPlan, sessions: int) -> None:
        """So many sessions to come are to misbehave: those of one order, or those of any (`ANY_ORDER`)."""
        ...

    def take_planned(self, scope: str) -> FaultPlan | None:
        """How the next session is to misbehave; each call uses one up."""
        ...


ANY_ORDER = "*"


class WebhookSender(Protocol):
    """Carries a callback to the shop."""

    def __call__(self, url: str, delivery: Delivery) -> bool:
        """Whether the shop accepted it."""
        ...
