"""An operator lists the findings that no rule put right."""

from paylatch.domain.caller import Caller
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.limits import MOST_LISTED
from paylatch.domain.statement import Finding
from paylatch.ports import Metric, Ports, ReadFindings, ReconciliationStore
from paylatch.use_cases.access import authorize_operators
from paylatch.use_cases.due_orders import counted

SOURCE = "findings"


@dataclass(frozen=True, slots=True)
class OpenFindings:
    """Findings that a person must act on, the oldest first; `unread` names those, or all, that could not be read."""

    findings: tuple[Finding, ...]
    unread: tuple[str, ...] = ()


def list_findings(caller: Caller, store: ReconciliationStore, ports: Ports) -> OpenFindings:
    """At most 100 findings that a person must act on. Raises `NotAllowed`."""
    authorize_operators(caller)
    try:
        read = store.open_findings(MOST_LISTED)
    except Exception as error:  # findings that cannot be read must not hide the orders
        ports.metrics.fail(error, counted(error, Metric.READ_FAILED), source=SOURCE)
        return OpenFindings((), (SOURCE,))
    report_unreadable(read, ports)
    return OpenFindings(read.found, tuple(sorted(read.unreadable)))


def report_unreadable(read: ReadFindings, ports: Ports) -> None:
    """Count each finding that could not be read, and log why."""
    for name, error in read.unreadable.items():
        ports.metrics.fail(error, Metric.READ_FAILED, source=name)
