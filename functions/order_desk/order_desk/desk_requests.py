"""What a browser asks of the desk: the path below `/desk`, and the codings that it takes."""

import re
from collections.abc import Mapping
from typing import Any

from order_desk.site import CODINGS
from paylatch.runtime.requests import header
from paylatch.runtime.settings import pages_folder_from

Event = Mapping[str, Any]
# A weight of zero refuses a coding.
_REFUSED = re.compile(r"q=0(\.0{0,3})?")


def method_of(event: Event) -> str:
    """The request's method."""
    method: str = event["requestContext"]["http"]["method"]
    return method


def desk_path_of(event: Event) -> str | None:
    """The path below `/desk`, without a slash before it; empty for the desk itself, None for a path elsewhere.

    The API's stage and the path of the pages' own URL, which many a proxy leaves where it is, are no part of it.
    """
    path: str = event["rawPath"]
    stage = event["requestContext"].get("stage", "$default")
    path = path if stage == "$default" else path.removeprefix(f"/{stage}")
    for desk in (f"{pages_folder_from()}/desk", "/desk"):
        if path == desk or path.startswith(f"{desk}/"):
            return path[len(desk) + 1 :]
    return None


def coding_for(event: Event, available: Mapping[str, bytes]) -> str | None:
    """The best of these codings that the browser takes; None where it takes none of them."""
    taken = _codings_taken(header(event, "accept-encoding") or "")
    return next((coding for coding in CODINGS if coding in available and coding in taken), None)


def _codings_taken(accepted: str) -> set[str]:
    parts = (part.replace(" ", "").lower().partition(";") for part in accepted.split(","))
    return {coding for coding, _, weight in parts if not _REFUSED.fullmatch(weight)}
