"""A gateway's statement, and what reconciliation keeps of its work."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Protocol

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.statement import Finding, FindingKey, StatementEntry, StatementKind
from paylatch.ports.gateway import Gateway

# The most entries of one page of a statement.
LARGEST_STATEMENT_PAGE = 100


@dataclass(frozen=True, slots=True)
class StatementWindow:
    """A part of a statement: entries at or after `since` and before `until`, aware UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class StatementPage:
    """At most `LARGEST_STATEMENT_PAGE` entries. `cursor` is that of the next page, None on the last one.

    `unreadable` are the ids of entries that are not what the gateway documents.
    """

    entries: tuple[StatementEntry, ...]
    cursor: str | None = None
    unreadable: tuple[str, ...] = ()


class StatementSource(Gateway, Protocol):
    """A gateway that can list; its `capabilities.statements` say what."""

    def list_statement(self, kind: StatementKind, window: StatementWindow, cursor: str | None) -> StatementPage:
        """One page of that list. Raises what every call of a gateway raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementProgress:
    """How far one list of a gateway's day was gone through.

    `cursor` is that of the next page, `until` the end of the window that is being gone through, `tries` how many runs
    ended at this page with a failure. `listed`, `foreign` and `pages` count entries and calls. `version` counts writes.
    """

    gateway: str
    day: str
    kind: StatementKind
    until: datetime
    cursor: str | None = None
    done: bool = False
    tries: int = 0
    listed: int = 0
    foreign: int = 0
    pages: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class ReadFindings:
    """Findings; `unreadable` has by its name the error of each that this release does not understand."""

    found: tuple[Finding, ...]
    unreadable: Mapping[str, Exception] = field(default_factory=dict)


class ReconciliationStore(Protocol):
    """What reconciliation keeps: for 90 days, and open findings until they are no longer open.

    Every call may raise `StoreUnavailable` and `StoreRefused`.
    """

    def read_progress(self, gateway: str, day: str) -> tuple[StatementProgress, ...]:
        """The progress of every list of that day that was begun."""
        ...

    def save_progress(self, progress: StatementProgress, now: datetime) -> bool:
        """Store it, unless another run wrote since it was read: whether it was stored."""
        ...

    def add_finding(self, finding: Finding, now: datetime) -> bool:
        """Store the finding, unless it is known: whether it is new.

        One that was explained and is found again is open again, and new; one that was handled stays handled.
        """
        ...

    def open_findings(self, limit: int) -> ReadFindings:
        """At most `limit` findings that a person must act on, the oldest first; the last moments' may be missing."""
        ...

    def mark_handled(self, key: FindingKey, operator: str, now: datetime) -> Finding | None:
        """Mark an open finding as handled by that operator; gives it as it is then, None where there is none.

        One that is not open stays as it is.
        """
        ...

    def mark_explained(self, key: FindingKey, now: datetime) -> None:
        """An open finding is not found any more; one that is not open stays as it is."""
        ...

    def findings(self, gateway: str, day: str, limit: int) -> ReadFindings:
        """At most `limit` findings of that day."""
        ...
