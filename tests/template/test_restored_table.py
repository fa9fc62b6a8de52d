"""A stack on a restored table uses that table and its stream wherever another uses its own, and makes none."""

import json
import re
from typing import Any

import pytest

from tests.orders_table import ROOT, template
from tests.template.policies import functions_that_change_orders

STREAM = {"Ref": "RestoredStreamArn"}
ARN = {"Select": [0, {"Split": ["/stream/", STREAM]}]}
NAME = {"Select": [1, {"Split": ["/", STREAM]}]}
OWN, RESTORED = template(), template(restored=True)
ALLOWED = re.compile(OWN["Parameters"]["RestoredStreamArn"]["AllowedPattern"])
EXAMPLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders-2026.11_26/stream/2026-11-27T05:00:00.000"


def on_the_restored_table(value: Any) -> Any:
    """The value with the restored table and its stream in place of the stack's own."""
    match value:
        case {"Ref": "OrdersTable"}:
            return NAME
        case {"GetAtt": "OrdersTable.Arn"}:
            return ARN
        case {"GetAtt": "OrdersTable.StreamArn"}:
            return STREAM
        case {"Sub": str(text)} if text.startswith("${OrdersTable.Arn}/"):
            return {"Sub": [text.replace("OrdersTable.Arn", "Table"), {"Table": ARN}]}
        case dict():
            return {name: on_the_restored_table(part) for name, part in value.items()}
        case list():
            return [on_the_restored_table(part) for part in value]
    return value


def test_each_use_of_the_table_is_one_of_the_restored_table() -> None:
    assert on_the_restored_table(OWN) == RESTORED


def test_nothing_names_the_table_that_is_not_made() -> None:
    rest = {name: part for name, part in RESTORED["Resources"].items() if name != "OrdersTable"}

    assert RESTORED["Resources"]["OrdersTable"]["Condition"] == "OwnTable"
    assert "OrdersTable" not in json.dumps([rest, RESTORED["Outputs"]])


def test_a_stack_makes_its_table_where_no_stream_is_given() -> None:
    assert OWN["Conditions"]["OwnTable"] == {"Equals": [STREAM, ""]}
    assert OWN["Conditions"]["TableRestored"] == {"Not": [{"Equals": [STREAM, ""]}]}


def test_name_and_arn_of_the_table_are_parts_of_the_stream_s() -> None:
    assert EXAMPLE.split("/stream/")[0].endswith(":table/orders-2026.11_26")
    assert EXAMPLE.split("/")[1] == "orders-2026.11_26"


@pytest.mark.parametrize("stream", ["", EXAMPLE, EXAMPLE.replace("arn:aws:", "arn:aws-cn:")])
def test_a_stream_is_taken(stream: str) -> None:
    assert ALLOWED.fullmatch(stream)


@pytest.mark.parametrize(
    "other", ["orders", EXAMPLE.partition("/stream/")[0], EXAMPLE.replace("dynamodb", "kinesis"), EXAMPLE + "/shard"]
)
def test_what_is_no_table_s_stream_is_refused(other: str) -> None:
    assert not ALLOWED.fullmatch(other)


def test_the_page_stops_each_function_that_changes_orders() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    stopped = re.search(r"change_orders\(\) \{ echo ([^;]+);", page)
    assert stopped
    assert set(stopped[1].replace("\\", " ").split()) == functions_that_change_orders(OWN["Resources"])
