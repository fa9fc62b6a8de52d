"""Random trouble: how a session is told to misbehave."""

from dataclasses import fields
from random import Random

from sandbox_misbehaviour import CallbackTwist, Fault, FaultKind, Misbehaviour, PaymentTwist

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
    *(PaymentTwist(amount=1), PaymentTwist(amount=999_999), PaymentTwist(currency="USD")) * 3,
    PaymentTwist(seconds=30),
    PaymentTwist(seconds=300),
    PaymentTwist(seconds=60, fails=True),
    PaymentTwist(fails=True, final=True),
)
CALLBACKS = (
    CallbackTwist(lost=True),
    CallbackTwist(delay=30),
    CallbackTwist(delay=600),
    CallbackTwist(copies=2),
    CallbackTwist(copies=3),
    CallbackTwist(reversed=True),
    CallbackTwist(forged=True),
)


def misbehaviour(chance: Random) -> Misbehaviour:
    """Something is wrong with a session that is open."""
    return Misbehaviour(
        void=_fault(chance, 0.75, VOID),
        refund=_fault(chance, 0.5, REFUND),
        query=_fault(chance, 0.1, ASKING),
        query_refund=_fault(chance, 0.15, ASKING),
        payment=chance.choice(PAYMENTS) if chance.random() < 0.4 else PaymentTwist(),
        callbacks=chance.choice(CALLBACKS) if chance.random() < 0.3 else CallbackTwist(),
        link_outlives=chance.choice([60, 600]) if chance.random() < 0.15 else 0,
    )


def opening(chance: Random) -> Misbehaviour:
    """Something is wrong while a session is opened."""
    return Misbehaviour(open=_fault(chance, 1.0, OPEN))


def in_words(what: Misbehaviour) -> str:
    """Only what differs from good behaviour."""
    good = Misbehaviour()
    told = {name.name: getattr(what, name.name) for name in fields(what)}
    wrong = [f"{name}={value}" for name, value in told.items() if value != getattr(good, name)]
    return ", ".join(wrong) or "nothing"


def _fault(chance: Random, likelihood: float, kinds: tuple[FaultKind, ...]) -> Fault | None:
    if chance.random() >= likelihood:
        return None
    return Fault(chance.choice(kinds), times=chance.choice([None, 1, 2]), seconds=chance.choice([10, 90]))
