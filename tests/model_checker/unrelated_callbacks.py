"""For I4 and I6: callbacks that no session of this order explains, or that are not the gateway's own to send."""

from dataclasses import replace

from paylatch.domain.payment import Capture
from paylatch.ports import GatewayEvent, GatewayEventKind
from tests.model_checker.simulated_gateway import NAME, GatewaySession, GatewayState, SessionStatus, with_session

OTHER_GATEWAY = "elsewhere"
SECOND_PAYMENT = "again"
# The sum in a gateway's report on another gateway's payment: it does not know it.
_UNKNOWN_AMOUNT = 0


def with_payment_of_unknown_attempt(gateway_state: GatewayState, attempt_id: str) -> GatewayState:
    """A payment and a manual refund are reported for an attempt that the order does not know."""
    capture = Capture(f"pay_{attempt_id}", 700, "EUR")
    session = GatewaySession(
        attempt_id=attempt_id, status=SessionStatus.PAID, amount=700, currency="EUR", capture=capture
    )
    failed_refund = GatewayEvent(GatewayEventKind.REFUND_FAILED, attempt_id, capture=capture)
    return with_session(
        gateway_state, session, GatewayEvent(GatewayEventKind.PAID, attempt_id, capture=capture), failed_refund
    )


def with_payment_at_other_gateway(gateway_state: GatewayState, attempt_id: str) -> GatewayState:
    """Another gateway took the very sum for that attempt, which is not its own. Its ledger is kept here as well."""
    capture = Capture(f"pay_{OTHER_GATEWAY}", 2500, "EUR")
    session = GatewaySession(
        attempt_id=OTHER_GATEWAY, status=SessionStatus.PAID, amount=2500, currency="EUR", capture=capture
    )
    return with_session(gateway_state, session, GatewayEvent(GatewayEventKind.PAID, attempt_id, capture=capture))


def with_second_payment(gateway_state: GatewayState, attempt_id: str) -> GatewayState:
    """The same attempt is paid once more, under another payment id. Its ledger is kept as a separate session."""
    capture = Capture(f"pay_{SECOND_PAYMENT}", 2500, "EUR")
    session = GatewaySession(
        attempt_id=SECOND_PAYMENT, status=SessionStatus.PAID, amount=2500, currency="EUR", capture=capture
    )
    return with_session(gateway_state, session, GatewayEvent(GatewayEventKind.PAID, attempt_id, capture=capture))


def with_spoofed_events(gateway_state: GatewayState, open_attempt: str, paid_attempt: str) -> GatewayState:
    """Another gateway reports a closed session and a refunded payment that are not its own."""
    known = gateway_state.session_of(paid_attempt)
    if known is None or known.capture is None:
        raise AssertionError("nothing was paid")
    refund = GatewayEvent(
        GatewayEventKind.REFUNDED, paid_attempt, capture=replace(known.capture, amount=_UNKNOWN_AMOUNT)
    )
    closed = GatewayEvent(GatewayEventKind.CLOSED, open_attempt, capture=replace(known.capture, amount=_UNKNOWN_AMOUNT))
    return with_session(gateway_state, known, refund, closed)


def sender_of(gateway_event: GatewayEvent) -> str:
    """The name of the gateway that sends this."""
    capture = gateway_event.capture
    at_other_gateway = capture is not None and (
        capture.payment_id == f"pay_{OTHER_GATEWAY}" or capture.amount == _UNKNOWN_AMOUNT
    )
    return OTHER_GATEWAY if at_other_gateway else NAME


def is_spoofed(gateway_event: GatewayEvent) -> bool:
    """Whether a gateway reports a payment that is not its own."""
    return sender_of(gateway_event) == OTHER_GATEWAY and gateway_event.kind is not GatewayEventKind.PAID
