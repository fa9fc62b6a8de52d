"""Actions of operators, never on their own orders: write off a refused refund, release from a dead gateway."""

from dataclasses import replace
from datetime import timedelta

import pytest

from local.api_client import ApiResponse
from paylatch.domain.errors import OutcomeUnknown, Refused
from paylatch.domain.limits import GRACE
from paylatch.domain.payment import Capture
from paylatch.domain.transitions.causes import LONGEST_CAUSE
from paylatch.ports import Metric, RefundState, Rules
from paylatch.runtime import wiring
from tests.integration.shop import TTL, Shop
from tests.integration.test_free_orders import overtaking
from tests.lambda_events import BUYER, OPERATOR, SELLER, SERVICE, Person

WHY = {"reason": "The gateway closed our account."}


def refused(shop: Shop) -> tuple[str, str]:
    """An order whose refund the gateway will never make, and the refund's id."""
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    shop.gateway.answer_with("refund", Refused("sandbox", "charge_disputed"))
    shop.sweep()
    (refund_id,) = shop.head(order_id).refunds
    return order_id, refund_id


def write_off(shop: Shop, order_id: str, refund_id: str, person: Person = OPERATOR) -> ApiResponse:
    return shop.call("write_off", order_id, refund_id=refund_id, body=WHY, person=person)


def test_a_finally_refused_refund_is_not_retried(shop: Shop) -> None:
    """lago#6257: Stripe answers `charge_disputed`, 360 tries in 60 days, no way out."""
    order_id, refund_id = refused(shop)
    for _ in range(60):
        shop.clock.advance(timedelta(days=1))
        assert shop.sweep()["handled"] == 0
    assert len(shop.gateway.calls("refund")) == 1
    (listed,) = shop.operator("attention", order_id).body["orders"]
    assert [(entry["status"], entry["refund_id"]) for entry in listed["unapplied"]] == [("refused", refund_id)]
    assert shop.metrics.times(Metric.REFUND_REFUSED) == 1
    assert dict(shop.head(order_id).last_event.detail or {})["cause"] == "charge_disputed"


@pytest.mark.parametrize("cause", ["x" * 500_000, "declined \ud800", "\x00"], ids=["long", "no text", "control"])
def test_a_refusal_is_recorded_with_any_cause_from_the_gateway(shop: Shop, cause: str) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    shop.gateway.answer_with("refund", Refused("sandbox", cause))
    assert shop.sweep()["failed"] == 0
    assert [entry["status"] for entry in shop.read(order_id).body["unapplied"]] == ["refused"]
    recorded = str(dict(shop.head(order_id).last_event.detail or {})["cause"])
    assert len(recorded.encode()) <= LONGEST_CAUSE


def test_a_refused_refund_is_not_requested_again_while_others_are_due(shop: Shop) -> None:
    order_id, refund_id = refused(shop)
    twice = shop.head(order_id).refunds[refund_id].attempt_id
    shop.money(twice, shop.gateway.capture_payment(twice, "pay_again"))
    asked = len(shop.gateway.calls("refund"))
    shop.gateway.answer_with("refund", *[RefundState.PENDING] * 9)
    shop.gateway.answer_with("query_refund", *[RefundState.PENDING] * 9)
    for _ in range(5):
        shop.sweep()
        shop.clock.advance(timedelta(minutes=15))
    named = {refund.refund_id for call in ("refund", "query_refund") for refund in shop.gateway.calls(call)[asked:]}
    assert named == {due.refund_id for due in shop.head(order_id).refunds_due}
    assert shop.head(order_id).refunds[refund_id].status == "refused"


@pytest.mark.parametrize("given_up", [False, True], ids=["refused", "written off"])
def test_a_failure_callback_for_a_refused_refund_starts_no_retries(shop: Shop, given_up: bool) -> None:
    order_id, refund_id = refused(shop)
    if given_up:
        write_off(shop, order_id, refund_id)
    before = shop.head(order_id)
    attempt_id = before.refunds[refund_id].attempt_id
    for _ in range(2):
        shop.gateway.answer_with("query_refund", RefundState.FAILED)
        event_type = shop.gateway.signed("refund.failed", attempt_id, shop.gateway.money[attempt_id])
        assert shop.callback(event_type).status == 204
    assert shop.head(order_id) == before
    shop.clock.advance(timedelta(days=1))
    assert shop.sweep()["handled"] == 0


def test_a_refused_refund_stays_visible_while_the_order_is_paid_for(shop: Shop) -> None:
    order_id, _ = refused(shop)
    attempt_id = shop.pay(order_id, "again").body["attempt_id"]
    shop.money(attempt_id)
    assert shop.status(order_id) == "paid"
    assert [order["order_id"] for order in shop.operator("attention", order_id).body["orders"]] == [order_id]


def test_a_write_off_ends_it_and_stays_visible(shop: Shop) -> None:
    order_id, refund_id = refused(shop)
    answer = write_off(shop, order_id, refund_id)
    assert (answer.status, [entry["status"] for entry in answer.body["unapplied"]]) == (200, ["written_off"])
    assert shop.operator("attention", order_id).body["orders"] == []
    event = shop.head(order_id).last_event
    detail = dict(event.detail or {})
    assert (event.type, event.actor, detail["remark"]) == ("RefundWrittenOff", OPERATOR.subject, WHY["reason"])
    assert (detail["amount"], detail["currency"]) == (2500, "EUR")
    assert write_off(shop, order_id, refund_id).status == 200
    assert shop.head(order_id).last_event == event


def test_a_refund_made_by_hand_after_the_refusal_is_found_by_a_recheck(shop: Shop) -> None:
    order_id, refund_id = refused(shop)
    attempt_id = shop.head(order_id).refunds[refund_id].attempt_id
    shop.gateway.answer_with("query_refund", RefundState.DONE)
    assert shop.operator("recheck", order_id, attempt_id).body["unapplied"][0]["status"] == "refunded"
    answer = write_off(shop, order_id, refund_id)
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "refund_id")


def test_a_refused_refund_of_an_attempt_that_the_order_does_not_know_is_asked_for_by_a_recheck(shop: Shop) -> None:
    order_id = shop.create()
    unknown_attempt = f"{order_id}_77777777"
    shop.gateway.answer_with("refund", Refused("sandbox", "charge_disputed"))
    shop.callback(shop.gateway.signed("payment.succeeded", unknown_attempt, Capture("pay_stranger", 2500, "EUR")))
    shop.sweep()
    assert [entry["status"] for entry in shop.read(order_id).body["unapplied"]] == ["refused"]
    answer = shop.operator("recheck", order_id, unknown_attempt)
    assert (answer.status, [entry["status"] for entry in answer.body["unapplied"]]) == (200, ["refunded"])
    assert shop.operator("recheck", order_id, f"{order_id}_88888888").code == "attempt-not-found"


def test_a_refund_that_there_is_not_is_named(shop: Shop) -> None:
    order_id, _ = refused(shop)
    assert write_off(shop, order_id, f"{order_id}_R777777777777").code == "refund-not-found"


@pytest.mark.parametrize("person", [BUYER, SELLER, SERVICE])
@pytest.mark.parametrize("known", [True, False])
def test_only_operators_may_write_off_and_force_release(shop: Shop, person: Person, known: bool) -> None:
    order_id, refund_id = refused(shop)
    where = order_id if known else "7777777777777777"
    assert write_off(shop, where, refund_id, person).status == 403
    attempt_id = f"{where}_77777777"
    assert shop.call("release", where, attempt_id=attempt_id, body=WHY, person=person).status == 403


def locked_by_dead_gateway(shop: Shop, silences: int = 50) -> tuple[str, str]:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", *[OutcomeUnknown("sandbox", "nobody there")] * silences)
    shop.clock.advance(TTL)
    shop.sweep()
    assert shop.status(order_id) == "releasing"
    return order_id, attempt_id


def test_an_operator_releases_an_order_whose_gateway_is_unavailable(shop: Shop) -> None:
    order_id, attempt_id = locked_by_dead_gateway(shop)
    answer = shop.operator("release", order_id, attempt_id, body=WHY)
    assert (answer.status, answer.body["payment_status"], answer.body["lock"]) == (200, "pending_payment", None)
    event = shop.head(order_id).last_event
    detail = dict(event.detail or {})
    assert (event.type, event.actor) == ("OrderUnlocked", OPERATOR.subject)
    assert (detail["reason"], detail["forced"], detail["remark"]) == ("timed_out", 1, WHY["reason"])
    assert shop.edit_to_three_packets(order_id, 1).status == 200
    assert shop.operator("release", order_id, attempt_id, body=WHY).status == 200
    assert shop.operator("attention", order_id).body["orders"] == []


def test_an_order_whose_payment_belongs_to_another_attempt_stays_visible(shop: Shop) -> None:
    """The gateway reports the first attempt's payment for the second: its attempt is unknown."""
    order_id, first = shop.locked()
    shop.cancel_payment(order_id, first)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(first, payment_id="pay_twice")
    second = shop.pay(order_id, "again").body["attempt_id"]
    shop.gateway.capture_payment(second, payment_id="pay_twice")
    shop.clock.advance(TTL)
    for _ in range(3):
        shop.sweep()
    assert shop.status(order_id) == "releasing"
    assert [order["order_id"] for order in shop.operator("attention", order_id).body["orders"]] == [order_id]
    assert len(shop.gateway.calls("void")) == 2
    assert shop.operator("release", order_id, second, body=WHY).body["payment_status"] == "pending_payment"


def test_the_link_of_a_forced_release_is_watched_and_its_money_goes_by_the_table(shop: Shop) -> None:
    order_id, attempt_id = locked_by_dead_gateway(shop, silences=10)
    shop.operator("release", order_id, attempt_id, body=WHY)
    shop.gateway.capture_payment(attempt_id)
    shop.clock.advance(TTL + GRACE)
    for _ in range(60):
        shop.sweep()
        shop.clock.advance(timedelta(minutes=15))
    assert shop.status(order_id) == "paid"


def test_an_order_locked_at_a_removed_gateway_can_be_released(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    deadline = shop.clock.now() + TTL
    shop.gateways.made.clear()
    assert shop.operator("release", order_id, attempt_id, body=WHY).body["payment_status"] == "pending_payment"
    past = shop.head(order_id).past_attempts[attempt_id]
    assert (past.status, past.check_at) == ("cancelled", deadline + GRACE)


def test_money_that_is_there_is_not_released_but_reviewed(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=1)
    answer = shop.operator("release", order_id, attempt_id, body=WHY)
    assert (answer.status, answer.code) == (409, "payment-completed")


def test_a_party_of_an_order_may_not_decide_about_its_money(shop: Shop) -> None:
    order_id, refund_id = refused(shop)
    for owner in (BUYER, SELLER):
        operator = Person(owner.subject, "operator")
        assert write_off(shop, order_id, refund_id, operator).code == "not-allowed"
    attempt_id = shop.pay(order_id, "again").body["attempt_id"]
    shop.money(attempt_id, amount=1)
    for owner in (BUYER, SELLER):
        body = {"action": "settle", "reason": "It is enough."}
        operator = Person(owner.subject, "operator")
        answer = shop.call("resolution", order_id, attempt_id=attempt_id, body=body, person=operator)
        assert (answer.status, answer.code) == (403, "not-allowed")
    assert shop.status(order_id) == "review"


def test_an_operator_to_whom_the_order_is_handed_over_meanwhile_writes_nothing_off(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, refund_id = refused(shop)
    overtaking(shop, monkeypatch, "write_off", lambda: shop.edit(order_id, 2, SERVICE, buyer_id=OPERATOR.subject))
    assert write_off(shop, order_id, refund_id).code == "not-allowed"
    assert shop.head(order_id).refunds[refund_id].status == "refused"
    assert shop.head(order_id).buyer_id == OPERATOR.subject


def test_without_four_eyes_a_seller_may_decide_and_a_buyer_may_not(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    relaxed = replace(shop.ports, rules=Rules(four_eyes=False))
    monkeypatch.setattr(wiring, "make_ports", lambda: relaxed)
    wiring.ports.cache_clear()
    order_id, refund_id = refused(shop)
    assert write_off(shop, order_id, refund_id, Person(BUYER.subject, "operator")).status == 403
    assert write_off(shop, order_id, refund_id, Person(SELLER.subject, "operator")).status == 200


def test_the_link_of_a_forced_release_is_watched_until_it_has_certainly_expired(shop: Shop) -> None:
    """A gateway may have no sessions as short as the lock."""
    shortest = 4 * TTL
    shop.gateway.capabilities = replace(shop.gateway.capabilities, shortest_session=shortest)
    order_id, attempt_id = locked_by_dead_gateway(shop)
    since = shop.head(order_id).attempt.since  # type: ignore[union-attr]
    shop.operator("release", order_id, attempt_id, body=WHY)
    check_at = shop.head(order_id).past_attempts[attempt_id].check_at
    assert check_at is not None
    assert check_at >= since + shortest + GRACE
