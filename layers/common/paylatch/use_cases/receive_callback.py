"""A gateway reports: what it says is verified first, then each statement has its effect once."""

from paylatch.domain.errors import CallbackRejected, Misconfigured
from paylatch.domain.ids import order_id_of
from paylatch.domain.instructions import Instruction
from paylatch.domain.late_money import Payment
from paylatch.ports import Acknowledgement, Callback, Gateway, Metric, Notice, NoticeKind, Ports
from paylatch.use_cases.refund_payment import confirm_refund, reopen_refund
from paylatch.use_cases.release_payment import release_payment
from paylatch.use_cases.settle_payment import settle_payment

_ENDS = {NoticeKind.EXPIRED: Instruction.TIMED_OUT, NoticeKind.CLOSED: Instruction.DECLINED}


def receive_callback(gateway_name: str, callback: Callback, ports: Ports) -> Acknowledgement:
    """Verify on the raw bytes, act on each notice, acknowledge.

    Raises `CallbackRejected`; and whatever kept a notice from having its effect, so that the gateway sends it again.
    """
    gateway = _named(gateway_name, ports)
    for notice in gateway.parse_callback(callback):
        _act_on(notice, gateway_name, ports)
    return gateway.acknowledge()


def _named(gateway: str, ports: Ports) -> Gateway:
    # Heard whether or not it takes payments still: what it tells may be about money that it took before.
    try:
        return ports.gateways.named(gateway)
    except Misconfigured as error:
        raise CallbackRejected(gateway, "no such gateway") from error


def _act_on(notice: Notice, gateway: str, ports: Ports) -> None:
    order_id = order_id_of(notice.attempt_id)
    if order_id is None:
        ports.watch.count(Metric.UNKNOWN_PAYMENT, attempt_id=notice.attempt_id, kind=notice.kind.value)
    elif notice.kind is NoticeKind.PAID and notice.capture is not None:
        settle_payment(order_id, Payment(notice.attempt_id, gateway, notice.capture), ports)
    elif notice.kind is NoticeKind.REFUNDED and notice.capture is not None:
        confirm_refund(order_id, notice.capture.payment_id, gateway, ports)
    elif notice.kind is NoticeKind.REFUND_FAILED and notice.capture is not None:
        reopen_refund(order_id, notice.capture.payment_id, gateway, ports)
    elif notice.kind in _ENDS:
        _end(order_id, notice, gateway, ports)


def _end(order_id: str, notice: Notice, gateway: str, ports: Ports) -> None:
    """A session's end is news for its holder only, and is still checked at the gateway before anything is unlocked."""
    order = ports.store.read_head(order_id)
    holder = order.attempt if order else None
    if order and holder and holder.attempt_id == notice.attempt_id and holder.gateway == gateway:
        release_payment(order, _ENDS[notice.kind], f"gateway:{gateway}", ports)
