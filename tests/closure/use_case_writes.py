"""The first write of each real use case to a head, for every answer of the gateway: each must be a move of the closure.
This shows that the plans here, made from the head alone, include all that the use cases make.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

from paylatch.domain.caller import Caller, Role
from paylatch.domain.errors import PaylatchError, Refused, Transient
from paylatch.domain.late_money import Evidence, Payment
from paylatch.domain.manual_settlement import ManualMethod, ManualSettlement
from paylatch.domain.order import Content, Line, Order
from paylatch.domain.payment import IN_FLIGHT, Dispute, DisputeStatus, Refund, Resolution
from paylatch.domain.refund_request import RefundRequest
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions import Transition
from paylatch.ports import (
    Applied,
    Capabilities,
    Ports,
    RefundState,
    Rejected,
    SessionReport,
    SessionState,
    VoidAnswer,
    VoidKind,
)
from paylatch.use_cases.edit_order import cancel_order, edit_order
from paylatch.use_cases.erase_personal_data import erase_personal_data
from paylatch.use_cases.expire_order import expire_if_due
from paylatch.use_cases.follow_payment import follow_payment
from paylatch.use_cases.force_release import release_by_operator
from paylatch.use_cases.hand_over_order import hand_over_order
from paylatch.use_cases.issue_pay_link import LinkRequest, issue_pay_link
from paylatch.use_cases.record_dispute import record_dispute
from paylatch.use_cases.record_return import handle_money_returned
from paylatch.use_cases.refund_payment import handle_refund_event, refund_payment
from paylatch.use_cases.release_payment import release_payment
from paylatch.use_cases.request_refund import request_refund
from paylatch.use_cases.review_payment import resolve_review
from paylatch.use_cases.settle_free_order import settle_free_order
from paylatch.use_cases.settle_order_manually import settle_order_manually
from paylatch.use_cases.settle_payment import settle_payment
from paylatch.use_cases.stop_and_change import StopAndChange, stop_and_change
from paylatch.use_cases.write_off_refund import write_off_refund
from tests.closure.configuration import (
    BUYER,
    CONTENTS,
    GATEWAYS,
    MUCH_LATER,
    NOW,
    ORDER_ID,
    PART,
    UNKNOWN_ATTEMPT,
    Configuration,
)
from tests.closure.erasure_plans import ERASED_CONTENT
from tests.closure.normal_form import Head
from tests.closure.plans import FINGERPRINT
from tests.closure.term_plans import NEXT_BUYER
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock

OPERATOR = Caller("operator-1", frozenset({Role.OPERATOR}))
SERVICE = Caller("shop", frozenset({Role.SERVICE}))
SILENT, REFUSING = Transient("sandbox", "no answer"), Refused("sandbox", "charge_disputed")


class _Written(BaseException):
    """Stops a use case at its first write that a head allows; no use case handles it."""

    def __init__(self, transition: Transition, head: Head) -> None:
        super().__init__(transition.name)
        self.transition = transition
        self.head = head


class _StopsAtTheFirstWrite(MemoryOrderStore):
    def apply(self, order_id: str, transition: Transition) -> Applied | Rejected:
        outcome = super().apply(order_id, transition)
        if isinstance(outcome, Applied):
            raise _Written(transition, self.heads[order_id])
        return outcome


@dataclass
class _FixedResponseGateway:
    """A gateway that gives the same answer to every call."""

    answer: Any
    capabilities: Capabilities

    def _respond(self, _: object) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    query = query_payment = void = refund = query_refund = _respond


UseCaseCall = Callable[[Ports, Order], object]


def writes(head: Head, order: Order, configuration: Configuration) -> Iterator[tuple[Transition, Head]]:
    """The first write of each use case at this head, for each answer, and the head after it."""
    for use_case_call, answer, final in _use_case_calls(order, configuration):
        ports = _ports(head, answer, final)
        try:
            with suppress(PaylatchError):
                use_case_call(ports, order)
        except _Written as written:
            yield written.transition, written.head


def _ports(head: Head, answer: object, final: bool) -> Ports:
    store = _StopsAtTheFirstWrite()
    store.heads[ORDER_ID] = head
    for total, content_id in (*CONTENTS.items(), (head["total"], ERASED_CONTENT)):
        store.put_content(ORDER_ID, content_id, _content(total))
    capabilities = Capabilities(
        void_is_final=final,
        shortest_session=timedelta(0),
        longest_session=timedelta(days=1),
        reports_disputes=True,
        shows_partial_refunds=True,
        longest_processing=MUCH_LATER - NOW,
    )
    gateway: Any = _FixedResponseGateway(answer, capabilities)
    gateways = FixedGateways(dict.fromkeys(GATEWAYS, gateway))
    return Ports(store, gateways, SettableClock(NOW), SequentialIdGenerator(), RecordedMetrics())


def _content(total: int) -> Content:
    # A buyer edits quantities and no price.
    return Content((Line("sku-1", "A line", total, 1),))


def _use_case_calls(order: Order, configuration: Configuration) -> Iterator[tuple[UseCaseCall, object, bool]]:
    for payment, answer in product(_payments(order, configuration), _answers_about(configuration)):
        yield partial(_settle, payment), answer, True
        yield partial(_money_returned, payment), answer, True
    for void, final in product(_voids(configuration), (True, False)):
        yield _release, void, final
        stops = product(configuration.totals, (_holder(order), *order.past_attempts))
        yield from ((partial(_stop, *stop), void, final) for stop in stops)
    yield from ((_follow, report, True) for report in _reports(configuration))
    for answer, refund in product((*RefundState, SILENT, REFUSING), order.refunds.values()):
        yield partial(_refund, refund), answer, True
        yield partial(_handle_refund_event, refund), answer, True
    yield from ((use_case_call, SILENT, True) for use_case_call in _caller_requests(order, configuration))


def _settle(payment: Payment, ports: Ports, _: Order) -> None:
    settle_payment(ORDER_ID, payment, ports)


def _money_returned(payment: Payment, ports: Ports, _: Order) -> None:
    handle_money_returned(ORDER_ID, payment, ports)


def _release(ports: Ports, order: Order) -> None:
    release_payment(order, ReleaseReason.CANCELLED, "buyer-1", ports)


def _follow(ports: Ports, order: Order) -> None:
    if order.attempt is not None and order.attempt.status in IN_FLIGHT:
        follow_payment(order, order.attempt, "sweep", ports)


def _stop(total: int, attempt_id: str, ports: Ports, order: Order) -> None:
    request = StopAndChange(
        order_id=ORDER_ID,
        attempt_id=attempt_id,
        change=lambda _: _content(total),
        fingerprint=FINGERPRINT,
        revision=order.revision,
    )
    stop_and_change(request, BUYER, ports)


def _refund(refund: Refund, ports: Ports, order: Order) -> None:
    refund_payment(order, refund, "sweep", ports)


def _handle_refund_event(refund: Refund, ports: Ports, _: Order) -> None:
    handle_refund_event(ORDER_ID, refund.refund_id, refund.gateway, ports)


def _payments(order: Order, configuration: Configuration) -> Iterator[Payment]:
    known = {
        *order.past_attempts,
        *order.evicted_attempt_ids,
        UNKNOWN_ATTEMPT,
        *([order.attempt.attempt_id] if order.attempt else []),
    }
    for attempt_id, capture, evidence in product(sorted(known), configuration.captures, Evidence):
        yield Payment(attempt_id, GATEWAYS[0], capture, evidence, NOW)
        yield Payment(attempt_id, GATEWAYS[0], capture, evidence, None)


def _answers_about(configuration: Configuration) -> tuple[object, ...]:
    """The answers about a payment: the gateway may also correct the sum of one that has its place."""
    return (*configuration.captures, None, SILENT)


def _voids(configuration: Configuration) -> Iterator[object]:
    yield from (VoidAnswer(VoidKind.ALREADY_PAID, capture) for capture in configuration.captures)
    yield from (VoidAnswer(kind) for kind in VoidKind if kind is not VoidKind.ALREADY_PAID)
    yield SILENT


def _reports(configuration: Configuration) -> Iterator[object]:
    yield from (SessionReport(SessionState.PAID, capture) for capture in configuration.captures)
    yield from (SessionReport(state) for state in SessionState if state is not SessionState.PAID)


def _caller_requests(order: Order, configuration: Configuration) -> Iterator[UseCaseCall]:
    yield from (partial(_edit, total) for total in configuration.totals)
    if configuration.terms:
        yield _expire
        yield _hand_over
    if configuration.links:
        yield partial(_issue_pay_link, False)
        yield partial(_issue_pay_link, True)
    if configuration.erased:
        yield _erase
    yield from (partial(_settle_free, attempt_id) for attempt_id in configuration.attempt_ids)
    yield _cancel
    if configuration.requested < 2:
        # Not planned either beside two refunds.
        yield from (partial(_settle_manually, total) for total in configuration.totals)
    yield from (partial(_resolve, resolution) for resolution in Resolution)
    yield _force_release
    yield from (partial(_write_off, refund_id) for refund_id in order.refunds)
    yield from (partial(_request_refund, request) for request in configuration.refund_requests)
    for parts in product(configuration.dispute_ids, configuration.payment_ids, (PART,), ("EUR",), DisputeStatus):
        yield partial(_dispute, Dispute(*parts))


def _edit(total: int, ports: Ports, order: Order) -> None:
    edit_order(ORDER_ID, lambda _: _content(total), order.revision, BUYER, ports)


def _expire(ports: Ports, order: Order) -> None:
    expire_if_due("sweep", order, ports, lambda: True)


def _hand_over(ports: Ports, order: Order) -> None:
    hand_over_order(ORDER_ID, NEXT_BUYER, order.revision, SERVICE, ports)


def _issue_pay_link(renew: bool, ports: Ports, _: Order) -> None:
    issue_pay_link(LinkRequest(ORDER_ID, renew), BUYER, ports)


def _erase(ports: Ports, _: Order) -> None:
    erase_personal_data(ORDER_ID, SERVICE, lambda: True, ports)


def _settle_free(attempt_id: str, ports: Ports, order: Order) -> None:
    settle_free_order(order, attempt_id, FINGERPRINT, None, BUYER, ports)


def _cancel(ports: Ports, _: Order) -> None:
    cancel_order(ORDER_ID, BUYER, ports)


def _settle_manually(total: int, ports: Ports, _: Order) -> None:
    settle_order_manually(ORDER_ID, ManualSettlement(ManualMethod.CASH, total, "receipt 4711"), OPERATOR, ports)


def _resolve(resolution: Resolution, ports: Ports, order: Order) -> None:
    resolve_review(ORDER_ID, _holder(order), resolution, "so", OPERATOR, ports)


def _force_release(ports: Ports, order: Order) -> None:
    release_by_operator(ORDER_ID, _holder(order), "gone", OPERATOR, ports)


def _holder(order: Order) -> str:
    return order.attempt.attempt_id if order.attempt else UNKNOWN_ATTEMPT


def _write_off(refund_id: str, ports: Ports, _: Order) -> None:
    write_off_refund(ORDER_ID, refund_id, "never made", OPERATOR, ports)


def _request_refund(request: RefundRequest, ports: Ports, _: Order) -> None:
    request_refund(request, OPERATOR, ports)


def _dispute(dispute: Dispute, ports: Ports, _: Order) -> None:
    record_dispute(ORDER_ID, UNKNOWN_ATTEMPT, dispute, GATEWAYS[0], ports)


def same_times(head: Head) -> Head:
    """The head, changed in place, with the times and reasons that plans here choose, and without values derived from
    them.
    """
    for name in ("due_at", "follow_up_at", "attention_at"):
        head.pop(name, None)
    if "reason" in head.get("attempt", {}):
        head["attempt"]["reason"] = "some"
    for past in head["past_attempts"].values():
        past["check_at"] = "later" if "check_at" in past else "never"
    for refund in head["refunds"].values():
        refund["next_at"] = "now" if refund["next_at"] == refund["since"] else "later"
    if head["content_id"] not in CONTENTS.values():
        head["content_id"] = CONTENTS[head["total"]]
    return head
