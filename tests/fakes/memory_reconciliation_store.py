"""What reconciliation keeps, in memory."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from paylatch.domain.statement import Finding, FindingKey, StatementKind
from paylatch.ports import ReadFindings, StatementProgress


class MemoryReconciliationStore:
    """Implements `ReconciliationStore`."""

    def __init__(self) -> None:
        self.progress: dict[tuple[str, str, StatementKind], StatementProgress] = {}
        self.found: dict[FindingKey, Finding] = {}

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
        known = self.found.get(finding.key)
        if known is None or self._opens(known, finding):
            self.found[finding.key] = replace(finding, since=None if finding.put_right else now)
            return True
        return False

    def findings(self, gateway: str, day: str, limit: int) -> ReadFindings:
        found = [finding for key, finding in self.found.items() if (key.gateway, key.day) == (gateway, day)]
        return ReadFindings(tuple(sorted(found, key=lambda finding: (finding.discrepancy, finding.subject))[:limit]))

    def open_findings(self, limit: int) -> ReadFindings:
        found = [finding for finding in self.found.values() if finding.is_open]
        return ReadFindings(tuple(sorted(found, key=lambda finding: (str(finding.since), finding.subject))[:limit]))

    def mark_handled(self, key: FindingKey, operator: str, now: datetime) -> Finding | None:
        return self._end(key, {"handled_at": now, "handled_by": operator})

    def mark_explained(self, key: FindingKey, now: datetime) -> None:
        self._end(key, {"explained_at": now})

    def _end(self, key: FindingKey, ends: Mapping[str, Any]) -> Finding | None:
        known = self.found.get(key)
        if known is not None and known.is_open:
            self.found[key] = replace(known, **ends)
        return self.found.get(key)

    @staticmethod
    def _opens(known: Finding, finding: Finding) -> bool:
        return not finding.put_right and not known.is_open and known.handled_at is None
