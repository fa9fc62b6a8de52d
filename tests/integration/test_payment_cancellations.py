"""Cancelling closes at the gateway first, then unlocks: every answer of the gateway, under both policies."""

from datetime import timedelta

import pytest

from paylatch.domain.errors import GatewayError, Misconfigured, OutcomeUnknown, Refused, Transient
from paylatch.domain.limits import FIRST_WAIT, GRACE
from paylatch.ports import Index, Metric, ReleasePolicy, VoidAnswer, VoidKind
from tests.due_orders import due_orders
from tests.integration.shop import TTL, Shop
from tests.lambda_events import SELLER, SERVICE, Person

CLOSED = [VoidKind.VOIDED, VoidKind.ALREADY_CLOSED]
FAILURES = [Transient, OutcomeUnknown, Refused, Misconfigured]


@pytest.mark.parametrize("policy", ReleasePolicy)
@pytest.mark.parametrize("kind", CLOSED)
def test_voided_or_already_closed_unlocks(shop: Shop, kind: VoidKind, policy: ReleasePolicy) -> None:
    shop.gateways.policies["sandbox"] = policy
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(kind))
    answer = shop.cancel_payment(order_id, attempt_id)
    assert (answer.status, answer.body["payment_status"]) == (200, "pending_payment")
    assert (answer.body["lock"], answer.body["payment"]) == (None, None)
    head = shop.head(order_id)
    assert (head.past_attempts[attempt_id].status, head.due_at, head.follow_up_at) == ("cancelled", None, None)


@pytest.mark.parametrize("policy", ReleasePolicy)
def test_already_paid_settles_and_the_caller_gets_409(shop: Shop, policy: ReleasePolicy) -> None:
    shop.gateways.policies["sandbox"] = policy
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id)
    answer = shop.cancel_payment(order_id, attempt_id)
    assert (answer.status, answer.code) == (409, "payment-completed")
    assert shop.status(order_id) == "paid"
    assert shop.cancel_payment(order_id, attempt_id).code == "payment-completed"


def test_already_paid_with_the_wrong_sum_goes_to_review(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id, amount=1)
    assert shop.cancel_payment(order_id, attempt_id).code == "payment-completed"
    assert shop.status(order_id) == "review"


@pytest.mark.parametrize("policy", ReleasePolicy)
def test_in_progress_stays_locked_and_visible_and_is_asked_again_with_backoff(
    shop: Shop, policy: ReleasePolicy
) -> None:
    shop.gateways.policies["sandbox"] = policy
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", *[VoidAnswer(VoidKind.IN_PROGRESS)] * 3)
    answer = shop.cancel_payment(order_id, attempt_id)
    assert (answer.status, answer.body["payment_status"]) == (202, "releasing")
    assert answer.body["lock"]["until"] is None
    assert shop.edit_to_three_packets(order_id, 1).code == "order-locked"
    for wait in (FIRST_WAIT, 2 * FIRST_WAIT):
        shop.clock.advance(wait - timedelta(milliseconds=1))
        assert shop.sweep()["handled"] == 0
        shop.clock.advance(timedelta(milliseconds=1))
        assert shop.sweep()["handled"] == 1
        assert shop.status(order_id) == "releasing"
    shop.clock.advance(4 * FIRST_WAIT)
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"
    assert shop.head(order_id).past_attempts[attempt_id].status == "cancelled", "the sweep keeps the buyer's reason"


def test_repeated_cancellation_does_not_postpone_the_next_check(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", *[VoidAnswer(VoidKind.IN_PROGRESS)] * 6)
    for _ in range(6):
        assert shop.cancel_payment(order_id, attempt_id).body["payment_status"] == "releasing"
    assert shop.head(order_id).due_at == shop.clock.now() + FIRST_WAIT
    shop.clock.advance(FIRST_WAIT)
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"


@pytest.mark.parametrize("failure", FAILURES)
def test_no_answer_stays_locked_whatever_the_failure(shop: Shop, failure: type[GatewayError]) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", failure("sandbox", "no"))
    answer = shop.cancel_payment(order_id, attempt_id)
    assert (answer.status, answer.body["payment_status"]) == (202, "releasing")
    assert shop.metrics.times(Metric.RELEASE_PENDING) == 1
    metrics = {Misconfigured: Metric.GATEWAY_MISCONFIGURED, Refused: Metric.GATEWAY_REFUSED}
    ((metric, named),) = shop.metrics.failed
    assert metric is metrics.get(failure, Metric.GATEWAY_UNAVAILABLE)
    ids = {"gateway": "sandbox", "attempt_id": attempt_id, "order_id": order_id}
    assert named.items() >= {"cause": "no", **ids}.items()
    assert due_orders(shop.ports.store, Index.ATTENTION, shop.clock.now()) == [order_id]
    shop.clock.advance(FIRST_WAIT)
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"
    assert due_orders(shop.ports.store, Index.ATTENTION, shop.clock.now()) == []


def test_cancelling_again_while_releasing_asks_the_gateway_again(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS), VoidAnswer(VoidKind.IN_PROGRESS))
    assert shop.cancel_payment(order_id, attempt_id).status == 202
    assert shop.cancel_payment(order_id, attempt_id).status == 202
    assert shop.cancel_payment(order_id, attempt_id).status == 200


def test_cancelling_an_earlier_attempt_is_done_though_the_order_is_releasing_a_later_one(shop: Shop) -> None:
    order_id, earlier = shop.locked()
    assert shop.cancel_payment(order_id, earlier).status == 200
    later = shop.pay(order_id, key="later").body["attempt_id"]
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    assert shop.cancel_payment(order_id, later).status == 202
    assert shop.cancel_payment(order_id, earlier).status == 200


def not_voidable(shop: Shop) -> VoidAnswer:
    return VoidAnswer(VoidKind.NOT_VOIDABLE, until=shop.clock.now() + TTL)


def test_a_link_that_stays_live_unlocks_under_the_default_fenced_policy(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", not_voidable(shop))
    answer = shop.cancel_payment(order_id, attempt_id)
    assert (answer.status, answer.body["payment_status"]) == (200, "pending_payment")
    assert shop.head(order_id).past_attempts[attempt_id].check_at == shop.clock.now() + TTL + GRACE
    shop.clock.advance(TTL + GRACE)
    assert shop.sweep()["handled"] == 1
    head = shop.head(order_id)
    assert (head.past_attempts[attempt_id].check_at, head.follow_up_at, head.last_event.type) == (
        None,
        None,
        "LinkExpired",
    )


def test_fenced_late_money_is_found_without_a_callback(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", not_voidable(shop))
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    capture = shop.gateway.capture_payment(attempt_id)
    shop.clock.advance(TTL + GRACE)
    shop.sweep()
    assert shop.head(order_id).payments[capture.payment_id].place == "refund"
    shop.sweep()
    assert shop.head(order_id).refunds_due == ()


def test_a_link_that_is_still_live_is_checked_again(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", not_voidable(shop))
    shop.cancel_payment(order_id, attempt_id)
    shop.clock.advance(TTL + GRACE)
    shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "no answer"))
    shop.sweep()
    check_at = shop.head(order_id).past_attempts[attempt_id].check_at
    assert check_at is not None
    assert check_at > shop.clock.now()
    shop.clock.advance(check_at - shop.clock.now())
    shop.sweep()
    assert shop.head(order_id).past_attempts[attempt_id].check_at is None


def test_a_live_link_is_left_alone_as_long_as_it_has_outlived_its_deadline(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", not_voidable(shop))
    shop.cancel_payment(order_id, attempt_id)
    shop.clock.advance(TTL + GRACE)
    for overdue in (GRACE, 2 * GRACE, 4 * GRACE, 8 * GRACE):
        shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "no answer"))
        shop.sweep()
        assert shop.head(order_id).past_attempts[attempt_id].check_at == shop.clock.now() + overdue
        shop.clock.advance(overdue)


def test_strict_stays_locked_until_the_link_has_expired(shop: Shop) -> None:
    shop.gateways.policies["sandbox"] = ReleasePolicy.STRICT
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", not_voidable(shop))
    answer = shop.cancel_payment(order_id, attempt_id)
    assert (answer.status, answer.body["payment_status"]) == (202, "releasing")
    shop.clock.advance(TTL + GRACE - timedelta(milliseconds=1))
    assert shop.sweep()["handled"] == 0
    shop.clock.advance(timedelta(milliseconds=1))
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"


def test_a_link_called_live_after_its_end_is_not_asked_after_at_once(shop: Shop) -> None:
    shop.gateways.policies["sandbox"] = ReleasePolicy.STRICT
    order_id, attempt_id = shop.locked()
    shop.clock.advance(TTL + 2 * GRACE)
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.NOT_VOIDABLE, until=shop.clock.now() - 2 * GRACE))
    assert shop.cancel_payment(order_id, attempt_id).body["payment_status"] == "releasing"
    assert shop.head(order_id).due_at == shop.clock.now() + FIRST_WAIT


def test_a_gateway_whose_voids_are_not_final_is_asked_a_last_time(shop: Shop) -> None:
    shop.gateway.capabilities = type(shop.gateway)(shop.clock, void_is_final=False).capabilities
    order_id, attempt_id = shop.locked()
    deadline = shop.clock.now() + TTL
    shop.cancel_payment(order_id, attempt_id)
    assert shop.head(order_id).past_attempts[attempt_id].check_at == deadline + GRACE


@pytest.mark.parametrize("person", [SELLER, SERVICE])
def test_seller_and_service_may_cancel_too(shop: Shop, person: Person) -> None:
    order_id, attempt_id = shop.locked()
    assert shop.cancel_payment(order_id, attempt_id, person).status == 200


def test_an_attempt_that_was_released_before_stays_so(shop: Shop) -> None:
    order_id, old = shop.locked("old")
    shop.cancel_payment(order_id, old)
    before = shop.head(order_id)
    assert shop.cancel_payment(order_id, old).status == 200
    assert shop.head(order_id) == before
    new = shop.pay(order_id, "new").body["attempt_id"]
    again = shop.cancel_payment(order_id, old)
    assert (again.status, again.body["lock"]["attempt_id"]) == (200, new), "whoever unlocks must hold"


def test_an_attempt_that_the_order_never_had_is_404(shop: Shop) -> None:
    order_id, _ = shop.locked()
    other, theirs = shop.locked("theirs")
    for attempt_id in (f"{order_id}_77777777", theirs, "nonsense"):
        answer = shop.cancel_payment(order_id, attempt_id)
        assert (answer.status, answer.code) == (404, "attempt-not-found")
    assert shop.status(other) == "in_payment"


def test_money_that_arrives_between_the_void_and_the_unlock_wins(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    capture = shop.gateway.capture_payment(attempt_id)
    del shop.gateway.money[attempt_id]
    shop.gateway.during("void", lambda: shop.money(attempt_id, capture))
    assert shop.cancel_payment(order_id, attempt_id).code == "payment-completed"
    assert shop.status(order_id) == "paid"


def test_a_session_recorded_while_it_is_cancelled_does_not_keep_the_lock(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", OutcomeUnknown("sandbox", "no answer"))
    shop.pay(order_id)
    attempt_id = shop.holder(order_id)
    shop.gateway.during("void", lambda: shop.pay(order_id))
    assert shop.cancel_payment(order_id, attempt_id).status == 200
    assert [attempt.session_id for attempt in shop.gateway.calls("void")] == [None, f"ses_{attempt_id}"]
