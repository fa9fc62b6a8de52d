"""JSON text of responses."""

import json
from collections.abc import Mapping
from typing import Any

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"


def json_text(document: Mapping[str, Any]) -> str:
    """The document as JSON without optional white space."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
