"""The processes: each is one call of a real use case, as one Lambda invocation makes it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from paylatch.domain.caller import Caller
from paylatch.domain.ids import fingerprint_of
from paylatch.domain.order import Content
from paylatch.domain.payment import Resolution
from paylatch.domain.refund_request import RefundRequest
from paylatch.ports import Callback, GatewayEvent, Ports, Timer
from paylatch.use_cases.cancel_payment import cancel_payment
from paylatch.use_cases.create_order import OrderRequest, create_order
from paylatch.use_cases.edit_order import cancel_order, edit_order
from paylatch.use_cases.erase_personal_data import erase_personal_data
from paylatch.use_cases.force_release import release_by_operator
from paylatch.use_cases.hand_over_order import hand_over_order
from paylatch.use_cases.issue_pay_link import LinkRequest, issue_pay_link
from paylatch.use_cases.pay_by_link import pay_by_link, stop_by_link
from paylatch.use_cases.read_order import read_attempt, read_order
from paylatch.use_cases.receive_callback import receive_callback
from paylatch.use_cases.recheck_payment import recheck_payment
from paylatch.use_cases.request_payment import request_payment
from paylatch.use_cases.request_refund import request_refund
from paylatch.use_cases.review_payment import resolve_review
from paylatch.use_cases.run_timer import run_timer
from paylatch.use_cases.settle_order_manually import settle_order_manually
from paylatch.use_cases.stop_and_change import stop_and_change
from paylatch.use_cases.sweep_timeouts import sweep_timeouts
from paylatch.use_cases.write_off_refund import write_off_refund
from tests.model_checker.actors import (
    BUYER,
    CASH,
    DECISION_REASON,
    FIRST_ATTEMPT,
    FIRST_REFUND,
    LINK,
    LINK_ATTEMPT,
    LINK_PAYMENT,
    NEXT_BUYER,
    NEXT_OPERATOR,
    OPERATOR,
    ORDER,
    OTHERWISE,
    PART_BACK,
    PAYER,
    PLACED,
    REST_BACK,
    SECOND_ATTEMPT,
    SELLER,
    SERVICE,
    UNKNOWN_PAYMENT_EVENT,
    as_it_is,
    dearer_tea,
    for_nothing,
    more_tea,
    much_more_tea,
    payment_request,
    stop_request,
    to_be_paid_later,
    to_be_paid_soon,
    with_note,
)
from tests.model_checker.process import Process, ReviewDecision
from tests.model_checker.reading import consume, pages_for
from tests.model_checker.scripted_ports import NOON
from tests.model_checker.simulated_gateway import RefundFailedEvent
from tests.model_checker.unauthorised_callers import UNAUTHORISED_CALLERS
from tests.model_checker.unrelated_callbacks import sender_of


def earlier(process: Process) -> Process:
    """The same as another invocation, before the schedule begins: its writes are not those of its namesake."""
    return replace(process, id_prefix=f"earlier-{process.name}")


def _payment_request(
    name: str, key: str, attempt_id: str, revision: int | None = None, page: str = "thanks"
) -> Process:
    request = payment_request(key, revision, page)
    return Process(
        name,
        lambda ports: request_payment(request, BUYER, ports).attempt,
        attempt_id,
        frozenset({"lock", "record_session", "settle_free"}),
        revision=revision,
        fingerprint=request.fingerprint,
    )


def _places(name: str, request: OrderRequest) -> Process:
    return Process(
        name,
        lambda ports: create_order(request, SELLER, ports),
        writes=frozenset({"create"}),
        actor=SELLER.subject,
        placed=request,
    )


def _edit(name: str, change: Callable[[Content], Content], caller: Caller = BUYER, revision: int = 1) -> Process:
    return Process(
        name,
        lambda ports: edit_order(ORDER, change, revision, caller, ports),
        writes=frozenset({"edit"}),
        revision=revision,
        edits=change,
        actor=caller.subject,
    )


def _stop(name: str, change: Callable[[Content], Content], caller: Caller) -> Process:
    request = stop_request(change)
    return Process(
        name,
        lambda ports: stop_and_change(request, caller, ports),
        FIRST_ATTEMPT,
        frozenset({"release_and_edit", "edit"}),
        revision=1,
        edits=change,
        fingerprint=request.fingerprint,
        actor=caller.subject,
    )


def _seller_edit(ports: Ports) -> object:
    seen = read_order(ORDER, SELLER, ports)
    return edit_order(ORDER, dearer_tea, seen.order.revision, SELLER, ports)


def _review_decision(name: str, resolution: Resolution, write: str, attempt_id: str = FIRST_ATTEMPT) -> Process:
    return Process(
        name,
        lambda ports: resolve_review(ORDER, attempt_id, resolution, DECISION_REASON, OPERATOR, ports),
        writes=frozenset({write}),
        actor=OPERATOR.subject,
        decision=ReviewDecision(attempt_id, settles=resolution is Resolution.SETTLE),
    )


def _link_request(name: str, *, renew: bool = False) -> Process:
    request = LinkRequest(ORDER, renew)
    return Process(
        name,
        lambda ports: issue_pay_link(request, SELLER, ports),
        writes=frozenset({"issue_link"}),
        actor=SELLER.subject,
    )


def _pays_by_link(ports: Ports) -> object:
    return pay_by_link(LINK, LINK_PAYMENT, ports).attempt


def _hand_over(name: str, revision: int) -> Process:
    return Process(
        name,
        lambda ports: hand_over_order(ORDER, NEXT_BUYER, revision, SERVICE, ports),
        writes=frozenset({"hand_over"}),
        revision=revision,
        actor=SERVICE.subject,
    )


def _settlement(name: str, caller: Caller) -> Process:
    return Process(
        name,
        lambda ports: settle_order_manually(ORDER, CASH, caller, ports),
        writes=frozenset({"settle_manually"}),
        actor=caller.subject,
    )


def _write_off(name: str, caller: Caller) -> Process:
    return Process(
        name,
        lambda ports: write_off_refund(ORDER, FIRST_REFUND, DECISION_REASON, caller, ports),
        writes=frozenset({"write_off"}),
        actor=caller.subject,
        refund_id=FIRST_REFUND,
    )


def _erasure(name: str, caller: Caller) -> Process:
    return Process(
        name,
        lambda ports: erase_personal_data(ORDER, caller, lambda: True, ports),
        writes=frozenset({"erase"}),
        actor=caller.subject,
    )


def _refund_request(name: str, request: RefundRequest) -> Process:
    return Process(
        name,
        lambda ports: request_refund(request, SELLER, ports),
        writes=frozenset({"request_refund", "refund_manually"}),
        actor=SELLER.subject,
        refund_request=request,
    )


def _sweep(ports: Ports) -> object:
    return sweep_timeouts(lambda: True, ports)


class NoQueue:
    """Implements `Timers`: no timer here comes before its time, so that none is sent again."""

    def send(self, timers: Sequence[Timer]) -> None:
        raise AssertionError(timers)

    def waiting(self) -> int:
        raise AssertionError


# A timer may start at any moment, any number of times, whatever time its message names.
TIMER = Timer(ORDER, NOON - timedelta(days=1))


def _timer(ports: Ports) -> object:
    run_timer(TIMER, NoQueue(), lambda: True, ports)
    return TIMER


def _sweep_without_time(ports: Ports) -> object:
    """Once without any time, then once with time for one thing; gives both reports."""
    looks = iter((True,))
    return sweep_timeouts(lambda: False, ports), sweep_timeouts(lambda: next(looks, False), ports)


def callback_process(gateway_event: GatewayEvent, copy: int) -> Process:
    """The handler of one delivery of a callback."""
    attempt_id, gateway = gateway_event.attempt_id, sender_of(gateway_event)
    # No two callbacks may have one name: their tokens come from it.
    payment = f"-{gateway_event.capture.payment_id.removesuffix(attempt_id)}" if gateway_event.capture else ""
    number = f"-{gateway_event.number}" if isinstance(gateway_event, RefundFailedEvent) else ""
    number = (
        f"-{gateway_event.capture.returned}" if gateway_event.capture and gateway_event.capture.returned else number
    )
    number += f"-{gateway_event.refund_id[-4:]}" if gateway_event.refund_id else ""
    number = f"-{gateway_event.dispute.status}" if gateway_event.dispute else number
    name = f"callback-{gateway_event.kind}-{attempt_id[-4:]}-{copy}-{gateway}{payment}{number}"
    return Process(
        name, lambda ports: receive_callback(gateway, Callback({}, b""), ports), attempt_id, gateway_event=gateway_event
    )


PROCESSES = {
    process.name: process
    for process in (
        _payment_request("pay", "first", FIRST_ATTEMPT),
        _payment_request("pay-again", "first", FIRST_ATTEMPT),
        _payment_request("pay-otherwise", "first", FIRST_ATTEMPT, page="elsewhere"),
        _payment_request("pay-other", "second", SECOND_ATTEMPT, revision=1),
        _edit("edit-buyer", more_tea),
        _edit("edit-again", more_tea),
        _edit("edit-otherwise", much_more_tea),
        _edit("give-away", for_nothing, SELLER),
        _edit("set-pay-by", to_be_paid_soon, SELLER),
        _edit("move-pay-by", to_be_paid_later, SELLER, 2),
        Process("edit-seller", _seller_edit, writes=frozenset({"edit"}), edits_as_read=True, actor=SELLER.subject),
        Process(
            "cancel-payment",
            lambda ports: cancel_payment(ORDER, FIRST_ATTEMPT, BUYER, ports),
            FIRST_ATTEMPT,
            frozenset({"release", "await_release"}),
            actor=BUYER.subject,
        ),
        Process(
            "cancel-other",
            lambda ports: cancel_payment(ORDER, SECOND_ATTEMPT, BUYER, ports),
            SECOND_ATTEMPT,
            frozenset({"release", "await_release"}),
            actor=BUYER.subject,
        ),
        _stop("stop-and-change", more_tea, BUYER),
        _stop("stop-again", more_tea, BUYER),
        _stop("stop-seller", with_note, SELLER),
        _stop("stop-unchanged", as_it_is, BUYER),
        _stop("stop-unchanged-again", as_it_is, BUYER),
        Process(
            "cancel-order",
            lambda ports: cancel_order(ORDER, BUYER, ports),
            writes=frozenset({"cancel_order"}),
            actor=BUYER.subject,
        ),
        _hand_over("hand-over", 1),
        _hand_over("hand-over-edited", 2),
        _settlement("settle-manually", SELLER),
        _settlement("next-buyer-settles", NEXT_OPERATOR),
        _link_request("issue-link"),
        _link_request("renew-link", renew=True),
        Process(
            "pay-by-link",
            _pays_by_link,
            LINK_ATTEMPT,
            frozenset({"lock", "record_session", "settle_free"}),
            revision=1,
            fingerprint=fingerprint_of(LINK_PAYMENT.page_url, "", "", "1"),
            link_id=LINK.link_id,
        ),
        Process(
            "stop-by-link",
            lambda ports: stop_by_link(LINK, LINK_ATTEMPT, ports),
            LINK_ATTEMPT,
            frozenset({"release", "await_release"}),
            actor=PAYER.subject,
            link_id=LINK.link_id,
        ),
        _erasure("erase", SERVICE),
        _erasure("operator-erases", OPERATOR),
        _refund_request("request-refund", PART_BACK),
        _refund_request("request-refund-again", PART_BACK),
        _refund_request("request-rest", REST_BACK),
        Process("sweep", _sweep, sweeps=True),
        Process("sweep-too", _sweep, sweeps=True),
        Process("timer", _timer, runs_timer=True),
        Process("timer-too", _timer, runs_timer=True),
        Process("sweep-hurried", _sweep_without_time, sweeps=True, has_time=False),
        Process(
            "recheck",
            lambda ports: recheck_payment(ORDER, FIRST_ATTEMPT, OPERATOR, ports),
            rechecked_attempt_id=FIRST_ATTEMPT,
        ),
        Process(
            "recheck-buyer",
            lambda ports: recheck_payment(ORDER, FIRST_ATTEMPT, BUYER, ports),
            rechecked_attempt_id=FIRST_ATTEMPT,
            actor=BUYER.subject,
        ),
        _review_decision("operator-settles", Resolution.SETTLE, "settle_review"),
        _review_decision("operator-settles-other", Resolution.SETTLE, "settle_review", SECOND_ATTEMPT),
        _review_decision("operator-refunds", Resolution.REFUND, "refund_review"),
        Process(
            "operator-releases",
            lambda ports: release_by_operator(ORDER, FIRST_ATTEMPT, DECISION_REASON, OPERATOR, ports),
            FIRST_ATTEMPT,
            frozenset({"force_release"}),
            actor=OPERATOR.subject,
        ),
        _write_off("operator-writes-off", OPERATOR),
        _write_off("next-buyer-writes-off", NEXT_OPERATOR),
        _places("create", PLACED),
        _places("create-again", PLACED),
        _places("create-otherwise", OTHERWISE),
        Process("read-order", lambda ports: read_order(ORDER, BUYER, ports), reads=True),
        Process(
            "read-attempt",
            lambda ports: read_attempt(ORDER, FIRST_ATTEMPT, SELLER, ports),
            FIRST_ATTEMPT,
            reads=True,
        ),
        Process("read-history", pages_for(BUYER), reads=True),
        Process("read-remarks", pages_for(OPERATOR), reads=True, sees_remarks=True),
        Process("consume", consume, consumes=True),
        Process("consume-too", consume, consumes=True),
        *(
            Process(name, run, gateway_event=UNKNOWN_PAYMENT_EVENT, authorised=False)
            for name, run in UNAUTHORISED_CALLERS.items()
        ),
    )
}
# Readers. The content that they are about to read may expire, where an edit has replaced it.
READERS = frozenset(name for name, process in PROCESSES.items() if process.reads)
# Stops of a payment to change its order.
STOPS = frozenset(name for name, process in PROCESSES.items() if process.stops)
CONSUMERS = frozenset(name for name, process in PROCESSES.items() if process.consumes)
PLACERS = frozenset(name for name, process in PROCESSES.items() if process.placed)
_FOLLOWERS = CONSUMERS | {"read-history", "read-remarks"}
ERASERS = frozenset(name for name, process in PROCESSES.items() if process.erases)
# The buyer after a hand-over, who decides as an operator.
NEXT_BUYERS = frozenset(name for name, process in PROCESSES.items() if process.actor == NEXT_OPERATOR.subject)


def follow_stream(names: Iterable[str]) -> bool:
    """Whether one of these needs the order's events, which are kept only then."""
    return not _FOLLOWERS.isdisjoint(names)
