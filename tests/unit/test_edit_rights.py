"""What a buyer may change of an order's content; a seller and a service change all of it."""

from contextlib import nullcontext
from dataclasses import fields, replace
from typing import Any

import pytest

from paylatch.domain.editing import refuse_changes_beyond
from paylatch.domain.errors import InvalidRequest
from paylatch.domain.order import Content, Line

TEA = Line("tea", "Green tea", 2, 1250)
# Another value of each field but the lines, which have rules of their own.
OTHER_VALUES: dict[str, Any] = {"shipping_address": {"city": "Leeds"}, "note": "Ring twice."}
A_BUYER_MAY_CHANGE = {"shipping_address", "note"}


def test_a_buyer_changes_quantities_and_no_offer() -> None:
    before = Content((TEA,))
    refuse_changes_beyond(False, before, Content((Line("tea", "Green tea", 9, 1250),), {"city": "Leeds"}, "note"))
    for line in (Line("tea", "Green tea", 2, 1), Line("tea", "Black tea", 2, 1250), Line("x", "Green tea", 2, 1250)):
        with pytest.raises(InvalidRequest) as refused:
            refuse_changes_beyond(False, before, Content((line,)))
        assert set(refused.value.fields) == {"lines"}
        refuse_changes_beyond(True, before, Content((line,)))
    with pytest.raises(InvalidRequest):
        refuse_changes_beyond(False, before, Content((TEA, TEA)))


def test_every_field_of_the_content_is_tried() -> None:
    tried = {"lines", *OTHER_VALUES}
    where = "this file: `OTHER_VALUES`, and `A_BUYER_MAY_CHANGE` or paylatch/domain/editing.py"
    assert tried == {field.name for field in fields(Content)}, where


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_a_buyer_changes_these_fields_and_no_other(name: str) -> None:
    before = Content((TEA,))
    after = replace(before, **{name: OTHER_VALUES[name]})
    assert after != before
    refuse_changes_beyond(True, before, after)
    with nullcontext() if name in A_BUYER_MAY_CHANGE else pytest.raises(InvalidRequest, match=name):
        refuse_changes_beyond(False, before, after)
