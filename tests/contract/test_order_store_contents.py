"""The contract of `OrderStore` beside transitions: content, history, and the sparse indexes of what is due."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from paylatch.domain.documents import content_document
from paylatch.domain.order import Content, Line
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.shards import SHARDS, shard_of
from paylatch.domain.timestamps import as_text
from paylatch.ports import LARGEST_PAGE, HistoryPage, Index, OrderStore, Timer
from tests.contract.store_drivers import StoreDriver
from tests.due_orders import due_orders
from tests.transition_cases import DEADLINE, LATER, ORDER_ID, START, head_of

OTHER_ID = "7777777777777777"
TEA = Line("tea-01", "Green tea", 2, 1250)
CONTENTS = [
    Content((TEA,)),
    Content((TEA, Line("水", "烏龍茶 best", 1, 0)), {"recipient": "Ada", "country": "GB"}, "Please ring\ntwice"),
    Content((TEA,), {}, ""),
    Content(tuple(Line(f"sku-{number}", "x" * 200, 1_000_000, 10**15) for number in range(200))),
]


@pytest.mark.parametrize("content", CONTENTS, ids=["bare", "full", "empty fields", "largest"])
def test_content_comes_back_as_it_was_put(store_driver: StoreDriver, content: Content) -> None:
    store_driver.store.put_content(ORDER_ID, "C1", content)
    assert content_document(store_driver.store.read_content(ORDER_ID, "C1")) == content_document(content)


def test_content_belongs_to_its_order_and_id(store_driver: StoreDriver) -> None:
    store_driver.store.put_content(ORDER_ID, "C1", Content((TEA,), None, "one"))
    store_driver.store.put_content(ORDER_ID, "C2", Content((TEA,), None, "two"))
    store_driver.store.put_content(OTHER_ID, "C1", Content((TEA,), None, "other"))
    assert store_driver.store.read_content(ORDER_ID, "C1").note == "one"
    store_driver.store.remove_content(ORDER_ID, "C1")
    assert store_driver.store.read_content(ORDER_ID, "C2").note == "two"
    assert store_driver.store.read_content(OTHER_ID, "C1").note == "other"


def test_the_contents_of_an_order_are_found_by_their_ids_in_pages(store_driver: StoreDriver) -> None:
    ids = [f"C{number:03}" for number in range(LARGEST_PAGE + 2)]
    for content_id in reversed(ids):
        store_driver.store.put_content(ORDER_ID, content_id, Content((TEA,)))
    store_driver.store.put_content(OTHER_ID, "OTHER", Content((TEA,)))
    store_driver.put_head(ORDER_ID, head_of("new"))
    first = store_driver.store.content_ids(ORDER_ID)
    assert first == tuple(ids[:LARGEST_PAGE])
    assert store_driver.store.content_ids(ORDER_ID, first[-1]) == tuple(ids[LARGEST_PAGE:])
    assert store_driver.store.content_ids(ORDER_ID, ids[-1]) == ()
    assert store_driver.store.content_ids("NOSUCHORDER00000") == ()


def test_content_is_stored_once_and_never_changes(store_driver: StoreDriver) -> None:
    assert store_driver.store.put_content(ORDER_ID, "C1", Content((TEA,), None, "one"))
    assert not store_driver.store.put_content(ORDER_ID, "C1", Content((TEA,), None, "two"))
    assert store_driver.store.read_content(ORDER_ID, "C1").note == "one"
    store_driver.store.remove_content(ORDER_ID, "C1")
    assert store_driver.store.put_content(ORDER_ID, "C1", Content((TEA,), None, "two"))


def test_content_that_is_gone_is_an_error_and_may_be_removed_again(store_driver: StoreDriver) -> None:
    store_driver.store.put_content(ORDER_ID, "C1", Content((TEA,)))
    store_driver.store.remove_content(ORDER_ID, "C1")
    store_driver.store.remove_content(ORDER_ID, "C1")
    with pytest.raises(LookupError, match="C1"):
        store_driver.store.read_content(ORDER_ID, "C1")


def test_a_question_may_be_asked_once_in_a_while_about_each_order(store_driver: StoreDriver) -> None:
    store, every = store_driver.store, timedelta(seconds=5)
    asked = [
        store.claim_question(order_id, START + timedelta(milliseconds=at), every)
        for order_id, at in (
            (ORDER_ID, 0),
            (ORDER_ID, 0),
            (OTHER_ID, 1),
            (ORDER_ID, 4999),
            (ORDER_ID, 5000),
            (ORDER_ID, 5001),
        )
    ]
    assert asked == [True, False, True, False, True, False]


def event_numbered(seq: int, order_id: str = ORDER_ID, note: str = "x") -> RecordedEvent:
    return RecordedEvent(
        order_id=order_id,
        seq=seq,
        type="OrderEdited",
        at=START + timedelta(seconds=seq % 100),
        actor="buyer-1",
        attempt_id=None,
        payment_status="pending_payment",
        revision=seq,
        detail={"note": note, "total": seq},
    )


def whole_history(store_driver: StoreDriver, limit: int = 100) -> list[RecordedEvent]:
    """All pages, one after the other."""
    events: list[RecordedEvent] = []
    after: int | None = 0
    while after is not None:
        page = store_driver.store.read_history(ORDER_ID, after, limit)
        events += page.events
        after = page.next_after
    return events


# A key is text: 10 must not come before 9, nor 100000 before 99999.
SEQS = [1, 2, 9, 10, 11, 99, 100, 101, 999, 1000, 9_999, 10_000, 99_999, 100_000, 999_999, 1_000_000, 99_999_999]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_history_is_read_by_seq_whatever_order_it_was_recorded_in(store_driver: StoreDriver, limit: int) -> None:
    for seq in sorted(SEQS, key=str, reverse=True):
        store_driver.store.record_events([event_numbered(seq), event_numbered(seq, OTHER_ID)])
    assert whole_history(store_driver, limit) == [event_numbered(seq) for seq in SEQS]


@pytest.mark.parametrize("after", SEQS)
def test_a_page_leaves_out_what_came_before_however_long_ago(store_driver: StoreDriver, after: int) -> None:
    for seq in SEQS:
        store_driver.store.record_events([event_numbered(seq)])
    later = tuple(event_numbered(seq) for seq in SEQS if seq > after)
    assert store_driver.store.read_history(ORDER_ID, after) == HistoryPage(later, None)


def test_the_same_event_recorded_again_changes_nothing(store_driver: StoreDriver) -> None:
    store_driver.store.record_events([event_numbered(1)])
    store_driver.store.record_events([event_numbered(1)])
    assert store_driver.store.read_history(ORDER_ID) == HistoryPage((event_numbered(1),), None)


@pytest.mark.parametrize(
    ("after", "limit", "seqs", "next_after"),
    [
        (0, 2, [1, 2], 2),
        (2, 2, [3, 4], 4),
        (4, 2, [5], None),
        (0, 5, [1, 2, 3, 4, 5], None),
        (0, 4, [1, 2, 3, 4], 4),
        (3, 1, [4], 4),
        (4, 1, [5], None),
        (5, 100, [], None),
        (99_999_999, 100, [], None),
    ],
)
def test_a_page_begins_after_a_seq_and_gives_the_next_one(
    store_driver: StoreDriver, after: int, limit: int, seqs: list[int], next_after: int | None
) -> None:
    for seq in range(1, 6):
        store_driver.store.record_events([event_numbered(seq)])
    events = tuple(event_numbered(seq) for seq in seqs)
    assert store_driver.store.read_history(ORDER_ID, after, limit) == HistoryPage(events, next_after)


def test_a_page_that_the_database_cuts_short_leaves_nothing_out(store_driver: StoreDriver) -> None:
    # DynamoDB gives a megabyte at a time.
    long = [event_numbered(seq, note="x" * 30_000) for seq in range(1, 41)]
    for event in long:
        store_driver.store.record_events([event])
    assert whole_history(store_driver) == long
    assert whole_history(store_driver, limit=7) == long


def test_an_order_without_history_has_none(store_driver: StoreDriver) -> None:
    assert store_driver.store.read_history(ORDER_ID) == HistoryPage((), None)


def head_due(order_id: str, index: Index, timestamp: str) -> dict[str, object]:
    return {**head_of("new"), "order_id": order_id, "shard": shard_of(order_id), f"{index.value}_at": timestamp}


@pytest.mark.parametrize("index", Index)
def test_what_is_due_by_then_is_found_and_nothing_else(store_driver: StoreDriver, index: Index) -> None:
    timestamps = {"0000000000000001": "2026-11-24T11:59:59.999Z", "0000000000000002": "2026-11-24T12:00:00.000Z"}
    timestamps["0000000000000003"] = "2026-11-24T12:00:00.001Z"
    for order_id, timestamp in timestamps.items():
        store_driver.put_head(order_id, head_due(order_id, index, timestamp))
    store_driver.put_head(ORDER_ID, head_of("new"))
    assert set(due_orders(store_driver.store, index, START)) == {"0000000000000001", "0000000000000002"}
    for other in set(Index) - {index}:
        assert due_orders(store_driver.store, other, START) == []


def timers_between(store: OrderStore, index: Index, after: datetime | None, until: datetime) -> list[Timer]:
    return [timer for source in store.timers_in(index) for timer in source.read(after, until)]


@pytest.mark.parametrize("index", Index)
def test_the_same_is_found_with_its_time_and_from_a_time_on(store_driver: StoreDriver, index: Index) -> None:
    millisecond = timedelta(milliseconds=1)
    timers = [Timer(f"{number:016d}", START + (number - 2) * millisecond) for number in range(1, 5)]
    for timer in timers:
        store_driver.put_head(timer.order_id, head_due(timer.order_id, index, as_text(timer.due_at)))
    store, until = store_driver.store, START + millisecond
    assert sorted(timers_between(store, index, None, until), key=id_of) == timers[:3]
    assert sorted(timers_between(store, index, START, until), key=id_of) == [timers[2]]
    assert timers_between(store, index, until, until) == []
    assert {source.name for source in store.timers_in(index)} == {source.name for source in store.due(index, START)}
    for other in set(Index) - {index}:
        assert timers_between(store, other, None, until) == []


def id_of(timer: Timer) -> str:
    return timer.order_id


def test_more_than_a_page_in_every_shard_is_found_oldest_first(
    store_driver: StoreDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paylatch.store.dynamodb.PAGE", 3)
    ids = [f"{number:016d}" for number in range(8 * SHARDS)]
    assert min(Counter(shard_of(each) for each in ids).values()) > 3
    timestamps = {each: f"2026-11-24T11:{59 - place % 60:02d}:00.000Z" for place, each in enumerate(ids)}
    for order_id, timestamp in timestamps.items():
        store_driver.put_head(order_id, head_due(order_id, Index.DUE, timestamp))
    found = due_orders(store_driver.store, Index.DUE, START)
    assert sorted(found) == ids
    timed = timers_between(store_driver.store, Index.DUE, None, START)
    assert {timer.order_id: as_text(timer.due_at) for timer in timed} == timestamps
    for shard in range(SHARDS):
        of_shard = [timestamps[each] for each in found if shard_of(each) == str(shard)]
        assert of_shard == sorted(of_shard)


# In which index an order of that state is, and from when on. But for the new one, all owe a refund since `START`.
PLACES = {
    "new": {},
    "opening": {Index.DUE: START + timedelta(minutes=2), Index.ATTENTION: LATER},
    "open": {Index.DUE: DEADLINE, Index.ATTENTION: LATER},
    "releasing": {Index.DUE: LATER, Index.ATTENTION: START},
    "review": {Index.ATTENTION: START},
    "paid": {Index.ATTENTION: LATER},
    "cancelled": {Index.ATTENTION: LATER},
    "edited": {Index.ATTENTION: LATER},
    "released_again": {Index.ATTENTION: LATER},
    "paid_by_decision": {Index.ATTENTION: LATER},
    "refused": {Index.ATTENTION: START},
    "written_off": {},
    "settled": {},
    "claimed": {Index.ATTENTION: LATER},
}


@pytest.mark.parametrize("state", PLACES)
def test_an_order_is_indexed_only_while_an_action_is_due(store_driver: StoreDriver, state: str) -> None:
    store_driver.put_head(ORDER_ID, head_of(state))
    for index in (Index.DUE, Index.ATTENTION):
        since = PLACES[state].get(index)
        assert due_orders(store_driver.store, index, LATER) == ([ORDER_ID] if since else [])
        assert since is None or due_orders(store_driver.store, index, since - timedelta(milliseconds=1)) == []


def test_money_owed_is_indexed_until_it_is_refunded(store_driver: StoreDriver) -> None:
    store_driver.put_head(ORDER_ID, head_of("pending"))
    assert due_orders(store_driver.store, Index.FOLLOW_UP, START) == [ORDER_ID]
    store_driver.put_head(ORDER_ID, head_of("settled"))
    assert due_orders(store_driver.store, Index.FOLLOW_UP, START) == []
    assert due_orders(store_driver.store, Index.FOLLOW_UP, LATER) == [ORDER_ID], (
        "a link that may still be live is looked after"
    )
