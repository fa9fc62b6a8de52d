"""The JSON object in the response to a replay; see `response_types.py`."""

from typing import Annotated, TypedDict

from paylatch.runtime.response_fields import Keyword, OrderId


class Replayed(TypedDict):
    """What a call published again; the other events are for the next call"""

    published: Annotated[int, Keyword("minimum", 0)]
    skipped: Annotated[list[OrderId], "Orders of events that cannot be read, or that the bus refuses for good"]
    next_cursor: Annotated[str, "The `cursor` of the next call; null where all is done"] | None
