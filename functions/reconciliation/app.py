"""Reconciliation: holds each gateway's captures, refunds and disputes of a day against the orders."""

from typing import Any

from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.observability import logger
from paylatch.runtime.reconciliation_responses import day_response, finding_response
from paylatch.runtime.time_budget import SLOWEST_ENTRY_SECONDS, time_for
from paylatch.runtime.wiring import entry, gateway_names, ports, reconciliation_store
from paylatch.use_cases.reconcile import day_of, days_due, reconcile_days
from paylatch.use_cases.reconcile_on_demand import findings_of


@entry.scheduled
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    now, store = ports().clock.now(), reconciliation_store()
    days = [day_of(event["day"], now)] if "day" in event else days_due(now)
    reports = reconcile_days(days, gateway_names(), time_for(SLOWEST_ENTRY_SECONDS, context), store, ports())
    outcome: dict[str, Any] = {
        "done": all(report.done for report in reports),
        "days": [day_response(report) for report in reports],
    }
    logger.info("reconciled", extra=outcome)
    if "day" not in event:
        return outcome
    found = findings_of(days[0], gateway_names(), store)
    return {**outcome, "findings": [finding_response(finding) for finding in found]}
