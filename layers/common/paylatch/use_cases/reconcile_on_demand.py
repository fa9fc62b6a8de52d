"""An operator has a day reconciled now, and ends what a person had to act on."""

import re
from collections.abc import Sequence
from datetime import date

from paylatch.domain.caller import Caller
from paylatch.domain.errors import InvalidRequest
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import GATEWAY_NAME_PATTERN
from paylatch.domain.limits import MOST_LISTED
from paylatch.domain.statement import Discrepancy, Finding, FindingKey
from paylatch.ports import HasTime, Ports, ReconciliationStore
from paylatch.use_cases.access import authorize_operators
from paylatch.use_cases.reconcile import DayReport, begin_anew, day_of, reconcile_days

_DAY = r"\d{4}-\d\d-\d\d"
_PAYMENT_ID = r"[!-~]{1,255}"


@dataclass(frozen=True, slots=True)
class DayRequest:
    """A day as an operator names it; `gateway` is None for all gateways. `again`: from its beginning."""

    day: str
    gateway: str | None
    again: bool


@dataclass(frozen=True, slots=True)
class ReconciledDay:
    """How far the day was gone through by now, and what was found in it, 100 findings at most."""

    report: DayReport
    findings: tuple[Finding, ...]


def reconcile_on_demand(
    request: DayRequest,
    gateways: Sequence[str],
    caller: Caller,
    has_time: HasTime,
    store: ReconciliationStore,
    ports: Ports,
) -> ReconciledDay:
    """Go on with that day until it is done or time runs out; the next call goes on where this one ended.

    Raises `NotAllowed`, `InvalidRequest` for a day that is none or to come and for a gateway that the stack lacks, and
    `StoreUnavailable` or `StoreRefused`.
    """
    authorize_operators(caller)
    day, names = day_of(request.day, ports.clock.now()), _chosen(request.gateway, gateways)
    if request.again:
        begin_anew(day, names, store, ports)
    (report,) = reconcile_days([day], names, has_time, store, ports)
    return ReconciledDay(report, findings_of(day, names, store))


def findings_of(day: date, gateways: Sequence[str], store: ReconciliationStore) -> tuple[Finding, ...]:
    """What was found in that day, 100 findings at most."""
    found = [finding for name in gateways for finding in store.findings(name, day.isoformat(), MOST_LISTED).found]
    return tuple(found[:MOST_LISTED])


def handle_finding(key: FindingKey, caller: Caller, store: ReconciliationStore, ports: Ports) -> Finding:
    """An operator did what a finding needed. A second time changes nothing.

    Raises `NotAllowed`, `InvalidRequest` where there is no such finding or no person had to act on it, and
    `StoreUnavailable` or `StoreRefused`.
    """
    authorize_operators(caller)
    finding = store.mark_handled(key, caller.subject, ports.clock.now())
    if finding is None or finding.put_right:
        raise InvalidRequest({"payment_id": "has no open finding of this kind on that day"})
    return finding


def finding_named(gateway: str, day: str, discrepancy: str, payment_id: str) -> FindingKey:
    """The key of these names. Raises `InvalidRequest` with each name that no finding can have."""
    faults = {} if re.fullmatch(GATEWAY_NAME_PATTERN, gateway) else {"gateway": "must be the name of a gateway"}
    faults |= {} if re.fullmatch(_DAY, day, re.ASCII) else {"day": "must be a date, as in 2026-11-25"}
    faults |= {} if discrepancy in {*Discrepancy} else {"discrepancy": f"must be one of {', '.join(Discrepancy)}"}
    # The database limits the length of its keys.
    faults |= {} if re.fullmatch(_PAYMENT_ID, payment_id) else {"payment_id": "must be the payment's id at its gateway"}
    if faults:
        raise InvalidRequest(faults)
    return FindingKey(gateway, day, Discrepancy(discrepancy), payment_id)


def _chosen(gateway: str | None, gateways: Sequence[str]) -> Sequence[str]:
    if gateway is None:
        return gateways
    if gateway not in gateways:
        raise InvalidRequest({"gateway": "this stack has no such gateway"})
    return (gateway,)
