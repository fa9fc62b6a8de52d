"""How a fault spoils the answer to a call."""

from dataclasses import replace

from sandbox.fault_plan import Fault, FaultKind
from sandbox.responses import SandboxResponse, problem

_NOT_DONE = {
    FaultKind.REFUSE: problem(422, "refused", "The sandbox was told to refuse this."),
    FaultKind.DENY: problem(401, "unauthorized", "The sandbox was told not to know the key."),
    FaultKind.BUSY: problem(429, "too-many-requests", "The sandbox was told to be busy."),
    FaultKind.UNAVAILABLE: problem(503, "unavailable", "The sandbox was told to be unavailable."),
}
_NO_ANSWER = problem(504, "no-answer", "The sandbox was told to do this without saying so.")


def refusal(fault: Fault | None) -> SandboxResponse | None:
    """The answer that a fault gives instead of doing anything, if it is such a fault."""
    return _NOT_DONE.get(fault.fault) if fault else None


def faulty(answer: SandboxResponse, fault: Fault | None) -> SandboxResponse:
    """What is heard of something that was done."""
    if fault and fault.fault is FaultKind.NO_ANSWER:
        return _NO_ANSWER
    return replace(answer, pause=fault.pause()) if fault else answer
