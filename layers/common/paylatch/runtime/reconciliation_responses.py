"""What the API shows of reconciliation: a day's progress and findings, and what a person does about a finding."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from paylatch.domain.statement import Discrepancy, Finding
from paylatch.domain.timestamps import as_text
from paylatch.ports import StatementProgress
from paylatch.runtime import reconciliation_types

# Attention needs this module, but no reconciliation.
if TYPE_CHECKING:
    from paylatch.use_cases.reconcile import DayReport
    from paylatch.use_cases.reconcile_on_demand import ReconciledDay

REMEDIES: Mapping[Discrepancy, str] = {
    Discrepancy.UNKNOWN_ORDER: "Find out whose payment it is, and refund it at the gateway, or restore the order.",
    Discrepancy.UNREADABLE_ORDER: "Deploy the release that wrote the order, and reconcile the day again.",
    Discrepancy.NOT_SHOWN: "Reconcile the day again; if the finding stays open, ask the gateway's support.",
    Discrepancy.RETURNED_LESS: "Repeat the failed refund at the gateway, or book the amount as kept.",
    Discrepancy.WRONG_AMOUNT: "Compare the payment with the gateway's dashboard, and refund the surplus.",
    Discrepancy.WRONG_CURRENCY: "Compare the payment with the gateway's dashboard, and refund it there.",
}
_OTHERWISE = "Compare the payment with the gateway's dashboard."


def day_response(report: "DayReport") -> reconciliation_types.DayProgress:
    """How far a day was gone through."""
    return {
        "day": report.day,
        "done": report.done,
        "lists": [_list(progress) for progress in report.progress],
        "not_available": list(report.not_available),
        "failed": list(report.failed),
    }


def reconciled_day_response(found: "ReconciledDay") -> reconciliation_types.ReconciledDay:
    """How far a day was gone through, and what was found in it."""
    return {**day_response(found.report), "findings": [finding_response(finding) for finding in found.findings]}


def finding_response(finding: Finding) -> reconciliation_types.Finding:
    """A finding, with its remedy while a person must act."""
    return {
        "gateway": finding.gateway,
        "day": finding.day,
        "discrepancy": finding.discrepancy,
        "subject": finding.subject,
        "payment_id": finding.payment_id,
        "attempt_id": finding.attempt_id,
        "amount": finding.amount,
        "currency": finding.currency,
        "returned": finding.returned,
        "put_right": finding.put_right,
        "since": _text(finding.since),
        "remedy": REMEDIES.get(finding.discrepancy, _OTHERWISE) if finding.is_open else None,
        "handled_at": _text(finding.handled_at),
        "explained_at": _text(finding.explained_at),
    }


def finding_groups(findings: Iterable[Finding]) -> list[reconciliation_types.FindingGroup]:
    """The number of findings by gateway and discrepancy, the largest first."""
    counts = Counter((finding.gateway, finding.discrepancy) for finding in findings)
    return [
        {"gateway": gateway, "discrepancy": discrepancy, "count": count}
        for (gateway, discrepancy), count in counts.most_common()
    ]


def _list(progress: StatementProgress) -> reconciliation_types.ListProgress:
    return {
        "gateway": progress.gateway,
        "list": progress.kind,
        "done": progress.done,
        "listed": progress.listed,
        "foreign": progress.foreign,
        "pages": progress.pages,
    }


def _text(at: datetime | None) -> str | None:
    return as_text(at) if at else None
