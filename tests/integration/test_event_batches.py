"""The stream's function handles a batch in few requests, and one failing order delays no other."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from inspect import unwrap
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from paylatch.domain.errors import StoreRefused
from paylatch.ports import Metric
from paylatch.runtime import event_bus
from paylatch.store.connection import TableConnection
from tests.api.handlers import Context, handler_of
from tests.integration.dynamodb_tap import Tap
from tests.integration.shop import Shop
from tests.lambda_events import event
from tests.orders_table import TABLE

NOTHING_FAILED: dict[str, list[Any]] = {"batchItemFailures": []}


def order_id(number: int) -> str:
    return f"{number:016d}"


def record_of(number: int, seq: int = 1) -> dict[str, Any]:
    """The stream record of an order's change."""
    sample = next(each for each in event("order_events")["Records"] if each["dynamodb"]["Keys"]["sk"]["S"] == "HEAD")
    record: dict[str, Any] = deepcopy(sample)
    for image in (record["dynamodb"]["Keys"], record["dynamodb"]["NewImage"]):
        image["pk"] = {"S": f"ORDER#{order_id(number)}"}
    record["dynamodb"]["NewImage"]["version"] = {"N": str(seq)}
    record["dynamodb"]["SequenceNumber"] = f"{number:09d}{seq:03d}"
    return record


def failed_at(record: dict[str, Any]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}


def handled(records: list[dict[str, Any]], milliseconds: int = 60_000) -> dict[str, Any]:
    outcome: dict[str, Any] = handler_of("order_events")({"Records": records}, Context(lambda: milliseconds))
    return outcome


def seqs(shop: Shop, number: int) -> list[int]:
    return [entry.seq for entry in shop.ports.store.read_history(order_id(number)).events]


def numbers_of(published: list[dict[str, Any]]) -> list[int]:
    return sorted(int(json.loads(entry["Detail"])["order_id"]) for entry in published)


@pytest.fixture
def tap(orders_table: TableConnection) -> Iterator[Tap]:
    with Tap(orders_table).attached() as tap:
        yield tap


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the function waits between tries."""
    found: list[float] = []
    monkeypatch.setitem(unwrap(handler_of("order_events")).__globals__, "time", SimpleNamespace(sleep=found.append))
    return found


@pytest.fixture
def publications(published: list[dict[str, Any]]) -> list[int]:
    """The entries of each request to the bus."""
    sizes: list[int] = []
    event_bus._client().meta.events.register(
        "provide-client-params.events.PutEvents", lambda params, **_: sizes.append(len(params["Entries"]))
    )
    return sizes


def test_a_hundred_orders_are_four_writes_and_ten_publications(
    shop: Shop, tap: Tap, publications: list[int], published: list[dict[str, Any]]
) -> None:
    assert handled([record_of(number) for number in range(100)]) == NOTHING_FAILED
    assert tap.sent == ["BatchWriteItem"] * 4
    assert publications == [10] * 10
    assert numbers_of(published) == [*range(100)]
    assert all(seqs(shop, number) == [1] for number in range(100))


def test_four_changes_of_each_order_are_as_few_requests(shop: Shop, tap: Tap, publications: list[int]) -> None:
    records = [record_of(number, seq) for number in range(25) for seq in (1, 2, 3, 4)]
    assert handled(records) == NOTHING_FAILED
    assert tap.sent == ["BatchWriteItem"] * 4
    assert sum(publications) == 100
    assert len(publications) <= 12
    assert all(seqs(shop, number) == [1, 2, 3, 4] for number in range(25))


POISON: list[dict[str, Any]] = [
    {},
    {"last_event": {"S": "text"}},
    {"last_event": {"M": {}}},
    {"last_event": {"T": "a type of the next release"}},
    {"last_event": {}},
    {"last_event": "no typed JSON"},
]


@pytest.mark.parametrize("poison", POISON, ids=str)
def test_a_record_that_cannot_be_read_delays_no_other(
    shop: Shop, published: list[dict[str, Any]], poison: dict[str, Any]
) -> None:
    records = [record_of(number) for number in range(50)]
    del records[20]["dynamodb"]["NewImage"]["last_event"]
    records[20]["dynamodb"]["NewImage"] |= poison
    assert handled(records) == NOTHING_FAILED
    assert numbers_of(published) == [number for number in range(50) if number != 20]
    unreadable = [details for metric, _, details in shop.metrics.counted if metric is Metric.EVENT_UNREADABLE]
    assert [details["order_id"] for details in unreadable] == [order_id(20)]


def test_what_is_malformed_elsewhere_in_a_head_is_not_read(shop: Shop, published: list[dict[str, Any]]) -> None:
    record = record_of(1)
    record["dynamodb"]["NewImage"]["attempt"] = {}
    assert handled([record]) == NOTHING_FAILED
    assert (seqs(shop, 1), numbers_of(published)) == ([1], [1])


def test_an_error_of_a_whole_batch_is_reported_once(
    shop: Shop, published: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise StoreRefused("BatchWriteItem", "AccessDeniedException")

    monkeypatch.setattr(shop.ports.store, "record_events", refuse)
    records = [record_of(number) for number in range(50)]
    assert handled(records) == failed_at(records[0])
    assert [metric for metric, _, _ in shop.metrics.counted] == [Metric.STORE_REFUSED]
    assert published == []


def test_two_records_of_one_change_are_not_in_one_request(shop: Shop, published: list[dict[str, Any]]) -> None:
    """Whoever corrects a head by hand makes a record with the same `seq`; a batch with one key twice is invalid."""
    assert handled([record_of(1), record_of(1), record_of(2)]) == NOTHING_FAILED
    assert (seqs(shop, 1), seqs(shop, 2)) == ([1], [1])


LeavesOut = Callable[[int, int], None]


@pytest.fixture
def leaves_out(orders_table: TableConnection, monkeypatch: pytest.MonkeyPatch) -> LeavesOut:
    """Makes the database leave the event of an order unprocessed so many times."""
    left: dict[str, int] = {}
    send = orders_table.send

    def partly(operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        if operation != "BatchWriteItem":
            return send(operation, kwargs)
        ((table, puts),) = kwargs["RequestItems"].items()
        busy = [put for put in puts if left.get(put["PutRequest"]["Item"]["pk"]["S"], 0) > 0]
        for put in busy:
            left[put["PutRequest"]["Item"]["pk"]["S"]] -= 1
        taken = [put for put in puts if put not in busy]
        if taken:
            send(operation, {"RequestItems": {table: taken}})
        return {"UnprocessedItems": {table: busy} if busy else {}}

    monkeypatch.setattr(orders_table, "send", partly)
    return lambda number, times: left.update({f"ORDER#{order_id(number)}": times})


def test_unprocessed_events_are_sent_again(
    shop: Shop, tap: Tap, pauses: list[float], leaves_out: LeavesOut, published: list[dict[str, Any]]
) -> None:
    leaves_out(3, 2)
    assert handled([record_of(number) for number in range(10)]) == NOTHING_FAILED
    assert len(tap.asked) == 2
    assert [len(request["RequestItems"][TABLE]) for _, request in tap.asked] == [9, 1]
    assert numbers_of(published) == [*range(10)]
    assert sum(pauses) > 0


def test_one_event_that_stays_unprocessed_is_named_and_delays_no_other_order(
    shop: Shop, pauses: list[float], leaves_out: LeavesOut, published: list[dict[str, Any]]
) -> None:
    leaves_out(3, 1000)
    records = [record_of(number, seq) for number in range(5) for seq in (1, 2)]
    assert handled(records) == failed_at(record_of(3, 1))
    assert (seqs(shop, 3), seqs(shop, 4)) == ([], [1, 2])
    assert numbers_of(published) == [0, 0, 1, 1, 2, 2, 4, 4]
    leaves_out(3, 0)
    assert handled(records[6:]) == NOTHING_FAILED
    assert seqs(shop, 3) == [1, 2]
    assert sum(pauses) < 2, "a function that is busy for long is called again by Lambda"


def test_a_failure_is_named_by_its_own_record_whatever_was_left_out_before_it(
    shop: Shop, pauses: list[float], leaves_out: LeavesOut, published: list[dict[str, Any]]
) -> None:
    leaves_out(3, 1000)
    removed, unreadable, *_ = records = [record_of(number) for number in range(5)]
    del removed["dynamodb"]["NewImage"]
    del unreadable["dynamodb"]["NewImage"]["last_event"]
    assert handled(records) == failed_at(record_of(3))
    assert numbers_of(published) == [2, 4]


def test_only_the_entries_that_the_bus_refused_are_sent_again(
    shop: Shop, pauses: list[float], published: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[list[int]] = []

    def put_events(Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        sent.append(numbers_of(Entries))
        refused = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
        answers = [refused if number == 2 else {"EventId": "1"} for number in sent[-1]]
        return {"FailedEntryCount": sent[-1].count(2), "Entries": answers}

    monkeypatch.setattr(event_bus._client(), "put_events", put_events)
    records = [record_of(number) for number in range(12)]
    assert handled(records) == failed_at(records[2])
    assert [each for each in sent if len(each) > 1] == [[*range(10)], [10, 11]]
    assert {number for each in sent[1:-1] for number in each} == {2}
    monkeypatch.undo()


BusAnswer = Callable[[dict[str, Any]], dict[str, str]]


def bus_answering(monkeypatch: pytest.MonkeyPatch, answer: BusAnswer) -> list[int]:
    """Make the bus answer each entry so; gives the orders of the entries that it took."""
    taken: list[int] = []

    def put_events(Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        answers = [answer(entry) for entry in Entries]
        taken.extend(number for each, found in zip(Entries, answers, strict=True) for number in _taken(each, found))
        return {"FailedEntryCount": sum("ErrorCode" in found for found in answers), "Entries": answers}

    monkeypatch.setattr(event_bus._client(), "put_events", put_events)
    return taken


def _taken(entry: dict[str, Any], answer: dict[str, str]) -> list[int]:
    return [] if "ErrorCode" in answer else numbers_of([entry])


def refused_with(code: str, number: int) -> BusAnswer:
    """The answers of a bus that refuses that order's events with this code."""
    return lambda entry: {"ErrorCode": code} if numbers_of([entry]) == [number] else {"EventId": "1"}


def refusals(shop: Shop) -> list[tuple[str, str]]:
    return [
        (str(details["order_id"]), str(details["seq"]))
        for metric, _, details in shop.metrics.counted
        if metric is Metric.EVENT_REFUSED
    ]


@pytest.mark.parametrize("code", ["MalformedDetail", "InvalidArgument", "RedactionFailure"])
def test_an_event_that_the_bus_refuses_for_good_is_counted_and_left_out(
    shop: Shop, pauses: list[float], published: list[Any], monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    taken = bus_answering(monkeypatch, refused_with(code, 2))
    records = [record_of(number, seq) for number in range(4) for seq in (1, 2)]
    assert handled(records) == NOTHING_FAILED
    assert sorted(taken) == [0, 0, 1, 1, 3, 3]
    assert seqs(shop, 2) == [1, 2], "the history has it"
    assert refusals(shop) == [(order_id(2), "1"), (order_id(2), "2")]
    assert set(pauses) == {0}
    monkeypatch.undo()


@pytest.mark.parametrize(
    "code",
    ["ThrottlingException", "InternalFailure", "AccessDeniedException", "NotAuthorizedForSourceException", "New"],
)
def test_an_event_that_the_bus_may_take_later_is_tried_again(
    shop: Shop, pauses: list[float], published: list[Any], monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    bus_answering(monkeypatch, refused_with(code, 2))
    records = [record_of(number) for number in range(4)]
    assert handled(records) == failed_at(records[2])
    assert refusals(shop) == []
    monkeypatch.undo()


TOO_LARGE = "Total size of the entries in the request is over the limit."


@pytest.mark.parametrize(("message", "is_skipped"), [(TOO_LARGE, True), ("1 validation error: eventBusName", False)])
def test_an_event_that_is_too_large_for_the_bus_is_left_out_and_a_wrong_name_of_the_bus_loses_nothing(
    shop: Shop,
    pauses: list[float],
    published: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    message: str,
    is_skipped: bool,
) -> None:
    taken: list[int] = []

    def put_events(Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        if 2 in numbers_of(Entries):
            raise ClientError({"Error": {"Code": "ValidationException", "Message": message}}, "PutEvents")
        taken.extend(numbers_of(Entries))
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}] * len(Entries)}

    monkeypatch.setattr(event_bus._client(), "put_events", put_events)
    records = [record_of(number) for number in range(4)]
    assert handled(records) == (NOTHING_FAILED if is_skipped else failed_at(records[2]))
    assert sorted(taken) == [0, 1, 3]
    assert refusals(shop) == ([(order_id(2), "1")] if is_skipped else [])
    monkeypatch.undo()


def test_a_function_that_ends_soon_starts_no_request_and_names_its_first_record(
    shop: Shop, tap: Tap, published: list[dict[str, Any]]
) -> None:
    records = [record_of(number) for number in range(3)]
    assert handled(records, milliseconds=5_000) == failed_at(records[0])
    assert (tap.sent, published) == ([], [])


def test_a_slow_database_leaves_the_bus_time_for_what_is_stored(
    shop: Shop, tap: Tap, published: list[dict[str, Any]]
) -> None:
    records = [record_of(1, seq) for seq in range(1, 101)]
    context = Context(lambda: 60_000 - 10_000 * len(tap.sent))
    answer = handler_of("order_events")({"Records": records}, context)
    assert answer == failed_at(records[3])
    assert [json.loads(entry["Detail"])["seq"] for entry in published] == [1, 2, 3]
