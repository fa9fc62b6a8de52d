"""What the tests of providers' statuses share: each lists every status that is documented, and one that is not.

What is not documented leaves the outcome unknown, by name: nothing is unlocked, settled, or refunded twice on it.
"""

from contextlib import AbstractContextManager, nullcontext

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.payment import Attempt, Refund
from paylatch.ports import GatewayEvent, GatewayEventKind, SessionState, VoidKind
from tests.contract.gateway_drivers.gateway_driver import GatewayDriver

LATER = "INVENTED_LATER"
ENDS = {
    SessionState.PAID: VoidKind.ALREADY_PAID,
    SessionState.CLOSED: VoidKind.ALREADY_CLOSED,
    SessionState.IN_PROGRESS: VoidKind.PROCESSING,
    SessionState.OPEN: VoidKind.VOIDED,
}


def unknown(status: object, expected: object) -> AbstractContextManager[object]:
    """What a call of an unexpected status ends with: its name is in the error."""
    return pytest.raises(OutcomeUnknown, match=str(status)) if expected is None else nullcontext()


def refund_at(driver: GatewayDriver) -> tuple[Attempt, Refund]:
    attempt = driver.paid()
    capture = driver.gateway.query(attempt).capture
    assert capture
    return attempt, driver.refund_of(attempt, capture)


def only(gateway_events: tuple[GatewayEvent, ...]) -> GatewayEventKind | None:
    """The kind of the single event; None where the callback yields none."""
    return next(iter([gateway_event.kind for gateway_event in gateway_events]), None)
