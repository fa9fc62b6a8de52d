"""The product's log lines, recorded."""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from paylatch.runtime import observability


class RecordedLog(logging.Handler):
    """Records log lines in order."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(record)

    @property
    def only(self) -> dict[str, Any]:
        """The fields of the one line that there is."""
        (line,) = self.seen
        return {**vars(line), "level": line.levelname, "message": line.getMessage()}


@contextlib.contextmanager
def recorded_log() -> Iterator[RecordedLog]:
    """What the product logs within this context."""
    handler = RecordedLog()
    observability.logger.addHandler(handler)
    yield handler
    observability.logger.handlers.remove(handler)
