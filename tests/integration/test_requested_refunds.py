"""The shop refunds a paid order: in whole or in part, several times, never more than was paid."""

from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.errors import OutcomeUnknown, Refused
from paylatch.domain.payment import Dispute, DisputeStatus
from paylatch.ports import GatewayEvent, GatewayEventKind, Metric, RefundState
from tests.api.handler_transport import client_of
from tests.integration.shop import Shop
from tests.lambda_events import BUYER, OPERATOR, SELLER, SERVICE, Person

REASON = "one packet came back"


def paid(shop: Shop) -> tuple[str, str]:
    """An order of 25.00 EUR that a gateway took the money for, and the payment."""
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id)
    return order_id, f"pay_{attempt_id}"


def refund(shop: Shop, order_id: str, amount: int | None = None, key: str = "return-1", person: Person = SELLER) -> Any:
    return client_of(person).refund(order_id, key, amount, REASON)


@pytest.mark.parametrize("person", [SELLER, SERVICE, OPERATOR])
def test_seller_service_and_operator_refund_a_part_of_the_payment(shop: Shop, person: Person) -> None:
    order_id, payment_id = paid(shop)
    answer = refund(shop, order_id, 1000, person=person)
    assert (answer.status, answer.body["amount"], answer.body["currency"]) == (201, 1000, "EUR")
    assert (answer.body["status"], answer.body["reason"]) == ("due", REASON)
    assert answer.body["refund_id"].startswith(f"{order_id}_R")
    assert len(answer.body["refund_id"]) <= 32
    assert shop.metrics.times(Metric.REFUND_ISSUED) == 0
    shop.sweep()
    assert [(asked.payment_id, asked.amount) for asked in shop.gateway.calls("refund")] == [(payment_id, 1000)]
    order = shop.read(order_id).body
    assert order["refunds"] == [{**answer.body, "status": "refunded"}]
    assert (order["payment_status"], order["refunded"], order["refund_status"]) == ("paid", 1000, "partial")


def test_its_buyer_refunds_nothing(shop: Shop) -> None:
    order_id, _ = paid(shop)
    assert refund(shop, order_id, person=BUYER).code == "not-allowed"
    assert shop.head(order_id).refunds == {}


def test_without_an_amount_all_that_is_left_is_refunded(shop: Shop) -> None:
    order_id, _ = paid(shop)
    refund(shop, order_id, 1000)
    assert refund(shop, order_id, key="return-2").body["amount"] == 1500
    shop.sweep()
    order = shop.read(order_id).body
    assert (order["refunded"], order["refund_status"]) == (2500, "full")
    assert sorted(asked.amount for asked in shop.gateway.calls("refund")) == [1000, 1500]
    assert len({asked.refund_id for asked in shop.gateway.calls("refund")}) == 2, "each has its own id at the gateway"


def test_refunds_never_exceed_the_payment_whether_made_due_or_refused(shop: Shop) -> None:
    order_id, _ = paid(shop)
    refund(shop, order_id, 1000)
    shop.sweep()
    shop.gateway.answer_with("refund", Refused("sandbox", "no"))
    refund(shop, order_id, 700, "return-2")
    shop.sweep()
    refund(shop, order_id, 300, "return-3")
    before = shop.head(order_id)
    refused = refund(shop, order_id, 501, "return-4")
    assert (refused.status, refused.code) == (409, "refund-exceeds-payment")
    assert (refused.body["left"], refused.body["currency"]) == (500, "EUR")
    assert shop.head(order_id) == before
    assert refund(shop, order_id, 500, "return-4").status == 201
    assert refund(shop, order_id, None, "return-5").body["left"] == 0


def test_the_same_key_again_is_the_same_refund_whoever_repeats_it(shop: Shop) -> None:
    order_id, _ = paid(shop)
    first = refund(shop, order_id, 1000)
    head = shop.head(order_id)
    again = refund(shop, order_id, 1000, person=SERVICE)
    assert (again.status, again.body, shop.head(order_id)) == (201, first.body, head)
    shop.sweep()
    ended = refund(shop, order_id, 1000)
    assert (ended.status, ended.body) == (200, {**first.body, "status": "refunded"})
    assert len(shop.gateway.calls("refund")) == 1


@pytest.mark.parametrize(("amount", "reason"), [(999, REASON), (None, REASON), (1000, "another reason")])
def test_the_same_key_for_another_refund_is_refused(shop: Shop, amount: int | None, reason: str) -> None:
    order_id, _ = paid(shop)
    refund(shop, order_id, 1000)
    head = shop.head(order_id)
    refused = client_of(SELLER).refund(order_id, "return-1", amount, reason)
    assert (refused.status, refused.code, shop.head(order_id)) == (422, "idempotency-key-reused", head)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": 0, "reason": REASON}, "amount"),
        ({"amount": -1, "reason": REASON}, "amount"),
        ({"amount": "10", "reason": REASON}, "amount"),
        ({"amount": True, "reason": REASON}, "amount"),
        ({"amount": 10.5, "reason": REASON}, "amount"),
        ({"amount": 10**15 + 1, "reason": REASON}, "amount"),
        ({"amount": 10}, "reason"),
        ({"amount": 10, "reason": ""}, "reason"),
        ({"amount": 10, "reason": "two\nlines"}, "reason"),
        ({"amount": 10, "reason": REASON, "currency": "EUR"}, "currency"),
    ],
)
def test_bad_input_names_the_field_and_refunds_nothing(shop: Shop, body: dict[str, Any], field: str) -> None:
    order_id, _ = paid(shop)
    before = shop.head(order_id)
    refused = shop.call("refund", order_id, person=SELLER, body=body)
    assert (refused.status, [error["field"] for error in refused.body["errors"]]) == (400, [field])
    assert shop.head(order_id) == before


@pytest.mark.parametrize("key", [None, "", " "])
def test_a_refund_needs_an_idempotency_key(shop: Shop, key: str | None) -> None:
    order_id, _ = paid(shop)
    refused = shop.call("refund", order_id, person=SELLER, headers={"idempotency-key": key})
    assert (refused.status, refused.code) == (400, "idempotency-key-missing")
    assert shop.head(order_id).refunds == {}


def test_an_order_that_is_not_paid_has_nothing_to_refund(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    assert (refund(shop, order_id).status, refund(shop, order_id).code) == (409, "order-not-paid")
    shop.cancel_payment(order_id, attempt_id)
    assert refund(shop, order_id).code == "order-not-paid"
    client_of(BUYER).cancel_order(order_id)
    assert refund(shop, order_id).code == "order-not-paid"


def test_a_free_order_has_nothing_to_refund(shop: Shop) -> None:
    order_id = shop.create(lines=[{"sku": "GIFT", "name": "Gift", "quantity": 1, "unit_price": 0}])
    shop.pay(order_id)
    refused = refund(shop, order_id)
    assert (refused.status, refused.code, refused.body["left"]) == (409, "refund-exceeds-payment", 0)


def test_the_shop_requests_at_most_20_refunds_and_late_money_still_goes_back(shop: Shop) -> None:
    order_id, _ = paid(shop)
    answers = [refund(shop, order_id, 10, f"return-{number}").status for number in range(20)]
    assert answers == [201] * 20
    refused = refund(shop, order_id, 10, "return-20")
    assert (refused.status, refused.code) == (409, "too-many-refunds")
    shop.gateway.money.clear()
    shop.money(shop.holder(order_id), payment_id="pay_twice")
    assert len(shop.head(order_id).refunds) == 21


def test_a_disputed_payment_is_not_refunded_until_the_gateway_decides(shop: Shop) -> None:
    order_id, payment_id = paid(shop)
    due = shop.clock.now() + timedelta(days=7)
    dispute(shop, order_id, Dispute("dp_1", payment_id, 2500, "EUR", DisputeStatus.OPEN, due))
    refused = refund(shop, order_id, 1000)
    assert (refused.status, refused.code) == (409, "refund-disputed")
    assert shop.read(order_id).body["disputed"] is True
    found = shop.operator("attention", order_id).body["orders"]
    assert [shown["evidence_due"] for shown in found[0]["disputes"]] == [due.strftime("%Y-%m-%dT%H:%M:%S.000Z")]
    dispute(shop, order_id, Dispute("dp_1", payment_id, 2500, "EUR", DisputeStatus.WON, due))
    assert shop.operator("attention", order_id).body["orders"] == []
    assert (refund(shop, order_id, 1000).status, shop.read(order_id).body["disputed"]) == (201, False)


def dispute(shop: Shop, order_id: str, dispute: Dispute) -> None:
    attempt_id = shop.holder(order_id)
    shop.gateway.gateway_events = (GatewayEvent(GatewayEventKind.DISPUTED, attempt_id, dispute=dispute),)
    assert shop.callback(shop.gateway.signed("anything", attempt_id)).status == 204
    shop.gateway.gateway_events = None


def test_a_lost_dispute_counts_as_returned(shop: Shop) -> None:
    order_id, payment_id = paid(shop)
    attempt_id = shop.holder(order_id)
    shop.gateway.capture_payment(attempt_id, returned=2000)
    dispute(shop, order_id, Dispute("dp_1", payment_id, 2000, "EUR", DisputeStatus.LOST))
    order = shop.read(order_id).body
    assert (order["refunded"], order["refund_status"]) == (2000, "partial")
    ledger = order["ledger"]
    assert (ledger["captured"], ledger["refunded"], ledger["returned"], ledger["kept"]) == (2500, 0, 2000, 500)
    assert refund(shop, order_id, 501).body["left"] == 500


def returned(shop: Shop, order_id: str, total: int) -> None:
    """The gateway says that so much of the payment went back by now, and says it again."""
    attempt_id = shop.holder(order_id)
    capture = shop.gateway.capture_payment(attempt_id, returned=total)
    for _ in range(2):
        assert shop.callback(shop.gateway.signed("payment.refunded", attempt_id, capture)).status == 204


def test_what_went_back_elsewhere_cannot_be_refunded_again(shop: Shop) -> None:
    order_id, _ = paid(shop)
    returned(shop, order_id, 600)
    assert refund(shop, order_id, 2000).body["left"] == 1900
    assert refund(shop, order_id).body["amount"] == 1900


@pytest.mark.parametrize("swept", [True, False], ids=["recorded", "not recorded yet"])
def test_a_total_that_contains_our_refund_does_not_count_it_twice(shop: Shop, swept: bool) -> None:
    order_id, _ = paid(shop)
    asked = refund(shop, order_id, 1000).body
    if swept:
        shop.sweep()
    else:
        # The gateway has made it, and the answer has not been recorded.
        shop.gateway.refund(shop.head(order_id).refunds[asked["refund_id"]])
    returned(shop, order_id, 1000 + 300)
    ledger = shop.read(order_id).body["ledger"]
    assert (ledger["refunded"], ledger["returned"], ledger["owed"], ledger["kept"]) == (1000, 300, 0, 1200)
    shop.sweep()
    assert shop.read(order_id).body["ledger"] == ledger


def test_a_pending_refund_in_the_total_is_not_counted_as_returned_elsewhere(shop: Shop) -> None:
    order_id, _ = paid(shop)
    refund(shop, order_id, 1000)
    shop.gateway.answer_with("refund", RefundState.PENDING)
    shop.sweep()
    shop.gateway.answer_with("query_refund", *[RefundState.PENDING] * 4)
    returned(shop, order_id, 1000)
    ledger = shop.read(order_id).body["ledger"]
    assert (ledger["refunded"], ledger["returned"], ledger["owed"]) == (0, 0, 1000)
    shop.clock.advance(timedelta(hours=1))
    shop.sweep()
    ledger = shop.read(order_id).body["ledger"]
    assert (ledger["refunded"], ledger["returned"], ledger["kept"]) == (1000, 0, 1500)


def test_a_lost_answer_is_asked_for_again_under_the_same_id(shop: Shop) -> None:
    order_id, _ = paid(shop)
    asked = refund(shop, order_id, 1000).body
    shop.gateway.answer_with("refund", OutcomeUnknown("sandbox", "no answer"))
    shop.sweep()
    assert shop.head(order_id).refunds[asked["refund_id"]].status == "due"
    shop.gateway.refunds[asked["refund_id"]] = shop.head(order_id).refunds[asked["refund_id"]]
    shop.clock.advance(timedelta(hours=1))
    shop.sweep()
    assert shop.head(order_id).refunds[asked["refund_id"]].status == "refunded"
    assert len(shop.gateway.calls("refund")) == 1


def test_a_final_refusal_is_shown_and_ends_with_a_recheck_or_a_write_off(shop: Shop) -> None:
    order_id, _ = paid(shop)
    attempt_id = shop.holder(order_id)
    first, second = refund(shop, order_id, 1000).body, refund(shop, order_id, 500, "return-2").body
    shop.gateway.answer_with("refund", Refused("sandbox", "no"), Refused("sandbox", "no"))
    shop.sweep()
    shown = shop.operator("attention", order_id).body["orders"]
    assert {item["refund_id"]: item["status"] for item in shown[0]["refunds"]} == {
        first["refund_id"]: "refused",
        second["refund_id"]: "refused",
    }
    shop.call("write_off", order_id, refund_id=first["refund_id"], person=OPERATOR)
    shop.operator("recheck", order_id, attempt_id)
    statuses = {key: item.status.value for key, item in shop.head(order_id).refunds.items()}
    assert statuses == {first["refund_id"]: "written_off", second["refund_id"]: "refunded"}
    ledger = shop.read(order_id).body["ledger"]
    assert (ledger["refunded"], ledger["written_off"], ledger["owed"], ledger["kept"]) == (500, 1000, 0, 1000)
    assert shop.operator("attention", order_id).body["orders"] == []


def test_a_payment_by_hand_is_refunded_by_a_persons_word(shop: Shop) -> None:
    order_id = shop.create()
    client_of(SELLER).settle_manually(order_id, 2500)
    first = refund(shop, order_id, 1000)
    assert (first.status, first.body["status"]) == (201, "refunded")
    head = shop.head(order_id)
    assert (head.last_event.type, head.last_event.actor) == ("RefundIssued", SELLER.subject)
    assert dict(head.last_event.detail or {})["reason"] == REASON
    again = refund(shop, order_id, 1000)
    assert (again.status, again.body, shop.head(order_id)) == (200, first.body, head)
    assert refund(shop, order_id, 1501, "return-2").body["left"] == 1500
    shop.sweep()
    assert shop.gateway.calls("refund") == []
    order = shop.read(order_id).body
    assert (order["refunded"], order["refund_status"], order["ledger"]["kept"]) == (1000, "partial", 1500)
    assert shop.metrics.times(Metric.REFUND_ISSUED) == 1


def test_housekeeping_between_read_and_write_refuses_no_refund(shop: Shop) -> None:
    order_id, _ = paid(shop)
    refund(shop, order_id, 1000)
    shop.gateway.during("refund", lambda: refund(shop, order_id, 500, "return-2"))
    shop.sweep()
    assert shop.read(order_id).body["ledger"]["owed"] in (500, 1500)
    shop.clock.advance(timedelta(hours=1))
    shop.sweep()
    assert shop.read(order_id).body["ledger"]["refunded"] == 1500
