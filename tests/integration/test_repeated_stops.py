"""Stop and change, repeated: the same request answers as the first did, however its edit came about."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from paylatch.domain.attempt_edit import AttemptEdit
from paylatch.domain.limits import FIRST_WAIT
from paylatch.domain.transitions.attempt_changes import KEPT_ATTEMPTS
from paylatch.ports import VoidAnswer, VoidKind
from tests.integration.bad_bodies import EDITS
from tests.integration.shop import TTL, Shop
from tests.lambda_events import BUYER, OPERATOR, OTHER_CALLER, SELLER, Person, sample_body

LINE = sample_body("order_create")["lines"][0]
Unchanged = Callable[[], bool]
Stopped = tuple[str, str]


def edited_further(shop: Shop, order_id: str) -> int:
    """Two more edits by the seller; gives the revision."""
    revision = shop.head(order_id).revision
    shop.edit(order_id, revision, SELLER, note="ring twice")
    shop.edit(order_id, revision + 1, SELLER, note="ring once")
    return revision + 2


def after_a_202(shop: Shop) -> Stopped:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    assert shop.stop_and_change(order_id, attempt_id).status == 202
    shop.clock.advance(FIRST_WAIT)
    shop.sweep()
    assert shop.status(order_id) == "pending_payment"
    return order_id, attempt_id


def after_its_deadline(shop: Shop) -> Stopped:
    order_id, attempt_id = shop.locked()
    shop.clock.advance(TTL)
    shop.sweep()
    return order_id, attempt_id


def while_the_sweep_releases(shop: Shop) -> Stopped:
    order_id, attempt_id = shop.locked()
    shop.clock.advance(TTL)
    shop.gateway.during("void", shop.sweep)
    return order_id, attempt_id


def while_the_buyer_cancels(shop: Shop) -> Stopped:
    order_id, attempt_id = shop.locked()
    shop.gateway.during("void", lambda: shop.cancel_payment(order_id, attempt_id))
    return order_id, attempt_id


def after_its_money_went_back(shop: Shop) -> Stopped:
    order_id, attempt_id = shop.locked()
    shop.gateway.capture_payment(attempt_id, returned=2500)
    return order_id, attempt_id


@pytest.mark.parametrize(
    "released",
    [
        after_a_202,
        after_its_deadline,
        while_the_sweep_releases,
        while_the_buyer_cancels,
        after_its_money_went_back,
    ],
)
def test_the_same_edit_again_is_known_after_further_edits_whoever_released_the_attempt(
    shop: Shop, nothing_written: Unchanged, released: Callable[[Shop], Stopped]
) -> None:
    order_id, attempt_id = released(shop)
    first = shop.stop_and_change(order_id, attempt_id)
    assert (first.status, first.body["revision"], first.body["total"]) == (200, 2, 3750)
    assert shop.head(order_id).last_event.type == "OrderEdited", "the attempt was released before"
    revision = edited_further(shop, order_id)
    nothing_written()
    again = shop.stop_and_change(order_id, attempt_id)
    assert (again.status, again.body["revision"]) == (200, revision)
    assert nothing_written()


def test_the_same_edit_again_is_known_while_another_payment_holds_the_order_and_after_it(shop: Shop) -> None:
    order_id, attempt_id = after_a_202(shop)
    shop.stop_and_change(order_id, attempt_id)
    edited_further(shop, order_id)
    other = shop.pay(order_id, "again").body["attempt_id"]
    assert shop.stop_and_change(order_id, attempt_id).body["lock"]["attempt_id"] == other
    shop.money(other)
    assert shop.stop_and_change(order_id, attempt_id).body["payment_status"] == "paid"


def test_the_edit_of_a_released_attempt_is_kept_with_it_by_the_write_that_makes_it(shop: Shop) -> None:
    order_id, attempt_id = after_a_202(shop)
    before = shop.head(order_id)
    shop.stop_and_change(order_id, attempt_id)
    head = shop.head(order_id)
    edit = head.past_attempts[attempt_id].edit
    assert edit is not None
    assert (len(edit.fingerprint), edit.revision, edit.from_revision) == (12, 2, None)
    assert head.version == before.version + 1


def test_an_attempt_keeps_its_first_edit_and_another_one_is_a_plain_edit(shop: Shop) -> None:
    order_id, attempt_id = after_a_202(shop)
    shop.stop_and_change(order_id, attempt_id)
    first = shop.head(order_id).past_attempts[attempt_id].edit
    assert shop.stop_and_change(order_id, attempt_id, 2, note="ring twice").body["revision"] == 3
    assert shop.stop_and_change(order_id, attempt_id, 2, note="ring twice").body["revision"] == 3
    assert shop.head(order_id).past_attempts[attempt_id].edit == first
    assert shop.stop_and_change(order_id, attempt_id).body["revision"] == 3


def test_two_callers_with_the_same_edit_of_a_released_attempt_make_it_once(
    shop: Shop, contents: Callable[[], int]
) -> None:
    order_id, attempt_id = shop.locked()
    others = []

    def meanwhile() -> None:
        shop.cancel_payment(order_id, attempt_id)
        others.append(shop.stop_and_change(order_id, attempt_id))
        shop.edit(order_id, 2, SELLER, note="ring twice")

    shop.gateway.during("void", meanwhile)
    answer = shop.stop_and_change(order_id, attempt_id)
    assert [answer.status, others[0].status] == [200, 200]
    assert (answer.body["revision"], answer.body["note"], contents()) == (3, "ring twice", 3)


def test_an_edit_that_another_writer_forestalled_stays_refused(shop: Shop) -> None:
    order_id, attempt_id = after_a_202(shop)
    shop.edit(order_id, 1, SELLER, note="from the seller")
    for _ in range(2):
        assert shop.stop_and_change(order_id, attempt_id).code == "revision-mismatch"
        edited_further(shop, order_id)


UNCHANGED: list[dict[str, Any]] = [{"lines": [LINE]}, {"shipping_address": {}}, {}]


def stop_without_a_change(shop: Shop, order_id: str, attempt_id: str, revision: int = 1, **edit: Any) -> Any:
    headers = {"if-match": f'"{revision}"'}
    return shop.call("stop_and_change", order_id, attempt_id=attempt_id, body={"edit": edit}, headers=headers)


@pytest.mark.parametrize("edit", UNCHANGED)
def test_an_edit_that_changes_nothing_is_known_too_after_further_edits(
    shop: Shop, nothing_written: Unchanged, edit: dict[str, Any]
) -> None:
    order_id, attempt_id = shop.locked()
    assert stop_without_a_change(shop, order_id, attempt_id, **edit).body["revision"] == 1
    revision = edited_further(shop, order_id)
    nothing_written()
    again = stop_without_a_change(shop, order_id, attempt_id, **edit)
    assert (again.status, again.body["revision"]) == (200, revision)
    assert nothing_written()


def test_an_edit_that_changes_nothing_is_kept_by_the_write_that_releases(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    before = shop.head(order_id)
    stop_without_a_change(shop, order_id, attempt_id)
    head = shop.head(order_id)
    edit = head.past_attempts[attempt_id].edit
    assert edit is not None
    assert edit == AttemptEdit(edit.fingerprint, 1, from_revision=1)
    assert (head.version, head.content_id) == (before.version + 1, before.content_id)
    assert head.last_event.detail == {"reason": "cancelled"}


def test_the_patch_that_changed_nothing_is_another_edit_from_another_revision(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    stop_without_a_change(shop, order_id, attempt_id, lines=[LINE])
    shop.edit_to_three_packets(order_id, 1)
    answer = stop_without_a_change(shop, order_id, attempt_id, 2, lines=[LINE])
    assert (answer.status, answer.body["revision"], answer.body["total"]) == (200, 3, 2500)
    edited_further(shop, order_id)
    assert stop_without_a_change(shop, order_id, attempt_id, 2, lines=[LINE]).code == "revision-mismatch"


def test_the_edit_of_one_revision_is_not_the_same_patch_of_the_next_one(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.stop_and_change(order_id, attempt_id)
    edited_further(shop, order_id)
    assert shop.stop_and_change(order_id, attempt_id, 2).code == "revision-mismatch"


@pytest.fixture
def evicted(shop: Shop) -> Stopped:
    """An order, and its first attempt, of which it keeps the id alone."""
    order_id, first = shop.locked("first")
    shop.stop_and_change(order_id, first)
    for number in range(KEPT_ATTEMPTS):
        shop.clock.advance(timedelta(seconds=1))
        shop.cancel_payment(order_id, shop.pay(order_id, f"key-{number}").body["attempt_id"])
    assert shop.head(order_id).evicted_attempt_ids == {first}
    return order_id, first


def test_an_edit_for_an_attempt_that_ended_long_ago_is_a_plain_edit(shop: Shop, evicted: Stopped) -> None:
    order_id, first = evicted
    for _ in range(2):
        answer = shop.stop_and_change(order_id, first, 2, note="ring twice")
        assert (answer.status, answer.body["revision"], answer.body["note"]) == (200, 3, "ring twice")
    assert shop.head(order_id).last_event.type == "OrderEdited"


def test_the_first_edit_again_after_its_attempt_was_evicted_is_repeated_like_a_plain_one(
    shop: Shop, evicted: Stopped
) -> None:
    order_id, first = evicted
    assert shop.stop_and_change(order_id, first).body["revision"] == 2
    shop.edit(order_id, 2, SELLER, note="ring twice")
    answer = shop.stop_and_change(order_id, first)
    assert (answer.status, answer.code, answer.body["revision"]) == (412, "revision-mismatch", 3)


def test_a_cancellation_or_forced_release_of_an_attempt_that_ended_long_ago_changes_nothing(
    shop: Shop, evicted: Stopped, nothing_written: Unchanged
) -> None:
    order_id, first = evicted
    nothing_written()
    assert shop.cancel_payment(order_id, first).status == 200
    assert shop.operator("release", order_id, first).status == 200
    assert shop.operator("resolution", order_id, first).code == "invalid-request"
    assert nothing_written()


@pytest.fixture
def overdue(shop: Shop) -> Stopped:
    """An order that a second attempt holds beyond its time, and the first attempt, which was cancelled."""
    order_id, first = shop.locked("first")
    shop.cancel_payment(order_id, first)
    shop.pay(order_id, "second")
    shop.clock.advance(TTL)
    return order_id, first


@pytest.mark.parametrize(
    ("person", "revision", "edit", "code"),
    [
        (BUYER, 1, {"lines": [{**LINE, "unit_price": 1}]}, "edit-not-allowed"),
        (BUYER, 7, {"note": "x"}, "revision-mismatch"),
        (OTHER_CALLER, 1, {"note": "x"}, "order-not-found"),
        (OPERATOR, 1, {"note": "x"}, "not-allowed"),
        *((SELLER, 1, edit, "invalid-request") for edit, _ in EDITS.values()),
    ],
)
def test_a_wrong_edit_for_a_past_attempt_releases_no_other_one(
    shop: Shop,
    overdue: Stopped,
    nothing_written: Unchanged,
    person: Person,
    revision: int,
    edit: dict[str, Any],
    code: str,
) -> None:
    order_id, first = overdue
    nothing_written()
    asked = len(shop.gateway.calls("void"))
    assert shop.stop_and_change(order_id, first, revision, person, **edit).code == code
    assert len(shop.gateway.calls("void")) == asked, "no payment is closed"
    assert nothing_written()


def test_an_edit_without_its_revision_releases_no_other_attempt(shop: Shop, overdue: Stopped) -> None:
    order_id, first = overdue
    answer = shop.call("stop_and_change", order_id, attempt_id=first, headers={"if-match": None})
    assert (answer.code, shop.status(order_id)) == ("precondition-required", "in_payment")


def test_a_right_edit_for_a_past_attempt_is_made_behind_an_overdue_lock(shop: Shop, overdue: Stopped) -> None:
    order_id, first = overdue
    answer = shop.stop_and_change(order_id, first)
    assert (answer.status, answer.body["revision"], answer.body["lock"]) == (200, 2, None)
    edited_further(shop, order_id)
    assert shop.stop_and_change(order_id, first).status == 200


def test_the_last_edit_again_is_known_behind_an_overdue_lock(shop: Shop) -> None:
    order_id, first = shop.locked("first")
    shop.cancel_payment(order_id, first)
    shop.edit_to_three_packets(order_id, 1)
    shop.pay(order_id, "second")
    shop.clock.advance(TTL)
    answer = shop.stop_and_change(order_id, first)
    assert (answer.status, answer.body["revision"], answer.body["lock"]) == (200, 2, None)


def test_a_write_that_fails_after_the_release_leaves_the_edit_to_the_same_request(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, attempt_id = after_a_202(shop)
    with monkeypatch.context() as crash:
        crash.setattr(type(shop.ports.store), "apply", lambda *_: (_ for _ in ()).throw(MemoryError))
        assert shop.stop_and_change(order_id, attempt_id).status == 500
    assert shop.stop_and_change(order_id, attempt_id).body["revision"] == 2
    revision = edited_further(shop, order_id)
    assert shop.stop_and_change(order_id, attempt_id).body["revision"] == revision
