"""The scripted gateway's callbacks equal the sandbox's."""

from datetime import UTC, datetime, timedelta

import pytest

from paylatch.domain.payment import Capture, Dispute, DisputeStatus
from paylatch.ports import GatewayEventKind
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.settable_clock import SettableClock

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
ATTEMPT_ID = "7ZQ4M2K9X0B5T1WD_3N8RV6YA"
PAYMENT = Capture("pay_1", 2500, "EUR", returned=1000)


@pytest.fixture
def gateway() -> ScriptedGateway:
    return ScriptedGateway(SettableClock(NOW))


def test_a_callback_states_what_happened_now_or_then(gateway: ScriptedGateway) -> None:
    then = NOW - timedelta(hours=3)
    for stated_at, expected in ((None, NOW), (then, then)):
        callback = gateway.signed("payment.refunded", ATTEMPT_ID, PAYMENT, stated_at=stated_at)
        (gateway_event,) = gateway.parse_callback(callback)
        assert (gateway_event.kind, gateway_event.capture) == (GatewayEventKind.MONEY_RETURNED, PAYMENT)
        assert gateway_event.stated_at == expected


@pytest.mark.parametrize("status", list(DisputeStatus))
@pytest.mark.parametrize("evidence_due", [None, NOW + timedelta(days=7)])
def test_a_callback_carries_a_dispute(
    gateway: ScriptedGateway, status: DisputeStatus, evidence_due: datetime | None
) -> None:
    dispute = Dispute("dp_1", "pay_1", 1500, "EUR", status, evidence_due)
    kind = "dispute.opened" if status is DisputeStatus.OPEN else f"dispute.{status}"
    (gateway_event,) = gateway.parse_callback(gateway.signed(kind, ATTEMPT_ID, dispute=dispute))
    assert (gateway_event.kind, gateway_event.dispute) == (GatewayEventKind.DISPUTED, dispute)
