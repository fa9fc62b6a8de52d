"""Queries of an index that fail, by index and shard."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from paylatch.ports import Index
from paylatch.store.connection import TableConnection

THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "the index has had too much"}}, "Query")


class FailingQueries:
    """`failing` holds what fails now: an index as a whole, or one shard of it. `asked` is every query."""

    def __init__(self, table: TableConnection) -> None:
        self.failing: set[tuple[Index, str | None]] = set()
        self.asked: list[tuple[Index, str]] = []
        self._dispatch = table.connection.dispatch

    def dispatch(self, operation: str, kwargs: dict[str, Any]) -> Any:
        if operation == "Query" and "IndexName" in kwargs:
            index, shard = Index(kwargs["IndexName"]), kwargs["ExpressionAttributeValues"][":shard"]["S"]
            self.asked.append((index, shard))
            if self.failing & {(index, shard), (index, None)}:
                raise THROTTLED
        return self._dispatch(operation, kwargs)


@contextmanager
def failing_queries(table: TableConnection) -> Iterator[FailingQueries]:
    """Between the store and its table."""
    failing = FailingQueries(table)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table.connection, "dispatch", failing.dispatch)
        yield failing
