"""DynamoDB refuses its reserved words in expressions; emulators accept many of them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords
from sandbox.sessions import never_opened
from sandbox.store import DynamoSessionStore

from paylatch.ports import Index
from paylatch.store.connection import TableConnection
from tests.conftest import NOON
from tests.contract.store_drivers import DynamoStoreDriver
from tests.due_orders import due_orders
from tests.transition_cases import ORDER_ID, ROWS, fitting

# Operators and functions of the expressions themselves.
GRAMMAR = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"})


class Expressions:
    """The expressions of every request that a connection sends."""

    def __init__(self, table: TableConnection) -> None:
        self.seen: list[str] = []
        table.connection.client.meta.events.register("provide-client-params.dynamodb.*", self._note)

    def _note(self, params: dict[str, Any], **_: Any) -> None:
        self.seen += [text for name, text in params.items() if name.endswith("Expression")]

    def reserved(self) -> set[str]:
        """The reserved words that stand there as names."""
        words = {word.upper() for text in self.seen for word in re.findall(r"(?<![#:\w])[A-Za-z]\w*", text)}
        return words & set(ReservedKeywords.get_reserved_keywords()) - GRAMMAR


@pytest.fixture
def expressions(orders_table: TableConnection) -> Iterator[Expressions]:
    noted = Expressions(orders_table)
    yield noted
    orders_table.connection.client.meta.events.unregister("provide-client-params.dynamodb.*", noted._note)


def test_no_reserved_word_is_a_name_in_what_the_order_store_sends(
    orders_table: TableConnection, expressions: Expressions
) -> None:
    driver = DynamoStoreDriver(orders_table)
    for row in ROWS:
        head, transition = fitting(row)
        if head:
            driver.put_head(ORDER_ID, head)
        driver.store.apply(ORDER_ID, transition)
    for index in Index:
        due_orders(driver.store, index, NOON)
    driver.store.read_history(ORDER_ID)
    assert len(expressions.seen) > 2 * len(ROWS)
    assert expressions.reserved() == set()


def test_no_reserved_word_is_a_name_in_what_the_sandbox_sends(
    orders_table: TableConnection, expressions: Expressions
) -> None:
    store = DynamoSessionStore(orders_table, lambda: NOON)
    session = never_opened("attempt", NOON)
    assert store.write(session)
    assert not store.write(session)
    list(store.due(NOON + timedelta(days=1)))
    assert expressions.seen
    assert expressions.reserved() == set()
