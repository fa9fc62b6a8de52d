"""Who acts: each process is one call of a real use case, as one Lambda invocation would make it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from paylatch.domain.caller import Caller, Role
from paylatch.domain.errors import PaylatchError, PreconditionRequired, StoreUnavailable
from paylatch.domain.ids import derived_attempt_id
from paylatch.domain.late_money import Payment
from paylatch.domain.order import Content, Line
from paylatch.domain.payment import Capture
from paylatch.ports import Callback, Notice, NoticeKind, Ports
from paylatch.use_cases.cancel_payment import cancel_payment
from paylatch.use_cases.edit_order import cancel_order, edit_order
from paylatch.use_cases.read_order import read_order
from paylatch.use_cases.receive_callback import receive_callback
from paylatch.use_cases.refund_payment import hear_of_refund
from paylatch.use_cases.request_payment import PaymentRequest, request_payment
from paylatch.use_cases.review_payment import Resolution, recheck_payment, resolve_review
from paylatch.use_cases.settle_payment import settle_payment
from paylatch.use_cases.sweep_timeouts import sweep_timeouts
from tests.explorer.agreed_limits import EXPIRES_IN
from tests.explorer.foreign_news import ELSEWHERE, teller_of
from tests.explorer.hosted_gateway import NAME

ORDER = "0RDERAAAAAAAAAA1"
NO_ORDER = "0RDERAAAAAAAAAA2"
NO_REVISION = 7
BUYER = Caller("bo", frozenset({Role.BUYER}))
SELLER = Caller("sam", frozenset({Role.SELLER}))
SERVICE = Caller("shop", frozenset({Role.SERVICE}))
STRANGER = Caller("eve", frozenset({Role.BUYER, Role.SELLER}))
OPERATOR = Caller("olga", frozenset({Role.OPERATOR}))
FIRST = derived_attempt_id(ORDER, BUYER.subject, "first")
FOREIGN = derived_attempt_id(ORDER, "another system", "first")
SECOND = derived_attempt_id(ORDER, BUYER.subject, "second")
CONTENT = Content((Line("tea-01", "Green tea", 2, 1250),))
TOO_LONG = timedelta(days=2)
ODD_CAPTURE = Capture("pay_odd", 2500, "EUR")
ODD_NEWS = Notice(NoticeKind.PAID, "no attempt of ours", capture=ODD_CAPTURE)


@dataclass(frozen=True, slots=True)
class Process:
    """One invocation.

    `attempt_id` is the payment attempt that it makes, cancels or reports of, `writes` what it is there for, `revision`
    its If-Match, and `edits` what it asks for beside it.
    """

    name: str
    run: Callable[[Ports], object]
    attempt_id: str | None = None
    writes: frozenset[str] = frozenset()
    notice: Notice | None = None
    revision: int | None = None
    edits: Callable[[Content], Content] | None = None


def payment_request(key: str, revision: int | None = None) -> PaymentRequest:
    return PaymentRequest(
        order_id=ORDER,
        idempotency_key=key,
        fingerprint=key,
        return_url="https://shop.example/thanks",
        expires_in=EXPIRES_IN,
        gateway=None,
        revision=revision,
        callback_base="https://api.example",
    )


def _pays(key: str, revision: int | None) -> Callable[[Ports], object]:
    return lambda ports: request_payment(payment_request(key, revision), BUYER, ports)


def more_tea(content: Content) -> Content:
    return replace(content, lines=tuple(replace(line, quantity=line.quantity + 1) for line in content.lines))


def much_more_tea(content: Content) -> Content:
    return replace(content, lines=tuple(replace(line, quantity=line.quantity + 5) for line in content.lines))


def dearer_tea(content: Content) -> Content:
    return replace(content, lines=tuple(replace(line, unit_price=line.unit_price + 100) for line in content.lines))


def _buyer_edits(name: str, change: Callable[[Content], Content]) -> Process:
    return Process(
        name,
        lambda ports: edit_order(ORDER, change, 1, BUYER, ports),
        writes=frozenset({"edit"}),
        revision=1,
        edits=change,
    )


def _seller_edits(ports: Ports) -> object:
    seen = read_order(ORDER, SELLER, ports)
    return edit_order(ORDER, dearer_tea, seen.order.revision, SELLER, ports)


def _stranger_tries_everything(ports: Ports) -> object:
    """And so does an operator; a buyer who does not say which revision they edit or names one that never was, who
    wants other prices, an order that is not there, a gateway that takes no payments any more or too long a time; a
    gateway that is not ours, and one that tells of an order that is not there. Gives what was not refused. An edit that
    changes nothing writes nothing, and a callback that names no attempt of ours is acknowledged.
    """
    receive_callback(NAME, Callback({}, b""), ports)
    _refused(lambda: hear_of_refund(NO_ORDER, "pay_odd", NAME, ports), PaylatchError)
    _refused(lambda: edit_order(ORDER, lambda content: content, 1, BUYER, ports), PaylatchError)
    tries: tuple[Callable[[], object], ...] = (
        lambda: request_payment(payment_request("theirs"), STRANGER, ports),
        lambda: request_payment(replace(payment_request("there"), gateway=ELSEWHERE), BUYER, ports),
        lambda: request_payment(replace(payment_request("long"), expires_in=TOO_LONG), BUYER, ports),
        lambda: cancel_payment(ORDER, FIRST, STRANGER, ports),
        lambda: edit_order(ORDER, more_tea, 1, STRANGER, ports),
        lambda: edit_order(ORDER, more_tea, NO_REVISION, BUYER, ports),
        lambda: edit_order(ORDER, dearer_tea, 1, BUYER, ports),
        lambda: cancel_order(ORDER, STRANGER, ports),
        lambda: cancel_order(ORDER, OPERATOR, ports),
        lambda: cancel_order(NO_ORDER, BUYER, ports),
        lambda: settle_payment(NO_ORDER, Payment(FIRST, NAME, ODD_CAPTURE), ports),
        lambda: receive_callback("unheard-of", Callback({}, b""), ports),
    )
    taken = [number for number, attempt in enumerate(tries) if not _refused(attempt, PaylatchError)]
    if not _refused(lambda: edit_order(ORDER, more_tea, None, BUYER, ports), (PreconditionRequired, StoreUnavailable)):
        taken.append(len(tries))
    return taken


def _refused(attempt: Callable[[], object], how: type[Exception] | tuple[type[Exception], ...]) -> bool:
    try:
        attempt()
    except how:
        return True
    except PaylatchError:
        return False
    return False


def _decides(resolution: Resolution) -> Callable[[Ports], object]:
    return lambda ports: resolve_review(ORDER, FIRST, resolution, "as agreed by phone", OPERATOR, ports)


def _sweeps(ports: Ports) -> object:
    return sweep_timeouts(lambda: True, ports)


def _sweeps_hurriedly(ports: Ports) -> object:
    looks = iter((True,))
    return sweep_timeouts(lambda: next(looks, False), ports)


def callback_process(notice: Notice, copy: int) -> Process:
    """The handler of one delivery of a callback."""
    attempt_id, gateway = notice.attempt_id, teller_of(notice)
    # No two callbacks may have one name: their tokens come from it.
    payment = f"-{notice.capture.payment_id.removesuffix(attempt_id)}" if notice.capture else ""
    name = f"callback-{notice.kind}-{attempt_id[-4:]}-{copy}-{gateway}{payment}"
    return Process(name, lambda ports: receive_callback(gateway, Callback({}, b""), ports), attempt_id, notice=notice)


PROCESSES = {
    process.name: process
    for process in (
        Process("pay", _pays("first", None), FIRST, frozenset({"lock", "record_session"})),
        Process("pay-again", _pays("first", None), FIRST, frozenset({"lock", "record_session"})),
        Process("pay-other", _pays("second", 1), SECOND, frozenset({"lock", "record_session"}), revision=1),
        _buyer_edits("edit-buyer", more_tea),
        _buyer_edits("edit-again", more_tea),
        _buyer_edits("edit-otherwise", much_more_tea),
        Process("edit-seller", _seller_edits, writes=frozenset({"edit"})),
        Process(
            "cancel-payment",
            lambda ports: cancel_payment(ORDER, FIRST, BUYER, ports),
            FIRST,
            frozenset({"release", "await_release"}),
        ),
        Process(
            "cancel-other",
            lambda ports: cancel_payment(ORDER, SECOND, BUYER, ports),
            SECOND,
            frozenset({"release", "await_release"}),
        ),
        Process("cancel-order", lambda ports: cancel_order(ORDER, BUYER, ports), writes=frozenset({"cancel_order"})),
        Process("sweep", _sweeps),
        Process("sweep-too", _sweeps),
        Process("sweep-hurried", _sweeps_hurriedly),
        Process("recheck", lambda ports: recheck_payment(ORDER, FIRST, OPERATOR, ports)),
        Process("operator-settles", _decides(Resolution.SETTLE), writes=frozenset({"settle_review"})),
        Process("operator-refunds", _decides(Resolution.REFUND), writes=frozenset({"refund_review"})),
        Process("stranger", _stranger_tries_everything, notice=ODD_NEWS),
    )
}
