"""The attention list, and operators' decisions."""

from datetime import timedelta

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.payment import Capture
from paylatch.ports import SessionReport, SessionState, VoidAnswer, VoidKind
from paylatch.runtime.time_budget import STORE_REQUEST_SECONDS
from tests.api.handlers import Context
from tests.integration.shop import Shop
from tests.lambda_events import OPERATOR, http_event
from tests.recorded_events import event_of

DECIDED = {"reason": "The buyer agrees by phone."}


def under_review(shop: Shop) -> tuple[str, str]:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, amount=2400)
    return order_id, attempt_id


def decide(shop: Shop, order_id: str, attempt_id: str, action: str) -> int:
    return shop.operator("resolution", order_id, attempt_id, body={"action": action, **DECIDED}).status


def test_an_operator_takes_the_money_as_the_payment(shop: Shop) -> None:
    order_id, attempt_id = under_review(shop)
    answer = shop.operator("resolution", order_id, attempt_id, body={"action": "settle", **DECIDED})
    assert (answer.status, answer.body["payment_status"], answer.body["lock"]) == (200, "paid", None)
    event = shop.head(order_id).last_event
    assert (event.actor, dict(event.detail or {})["remark"]) == (OPERATOR.subject, DECIDED["reason"])
    assert shop.sweep()["handled"] == 0


def test_what_an_operator_remarks_is_for_operators(shop: Shop) -> None:
    order_id, attempt_id = under_review(shop)
    decide(shop, order_id, attempt_id, "refund")
    shop.ports.store.record_events([event_of(shop.head(order_id))])
    (to_buyer,) = shop.call("order_history", order_id).body["events"]
    assert "remark" not in to_buyer["detail"]
    assert DECIDED["reason"] not in str(shop.read(order_id).body)
    (to_operator,) = shop.operator("order_history", order_id).body["events"]
    assert to_operator["detail"]["remark"] == DECIDED["reason"]


def test_an_operator_refunds_the_money_and_releases_the_order(shop: Shop) -> None:
    order_id, attempt_id = under_review(shop)
    answer = shop.operator("resolution", order_id, attempt_id, body={"action": "refund", **DECIDED})
    assert (answer.status, answer.body["payment_status"]) == (200, "pending_payment")
    shop.sweep()
    (refund,) = shop.gateway.calls("refund")
    assert (refund.amount, refund.attempt_id) == (2400, attempt_id)
    assert shop.head(order_id).refunds_due == ()
    assert shop.edit_to_three_packets(order_id, 1).status == 200
    assert shop.pay(order_id, "again").status == 201


def test_the_same_callback_after_the_decision_changes_nothing(shop: Shop) -> None:
    order_id, attempt_id = under_review(shop)
    capture = shop.gateway.money[attempt_id]
    decide(shop, order_id, attempt_id, "refund")
    before = shop.head(order_id)
    shop.money(attempt_id, capture)
    assert shop.head(order_id) == before


def test_only_what_is_under_review_is_decided_and_only_once(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    assert decide(shop, order_id, attempt_id, "settle") == 400
    order_id, attempt_id = under_review(shop)
    assert decide(shop, order_id, attempt_id, "settle") == 200
    assert decide(shop, order_id, attempt_id, "refund") == 409
    assert shop.status(order_id) == "paid"


def test_the_decision_is_about_the_attempt_under_review(shop: Shop) -> None:
    order_id, old = shop.locked("old")
    shop.cancel_payment(order_id, old)
    new = shop.pay(order_id, "new").body["attempt_id"]
    shop.money(new, amount=1)
    assert decide(shop, order_id, old, "refund") == 400
    assert decide(shop, order_id, f"{order_id}_77777777", "refund") == 404
    assert shop.status(order_id) == "review"


def test_attention_lists_reviews_and_unconfirmed_releases_and_nothing_else(shop: Shop) -> None:
    reviewed, _ = under_review(shop)
    releasing, attempt_id = shop.locked("releasing")
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    shop.cancel_payment(releasing, attempt_id)
    shop.locked("merely-locked")
    shop.create()
    listed = shop.operator("attention", reviewed).body["orders"]
    assert {order["order_id"] for order in listed} == {reviewed, releasing}
    assert {order["payment_status"] for order in listed} == {"review", "releasing"}


def test_attention_begins_no_read_that_its_remaining_time_is_too_short_for(shop: Shop) -> None:
    reviewed, _ = under_review(shop)
    asked = http_event("attention", order_id=reviewed, person=OPERATOR)
    too_little = int(STORE_REQUEST_SECONDS * 1000)
    answer = shop.send("attention", asked, Context(lambda: too_little))
    assert (answer.status, answer.code) == (503, "store-unavailable")


def test_attention_leaves_time_to_read_the_findings(shop: Shop) -> None:
    asked = http_event("attention", person=OPERATOR)
    too_little = int(3 * STORE_REQUEST_SECONDS * 1000)
    answer = shop.send("attention", asked, Context(lambda: too_little))
    assert (answer.status, answer.code) == (503, "store-unavailable")
    assert shop.send("attention", asked, Context(lambda: too_little + 1)).status == 200


def test_attention_lists_a_refund_that_no_sweep_has_tried_for_an_hour(shop: Shop) -> None:
    order_id, attempt_id = shop.locked("old")
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    shop.clock.advance(timedelta(minutes=59))
    assert shop.operator("attention", order_id).body["orders"] == []
    shop.clock.advance(timedelta(minutes=1))
    assert len(shop.operator("attention", order_id).body["orders"]) == 1


def test_recheck_finds_money_whose_callback_was_lost(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id)
    answer = shop.operator("recheck", order_id, attempt_id)
    assert (answer.status, answer.body["payment_status"]) == (200, "paid")


def test_recheck_finds_late_money_of_a_past_attempt(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    report = SessionReport(SessionState.PAID, Capture("late", 2500, "EUR"))
    shop.gateway.answer_with("query", report)
    assert shop.operator("recheck", order_id, attempt_id).body["unapplied"][0]["payment_id"] == "late"


def test_recheck_finishes_a_release_and_leaves_a_payment_alone(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    assert shop.operator("recheck", order_id, attempt_id).body["payment_status"] == "in_payment"
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    shop.cancel_payment(order_id, attempt_id)
    assert shop.operator("recheck", order_id, attempt_id).body["payment_status"] == "pending_payment"


def test_recheck_reports_a_gateway_that_does_not_answer(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("query", OutcomeUnknown("sandbox", "no answer"))
    assert shop.operator("recheck", order_id, attempt_id).code == "gateway-unavailable"


def test_operations_on_what_is_not_there(shop: Shop) -> None:
    order_id, _ = under_review(shop)
    assert shop.operator("recheck", "7777777777777777").code == "order-not-found"
    assert shop.operator("recheck", order_id, f"{order_id}_77777777").code == "attempt-not-found"
    assert shop.operator("resolution", "7777777777777777").code == "order-not-found"
