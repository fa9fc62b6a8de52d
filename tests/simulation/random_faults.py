"""Random fault plans of sessions."""

from dataclasses import fields
from random import Random

from sandbox.fault_plan import CallbackFault, Fault, FaultKind, FaultPlan, PaymentFault

OPEN = (FaultKind.REFUSE, FaultKind.NO_ANSWER, FaultKind.UNAVAILABLE, FaultKind.BUSY, FaultKind.DENY, FaultKind.HANG)
VOID = (
    *(FaultKind.NOT_VOIDABLE,) * 20,
    *(FaultKind.IN_PROGRESS,) * 2,
    FaultKind.NO_ANSWER,
    FaultKind.UNAVAILABLE,
    FaultKind.BUSY,
    FaultKind.REFUSE,
    FaultKind.DENY,
)
REFUND = (
    FaultKind.PENDING,
    FaultKind.PENDING,
    FaultKind.FAIL,
    FaultKind.NO_ANSWER,
    FaultKind.UNAVAILABLE,
    FaultKind.REFUSE,
    FaultKind.BUSY,
)
ASKING = (FaultKind.UNAVAILABLE, FaultKind.NO_ANSWER, FaultKind.BUSY)
PAYMENTS = (
    *(PaymentFault(amount=1), PaymentFault(amount=999_999), PaymentFault(currency="USD")) * 3,
    PaymentFault(seconds=30),
    PaymentFault(seconds=300),
    PaymentFault(seconds=60, fails=True),
    PaymentFault(fails=True, final=True),
)
CALLBACKS = (
    CallbackFault(lost=True),
    CallbackFault(delay=30),
    CallbackFault(delay=600),
    CallbackFault(copies=2),
    CallbackFault(copies=3),
    CallbackFault(reversed=True),
    CallbackFault(forged=True),
)


def session_faults(rng: Random) -> FaultPlan:
    """Faults of an open session."""
    return FaultPlan(
        void=_fault(rng, 0.75, VOID),
        refund=_fault(rng, 0.5, REFUND),
        query=_fault(rng, 0.1, ASKING),
        query_refund=_fault(rng, 0.15, ASKING),
        payment=rng.choice(PAYMENTS) if rng.random() < 0.4 else PaymentFault(),
        callbacks=rng.choice(CALLBACKS) if rng.random() < 0.3 else CallbackFault(),
        link_outlives=rng.choice([60, 600]) if rng.random() < 0.15 else 0,
    )


def opening(rng: Random) -> FaultPlan:
    """Faults while a session is opened."""
    return FaultPlan(open=_fault(rng, 1.0, OPEN))


def description_of(what: FaultPlan) -> str:
    """The faults of a plan, without its defaults."""
    good = FaultPlan()
    values = {name.name: getattr(what, name.name) for name in fields(what)}
    wrong = [f"{name}={value}" for name, value in values.items() if value != getattr(good, name)]
    return ", ".join(wrong) or "nothing"


def _fault(rng: Random, likelihood: float, kinds: tuple[FaultKind, ...]) -> Fault | None:
    if rng.random() >= likelihood:
        return None
    return Fault(rng.choice(kinds), times=rng.choice([None, 1, 2]), seconds=rng.choice([10, 90]))
