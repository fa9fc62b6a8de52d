"""The queue of timers on SQS: delays in whole seconds, ten messages a request, and errors by name."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import moto
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from paylatch.domain.errors import TimersNotSent
from paylatch.ports import Timer
from paylatch.runtime.timer_queue import TimerQueue, message_of, timer_of
from tests.conftest import REGION
from tests.fakes.settable_clock import SettableClock
from tests.lambda_events import SAMPLE_ORDER

SECOND = timedelta(seconds=1)
CALLS: dict[str, Callable[[TimerQueue, Timer], object]] = {
    "send_message_batch": lambda queue, timer: queue.send([timer]),
    "get_queue_attributes": lambda queue, _: queue.waiting(),
}


@pytest.fixture
def queue(clock: SettableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[TimerQueue]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with moto.mock_aws():
        url = boto3.client("sqs", region_name=REGION).create_queue(QueueName="timers")["QueueUrl"]
        yield TimerQueue(url, clock.now)


@pytest.fixture
def requests(queue: TimerQueue) -> list[dict[str, Any]]:
    """The parameters of every request that sends."""
    sent: list[dict[str, Any]] = []
    events = queue._client.meta.events
    events.register("provide-client-params.sqs.SendMessageBatch", lambda params, **_: sent.append(dict(params)))
    return sent


def timer(clock: SettableClock, after: timedelta = SECOND) -> Timer:
    return Timer(SAMPLE_ORDER, clock.now() + after)


@pytest.mark.parametrize(
    ("after", "seconds"),
    [
        (timedelta(0), 0),
        (-SECOND, 0),
        (timedelta(milliseconds=1), 1),
        (SECOND, 1),
        (timedelta(seconds=74, milliseconds=200), 75),
        (timedelta(minutes=15), 900),
        (timedelta(days=7000), 900),
    ],
)
def test_a_message_is_delayed_until_its_time_and_at_most_15_minutes(
    queue: TimerQueue, requests: list[dict[str, Any]], clock: SettableClock, after: timedelta, seconds: int
) -> None:
    queue.send([timer(clock, after)])
    ((entry,),) = [request["Entries"] for request in requests]
    assert entry["DelaySeconds"] == seconds


def test_what_is_sent_is_what_is_received(queue: TimerQueue, clock: SettableClock) -> None:
    sent = [timer(clock, timedelta(milliseconds=number) - SECOND) for number in range(7)]
    queue.send(sent)
    messages = queue._client.receive_message(QueueUrl=queue._url, MaxNumberOfMessages=10)["Messages"]
    assert sorted(timer_of({"body": message["Body"]}).due_at for message in messages) == [each.due_at for each in sent]


def test_a_postponed_timer_keeps_the_time_until_which_it_is_postponed(clock: SettableClock) -> None:
    postponed = Timer(SAMPLE_ORDER, clock.now(), clock.now() + SECOND)
    assert timer_of({"body": message_of(postponed)}) == postponed


@pytest.mark.parametrize("until", [7, "", "soon", [], {}])
def test_a_malformed_time_until_which_a_timer_is_postponed_is_an_error(clock: SettableClock, until: object) -> None:
    message = json.loads(message_of(timer(clock))) | {"until": until}
    with pytest.raises(ValueError, match=r"has no time|Invalid isoformat|soon|time"):
        timer_of({"body": json.dumps(message)})


def test_ten_messages_are_one_request(queue: TimerQueue, requests: list[dict[str, Any]], clock: SettableClock) -> None:
    queue.send([timer(clock)] * 25)
    assert [len(request["Entries"]) for request in requests] == [10, 10, 5]
    queue.send([])
    assert len(requests) == 3


def test_what_sqs_does_not_take_is_sent_once_more(
    queue: TimerQueue, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [Timer(order_id, clock.now()) for order_id in ("AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB")]
    answers = [{"Failed": [{"Id": "1", "Code": "InternalError"}]}, {"Successful": [{"Id": "0"}]}]
    asked: list[list[str]] = []

    def answer(**request: Any) -> dict[str, Any]:
        asked.append([json.loads(entry["MessageBody"])["order_id"] for entry in request["Entries"]])
        return answers[len(asked) - 1]

    monkeypatch.setattr(queue._client, "send_message_batch", answer)
    queue.send(orders)
    assert asked == [["AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB"], ["BBBBBBBBBBBBBBBB"]]


def test_what_sqs_does_not_take_twice_is_an_error(
    queue: TimerQueue, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = {"Failed": [{"Id": "0", "Code": "InternalError"}]}
    monkeypatch.setattr(queue._client, "send_message_batch", lambda **_: refused)
    with pytest.raises(TimersNotSent, match="1 of 1"):
        queue.send([timer(clock)])


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "SendMessageBatch"),
        EndpointConnectionError(endpoint_url="https://sqs"),
    ],
)
def test_a_queue_that_does_not_answer_is_one_error(
    queue: TimerQueue, clock: SettableClock, monkeypatch: pytest.MonkeyPatch, operation: str, error: Exception
) -> None:
    def fail(**_: Any) -> None:
        raise error

    monkeypatch.setattr(queue._client, operation, fail)
    with pytest.raises(TimersNotSent, match=operation):
        CALLS[operation](queue, timer(clock))


def test_the_timers_that_wait_are_those_that_could_be_delivered(queue: TimerQueue, clock: SettableClock) -> None:
    queue.send([timer(clock, -SECOND)] * 3 + [timer(clock, timedelta(minutes=5))])
    assert queue.waiting() == 3
