"""The effects of faults on the responses to calls."""

from dataclasses import replace

from sandbox.fault_plan import Fault, FaultKind
from sandbox.responses import SandboxResponse, problem

_NOT_DONE = {
    FaultKind.REFUSE: problem(422, "refused", "The fault plan refuses this call."),
    FaultKind.DENY: problem(401, "unauthorized", "The fault plan rejects the key."),
    FaultKind.BUSY: problem(429, "too-many-requests", "The fault plan limits the rate of this call."),
    FaultKind.UNAVAILABLE: problem(503, "unavailable", "The fault plan makes this call unavailable."),
}
_NO_ANSWER = problem(504, "no-answer", "The call was executed; the fault plan withholds its response.")


def refusal(fault: Fault | None) -> SandboxResponse | None:
    """The response of a fault that prevents the call; None for any other fault."""
    return _NOT_DONE.get(fault.fault) if fault else None


def faulty(answer: SandboxResponse, fault: Fault | None) -> SandboxResponse:
    """The response after a call that was executed with this fault."""
    if fault and fault.fault is FaultKind.NO_ANSWER:
        return _NO_ANSWER
    return replace(answer, pause=fault.pause()) if fault else answer
