"""What an operator sends to have events published again."""

import json
from datetime import datetime
from typing import Annotated

from pydantic import Field

from paylatch.domain.cursors import decoded, encoded
from paylatch.domain.errors import InvalidRequest
from paylatch.domain.ids import ORDER_ID_PATTERN, fingerprint_of
from paylatch.domain.timestamps import as_text
from paylatch.ports import LAST_SEQ
from paylatch.ports.event_scan import ScanPosition
from paylatch.runtime.instants import instant_from
from paylatch.runtime.request_models import Body
from paylatch.runtime.term_fields import Instant

# A key of the table may be long, and a cursor of one is Base64.
LONGEST_POSITION = 1000
_NO_CURSOR = InvalidRequest({"cursor": "must be the next_cursor of the same request"})


class ReplayBody(Body):
    """Which events: those of one order, or of all orders in a span of time; and where the call goes on."""

    order_id: Annotated[str | None, Field(pattern=f"^{ORDER_ID_PATTERN}$")] = None
    first: Annotated[Instant | None, Field(alias="from", description="The first time")] = None
    until: Annotated[Instant | None, Field(alias="to", description="The time behind the last one")] = None
    cursor: Annotated[str | None, Field(min_length=1, max_length=LONGEST_POSITION)] = None


def span_of(body: ReplayBody) -> tuple[datetime, datetime] | None:
    """The span of time; None where the body names an order. Raises `InvalidRequest` where it names neither, or both."""
    if body.order_id is not None:
        if body.first is not None or body.until is not None:
            raise InvalidRequest({"order_id": "cannot be combined with from and to"})
        return None
    if body.first is None or body.until is None:
        raise InvalidRequest({"from" if body.first is None else "to": "is required where there is no order_id"})
    first, until = instant_from(body.first), instant_from(body.until)
    if first >= until:
        raise InvalidRequest({"to": "must be later than from"})
    return first, until


def seq_in(body: ReplayBody, check: str) -> int | None:
    """The `seq` that a replay of an order goes on after. Raises `InvalidRequest` for another request's cursor."""
    if body.cursor is None:
        return None
    position = _position_in(body.cursor, check)
    # DynamoDB takes no bounds in reverse: `seq` is at most the last one.
    if type(position) is not int or not 0 <= position <= LAST_SEQ:
        raise _NO_CURSOR
    return position


def key_in(body: ReplayBody, check: str) -> ScanPosition | None:
    """The key that a replay of a span goes on after. Raises `InvalidRequest` for another request's cursor."""
    if body.cursor is None:
        return None
    match _position_in(body.cursor, check):
        case [str() as partition, str() as sort_key] if partition and sort_key and (partition + sort_key).isascii():
            return partition, sort_key
    raise _NO_CURSOR


def check_of(order_id: str | None, span: tuple[datetime, datetime] | None) -> str:
    """What says in a cursor which request it goes on with; it keeps nothing secret."""
    return fingerprint_of("replay", order_id or "", *map(as_text, span or ()))


def cursor_of(position: int | ScanPosition | None, check: str) -> str | None:
    """The cursor of the next call of the same request; None where there is none."""
    return None if position is None else encoded(json.dumps([check, position]))


def _position_in(cursor: str, check: str) -> object:
    try:
        document = json.loads(decoded(cursor, LONGEST_POSITION))
    except (ValueError, RecursionError):
        raise _NO_CURSOR from None
    match document:
        case [str() as named, position] if named == check:
            return position
    raise _NO_CURSOR
