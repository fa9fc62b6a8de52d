"""The page about data names every attribute that a head of this release can have."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from paylatch.store.items import document_of
from tests.orders_table import ROOT
from tests.storage.test_golden_items import GOLDEN, ITEMS

PAGE = (ROOT / "docs" / "data.md").read_text()
FORM = PAGE.partition("## The head")[2].partition("```text")[2].partition("```")[0]
NAMES = frozenset(re.findall(r"\w+", FORM))
# Maps whose keys are ids.
BY_ID = frozenset({"past_attempts", "payments", "refunds", "disputes"})
# Its members are those of the event's type.
DETAIL = "detail"


def attributes_of(document: Mapping[str, Any]) -> Iterator[str]:
    """The names of the attributes of a document and of the maps in it."""
    for name, value in document.items():
        yield name
        parts = value.values() if name in BY_ID else [value]
        for part in parts:
            if isinstance(part, Mapping) and name != DETAIL:
                yield from attributes_of(part)


@pytest.mark.parametrize("item", [item for item in ITEMS if item != "next_release"])
def test_the_page_about_data_names_each_attribute_of_a_head(item: str) -> None:
    head = document_of(json.loads((GOLDEN / f"{item}.json").read_text()))
    assert set(attributes_of(head)) - {"pk", "sk"} <= NAMES
