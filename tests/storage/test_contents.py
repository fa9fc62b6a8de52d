"""Contents as stored in tables: both forms are readable by every release, and a large one costs fewer write units."""

import base64
import json
import zlib
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from paylatch.domain.documents import content_document
from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.order import Content, Line
from paylatch.store.content_items import COMPRESSED, attributes_of, expanded
from paylatch.store.items import document_of, item_of
from paylatch.store.records import content_of
from tests.integration.item_size import size_of
from tests.storage.long_lives import KILOBYTE

GOLDEN = Path(__file__).with_name("golden_contents")
DIGESTS = Path(__file__).with_name("golden_contents.sha256")
ITEMS = sorted(path.name.removesuffix(".json") for path in GOLDEN.glob("*.json") if ".content." not in path.name)
KEY = {"pk": {"S": "ORDER#D7KY3NPF3FM5GY6V"}, "sk": {"S": "CONTENT#A1B2C3D4E5F6G7H8"}}


def stored(item: dict[str, Any]) -> dict[str, Any]:
    """The document in an item of the list; JSON has its binary value in base 64."""
    if COMPRESSED in item:
        item = {**item, COMPRESSED: {"B": base64.b64decode(item[COMPRESSED]["B"])}}
    return document_of(item)


def order_of(lines: int) -> Content:
    """A shop's order of so many different lines."""
    return Content(
        tuple(Line(f"tea-{n:04}", f"Da Hong Pao, harvest {n}, 100 g", 1 + n % 9, 1250 + n) for n in range(lines))
    )


def units(attributes: dict[str, Any]) -> int:
    return -(-size_of({**KEY, **attributes}) // KILOBYTE)


def test_golden_contents_are_never_edited() -> None:
    lines = [line.split("  ") for line in DIGESTS.read_text().splitlines()]
    listed = {name: digest for digest, name in lines}
    there = {path.name: sha256(path.read_bytes()).hexdigest() for path in GOLDEN.iterdir()}
    assert there == listed


@pytest.mark.parametrize("name", ITEMS)
def test_a_golden_content_reads_as_what_was_stored(name: str) -> None:
    found = content_of("ORDER", "C1", stored(json.loads((GOLDEN / f"{name}.json").read_text())))
    assert content_document(found) == json.loads((GOLDEN / f"{name}.content.json").read_text())


@pytest.mark.parametrize(("lines", "plain", "now"), [(1, 1, 1), (8, 1, 1), (20, 2, 1), (150, 12, 2)])
def test_a_content_costs_fewer_write_units_the_larger_it_is(lines: int, plain: int, now: int) -> None:
    document = content_document(order_of(lines))
    assert (units(item_of(document)), units(attributes_of(document))) == (plain, now)


def test_what_would_not_become_smaller_stays_plain() -> None:
    assert COMPRESSED not in attributes_of(content_document(order_of(3)))
    assert COMPRESSED in attributes_of(content_document(order_of(100)))


@pytest.mark.parametrize(
    "damaged", [b"", b"not zlib", zlib.compress(b"not JSON"), zlib.compress(b"[]"), zlib.compress(b"{}"), "text"]
)
def test_damaged_bytes_are_an_error_that_names_the_content(damaged: object) -> None:
    with pytest.raises(OrderUnreadable, match="content C1"):
        content_of("ORDER", "C1", {COMPRESSED: damaged})


def test_attributes_that_a_later_release_stores_beside_it_do_not_matter_and_are_kept() -> None:
    packed = stored({**attributes_of_json(100), "next": {"S": "x"}})
    assert content_of("ORDER", "C1", packed) == replace(order_of(100), unknown={"next": "x"})


@pytest.mark.parametrize("name", ITEMS)
def test_a_golden_content_is_written_as_the_very_bytes_that_were_stored(name: str) -> None:
    item = json.loads((GOLDEN / f"{name}.json").read_text())
    found = content_of("ORDER", "C1", stored(item))
    text = json.dumps(content_document(found), ensure_ascii=False)
    assert text == json.dumps(expanded(stored(item)), ensure_ascii=False)
    if COMPRESSED in item:
        assert attributes_of(content_document(found)) == {COMPRESSED: {"B": base64.b64decode(item[COMPRESSED]["B"])}}


def attributes_of_json(lines: int) -> dict[str, Any]:
    packed = attributes_of(content_document(order_of(lines)))[COMPRESSED]["B"]
    return {**KEY, COMPRESSED: {"B": base64.b64encode(packed).decode()}}
