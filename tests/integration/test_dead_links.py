"""The links that attempts left behind: those that one sweep finds dead end by one write, and no other one does."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from paylatch.domain.errors import GatewayError, NotAsked, OutcomeUnknown, RateLimited, StoreUnavailable
from paylatch.domain.order import Order
from paylatch.domain.timestamps import as_text
from paylatch.ports import VoidAnswer, VoidKind
from tests.integration.shop import Shop, swept

LATER = timedelta(hours=2)
MANY = 80
DEAD = VoidAnswer(VoidKind.VOIDED)


@pytest.fixture
def due(shop: Shop) -> tuple[str, list[str]]:
    """An order, and the attempts whose three links are to be checked now."""
    order_id, attempt_ids = shop.with_live_links(3)
    shop.clock.advance(LATER)
    return order_id, attempt_ids


def live(shop: Shop, order_id: str) -> set[str]:
    past = shop.head(order_id).past_attempts
    return {attempt_id for attempt_id, attempt in past.items() if attempt.check_at is not None}


def named(order: Order) -> object:
    return (order.last_event.detail or {}).get("attempt_ids", order.last_event.attempt_id)


def test_the_event_names_every_attempt_whose_link_ended(shop: Shop, due: tuple[str, list[str]]) -> None:
    order_id, attempt_ids = due
    shop.sweep()
    head = shop.head(order_id)
    assert (head.last_event.type, named(head), live(shop, order_id)) == ("LinkExpired", attempt_ids, set())


def test_one_dead_link_is_named_as_the_attempt_of_the_event(shop: Shop) -> None:
    order_id, (attempt_id,) = shop.with_live_links(1)
    shop.clock.advance(LATER)
    shop.sweep()
    event = shop.head(order_id).last_event
    assert (event.type, event.attempt_id, event.detail) == ("LinkExpired", attempt_id, None)


def test_a_link_that_is_still_live_is_checked_again_and_the_others_end(shop: Shop, due: tuple[str, list[str]]) -> None:
    order_id, _ = due
    before = shop.head(order_id).version
    shop.gateway.answer_with("void", DEAD, VoidAnswer(VoidKind.NOT_VOIDABLE, until=shop.clock.now() + LATER), DEAD)
    shop.sweep()
    head = shop.head(order_id)
    assert (head.version, head.live_links, len(list(named(head)))) == (before + 2, 1, 2)  # type: ignore[call-overload]
    assert head.follow_up_at is not None
    assert head.follow_up_at > shop.clock.now()
    assert named(head) == sorted(head.past_attempts.keys() - live(shop, order_id))


def test_money_on_one_link_pays_for_the_order_and_the_others_end(shop: Shop, due: tuple[str, list[str]]) -> None:
    order_id, attempt_ids = due
    shop.gateway.capture_payment(attempt_ids[1])
    shop.sweep()
    head = shop.head(order_id)
    assert (head.status, head.held_by(attempt_ids[1])) == ("paid", True)
    assert named(head) == [attempt_ids[0], attempt_ids[2]]


def test_a_failure_at_one_link_keeps_no_other_one_from_ending(shop: Shop, due: tuple[str, list[str]]) -> None:
    order_id, _ = due
    shop.gateway.answer_with("void", DEAD, MemoryError(), DEAD)
    assert shop.sweep() == swept(0, 1)
    assert len(live(shop, order_id)) == 1
    shop.sweep()
    assert live(shop, order_id) == set()


def test_a_write_that_fails_ends_no_link_and_the_next_sweep_ends_all(
    shop: Shop, due: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, attempt_ids = due

    def fail(*_: object) -> None:
        raise StoreUnavailable("no answer")

    with monkeypatch.context() as outage:
        outage.setattr(type(shop.ports.store), "apply", fail)
        assert shop.sweep() == swept(0, 1)
    assert live(shop, order_id) == set(attempt_ids)
    shop.sweep()
    assert (named(shop.head(order_id)), live(shop, order_id)) == (attempt_ids, set())


def test_an_edit_that_came_between_does_not_postpone_the_end_of_the_links(
    shop: Shop, due: tuple[str, list[str]]
) -> None:
    order_id, attempt_ids = due
    shop.gateway.during("void", lambda: shop.edit_to_three_packets(order_id, 1))
    shop.sweep()
    head = shop.head(order_id)
    assert (head.revision, named(head), head.live_links) == (2, attempt_ids, 0)


def test_two_sweeps_at_once_end_each_link_once(shop: Shop, due: tuple[str, list[str]]) -> None:
    order_id, _ = due
    before = shop.head(order_id).version
    shop.gateway.during("void", shop.sweep)
    shop.sweep()
    assert (shop.head(order_id).version, live(shop, order_id)) == (before + 1, set())


def test_a_link_that_its_own_money_ended_meanwhile_is_not_ended_again(
    shop: Shop, due: tuple[str, list[str]], late_money: Callable[[str], None]
) -> None:
    order_id, attempt_ids = due
    shop.edit_to_three_packets(order_id, 1)
    asked = len(shop.gateway.calls("void"))
    shop.gateway.during("void", lambda: late_money(shop.gateway.calls("void")[asked].attempt_id))
    shop.sweep()
    paid = shop.gateway.calls("void")[asked].attempt_id
    assert live(shop, order_id) == set()
    assert named(shop.head(order_id)) == [each for each in attempt_ids if each != paid]


@pytest.fixture
def late_money(shop: Shop) -> Callable[[str], None]:
    """A callback about money that the gateway's answer to a void does not name."""

    def arrive(attempt_id: str) -> None:
        capture = shop.gateway.capture_payment(attempt_id)
        del shop.gateway.money[attempt_id]
        shop.money(attempt_id, capture)

    return arrive


def silent_checks(shop: Shop, order_id: str) -> list[timedelta]:
    """The intervals of the checks until none is left, while the gateway never answers."""
    intervals: list[timedelta] = []
    while (at := shop.head(order_id).follow_up_at) is not None and len(intervals) < MANY:
        intervals.append(at - shop.clock.now())
        shop.clock.advance(at - shop.clock.now())
        shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "read timeout"))
        shop.sweep()
    return intervals


def test_a_gateway_that_never_answers_about_a_link_is_asked_ever_less_often_and_then_no_more(shop: Shop) -> None:
    order_id, _ = shop.with_live_links(1)
    began = shop.clock.now()
    intervals = silent_checks(shop, order_id)
    assert len(intervals) < MANY, "it is asked for ever"
    assert max(intervals) == timedelta(days=1)
    assert intervals[1:] == sorted(intervals[1:])
    assert timedelta(days=30) <= shop.clock.now() - began < timedelta(days=32)
    assert (shop.head(order_id).last_event.type, live(shop, order_id)) == ("LinkExpired", set())


def test_an_order_about_whose_link_no_answer_ever_comes_ends_by_its_pay_by_all_the_same(shop: Shop) -> None:
    order_id = shop.create(pay_by=as_text(shop.clock.now() + LATER))
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.NOT_VOIDABLE, until=shop.clock.now() + LATER))
    attempt_id = shop.pay(order_id).body["attempt_id"]
    shop.cancel_payment(order_id, attempt_id)
    silent_checks(shop, order_id)
    assert shop.status(order_id) == "cancelled"
    shop.money(attempt_id)
    assert [refund.amount for refund in shop.head(order_id).refunds_due] == [2500], "money that comes goes back"


@pytest.mark.parametrize("error", [NotAsked("sandbox", "three others got no answer"), RateLimited("sandbox", "429")])
def test_a_gateway_that_was_not_asked_or_limits_the_rate_is_not_silent_about_a_link(
    shop: Shop, error: GatewayError
) -> None:
    order_id, (attempt_id,) = shop.with_live_links(1)
    shop.clock.advance(timedelta(days=31))
    shop.gateway.answer_with("void", error)
    shop.sweep()
    assert live(shop, order_id) == {attempt_id}
    shop.clock.advance(timedelta(days=1))
    shop.gateway.answer_with("void", OutcomeUnknown("sandbox", "read timeout"))
    shop.sweep()
    assert live(shop, order_id) == set()
