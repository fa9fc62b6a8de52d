"""Callbacks that wait: when they are tried, in what order, and for how long."""

from datetime import timedelta

from sandbox.fault_plan import CallbackFault
from sandbox.outbox import AT_ONCE, KEPT, MOST_TRIES, Outbox, accepted, added, claimed, due_now, next_try

from tests.fakes.sandbox_samples import NOON

A_DAY = timedelta(days=1)


def outbox_of(*ids: str, fault: CallbackFault | None = None) -> Outbox:
    outbox: Outbox = ()
    for name in ids:
        outbox = added(outbox, name, "{}", fault or CallbackFault(), NOON)
    return outbox


def ids(outbox: Outbox) -> list[str]:
    return [delivery.webhook_id for delivery in outbox]


def test_a_callback_is_due_at_once_and_again_until_it_is_accepted() -> None:
    outbox, due = claimed(outbox_of("a"), NOON)
    assert ids(due) == ["a"]
    assert claimed(outbox, NOON)[1] == ()
    again, due = claimed(outbox, NOON + timedelta(seconds=30))
    assert ids(due) == ["a"]
    done = accepted(again, frozenset({"a"}), NOON)
    assert next_try(done) is None
    assert claimed(done, NOON + A_DAY)[1] == ()


def test_the_pauses_grow_and_the_tries_end_after_days() -> None:
    outbox, now, tries, longest = outbox_of("a"), NOON, 0, timedelta(0)
    while (timestamp := next_try(outbox)) is not None:
        longest = max(longest, timestamp - now)
        now = timestamp
        outbox, _ = claimed(outbox, now)
        tries += 1
    assert tries == MOST_TRIES
    assert longest == timedelta(hours=6)
    assert timedelta(days=2) < now - NOON < timedelta(days=4)


def test_few_are_tried_at_once_the_others_right_after() -> None:
    outbox, due = claimed(outbox_of("a", "b", "c"), NOON)
    assert ids(due) == ["a", "b"]
    assert len(due) == AT_ONCE
    assert ids(claimed(outbox, NOON)[1]) == ["c"]


def test_a_late_one_waits() -> None:
    outbox = outbox_of("a", fault=CallbackFault(delay=120))
    assert claimed(outbox, NOON + timedelta(seconds=119))[1] == ()
    assert ids(claimed(outbox, NOON + timedelta(seconds=120))[1]) == ["a"]


def test_a_lost_callback_is_never_sent_but_can_be_requested() -> None:
    outbox = outbox_of("a", fault=CallbackFault(lost=True))
    assert next_try(outbox) is None
    assert next_try(due_now(outbox, NOON, again=False)) is None
    assert ids(claimed(due_now(outbox, NOON, again=True), NOON)[1]) == ["a"]


def test_reversed_the_second_goes_before_the_first() -> None:
    fault = CallbackFault(reversed=True)
    assert claimed(outbox_of("a", fault=fault), NOON)[1] == ()
    assert ids(claimed(outbox_of("a", "b", fault=fault), NOON)[1]) == ["b", "a"]
    assert ids(outbox_of("a", "b", "c", "d", fault=fault)) == ["b", "a", "d", "c"]


def test_reversed_a_single_callback_is_sent_in_the_end() -> None:
    outbox = outbox_of("a", fault=CallbackFault(reversed=True))
    assert ids(claimed(outbox, NOON + timedelta(seconds=90))[1]) == ["a"]


def test_everything_waiting_can_be_made_due() -> None:
    outbox = outbox_of("a", fault=CallbackFault(delay=3600))
    assert ids(claimed(due_now(outbox, NOON, again=False), NOON)[1]) == ["a"]


def test_the_outbox_does_not_grow_without_end() -> None:
    assert len(outbox_of(*(f"m{number}" for number in range(100)))) == KEPT + 1
