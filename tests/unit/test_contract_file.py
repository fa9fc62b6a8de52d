"""The contract is a file: what is served is what the code says, and no release breaks the clients of the last one."""

import json
from typing import Any

import pytest

from openapi.breaking_changes import breaking_changes, may_break
from openapi.document import PUBLISHED, RELEASED, published_text
from paylatch.version import VERSION

RELEASE: dict[str, Any] = json.loads(RELEASED.read_text())


def test_the_served_file_is_up_to_date() -> None:
    assert PUBLISHED.read_text() == published_text(), "run: python -m openapi, and review what changed"


def test_the_contract_breaks_no_client_of_the_last_release() -> None:
    allowed = may_break(RELEASE["info"]["version"], VERSION)
    broken = breaking_changes(RELEASE, json.loads(published_text()))

    assert allowed or broken == [], "undo this, or raise the version; see CONTRIBUTING.md"


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        ("0.1.0", "0.1.9", False),
        ("0.1.9", "0.2.0", True),
        ("0.9.0", "1.0.0", True),
        ("1.0.0", "1.9.0", False),
        ("1.9.0", "2.0.0", True),
        ("1.0.0", "0.9.0", False),
    ],
)
def test_a_version_says_whether_it_may_break_clients(old: str, new: str, allowed: bool) -> None:
    assert may_break(old, new) is allowed
