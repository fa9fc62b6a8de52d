"""The parts of the drills that need no stack: what counts as kept, what the page gets, what is throttled."""

import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import Mock

import pytest

from local.stack import Stack
from local.throttling_proxy import ThrottledShard
from tests.drills import erasure, poison
from tests.drills.alarms import metrics_of, raised
from tests.drills.deadlines import Delays
from tests.drills.drill import PAGE, Promise, report
from tests.drills.forger import Forger
from tests.drills.functions import logged
from tests.drills.personal_orders import texts_in
from tests.drills.sandbox_proxy import Outage
from tests.drills.shop import Attempt
from tests.drills.webhook_receiver import WebhookReceiver, new_key
from tests.fakes.loopback_server import ReceivedRequest
from tests.orders_table import ROOT, template

KEPT = Promise("it holds", "3 s", kept=True)
BROKEN = Promise("it holds too", "9 s", kept=False)
EMPTY_PAGE = "# Drills\n\n<!-- poison -->\n<!-- /measured -->\n"
QUERY = "DynamoDB_20120810.Query"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "drills.md"
    page.write_text(EMPTY_PAGE)
    return page


def test_a_drill_whose_promises_are_kept_stands_on_the_page(page: Path) -> None:
    assert report("poison", [KEPT], page) == 0

    assert "| it holds | 3 s | yes |" in page.read_text()


@pytest.mark.parametrize("promises", [[KEPT, BROKEN], []])
def test_a_drill_that_breaks_a_promise_or_makes_none_fails_and_leaves_the_page(
    page: Path, promises: Sequence[Promise]
) -> None:
    assert report("poison", promises, page) == 1

    assert page.read_text() == EMPTY_PAGE


@pytest.mark.parametrize(
    ("order", "kept"), [(0.5, True), (3.0, True), (3.1, False), (math.inf, False)], ids=["0.5", "3.0", "3.1", "never"]
)
def test_an_order_may_be_two_seconds_later_than_the_latest_beside_no_fault(order: float, kept: bool) -> None:
    beside_nothing = [Delays(order=1.0, echo=0.5), Delays(order=1.5, echo=0.5)]

    assert poison.on_time("a fault", [Delays(order=order, echo=0.0)], beside_nothing).kept is kept


def test_nothing_is_compared_with_an_order_that_never_ended() -> None:
    assert not poison.undisturbed([Delays(order=math.inf, echo=0.5)]).kept


@pytest.mark.parametrize(
    ("target", "index", "shard", "throttled"),
    [
        (QUERY, "due", "3", True),
        (QUERY, "due", "4", False),
        (QUERY, "follow_up", "3", False),
        ("DynamoDB_20120810.UpdateItem", "due", "3", False),
    ],
)
def test_queries_of_one_shard_of_one_index_are_throttled_and_nothing_else(
    target: str, index: str, shard: str, throttled: bool
) -> None:
    body = json.dumps({"IndexName": index, "ExpressionAttributeValues": {":shard": {"S": shard}}}).encode()

    assert ThrottledShard("due", "3").is_queried_by(target, body) is throttled


def test_a_query_of_the_table_itself_is_not_throttled() -> None:
    body = json.dumps({"TableName": "orders", "ExpressionAttributeValues": {":pk": {"S": "ORDER#1"}}}).encode()

    assert not ThrottledShard("due", "3").is_queried_by(QUERY, body)


def test_the_metrics_in_a_line_of_a_log_become_points_of_their_own() -> None:
    directive = {"Namespace": "Paylatch", "Dimensions": [["service"]], "Metrics": [{"Name": "A"}, {"Name": "B"}]}
    line = {"_aws": {"Timestamp": 1_795_521_600_000, "CloudWatchMetrics": [directive]}, "A": [1.0, 1.0], "B": 3}

    points = [(metric["MetricName"], metric["Value"], metric["Timestamp"]) for metric in metrics_of(line)]

    assert points == [("A", 1.0, 1_795_521_600), ("A", 1.0, 1_795_521_600), ("B", 3, 1_795_521_600)]
    assert list(metrics_of({"message": "GatewayUnavailable"})) == []


def test_metrics_are_as_recent_as_if_reading_the_logs_took_no_time(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alarm of the emulator looks at the last five minutes."""
    cloudwatch, now = Mock(), itertools.count(1_795_521_600, 600)
    cloudwatch.get_paginator.return_value.paginate.return_value = []
    monkeypatch.setattr("tests.drills.alarms.aws.session", lambda: Mock(client=lambda *_, **__: cloudwatch))
    monkeypatch.setattr("tests.drills.alarms.time.time", lambda: next(now))
    directive = {"Metrics": [{"Name": "CallbackRejected"}]}
    line = {"_aws": {"Timestamp": 1_795_521_599_000, "CloudWatchMetrics": [directive]}, "CallbackRejected": 1}
    monkeypatch.setattr("tests.drills.alarms.log_lines", lambda _, folder: [line] if folder == "orders" else [])

    assert raised(stack) == set()

    point = {"MetricName": "CallbackRejected", "Value": 1, "Timestamp": 1_795_521_599 + 600}
    cloudwatch.put_metric_data.assert_called_once_with(Namespace="Paylatch", MetricData=[point])


def test_a_forged_callback_counts_as_accepted_by_any_status_of_success(stack: Stack) -> None:
    forger = Forger(stack, Attempt("", "", ""), Counter({401: 5, 200: 1, 204: 1, 0: 2, 500: 1}))

    assert forger.accepted == 2


def test_while_the_gateway_is_silent_no_request_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.drills.sandbox_proxy.SILENCE_SECONDS", 0.0)
    outage = Outage("http://127.0.0.1:1")
    outage.begin()

    assert outage._answer(ReceivedRequest("GET", "/sessions/1", {}, {}, b"")).status == 503
    assert outage.unanswered == 1


def test_a_receiver_takes_what_its_key_verifies_and_nothing_else() -> None:
    receiver = WebhookReceiver(key=new_key(b"the receiver's"))
    headers = {"webhook-id": "evt_1", "webhook-timestamp": "1795521600", "webhook-signature": "v1,AAAA"}

    assert receiver.answer(ReceivedRequest("POST", "/webhooks", {}, headers, b"{}")).status == 401
    assert (receiver.refused, receiver.taken) == (1, [])


def test_the_page_has_each_drill_s_command_and_figures() -> None:
    names = re.search(r"^DRILLS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert names
    page = PAGE.read_text()

    assert [name for name in names[1].split() if f"`make drill-{name}`" not in page] == []
    assert [name for name in names[1].split() if f"<!-- {name} -->\n| promise |" not in page] == []


def test_the_page_says_for_each_alarm_where_it_was_tried() -> None:
    _, _, table = PAGE.read_text().partition("| alarm | tried by |")
    alarms = [name for name, made in template()["Resources"].items() if made["Type"] == "AWS::CloudWatch::Alarm"]

    assert [name for name in alarms if f"`{name}`" not in table and not name.endswith("Errors")] == []


@pytest.fixture
def stack() -> Stack:
    return Stack("", "", {}, "", "", "", "", "", {}, "")


@pytest.mark.parametrize(("types", "is_over"), [(["PersonalDataErased"], False), (["OrderPaid"], True), ([], True)])
def test_an_event_comes_too_late_where_no_erasure_of_its_order_follows(types: Sequence[str], is_over: bool) -> None:
    refund = {"order_id": "A", "type": "RefundIssued"}
    others = [{"order_id": "B", "type": "PersonalDataErased"}]
    after = [{"order_id": "A", "type": event_type} for event_type in types]

    assert erasure.is_over([*others, refund, *others, *after], 1) is is_over


def test_personal_texts_are_found_wherever_they_stand() -> None:
    assert texts_in([{"a": {"b": ["The address is Lovelace, 12"]}}]) == ["Lovelace"]
    assert texts_in({"reason": "erased"}) == []


class TwoStreams:
    """A client of a log group whose streams come on pages of two messages."""

    streams: ClassVar = {"first": ["a", "b", "c"], "second": ["d", "e"]}

    def get_paginator(self, name: str) -> "TwoStreams":
        assert name == "describe_log_streams"
        return self

    def paginate(self, *, logGroupName: str) -> list[dict[str, Any]]:  # noqa: N803
        assert logGroupName == "a group"
        return [{"logStreams": [{"logStreamName": name}]} for name in self.streams]

    def get_log_events(self, *, logStreamName: str, nextToken: str = "0", **_: Any) -> dict[str, Any]:  # noqa: N803
        messages = self.streams[logStreamName]
        first, last = int(nextToken), min(int(nextToken) + 2, len(messages))
        return {"events": [{"message": each} for each in messages[first:last]], "nextForwardToken": str(last)}


def test_a_drill_reads_every_line_that_a_function_logged() -> None:
    assert list(logged(TwoStreams(), "a group")) == ["a", "b", "c", "d", "e"]  # type: ignore[arg-type]
