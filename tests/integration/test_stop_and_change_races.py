"""Stop and change beside other writers, and after a crash: the edit is made once or not, and callers hear which."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.integration.shop import TTL, Shop
from tests.lambda_events import SELLER


def test_money_that_arrives_between_the_void_and_the_write_wins(shop: Shop, contents: Callable[[], int]) -> None:
    order_id, attempt_id = shop.locked()
    capture = shop.gateway.capture_payment(attempt_id)
    del shop.gateway.money[attempt_id]
    shop.gateway.during("void", lambda: shop.money(attempt_id, capture))
    assert shop.stop_and_change(order_id, attempt_id).code == "payment-completed"
    assert (shop.status(order_id), shop.head(order_id).revision, contents()) == ("paid", 1, 1)


def test_a_sweep_that_releases_first_leaves_a_plain_edit(shop: Shop, contents: Callable[[], int]) -> None:
    order_id, attempt_id = shop.locked()
    shop.clock.advance(TTL)
    shop.gateway.during("void", shop.sweep)
    answer = shop.stop_and_change(order_id, attempt_id)
    assert (answer.status, answer.body["revision"], answer.body["total"]) == (200, 2, 3750)
    assert (shop.head(order_id).last_event.type, contents()) == ("OrderEdited", 2)


def test_an_edit_that_came_between_is_not_overwritten(shop: Shop, contents: Callable[[], int]) -> None:
    order_id, attempt_id = shop.locked()
    shop.clock.advance(TTL)

    def meanwhile() -> None:
        shop.sweep()
        shop.edit(order_id, 1, SELLER, note="from the seller")

    shop.gateway.during("void", meanwhile)
    answer = shop.stop_and_change(order_id, attempt_id)
    assert (answer.status, answer.code, answer.body["revision"]) == (412, "revision-mismatch", 2)
    assert (shop.read(order_id).body["note"], contents()) == ("from the seller", 2)


def test_two_callers_with_the_same_edit_make_it_once_and_both_hear_so(shop: Shop, contents: Callable[[], int]) -> None:
    order_id, attempt_id = shop.locked()
    others = []
    shop.gateway.during("void", lambda: others.append(shop.stop_and_change(order_id, attempt_id)))
    answer = shop.stop_and_change(order_id, attempt_id)
    assert [answer.status, others[0].status] == [200, 200]
    assert (answer.body, answer.body["revision"], contents()) == (others[0].body, 2, 2)


def test_two_callers_with_different_edits_make_one_of_them(shop: Shop, contents: Callable[[], int]) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.during("void", lambda: shop.stop_and_change(order_id, attempt_id, 1, SELLER, note="from the seller"))
    answer = shop.stop_and_change(order_id, attempt_id)
    assert (answer.status, answer.code) == (412, "revision-mismatch")
    assert (shop.read(order_id).body["note"], contents()) == ("from the seller", 2)


def test_a_cancellation_at_the_same_time_leaves_a_plain_edit(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.during("void", lambda: shop.cancel_payment(order_id, attempt_id))
    answer = shop.stop_and_change(order_id, attempt_id)
    assert (answer.status, answer.body["revision"]) == (200, 2)


def test_a_payment_that_follows_at_once_keeps_the_order_as_it_is_paid(shop: Shop, contents: Callable[[], int]) -> None:
    order_id, attempt_id = shop.locked()

    def meanwhile() -> None:
        shop.cancel_payment(order_id, attempt_id)
        shop.pay(order_id, "again")

    shop.gateway.during("void", meanwhile)
    answer = shop.stop_and_change(order_id, attempt_id)
    assert (answer.status, answer.code) == (409, "order-locked")
    assert (shop.head(order_id).revision, contents()) == (1, 1)


def test_a_crash_after_the_void_is_completed_by_the_same_request(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, contents: Callable[[], int]
) -> None:
    order_id, attempt_id = shop.locked()
    store = type(shop.ports.store)
    with monkeypatch.context() as crash:
        crash.setattr(store, "apply", lambda *_: (_ for _ in ()).throw(MemoryError))
        assert shop.stop_and_change(order_id, attempt_id).status == 500
    assert (shop.status(order_id), shop.head(order_id).revision) == ("in_payment", 1)
    assert shop.stop_and_change(order_id, attempt_id).body["revision"] == 2
    assert contents() == 3, "the first, the edit's, and one that nothing names"


def test_a_crash_after_the_void_is_released_by_the_sweep(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id, attempt_id = shop.locked()
    with monkeypatch.context() as crash:
        crash.setattr(type(shop.ports.store), "apply", lambda *_: (_ for _ in ()).throw(MemoryError))
        shop.stop_and_change(order_id, attempt_id)
    shop.clock.advance(TTL + timedelta(seconds=1))
    shop.sweep()
    assert (shop.status(order_id), shop.head(order_id).revision) == ("pending_payment", 1)
    assert shop.stop_and_change(order_id, attempt_id).body["revision"] == 2
