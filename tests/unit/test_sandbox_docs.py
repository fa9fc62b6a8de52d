"""The sandbox accepts the requests that its page documents."""

import re

import pytest
from sandbox.fault_plan import FaultPlan
from sandbox.requests import FAULT_PLAN, PLANNED_FAULTS, REDELIVERY, read_body

from tests.orders_table import ROOT

PAGE = (ROOT / "docs" / "sandbox.md").read_text()
SENT = re.findall(r"`(faults|upcoming) '(\{.*?\})'`", PAGE)


@pytest.mark.parametrize(("kind", "body"), SENT)
def test_every_example_is_accepted(kind: str, body: str) -> None:
    if kind == "upcoming":
        assert read_body(PLANNED_FAULTS, body.encode()).faults.open
    else:
        assert (read_body(FAULT_PLAN, body.encode()) == FaultPlan()) is (body == "{}")


def test_the_page_shows_every_kind_of_fault() -> None:
    assert {part for _, body in SENT for part in re.findall(r'"(\w+)":', body)} >= {
        *("open", "query", "void", "refund", "payment", "callbacks", "link_outlives"),
        *("amount", "currency", "fails", "final", "lost", "delay", "copies", "reversed", "forged"),
    }
    assert read_body(REDELIVERY, b'{"again": true}').again
