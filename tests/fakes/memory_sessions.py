"""The sandbox's sessions in memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from sandbox.fault_plan import FaultPlan
from sandbox.sessions import Session
from sandbox.statement import PAGE, Listed, ListKind, listed_in

from paylatch.domain.timestamps import as_text


@dataclass
class MemorySessions:
    """Implements the sandbox's `SessionStore`."""

    sessions: dict[str, Session] = field(default_factory=dict)
    refunds: dict[str, str] = field(default_factory=dict)
    plans: dict[str, tuple[FaultPlan, int]] = field(default_factory=dict)

    def read(self, session_id: str) -> Session | None:
        return self.sessions.get(session_id)

    def write(self, session: Session) -> bool:
        known = self.sessions.get(session.session_id)
        if (known.version if known else 0) != session.version:
            return False
        self.sessions[session.session_id] = replace(session, version=session.version + 1)
        return True

    def due(self, now: datetime) -> Iterator[str]:
        timestamps = {name: session.due_at for name, session in self.sessions.items()}
        due = [
            (timestamp, name) for name, timestamp in timestamps.items() if timestamp is not None and timestamp <= now
        ]
        yield from (name for _, name in sorted(due))

    def listed(self, kind: ListKind, since: datetime, until: datetime, after: str | None) -> list[Listed]:
        places = sorted(place for session in self.sessions.values() for place, _ in listed_in(session, kind))
        first, last = as_text(since), as_text(until)
        return [place for place in places if first <= place.at < last and place.cursor > (after or "")][:PAGE]

    def read_all(self, session_ids: Iterable[str]) -> list[Session]:
        return [self.sessions[name] for name in sorted(set(session_ids)) if name in self.sessions]

    def link_refund(self, refund_id: str, session_id: str) -> None:
        self.refunds[refund_id] = session_id

    def session_of_refund(self, refund_id: str) -> str | None:
        return self.refunds.get(refund_id)

    def plan(self, scope: str, fault_plan: FaultPlan, sessions: int) -> None:
        self.plans[scope] = (fault_plan, sessions)

    def take_planned(self, scope: str) -> FaultPlan | None:
        fault_plan, left = self.plans.get(scope, (FaultPlan(), 0))
        if not left:
            return None
        self.plans[scope] = (fault_plan, left - 1)
        return fault_plan

    def copy(self) -> "MemorySessions":
        """A copy of the present state; its values are immutable."""
        return MemorySessions(dict(self.sessions), dict(self.refunds), dict(self.plans))

    def restore(self, kept: "MemorySessions") -> None:
        """Restore a copied state."""
        self.sessions, self.refunds, self.plans = dict(kept.sessions), dict(kept.refunds), dict(kept.plans)
