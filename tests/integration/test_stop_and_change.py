"""Stop and change: one call closes the payment at its gateway, and one write gives the order back, edited."""

from collections.abc import Callable
from typing import Any

import pytest

from paylatch.domain.errors import GatewayError, Misconfigured, OutcomeUnknown, RateLimited, Refused, Transient
from paylatch.domain.limits import FIRST_WAIT, GRACE
from paylatch.ports import Metric, ReleasePolicy, VoidAnswer, VoidKind
from tests.integration.bad_bodies import EDITS
from tests.integration.shop import TTL, Shop
from tests.lambda_events import BUYER, OPERATOR, OTHER_CALLER, SELLER, SERVICE, Person, sample_body

LINE = sample_body("order_create")["lines"][0]
THREE: dict[str, Any] = {"lines": [{**LINE, "quantity": 3}]}
FOUR: dict[str, Any] = {"lines": [{**LINE, "quantity": 4}]}
Unchanged = Callable[[], bool]


@pytest.mark.parametrize("policy", ReleasePolicy)
@pytest.mark.parametrize("kind", [VoidKind.VOIDED, VoidKind.ALREADY_CLOSED])
def test_a_closed_payment_gives_the_order_back_edited(shop: Shop, kind: VoidKind, policy: ReleasePolicy) -> None:
    shop.gateways.policies["sandbox"] = policy
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(kind))
    answer = shop.stop_and_change(order_id, attempt_id)
    assert (answer.status, answer.body["payment_status"], answer.body["lock"]) == (200, "pending_payment", None)
    assert (answer.body["revision"], answer.body["total"], answer.body["lines"]) == (2, 3750, THREE["lines"])
    assert answer.headers["etag"] == f'"2.{shop.head(order_id).version}"'
    assert shop.read(order_id).body == answer.body
    head = shop.head(order_id)
    assert (head.past_attempts[attempt_id].status, head.due_at, head.follow_up_at) == ("cancelled", None, None)


def test_the_unlock_and_the_edit_are_one_write_with_one_event(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    before = shop.head(order_id)
    shop.stop_and_change(order_id, attempt_id)
    head = shop.head(order_id)
    assert (head.version, head.revision) == (before.version + 1, before.revision + 1)
    assert (head.last_event.type, head.last_event.actor) == ("OrderUnlocked", BUYER.subject)
    assert head.last_event.attempt_id == attempt_id
    assert head.last_event.detail == {"reason": "cancelled", "revision": 2, "total": 3750}
    assert head.previous_content_id == before.content_id
    assert shop.metrics.times(Metric.ORDER_UNLOCKED) == 1


def test_the_changed_order_can_be_paid_for_at_once(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.stop_and_change(order_id, attempt_id)
    shop.money(shop.pay(order_id, "again").body["attempt_id"])
    paid = shop.read(order_id).body
    assert (paid["payment_status"], paid["total"], paid["payment"]["captured"]["amount"]) == ("paid", 3750, 3750)


@pytest.mark.parametrize("policy", ReleasePolicy)
def test_money_that_came_first_settles_and_the_edit_is_not_made(
    shop: Shop, contents: Callable[[], int], policy: ReleasePolicy
) -> None:
    shop.gateways.policies["sandbox"] = policy
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id)
    for _ in range(2):
        answer = shop.stop_and_change(order_id, attempt_id)
        assert (answer.status, answer.code) == (409, "payment-completed")
        order = shop.read(order_id).body
        assert (order["payment_status"], order["revision"], order["total"]) == ("paid", 1, 2500)
        assert contents() == 1, "the content of the edit is gone"


def test_money_of_another_amount_goes_to_review_and_the_edit_is_not_made(
    shop: Shop, contents: Callable[[], int]
) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id, amount=1)
    assert shop.stop_and_change(order_id, attempt_id).code == "payment-completed"
    assert (shop.status(order_id), shop.head(order_id).revision, contents()) == ("review", 1, 1)


def test_money_that_went_back_before_frees_the_order_for_the_edit(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id, returned=2500)
    answer = shop.stop_and_change(order_id, attempt_id)
    assert (answer.status, answer.body["revision"], answer.body["total"]) == (200, 2, 3750)


UNCONFIRMED = [
    VoidAnswer(VoidKind.IN_PROGRESS),
    Transient("sandbox", "no"),
    RateLimited("sandbox", "429"),
    OutcomeUnknown("sandbox", "no"),
    Refused("sandbox", "no"),
    Misconfigured("sandbox", "no"),
]


@pytest.mark.parametrize("answered", UNCONFIRMED, ids=lambda answered: type(answered).__name__)
def test_without_a_confirmation_the_order_stays_locked_and_the_edit_is_not_made(
    shop: Shop, contents: Callable[[], int], answered: VoidAnswer | GatewayError
) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", answered)
    answer = shop.stop_and_change(order_id, attempt_id)
    assert (answer.status, answer.body["payment_status"], answer.body["revision"]) == (202, "releasing", 1)
    assert answer.body["lines"] == [LINE]
    assert contents() == 1, "the content of the edit is gone"
    shop.clock.advance(FIRST_WAIT)
    shop.sweep()
    order = shop.read(order_id).body
    assert (order["payment_status"], order["revision"]) == ("pending_payment", 1), "a release alone"


def test_the_same_request_again_makes_the_edit_once_the_gateway_confirms(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", *[VoidAnswer(VoidKind.IN_PROGRESS)] * 2)
    assert shop.stop_and_change(order_id, attempt_id).status == 202
    assert shop.stop_and_change(order_id, attempt_id).status == 202
    answer = shop.stop_and_change(order_id, attempt_id)
    assert (answer.status, answer.body["revision"]) == (200, 2)


def not_voidable(shop: Shop) -> VoidAnswer:
    return VoidAnswer(VoidKind.NOT_VOIDABLE, until=shop.clock.now() + TTL)


def test_a_link_that_stays_live_is_watched_and_its_money_goes_back(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", not_voidable(shop))
    assert shop.stop_and_change(order_id, attempt_id).body["revision"] == 2
    past = shop.head(order_id).past_attempts[attempt_id]
    assert (past.check_at, past.revision) == (shop.clock.now() + TTL + GRACE, 1)
    capture = shop.gateway.capture_payment(attempt_id)
    shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, capture))
    head = shop.head(order_id)
    assert (head.status, head.payments[capture.payment_id].place) == ("pending_payment", "refund")
    assert shop.stop_and_change(order_id, attempt_id).body["revision"] == 2, "the edit stays known"


def test_strict_keeps_the_lock_until_the_link_has_expired(shop: Shop) -> None:
    shop.gateways.policies["sandbox"] = ReleasePolicy.STRICT
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", not_voidable(shop))
    assert shop.stop_and_change(order_id, attempt_id).status == 202
    shop.clock.advance(TTL + GRACE)
    assert shop.stop_and_change(order_id, attempt_id).body["revision"] == 2


def test_an_attempt_that_is_still_opening_is_closed_and_the_order_edited(shop: Shop) -> None:
    order_id = shop.create()
    shop.gateway.answer_with("open", OutcomeUnknown("sandbox", "no answer"))
    shop.pay(order_id)
    attempt_id = shop.holder(order_id)
    shop.gateway.during("void", lambda: shop.pay(order_id))
    assert shop.stop_and_change(order_id, attempt_id).body["revision"] == 2
    assert [attempt.session_id for attempt in shop.gateway.calls("void")] == [None, f"ses_{attempt_id}"]


def test_the_same_edit_again_answers_as_the_first_did(shop: Shop, nothing_written: Unchanged) -> None:
    order_id, attempt_id = shop.locked()
    first = shop.stop_and_change(order_id, attempt_id)
    nothing_written()
    again = shop.stop_and_change(order_id, attempt_id)
    assert (again.status, again.body, again.headers["etag"]) == (200, first.body, first.headers["etag"])
    assert nothing_written()
    assert len(shop.gateway.calls("void")) == 1


def test_the_past_attempt_keeps_the_edits_fingerprint_and_its_revision(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.stop_and_change(order_id, attempt_id)
    edit = shop.head(order_id).past_attempts[attempt_id].edit
    assert edit is not None
    assert (len(edit.fingerprint), edit.revision) == (12, 2)


def test_the_same_edit_again_is_known_after_further_edits_and_payments(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.stop_and_change(order_id, attempt_id)
    shop.edit(order_id, 2, note="ring twice")
    shop.edit(order_id, 3, note="ring once")
    other = shop.pay(order_id, "again").body["attempt_id"]
    again = shop.stop_and_change(order_id, attempt_id)
    assert (again.status, again.body["revision"], again.body["lock"]["attempt_id"]) == (200, 4, other)
    shop.money(other)
    assert shop.stop_and_change(order_id, attempt_id).body["payment_status"] == "paid"


def test_another_edit_for_a_past_attempt_is_a_plain_edit(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.stop_and_change(order_id, attempt_id)
    stale = shop.stop_and_change(order_id, attempt_id, 1, **FOUR)
    assert (stale.status, stale.code, stale.body["revision"]) == (412, "revision-mismatch", 2)
    answer = shop.stop_and_change(order_id, attempt_id, 2, **FOUR)
    assert (answer.status, answer.body["revision"], answer.body["total"]) == (200, 3, 5000)
    assert shop.head(order_id).last_event.type == "OrderEdited"


def test_the_same_patch_from_another_revision_is_another_edit(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.stop_and_change(order_id, attempt_id, 1, note="ring twice")
    shop.edit(order_id, 2, note="ring once")
    answer = shop.stop_and_change(order_id, attempt_id, 3, note="ring twice")
    assert (answer.status, answer.body["revision"], answer.body["note"]) == (200, 4, "ring twice")


def test_an_edit_for_an_attempt_that_the_sweep_released_is_a_plain_edit(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.clock.advance(TTL)
    shop.sweep()
    assert shop.stop_and_change(order_id, attempt_id).body["revision"] == 2
    events = [shop.head(order_id).last_event.type, shop.head(order_id).past_attempts[attempt_id].status]
    assert events == ["OrderEdited", "timed_out"]


@pytest.mark.parametrize("edit", [{"lines": [LINE]}, {"shipping_address": {}}, {}])
def test_an_edit_that_changes_nothing_releases_and_makes_no_revision(shop: Shop, edit: dict[str, Any]) -> None:
    order_id, attempt_id = shop.locked()
    body = {"edit": edit}
    answer = shop.call("stop_and_change", order_id, attempt_id=attempt_id, body=body)
    assert (answer.status, answer.body["payment_status"], answer.body["revision"]) == (200, "pending_payment", 1)
    again = shop.call("stop_and_change", order_id, attempt_id=attempt_id, body=body)
    assert (again.status, again.body) == (200, answer.body)


def test_an_edit_that_changes_nothing_is_refused_as_a_cancellation_where_money_came(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id)
    assert shop.stop_and_change(order_id, attempt_id, 1, lines=[LINE]).code == "payment-completed"


@pytest.mark.parametrize("person", [SELLER, SERVICE])
def test_seller_and_service_change_prices_too(shop: Shop, person: Person) -> None:
    order_id, attempt_id = shop.locked()
    dearer = [{**LINE, "unit_price": 1300}]
    answer = shop.stop_and_change(order_id, attempt_id, 1, person, lines=dearer)
    assert (answer.status, answer.body["total"]) == (200, 2600)


@pytest.mark.parametrize(
    ("person", "edit", "status", "code"),
    [
        (BUYER, {"lines": [{**LINE, "unit_price": 1}]}, 403, "edit-not-allowed"),
        (BUYER, {"lines": [{**LINE, "quantity": 0}]}, 400, "invalid-request"),
        (OTHER_CALLER, THREE, 404, "order-not-found"),
        (OPERATOR, THREE, 403, "not-allowed"),
    ],
)
def test_who_may_not_make_the_edit_stops_nothing(
    shop: Shop, nothing_written: Unchanged, person: Person, edit: dict[str, Any], status: int, code: str
) -> None:
    order_id, attempt_id = shop.locked()
    nothing_written()
    answer = shop.stop_and_change(order_id, attempt_id, 1, person, **edit)
    assert (answer.status, answer.code) == (status, code)
    assert shop.gateway.calls("void") == [], "the payment is not closed for an edit that is not allowed"
    assert nothing_written()


@pytest.mark.parametrize("case", EDITS)
def test_a_fault_in_the_edit_is_named_within_it_and_stops_nothing(shop: Shop, case: str) -> None:
    order_id, attempt_id = shop.locked()
    edit, field = EDITS[case]
    answer = shop.stop_and_change(order_id, attempt_id, 1, SELLER, **edit)
    assert (answer.status, answer.code) == (400, "invalid-request")
    assert f"edit.{field}" in [error["field"] for error in answer.body["errors"]]
    assert (shop.gateway.calls("void"), shop.status(order_id)) == ([], "in_payment")


def test_a_buyer_who_changes_a_price_reads_which_field_is_at_fault(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    answer = shop.stop_and_change(order_id, attempt_id, 1, lines=[{**LINE, "unit_price": 1}])
    assert [error["field"] for error in answer.body["errors"]] == ["lines"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"edit": None}, 400),
        ({"edit": []}, 400),
        ({"edit": "note"}, 400),
        ({"note": "x"}, 400),
        ("[]", 400),
        ('{"edit": {}, "edit": {}}', 400),
        ("{" * 20, 400),
        ("x" * 70_000, 413),
    ],
)
def test_a_body_that_is_no_edit_stops_nothing(shop: Shop, body: object, status: int) -> None:
    order_id, attempt_id = shop.locked()
    answer = shop.call("stop_and_change", order_id, attempt_id=attempt_id, body=body)
    assert answer.status == status
    assert (shop.gateway.calls("void"), shop.status(order_id)) == ([], "in_payment")


def test_an_edit_in_another_format_is_415(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    headers = {"content-type": "text/plain"}
    answer = shop.call("stop_and_change", order_id, attempt_id=attempt_id, headers=headers)
    assert (answer.status, answer.code, shop.status(order_id)) == (415, "unsupported-media-type", "in_payment")


def test_an_edit_needs_the_revision_that_it_edits(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    for value, status in ((None, 428), ("", 428), (" ", 428), ("1", 400), ('"2"', 412)):
        headers = {"if-match": value}
        answer = shop.call("stop_and_change", order_id, attempt_id=attempt_id, headers=headers)
        assert answer.status == status
    assert answer.body["revision"] == 1
    assert (shop.gateway.calls("void"), shop.status(order_id)) == ([], "in_payment")


@pytest.mark.parametrize("body", ["", " ", {}])
def test_a_cancellation_without_an_edit_is_a_cancellation(shop: Shop, body: object) -> None:
    order_id, attempt_id = shop.locked()
    answer = shop.call("payment_cancellation", order_id, attempt_id=attempt_id, body=body, headers=JSON)
    assert (answer.status, answer.body["payment_status"], answer.body["revision"]) == (200, "pending_payment", 1)


JSON = {"content-type": "application/json"}


def test_an_attempt_that_the_order_never_had_is_404(shop: Shop) -> None:
    order_id, _ = shop.locked()
    answer = shop.stop_and_change(order_id, f"{order_id}_77777777")
    assert (answer.status, answer.code) == (404, "attempt-not-found")
    assert shop.gateway.calls("void") == []


def test_a_past_attempt_of_an_order_that_others_hold_is_409(shop: Shop) -> None:
    order_id, old = shop.locked("old")
    shop.cancel_payment(order_id, old)
    shop.pay(order_id, "new")
    assert shop.stop_and_change(order_id, old).code == "order-locked"
    shop.money(shop.holder(order_id))
    assert shop.stop_and_change(order_id, old).code == "order-paid"
