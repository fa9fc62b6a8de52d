"""Functions of two releases share a table while a version is replaced: the first code of storage format 1 and today's.

The code of that commit is taken from git, so that no copy of it can follow the changes.
"""

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from paylatch.domain.changes import changed
from paylatch.domain.documents import order_from_document
from paylatch.domain.guards import broken_clauses
from paylatch.domain.tombstone import tombstone
from paylatch.store.items import document_of, item_of
from tests.next_release import ATTRIBUTES, extended, lost, maps_in
from tests.orders_table import ROOT
from tests.storage.test_golden_items import ITEMS, head_in
from tests.transition_cases import ORDER_ID, ROWS, START, head_of

# "test(store): keep golden items of storage format 1": from here on, a field or a word is only ever added.
FIRST = "2c168f225de3d4862aa0082476095a92afc79506"
NEEDED = (
    "template.yaml",
    "layers/common/paylatch",
    "tests/orders_table.py",
    "tests/transition_cases.py",
    "tests/fakes",
)
PROGRAM = Path(__file__).with_name("earlier_release.py")

# What JSON can express of them.
LATER = {name: ATTRIBUTES[name] for name in ("next_text", "next_number", "next_flag", "next_map", "next_texts")}


# What today's code leaves of an order that is kept no longer.
TOMBSTONES = {
    state: {
        "pk": f"ORDER#{ORDER_ID}",
        "sk": "HEAD",
        **tombstone(order_from_document(head_of(state)), START),
    }
    for state in ("paid", "cancelled")
}

# Its one fault, mended before any release: it wrote a claimed payment anew when the payment got its place.
REWRITTEN = {
    ("claimed_payment", "accept_late"): {("payments", "pay-1")},
    ("claimed_payment", "claim"): {("payments", "pay-1")},
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source of that commit."""
    if subprocess.run(["git", "cat-file", "-e", FIRST], cwd=ROOT, check=False, capture_output=True).returncode:
        pytest.skip(f"commit {FIRST[:8]} is not here: a shallow clone, or no git; fetch the whole history")
    folder = tmp_path_factory.mktemp("first")
    archive = subprocess.run(["git", "archive", FIRST, *NEEDED], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as packed:
        packed.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def report(tree: Path) -> dict[str, Any]:
    """What that code made of today's heads, each with attributes of a release to come in it, and its own heads."""
    done = subprocess.run(
        [sys.executable, PROGRAM],
        input=json.dumps({"heads": items_of(given()), "tombstones": items_of(TOMBSTONES)}),
        env={**os.environ, "PYTHONPATH": f"{tree / 'layers' / 'common'}:{tree}"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def given() -> dict[str, dict[str, Any]]:
    """Every golden head as it is handed to the earlier code, with its key."""
    return {
        name: {"pk": f"ORDER#{head['order_id']}", "sk": "HEAD", **extended(head, attributes=LATER)}
        for name, head in ((name, head_in(name)) for name in ITEMS)
    }


def items_of(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each of them as DynamoDB stores it."""
    return {name: item_of(document) for name, document in documents.items()}


def test_no_transition_of_the_first_code_changes_a_tombstone(report: dict[str, Any]) -> None:
    for name, after in report["tombstones"].items():
        assert after.keys() >= {"create", "settle", "owe_refund"}
        assert {row for row, item in after.items() if document_of(item) != TOMBSTONES[name]} == set()


def test_the_code_that_runs_is_that_commit_s(tree: Path, report: dict[str, Any]) -> None:
    assert all(Path(file).is_relative_to(tree) for file in report["code"])


def test_the_first_code_reads_every_head_of_today(report: dict[str, Any]) -> None:
    assert {name: found["unreadable"] for name, found in report["found"].items() if "unreadable" in found} == {}


def test_what_the_first_code_writes_keeps_what_it_does_not_know(report: dict[str, Any]) -> None:
    """In each map that is there before and after: what was added since, and what a release to come may add."""
    before = given()
    known = {name for item in report["own"].values() for _, found in maps_in(document_of(item)) for name in found}
    dropped = {
        (name, row): paths
        for name, found in report["found"].items()
        for row, item in found["written"].items()
        if (paths := [*lost(before[name], document_of(item)), *added_since(before[name], document_of(item), known)])
    }
    assert {case: {path[:-1] for path in paths} for case, paths in dropped.items()} == REWRITTEN


def added_since(before: Mapping[str, Any], after: Mapping[str, Any], known: set[str]) -> list[tuple[str, ...]]:
    """The paths of attributes that the earlier code does not write and that are gone, or others, after its write."""
    kept = dict(maps_in(after))
    return [
        (*path, name)
        for path, found in maps_in(before)
        if path in kept
        for name, value in found.items()
        if name not in known and not isinstance(value, Mapping) and kept[path].get(name) != value
    ]


def test_every_head_is_written_by_some_transition_of_the_first_code(report: dict[str, Any]) -> None:
    assert [name for name, found in report["found"].items() if not found["written"]] == []


def test_today_s_code_reads_and_writes_what_the_first_code_wrote(report: dict[str, Any]) -> None:
    written = {**report["own"]}
    for name, found in report["found"].items():
        written |= {f"{name} after {row}": item for row, item in found["written"].items()}
    assert [name for name, item in written.items() if not rows_for(document_of(item))] == []


def rows_for(head: dict[str, Any]) -> list[str]:
    """Today's transitions that fit the head; each leaves a head that can be read."""
    order, fitting = order_from_document(head), []
    for row, (_, plan) in ROWS.items():
        try:
            transition = plan(order)
        except (KeyError, ValueError):
            # It needs an attempt, a payment or a refund that this order does not have.
            continue
        if not broken_clauses(transition.guard, head):
            order_from_document(changed(head, transition.changes))
            fitting.append(row)
    return fitting
