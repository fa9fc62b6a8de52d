"""The parts of the drills that need no stack: what counts as kept, what the page gets, what is throttled."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from local.throttling_proxy import ThrottledShard
from tests.drills import poison
from tests.drills.deadlines import Delays
from tests.drills.drill import Promise, report

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
