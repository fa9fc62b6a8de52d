"""Of concurrent callers one succeeds, every caller gets a true answer, and the money has its right place."""

import pytest

from paylatch.domain.errors import OrderLocked, PaymentCompleted, RevisionMismatch
from paylatch.domain.payment import Attempt
from paylatch.ports import VoidAnswer, VoidKind
from paylatch.use_cases.read_order import WholeOrder
from tests.integration.shop import TTL, Shop
from tests.race.concurrent_actions import ConcurrentActions, run_concurrently

THREADS = 16
ROUNDS = range(3)


@pytest.mark.parametrize("round_", ROUNDS)
def test_sixteen_race_for_one_lock_and_fifteen_get_the_winner(
    shop: Shop, concurrent: ConcurrentActions, round_: int
) -> None:
    order_id = shop.create()
    outcomes = run_concurrently([concurrent.pay(order_id, f"key-{number}") for number in range(THREADS)])
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, Attempt)]
    losers = [outcome for outcome in outcomes if isinstance(outcome, OrderLocked)]
    assert len(losers) == THREADS - 1
    assert {(loser.attempt_id, loser.until) for loser in losers} == {(winner.attempt_id, winner.deadline)}
    assert shop.holder(order_id) == winner.attempt_id
    assert list(shop.gateway.opened) == [winner.attempt_id]


def test_sixteen_tries_of_one_request_are_one_attempt(shop: Shop, concurrent: ConcurrentActions) -> None:
    order_id = shop.create()
    outcomes = run_concurrently([concurrent.pay(order_id, "one-key")] * THREADS)
    assert {outcome.attempt_id for outcome in outcomes} == {shop.holder(order_id)}
    assert {outcome.pay_url for outcome in outcomes} == {f"https://pay.test/{shop.holder(order_id)}"}
    assert len(shop.gateway.opened) == 1
    assert shop.head(order_id).version == 3, "created, locked, opened: each once"


@pytest.mark.parametrize("round_", ROUNDS)
def test_edits_race_the_lock_and_what_is_paid_is_what_was_locked(
    shop: Shop, concurrent: ConcurrentActions, round_: int
) -> None:
    order_id = shop.create()
    edits = [concurrent.edit(order_id, f"edit {number}") for number in range(7)]
    outcomes = run_concurrently([*edits, concurrent.pay(order_id, "key")])
    won = [outcome for outcome in outcomes[:-1] if isinstance(outcome, WholeOrder)]
    refused = [outcome for outcome in outcomes[:-1] if isinstance(outcome, OrderLocked | RevisionMismatch)]
    assert len(won) <= 1, "one edit of one revision"
    assert len(won) + len(refused) == len(edits)
    head, attempt = shop.head(order_id), outcomes[-1]
    assert (attempt.revision, attempt.amount) == (head.revision, head.total)
    assert head.revision == 1 + len(won)
    content = shop.ports.store.read_content(order_id, head.content_id)
    assert content.note == (won[0].content.note if won else "Please ring twice.")


@pytest.mark.parametrize(
    "known", [True, False], ids=["the gateway knows of the money", "the gateway closes all the same"]
)
@pytest.mark.parametrize("round_", ROUNDS)
def test_pay_cancel_and_sweep_race_and_no_sum_is_lost(
    shop: Shop, concurrent: ConcurrentActions, round_: int, known: bool
) -> None:
    order_id, attempt_id = shop.locked()
    capture = shop.gateway.capture_payment(attempt_id)
    if not known:
        shop.gateway.answer_with("void", *[VoidAnswer(VoidKind.ALREADY_CLOSED)] * 50)
    shop.clock.advance(TTL)
    cancels = [concurrent.cancel(order_id, attempt_id)] * 4
    outcomes = run_concurrently(
        [*cancels, *[concurrent.money(order_id, attempt_id, capture)] * 4, concurrent.sweep(), concurrent.sweep()]
    )
    assert all(isinstance(outcome, WholeOrder | PaymentCompleted) for outcome in outcomes[:4])
    head = shop.head(order_id)
    assert head.status == "paid", "the revision is the same: its money pays for it, late or not"
    assert head.attempt is not None
    assert (head.attempt.captured, head.refunds, head.past_attempts) == (capture, {}, {})
    assert (head.due_at, head.follow_up_at) == (None, None)
    assert [report.failed for report in outcomes[8:]] == [0, 0]


@pytest.mark.parametrize("round_", ROUNDS)
def test_sweeps_at_once_unlock_each_order_once(shop: Shop, concurrent: ConcurrentActions, round_: int) -> None:
    orders = [shop.locked(f"key-{number}")[0] for number in range(6)]
    shop.clock.advance(TTL)
    reports = run_concurrently([concurrent.sweep()] * 4)
    assert all(report.failed == 0 for report in reports)
    assert {(shop.head(order_id).status, shop.head(order_id).version) for order_id in orders} == {
        ("pending_payment", 4)
    }


def test_sweeps_at_once_refund_once(shop: Shop, concurrent: ConcurrentActions) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    run_concurrently([concurrent.sweep()] * 8)
    assert len(shop.gateway.refunds) == 1, "asked for by one id, however often"
    assert [refund.status for refund in shop.head(order_id).refunds.values()] == ["refunded"]


@pytest.mark.parametrize("round_", ROUNDS)
def test_money_for_an_old_and_a_new_attempt_settles_the_new_and_returns_the_old(
    shop: Shop, concurrent: ConcurrentActions, round_: int
) -> None:
    order_id, old = shop.locked("old")
    shop.cancel_payment(order_id, old)
    late = shop.gateway.capture_payment(old)
    new = shop.pay(order_id, "new").body["attempt_id"]
    exact = shop.gateway.capture_payment(new)
    run_concurrently([concurrent.money(order_id, old, late), concurrent.money(order_id, new, exact)] * 5)
    shop.sweep()
    head = shop.head(order_id)
    assert (head.status, head.held_by(new)) == ("paid", True)
    assert [(refund.attempt_id, refund.status) for refund in head.refunds.values()] == [(old, "refunded")]
    assert len(shop.gateway.calls("refund")) == 1
