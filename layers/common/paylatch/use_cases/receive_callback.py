"""A gateway reports: what it says is verified first, then each statement has its effect once."""

from dataclasses import replace

from paylatch.domain.error_ids import concerning
from paylatch.domain.errors import CallbackRejected, Misconfigured
from paylatch.domain.ids import derived_refund_id, order_id_of
from paylatch.domain.instructions import Instruction, reason_by_time
from paylatch.domain.late_money import Evidence, Payment
from paylatch.domain.order import Order
from paylatch.domain.payment import Attempt, Capture, Dispute, DisputeStatus
from paylatch.ports import Acknowledgement, Callback, Gateway, Metric, Notice, NoticeKind, Ports
from paylatch.use_cases.record_dispute import record_dispute
from paylatch.use_cases.record_return import handle_money_returned
from paylatch.use_cases.refund_payment import hear_of_refund
from paylatch.use_cases.release_payment import release_payment
from paylatch.use_cases.settle_payment import count_unknown, place_payment


def receive_callback(gateway_name: str, callback: Callback, ports: Ports) -> Acknowledgement:
    """Verify on the raw bytes, act on each notice, acknowledge.

    Raises `CallbackRejected`; and whatever kept a notice from having its effect, so that the gateway sends it again.
    """
    gateway = _named(gateway_name, ports)
    for notice in gateway.parse_callback(callback):
        known = _with_attempt(notice, gateway)
        if known is not None:
            with concerning(attempt_id=known.attempt_id, gateway=gateway_name):
                _act_on(known, gateway_name, ports)
    return gateway.acknowledge()


def _with_attempt(notice: Notice, gateway: Gateway) -> Notice | None:
    """The notice with its attempt, which the gateway is asked for where it names the payment only; None: not ours."""
    if notice.attempt_id:
        return notice
    about = notice.dispute or notice.capture
    attempt_id = gateway.find_attempt(about.payment_id) if about else None
    return replace(notice, attempt_id=attempt_id) if attempt_id else None


def _named(gateway: str, ports: Ports) -> Gateway:
    # Heard whether or not it takes payments still: what it tells may be about money that it took before.
    try:
        return ports.gateways.named(gateway)
    except Misconfigured as error:
        raise CallbackRejected(gateway, "no such gateway") from error


def _act_on(notice: Notice, gateway: str, ports: Ports) -> None:
    order_id = order_id_of(notice.attempt_id)
    if order_id is None:
        _count_not_ours(notice, gateway, ports)
        return
    match notice:
        case Notice(kind=NoticeKind.PAID, capture=Capture() as capture):
            place_payment(order_id, _payment(notice, capture, gateway), ports)
        case Notice(kind=NoticeKind.REFUNDED | NoticeKind.REFUND_FAILED, capture=Capture() as capture):
            hear_of_refund(order_id, derived_refund_id(notice.attempt_id, capture.payment_id), gateway, ports)
        case Notice(kind=NoticeKind.MONEY_RETURNED, capture=Capture() as capture):
            handle_money_returned(order_id, _payment(notice, capture, gateway), ports)
        case Notice(kind=NoticeKind.DISPUTED, dispute=Dispute() as dispute):
            record_dispute(order_id, notice.attempt_id, dispute, gateway, ports)
            if dispute.status is DisputeStatus.LOST:
                handle_money_returned(order_id, _payment(notice, dispute.contested, gateway), ports)
        case Notice(kind=NoticeKind.EXPIRED | NoticeKind.CLOSED | NoticeKind.DECLINED):
            _end(order_id, notice, gateway, ports)


def _count_not_ours(notice: Notice, gateway: str, ports: Ports) -> None:
    money = notice.dispute.contested if notice.dispute else notice.capture
    if money is not None:
        count_unknown(_payment(notice, money, gateway), ports)
    else:
        ports.watch.count(Metric.UNKNOWN_PAYMENT, attempt_id=notice.attempt_id, kind=notice.kind.value, gateway=gateway)


def _payment(notice: Notice, capture: Capture, gateway: str) -> Payment:
    return Payment(notice.attempt_id, gateway, capture, Evidence.STATED, notice.stated_at)


def _end(order_id: str, notice: Notice, gateway: str, ports: Ports) -> None:
    """A session's end is news for its holder only, and is still checked at the gateway before anything is unlocked."""
    match ports.store.read_head(order_id):
        case Order(attempt=Attempt(attempt_id=notice.attempt_id) as held) as order if held.gateway == gateway:
            ended_at = notice.stated_at or ports.clock.now()
            reason = _REASONS.get(notice.kind) or reason_by_time(ended_at, held.deadline)
            release_payment(order, reason, f"gateway:{gateway}", ports)


# A session that was closed by a call was closed by ours, and the callback may come before we have written why.
_REASONS = {NoticeKind.EXPIRED: Instruction.TIMED_OUT, NoticeKind.DECLINED: Instruction.DECLINED}
