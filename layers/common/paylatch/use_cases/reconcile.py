"""Reconciliation: each gateway's captures, refunds and disputes of a day are compared with our orders, page by page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

from paylatch.domain.errors import (
    CallPostponed,
    InvalidRequest,
    NotAsked,
    OutcomeUnknown,
    PaylatchError,
    StoreUnavailable,
)
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.statement import Finding, StatementKind
from paylatch.ports import (
    HasTime,
    Metric,
    Ports,
    ReconciliationStore,
    StatementPage,
    StatementProgress,
    StatementSource,
    StatementWindow,
)
from paylatch.use_cases.check_page import Reconciliation, check_page
from paylatch.use_cases.due_orders import counted
from paylatch.use_cases.gateways_of_one_run import GatewaysOfOneRun
from paylatch.use_cases.list_findings import report_unreadable

# A day is listed with the hours around it: a gateway's clock and its lists may lag.
OVERLAP = timedelta(hours=2)
# Callbacks of so recent events may still be on their way.
UNDER_WAY = timedelta(minutes=15)
# The number of days that the schedule goes back for lists that are not done.
DAYS_BACK = 3
# A run that fails at a page leaves it to the next one, this many times; then the list goes on behind the page.
MOST_TRIES = 3
# The most open findings that a run looks at again.
MOST_OPEN = 500


@dataclass(frozen=True, slots=True)
class DayReport:
    """The outcome for a day: the progress of each list that was begun, and the gateways that list nothing.

    `failed` are the gateways of which a list could not be gone on with.
    """

    day: str
    done: bool
    progress: tuple[StatementProgress, ...]
    not_available: tuple[str, ...]
    failed: tuple[str, ...]


def day_of(text: object, now: datetime) -> date:
    """The day in that text, as in 2026-11-25. Raises `InvalidRequest` for another text, and for a day to come."""
    try:
        day = date.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        raise InvalidRequest({"day": "must be a date, as in 2026-11-25"}) from None
    if text != day.isoformat() or day.year < 2000:
        raise InvalidRequest({"day": "must be a date, as in 2026-11-25"})
    if day > now.date():
        raise InvalidRequest({"day": "must not be in the future"})
    return day


def days_due(now: datetime) -> list[date]:
    """The days that the schedule looks at: yesterday, and those before it that may not be done."""
    return [now.date() - timedelta(days=back) for back in range(1, DAYS_BACK + 1)]


def reconcile_days(
    days: Iterable[date], gateways: Sequence[str], has_time: HasTime, store: ReconciliationStore, ports: Ports
) -> list[DayReport]:
    """Go on with each of these days, the first one first, until it is done or time runs out."""
    ports = replace(ports, gateways=GatewaysOfOneRun(ports.gateways))
    run = Reconciliation(store, ports, has_time, {})
    reports = [_reconciled(day, gateways, run) for day in days]
    late = [report.day for report in reports[1:] if not report.done]
    if late:
        ports.metrics.count(Metric.RECONCILIATION_LATE, len(late), days=" ".join(late))
    return reports


def _reconciled(day: date, gateways: Sequence[str], run: Reconciliation) -> DayReport:
    until = _until(day, run.ports.clock.now())
    progress: list[StatementProgress] = []
    not_available: list[str] = []
    failed: set[str] = set()
    for gateway in gateways:
        try:
            source = cast("StatementSource", run.ports.gateways.named(gateway))
            kinds = [kind for kind in StatementKind if kind in source.capabilities.statements]
            if not kinds:
                not_available.append(gateway)
                continue
            lists = list(_lists(day, until, gateway, kinds, run))
            if not all(state.done for state in lists):
                run = replace(run, open_findings=_open_findings(gateway, run))
            for state in lists:
                after, has_failed = _gone_through(source, state, day, run)
                progress.append(after)
                failed |= {gateway} if has_failed else set()
        except Exception as error:  # a failing gateway must not delay the others
            failed.add(gateway)
            run.ports.metrics.fail(error, counted(error, Metric.RECONCILIATION_FAILED), gateway=gateway)
    done = not failed and all(state.done and not _is_behind(state, until, day) for state in progress)
    return DayReport(day.isoformat(), done, tuple(progress), tuple(not_available), tuple(sorted(failed)))


def _open_findings(gateway: str, run: Reconciliation) -> Mapping[str, Sequence[Finding]]:
    """The gateway's open findings by payment; none where they cannot be read, and then they stay open."""
    found: dict[str, list[Finding]] = {}
    try:
        read = run.store.open_findings(MOST_OPEN)
        report_unreadable(read, run.ports)
        for finding in read.found:
            if finding.gateway == gateway:
                found.setdefault(finding.payment_id, []).append(finding)
    except Exception as error:  # what a person must act on must not stop what nobody needs to act on
        run.ports.metrics.fail(error, counted(error, Metric.READ_FAILED), source="findings")
    return found


def _lists(
    day: date, until: datetime, gateway: str, kinds: Sequence[StatementKind], run: Reconciliation
) -> Iterator[StatementProgress]:
    """Each list as far as it was gone through; one whose day had not ended then begins anew."""
    known = {state.kind: state for state in run.store.read_progress(gateway, day.isoformat())} if kinds else {}
    for kind in kinds:
        state = known.get(kind)
        if state is None:
            state = StatementProgress(gateway=gateway, day=day.isoformat(), kind=kind, until=until)
        elif state.done and _is_behind(state, until, day):
            state = _begun_anew(state, until)
        yield state


def begin_anew(day: date, gateways: Iterable[str], store: ReconciliationStore, ports: Ports) -> None:
    """Each list of that day that was begun starts at its beginning again.

    Raises `StoreUnavailable` where another run goes on with one of them at the same time.
    """
    until = _until(day, ports.clock.now())
    for gateway in gateways:
        for state in store.read_progress(gateway, day.isoformat()):
            anew = replace(_begun_anew(state, until), version=state.version + 1)
            if not store.save_progress(anew, ports.clock.now()):
                raise StoreUnavailable("another run is going through this day")


def _begun_anew(state: StatementProgress, until: datetime) -> StatementProgress:
    return replace(state, until=until, cursor=None, done=False, tries=0, listed=0, foreign=0, pages=0)


def _until(day: date, now: datetime) -> datetime:
    return min(_end(day), now - UNDER_WAY)


def _is_behind(state: StatementProgress, until: datetime, day: date) -> bool:
    """Whether the list ended so early that it has to be gone through again. The present day ends later each moment."""
    return state.until < until and (until == _end(day) or until - state.until >= UNDER_WAY)


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _end(day: date) -> datetime:
    return _start(day) + timedelta(days=1) + OVERLAP


def _gone_through(
    source: StatementSource, state: StatementProgress, day: date, run: Reconciliation
) -> tuple[StatementProgress, bool]:
    """The list gone through as far as time and the gateway allow, and whether a failure ended it for this run."""
    try:
        while not state.done and run.has_time():
            after = _next_page(source, state, day, run)
            if after is None:
                return state, False
            if after.cursor == state.cursor and not after.done:
                return after, True
            state = after
    except (CallPostponed, NotAsked):
        return state, False
    except PaylatchError as error:
        run.ports.metrics.fail(error, counted(error, Metric.RECONCILIATION_FAILED), gateway=state.gateway)
        return state, True
    return state, False


def _next_page(
    source: StatementSource, state: StatementProgress, day: date, run: Reconciliation
) -> StatementProgress | None:
    """The progress after one more page; None where the run ends before its end, or another run goes on with it."""
    window = StatementWindow(_start(day) - OVERLAP, state.until)
    page = _listed(source, state, window)
    checked = check_page(state.gateway, page.entries, run)
    if checked.stopped:
        return None
    if page.unreadable:
        ids = " ".join(page.unreadable)
        run.ports.metrics.count(
            Metric.RECONCILIATION_FAILED, len(page.unreadable), gateway=state.gateway, unreadable=ids
        )
    after = replace(state, version=state.version + 1)
    if checked.failed and state.tries + 1 < MOST_TRIES:
        after = replace(after, tries=state.tries + 1)
    else:
        after = _behind(after, page, checked.foreign)
    return after if run.store.save_progress(after, run.ports.clock.now()) else None


def _listed(source: StatementSource, state: StatementProgress, window: StatementWindow) -> StatementPage:
    page = source.list_statement(state.kind, window, state.cursor)
    if page.cursor is not None and page.cursor == state.cursor:
        raise OutcomeUnknown(state.gateway, "lists the same page again")
    return page


def _behind(state: StatementProgress, page: StatementPage, foreign: int) -> StatementProgress:
    return replace(
        state,
        cursor=page.cursor,
        done=page.cursor is None,
        tries=0,
        listed=state.listed + len(page.entries),
        foreign=state.foreign + foreign,
        pages=state.pages + 1,
    )
