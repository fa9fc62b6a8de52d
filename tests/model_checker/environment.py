"""The actions of payer and bank, possible at any moment beside the order's own processes."""

from collections.abc import Iterator
from datetime import datetime

from paylatch.domain.ids import order_id_of
from paylatch.domain.payment import DisputeStatus
from paylatch.ports import RefundState
from tests.model_checker import simulated_gateway, simulated_returns
from tests.model_checker.simulated_gateway import GatewayProfile, GatewaySession, GatewayState, SessionStatus

# The same number of refunds fails after they succeeded.
MOST_FAILED_REFUNDS = 2


def external_actions(
    gateway_state: GatewayState, profile: GatewayProfile, now: datetime
) -> Iterator[tuple[str, int, GatewayState]]:
    """The possible actions: what happens, to which session, and the gateway's state after it."""
    for place, session in enumerate(gateway_state.sessions):
        for what, after in _actions_at(gateway_state, session, profile, now):
            yield what, place, after


def _refund_can_fail(session: GatewaySession) -> bool:
    done = bool(session.refunds) and session.refunds[-1][2] is RefundState.DONE
    return done and session.failed_refunds < MOST_FAILED_REFUNDS


def _actions_at(
    gateway_state: GatewayState, session: GatewaySession, profile: GatewayProfile, now: datetime
) -> Iterator[tuple[str, GatewayState]]:
    if session.payable:
        yield "pays", simulated_gateway.paid(gateway_state, session, profile, now)
    if profile.declines and session.payable and session.status is SessionStatus.OPEN and not session.declined:
        yield "has a try declined", simulated_gateway.declined(gateway_state, session, final=False)
        yield "is declined permanently", simulated_gateway.declined(gateway_state, session, final=True)
    if session.status is SessionStatus.IN_PROGRESS:
        yield "is approved by the bank", simulated_gateway.captured(gateway_state, session, profile, now)
    if profile.refunds_can_fail and _refund_can_fail(session):
        yield "has its refund fail", simulated_returns.with_failed_refund(gateway_state, session)
    if order_id_of(session.attempt_id) is not None:
        yield from _return_actions(gateway_state, session, profile)
    if session.status is SessionStatus.IN_PROGRESS and not session.declined:
        yield "is refused by the bank", simulated_gateway.declined(gateway_state, session, final=False)


def _return_actions(
    gateway_state: GatewayState, session: GatewaySession, profile: GatewayProfile
) -> Iterator[tuple[str, GatewayState]]:
    """Money leaves without a refund of ours: by a manual refund, once, or by a dispute."""
    held = session.capture.amount - session.returned if session.capture else 0
    if profile.manual_refunds and held and not session.manually_returned:
        if profile.hides_returned_payments:
            yield (
                "is refunded in full by hand",
                simulated_returns.with_manual_return(gateway_state, session, held, profile),
            )
        else:
            yield (
                "is refunded in part by hand",
                simulated_returns.with_manual_return(gateway_state, session, held // 2, profile),
            )
    if profile.disputes and held and session.dispute is None:
        yield "disputes the payment", simulated_returns.disputed(gateway_state, session, DisputeStatus.OPEN, profile)
    if session.dispute is DisputeStatus.OPEN:
        yield "wins the dispute", simulated_returns.disputed(gateway_state, session, DisputeStatus.LOST, profile)
        yield "loses the dispute", simulated_returns.disputed(gateway_state, session, DisputeStatus.WON, profile)
