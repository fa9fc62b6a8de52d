"""What reconciliation keeps, in memory."""

from datetime import datetime

from paylatch.domain.statement import Finding, StatementKind
from paylatch.ports import StatementProgress


class MemoryReconciliationStore:
    """Implements `ReconciliationStore`."""

    def __init__(self) -> None:
        self.progress: dict[tuple[str, str, StatementKind], StatementProgress] = {}
        self.found: dict[tuple[str, str, str, str], Finding] = {}

    def read_progress(self, gateway: str, day: str) -> tuple[StatementProgress, ...]:
        return tuple(state for (of, at, _), state in self.progress.items() if (of, at) == (gateway, day))

    def save_progress(self, progress: StatementProgress, now: datetime) -> bool:
        key = (progress.gateway, progress.day, progress.kind)
        known = self.progress.get(key)
        if (known.version if known else 0) != progress.version - 1:
            return False
        self.progress[key] = progress
        return True

    def add_finding(self, finding: Finding, now: datetime) -> bool:
        key = (finding.gateway, finding.day, finding.discrepancy.value, finding.subject)
        new = key not in self.found
        self.found.setdefault(key, finding)
        return new

    def findings(self, gateway: str, day: str, limit: int) -> tuple[Finding, ...]:
        found = [finding for (of, at, _, _), finding in sorted(self.found.items()) if (of, at) == (gateway, day)]
        return tuple(found[:limit])
