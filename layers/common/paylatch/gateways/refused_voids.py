"""The answer to a refused void, derived from the session's state."""

from paylatch.domain.errors import OutcomeUnknown
from paylatch.ports import SessionReport, SessionState, VoidAnswer, VoidKind

_KINDS = {
    SessionState.PAID: VoidKind.ALREADY_PAID,
    SessionState.CLOSED: VoidKind.ALREADY_CLOSED,
    SessionState.OPEN: VoidKind.IN_PROGRESS,
    SessionState.IN_PROGRESS: VoidKind.PROCESSING,
}


def refused_void(gateway: str, report: SessionReport) -> VoidAnswer:
    """The answer to the void. Raises `OutcomeUnknown` where the report does not explain the refusal."""
    kind = _KINDS.get(report.state)
    if kind is None:
        raise OutcomeUnknown(gateway, f"refuses to void a session that is {report.state} to it")
    return VoidAnswer(kind, report.capture, misconfiguration=report.misconfiguration)
