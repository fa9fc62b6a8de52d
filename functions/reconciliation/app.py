"""Reconciliation: holds each gateway's captures, refunds and disputes of a day against the orders."""

from typing import Any

from paylatch.domain.statement import Finding
from paylatch.ports import StatementProgress
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.observability import logger
from paylatch.runtime.time_budget import SLOWEST_ENTRY_SECONDS, time_for
from paylatch.runtime.wiring import entry, gateway_names, ports, reconciliation_store
from paylatch.use_cases.reconcile import DayReport, day_of, days_due, reconcile_days

MOST_FINDINGS = 100


@entry.scheduled
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    now, store = ports().clock.now(), reconciliation_store()
    days = [day_of(event["day"], now)] if "day" in event else days_due(now)
    reports = reconcile_days(days, gateway_names(), time_for(SLOWEST_ENTRY_SECONDS, context), store, ports())
    outcome: dict[str, Any] = {
        "done": all(report.done for report in reports),
        "days": [_day(report) for report in reports],
    }
    logger.info("reconciled", extra=outcome)
    if "day" not in event:
        return outcome
    found = [finding for name in gateway_names() for finding in store.findings(name, event["day"], MOST_FINDINGS)]
    return {**outcome, "findings": [_finding(each) for each in found[:MOST_FINDINGS]]}


def _day(report: DayReport) -> dict[str, Any]:
    return {
        "day": report.day,
        "done": report.done,
        "lists": [_list(progress) for progress in report.progress],
        "not_available": list(report.not_available),
    }


def _list(progress: StatementProgress) -> dict[str, Any]:
    return {
        "gateway": progress.gateway,
        "list": progress.kind.value,
        "done": progress.done,
        **{name: getattr(progress, name) for name in ("listed", "foreign", "pages")},
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "gateway": finding.gateway,
        "discrepancy": finding.discrepancy.value,
        **{name: getattr(finding, name) for name in _SHOWN},
    }


_SHOWN = ("subject", "payment_id", "attempt_id", "amount", "currency", "returned", "put_right")
