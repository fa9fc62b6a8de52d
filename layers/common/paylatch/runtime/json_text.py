"""JSON as it is answered."""

import json
from collections.abc import Mapping
from typing import Any

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"


def json_text(document: Mapping[str, Any]) -> str:
    """The document in as few characters as it takes."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
