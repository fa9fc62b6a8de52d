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
from paylatch.domain.ids import order_id_of
from paylatch.runtime.problems import INTERNAL_ERROR, problem_of
from paylatch.runtime.redaction import redacted

MOST_FRAMES = 20
# An error may contain a caller's text from a path; only text in the form of our ids is logged as an id.
_NAME = r"[0-9A-Za-z_/.-]{1,64}"
NO_DETAILS: Mapping[str, str] = MappingProxyType({})


def failure_fields(error: Exception, details: Mapping[str, str] = NO_DETAILS) -> dict[str, Any]:
    """`code`, `error`, `cause` and the known ids; for a fault of Paylatch, the source locations too.

    What the error itself carries takes precedence over the details. An attempt's id begins with its order's.
    """
    problem = problem_of(error)
    known = {name: value for name, value in {**details, **ids_of(error)}.items() if re.fullmatch(_NAME, value)}
    order_id = order_id_of(known.get("attempt_id", ""))
    ids = {"order_id": order_id, **known} if order_id else known
    fields = {"code": problem.code, "error": type(error).__name__, "cause": cause_of(error), **ids}
    # The frames only: the last line of a traceback is a message that may contain secrets.
    return fields | {"stack": list(_frames(error))} if problem is INTERNAL_ERROR else fields


def cause_of(error: Exception) -> str:
    """The error's own cause, or its message; for a fault of Paylatch preceded by the error's name."""
    own = getattr(error, "cause", None)
    text = redacted(own if isinstance(own, str) and own else str(error))
    return f"{type(error).__name__}: {text}" if problem_of(error) is INTERNAL_ERROR else text


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
