"""For any sequence of operations, both stores give equal answers and end in equal states."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paylatch.domain.documents import order_from_document
from paylatch.domain.transitions import STATE_TABLE, Transition
from paylatch.ports import Applied
from paylatch.store.connection import TableConnection
from tests.contract.store_drivers import DynamoStoreDriver, MemoryStoreDriver
from tests.recorded_events import event_of
from tests.transition_cases import ORDER_ID, ROWS, fitting, head_of

# A step is a row of the table, made from the head as it is now or as it was some steps ago; "again" repeats a write.
STEPS = st.lists(
    st.tuples(st.sampled_from([*STATE_TABLE, "again"]), st.integers(min_value=0, max_value=2)), min_size=8, max_size=24
)


@pytest.fixture
def stores(orders_table: TableConnection) -> tuple[MemoryStoreDriver, DynamoStoreDriver]:
    return MemoryStoreDriver(), DynamoStoreDriver(orders_table)


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(start=st.sampled_from(["new", "pending", "open", "releasing", "review"]), steps=STEPS)
def test_both_stores_walk_the_same_way(
    stores: tuple[MemoryStoreDriver, DynamoStoreDriver], start: str, steps: list[tuple[str, int]]
) -> None:
    memory, dynamo = stores
    for store_driver in stores:
        store_driver.put_head(ORDER_ID, head_of(start))
    memory.store.outbox.clear()
    heads, applied, transition = [head_of(start)], 0, fitting("edit")[1]
    for row, age in steps:
        transition = transition if row == "again" else _made_from(row, heads[max(0, len(heads) - 1 - age)])
        ours, theirs = memory.store.apply(ORDER_ID, transition), dynamo.store.apply(ORDER_ID, transition)
        assert ours == theirs
        assert memory.head(ORDER_ID) == dynamo.head(ORDER_ID)
        if isinstance(ours, Applied) and memory.store.heads[ORDER_ID] != heads[-1]:
            applied += 1
            heads.append(memory.store.heads[ORDER_ID])
    first = head_of(start)["version"]
    assert [event.seq for event in memory.store.outbox] == list(range(first + 1, first + 1 + applied))
    assert not applied or memory.store.outbox[-1] == event_of(order_from_document(heads[-1]))


def _made_from(row: str, head: dict[str, object]) -> Transition:
    try:
        return ROWS[row][1](order_from_document(head))
    except (KeyError, ValueError):
        return fitting(row)[1]
