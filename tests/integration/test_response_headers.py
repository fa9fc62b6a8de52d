"""The headers of answers: the order's ETag, `Cache-Control: no-store`, and `Retry-After`."""

from datetime import timedelta
from typing import Any

import pytest

from local.api_client import ApiResponse
from paylatch.domain.payment import Capture
from paylatch.ports import VoidAnswer, VoidKind
from tests.integration.shop import Shop
from tests.lambda_events import OPERATOR, http_event


def edit(shop: Shop, order_id: str, if_match: str) -> ApiResponse:
    return shop.call("order_edit", order_id, body={"note": "Ring twice"}, headers={"if-match": if_match})


def test_the_etag_changes_with_every_transition_and_its_revision_with_edits_alone(shop: Shop) -> None:
    order_id = shop.create()
    seen = [shop.read(order_id).headers["etag"]]
    shop.pay(order_id)
    seen.append(shop.read(order_id).headers["etag"])
    shop.cancel_payment(order_id, shop.holder(order_id))
    seen.append(shop.read(order_id).headers["etag"])
    seen.append(edit(shop, order_id, '"1"').headers["etag"])
    assert [etag.partition(".")[0] for etag in seen] == ['"1', '"1', '"1', '"2']
    assert len(set(seen)) == len(seen)
    head = shop.head(order_id)
    assert seen[-1] == shop.read(order_id).headers["etag"] == f'"{head.revision}.{head.version}"'


@pytest.mark.parametrize("if_match", ['"1"', '"1.1"', '"1.99"', 'W/"1"', 'W/"1.1"'])
def test_if_match_compares_the_revision_alone(shop: Shop, if_match: str) -> None:
    order_id = shop.create()
    shop.pay(order_id)
    shop.cancel_payment(order_id, shop.holder(order_id))
    assert edit(shop, order_id, if_match).status == 200
    stale = shop.call("order_edit", order_id, body={"note": "No"}, headers={"if-match": if_match})
    assert (stale.status, stale.code, stale.body["revision"]) == (412, "revision-mismatch", 2)


@pytest.mark.parametrize("if_match", ['"1"', '"1.1"', 'W/"1.7"'])
def test_a_payment_for_a_revision_is_one_request_however_the_revision_is_written(shop: Shop, if_match: str) -> None:
    order_id = shop.create()
    headers = {"idempotency-key": "k", "if-match": '"1.1"'}
    first = shop.call("payment_request", order_id, headers=headers)
    again = shop.call("payment_request", order_id, headers=headers | {"if-match": if_match})
    assert (again.status, again.body) == (201, first.body)


def test_no_response_may_be_cached_but_the_contract(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    callback = shop.gateway.signed("payment.succeeded", attempt_id, shop.gateway.capture_payment(attempt_id))
    answers: dict[str, ApiResponse] = {
        "an order": shop.read(order_id),
        "an attempt": shop.call("payment_read", order_id, attempt_id=attempt_id),
        "a history": shop.call("order_history", order_id),
        "what needs attention": shop.call("attention", order_id, person=OPERATOR),
        "a problem": shop.pay(order_id, "other"),
        "an invalid request": shop.pay(order_id, return_url=""),
        "no such route": shop.send("order_read", http_event("order_read") | {"rawPath": "/nowhere"}),
        "a forged callback": shop.send("gateway_callback", http_event("gateway_callback", body=b"{}")),
        "a callback": shop.callback(callback),
        "a new order": shop.call("order_create", ""),
    }
    shop.gateway.answer_with("void", MemoryError("the function dies here"))
    answers["a mistake of ours"] = shop.cancel_payment(*shop.locked())
    assert {name: answer.headers.get("cache-control") for name, answer in answers.items()} == dict.fromkeys(
        answers, "no-store"
    )
    contract = shop.send("openapi", http_event("openapi"))
    assert contract.headers["cache-control"] == "public, max-age=300"


def locked_answer(shop: Shop, order_id: str) -> Any:
    # An edit: a payment request would release a lock that is overdue.
    refused = shop.edit(order_id, 1, note="Ring twice")
    assert refused.code == "order-locked"
    return int(refused.headers["retry-after"])


@pytest.mark.parametrize(
    ("passed", "seconds"),
    [
        (timedelta(0), 900),
        (timedelta(minutes=14, seconds=58, milliseconds=500), 2),
        (timedelta(minutes=15), 1),
        (timedelta(hours=30), 1),
    ],
)
def test_a_payment_is_waited_for_until_its_deadline_and_after_it_for_a_moment(
    shop: Shop, passed: timedelta, seconds: int
) -> None:
    order_id, _ = shop.locked()
    shop.clock.advance(passed)
    assert locked_answer(shop, order_id) == seconds


def test_a_lock_of_a_day_is_asked_about_every_hour_as_it_may_end_early(shop: Shop) -> None:
    order_id, _ = shop.locked(expires_in=86_400)
    assert locked_answer(shop, order_id) == 3600


def test_a_release_is_waited_for_until_the_gateway_is_asked_again(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    assert shop.cancel_payment(order_id, attempt_id).status == 202
    due = shop.head(order_id).due_at
    assert due is not None
    assert locked_answer(shop, order_id) == min(3600, (due - shop.clock.now()).total_seconds())


def test_a_review_takes_hours(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.money(attempt_id, Capture("pay_odd", 1000, "EUR"))
    assert shop.status(order_id) == "review"
    assert locked_answer(shop, order_id) == 3600
