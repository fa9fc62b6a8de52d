"""Log fields of an error: enough to find the order and the cause, without secrets."""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import PurePath
from traceback import walk_tb
from types import MappingProxyType
from typing import Any

from paylatch.domain.error_ids import ids_of
from paylatch.domain.errors import AttemptNotFound, EditNotAllowed, InvalidRequest, OrderNotFound, RefundNotFound
from paylatch.domain.ids import ATTEMPT_ID_PATTERN, GATEWAY_NAME_PATTERN, ORDER_ID_PATTERN, order_id_of
from paylatch.runtime.problems import INTERNAL_ERROR, problem_of
from paylatch.runtime.redaction import LEFT_OUT, redacted

MOST_FRAMES = 20
# A caller may write any text into a path or a field's name: only text in the form of our ids and names is logged.
_NAME = r"[0-9A-Za-z_/.-]{1,64}"
_IDS = {"order_id": ORDER_ID_PATTERN, "attempt_id": ATTEMPT_ID_PATTERN, "gateway": GATEWAY_NAME_PATTERN}
_FIELD = r"[a-z0-9_]+(?:\.[a-z0-9_]+)*|If-Match|Idempotency-Key"
_CHOSEN_BY_THE_SHOP = r"(?:.*\.)?metadata\..*"
# Their messages repeat the id that was asked for; of the order's and the attempt's id a known form has a field.
_NOT_FOUND = (OrderNotFound, AttemptNotFound, RefundNotFound)
NO_DETAILS: Mapping[str, str] = MappingProxyType({})


def failure_fields(error: Exception, details: Mapping[str, str] = NO_DETAILS) -> dict[str, Any]:
    """`code`, `error`, `cause` and the known ids; for a fault of Paylatch, the source locations too.

    What the error itself carries takes precedence over the details. An attempt's id begins with its order's.
    """
    problem = problem_of(error)
    named = {**details, **ids_of(error)}.items()
    known = {name: value for name, value in named if re.fullmatch(_IDS.get(name, _NAME), value)}
    order_id = order_id_of(known.get("attempt_id", ""))
    ids = {"order_id": order_id, **known} if order_id else known
    fields = {"code": problem.code, "error": type(error).__name__, "cause": cause_of(error), **ids}
    # The frames only: the last line of a traceback is a message that may contain secrets.
    return fields | {"stack": list(_frames(error))} if problem is INTERNAL_ERROR else fields


def cause_of(error: Exception) -> str:
    """The error's own cause, or its message; for a fault of Paylatch preceded by the error's name."""
    own = getattr(error, "cause", None)
    text = redacted(own if isinstance(own, str) and own else _message_of(error))
    return f"{type(error).__name__}: {text}" if problem_of(error) is INTERNAL_ERROR else text


def _message_of(error: Exception) -> str:
    """The error's message without what a caller may have made up."""
    if isinstance(error, InvalidRequest):
        ours = {_field_of_ours(name): problem for name, problem in error.fields.items()}
        return str(InvalidRequest(ours, error.more + len(error.fields) - len(ours)))
    if isinstance(error, EditNotAllowed):
        # What stands against the edit of a field quotes the order: a country, a sku.
        return f"{problem_of(error).title}: {', '.join(map(_field_of_ours, error.fields))}"
    return problem_of(error).title if isinstance(error, _NOT_FOUND) else str(error)


def _field_of_ours(name: str) -> str:
    is_ours = re.fullmatch(_FIELD, name) and not re.fullmatch(_CHOSEN_BY_THE_SHOP, name)
    return name if is_ours else LEFT_OUT


def is_our_failure(error: Exception) -> bool:
    """Whether the fault lies with Paylatch or with a service that it depends on."""
    return problem_of(error).status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _frames(error: BaseException) -> Iterator[str]:
    if error.__cause__ is not None:
        yield from _frames(error.__cause__)
        yield f"led to {type(error).__name__}"
    for frame, line in deque(walk_tb(error.__traceback__), MOST_FRAMES):
        code = frame.f_code
        yield f"{'/'.join(PurePath(code.co_filename).parts[-2:])}:{line} {code.co_name}"
