"""The real handlers on moto, with a settable clock and a scripted gateway."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from paylatch.domain import shards
from paylatch.domain.recorded_events import RecordedEvent, shown_event_document
from paylatch.ports import Ports
from paylatch.runtime import event_bus, response_models, wiring
from paylatch.store.connection import TableConnection
from paylatch.store.dynamodb import DynamoOrderStore
from tests.event_validation import faults_of
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_timers import MemoryTimers
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.integration.pay_pages import API_URL, GATEWAY_URL, pay_link
from tests.integration.policies import enforced
from tests.integration.shop import PAGES_URL, Shop
from tests.orders_table import TABLE, client_of


@pytest.fixture(autouse=True)
def events_fit_their_schemas(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every event that a test publishes or reads from a history has the form that its schema declares.

    A history leaves out of a detail what is not for its reader.
    """
    faults: list[str] = []

    def published(event: RecordedEvent) -> dict[str, Any]:
        document = shown_event_document(event)
        faults.extend(faults_of(document))
        return document

    def read(event: RecordedEvent, *, with_names: bool) -> dict[str, Any]:
        document = shown_event_document(event, with_names=with_names)
        faults.extend(fault for fault in faults_of(document) if "is a required property" not in fault)
        return document

    monkeypatch.setattr(event_bus, "shown_event_document", published)
    monkeypatch.setattr(response_models, "shown_event_document", read)
    yield
    assert faults == []


@pytest.fixture(autouse=True)
def policies_allow_each_call() -> Iterator[None]:
    """The functions' policies are enforced; no handler asks AWS for what its own does not allow."""
    with enforced({}) as denied:
        yield
    assert denied == []


@pytest.fixture(autouse=True)
def two_shards(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep queries each shard of three indexes: with eight, that is most of what moto does in these tests."""
    if request.node.get_closest_marker("all_shards") is None:
        monkeypatch.setattr(shards, "SHARDS", 2)
        monkeypatch.setattr(shards, "SHARDS_ELSEWHERE", 2)


@pytest.fixture
def shop(
    orders_table: TableConnection, clock: SettableClock, tokens: SequentialIdGenerator, monkeypatch: pytest.MonkeyPatch
) -> Shop:
    """Fresh ports behind every handler."""
    gateway, metrics = ScriptedGateway(clock), RecordedMetrics()
    gateways = FixedGateways({"sandbox": gateway})
    ports = Ports(DynamoOrderStore(orders_table), gateways, clock, tokens, metrics)
    monkeypatch.setenv("PAYLATCH_TABLE", TABLE)
    monkeypatch.setenv("PAYLATCH_PAGES_URL", PAGES_URL)
    monkeypatch.setattr(wiring, "make_ports", lambda: ports)
    wiring.ports.cache_clear()
    wiring.timers.cache_clear()
    return Shop(ports, gateway, gateways, clock, metrics)


@pytest.fixture
def timers(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryTimers]:
    """The queue of timers behind the functions; without it, the sweep handles all that is due."""
    queue = MemoryTimers()
    monkeypatch.setattr(wiring, "make_timers", lambda: queue)
    wiring.timers.cache_clear()
    yield queue
    wiring.timers.cache_clear()


@pytest.fixture
def nothing_written(shop: Shop, orders_table: TableConnection) -> Callable[[], bool]:
    """Compares the whole table with its state at the fixture's start."""

    def items() -> list[str]:
        found = client_of(orders_table).scan(TableName=orders_table.table)["Items"]
        return sorted(repr(sorted(item.items())) for item in found)

    before: list[list[str]] = []

    def unchanged() -> bool:
        before.append(items())
        return before[-1] == before[0]

    return unchanged


@pytest.fixture
def contents(shop: Shop, orders_table: TableConnection) -> Callable[[], int]:
    """Counts the contents in the table."""

    def count() -> int:
        found = client_of(orders_table).scan(TableName=orders_table.table)["Items"]
        return sum(item["sk"]["S"].startswith("CONTENT#") for item in found)

    return count


@pytest.fixture
def published(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What reaches the stack's bus."""
    monkeypatch.setenv("PAYLATCH_EVENT_BUS", "paylatch")
    event_bus._client.cache_clear()
    client = event_bus._client()
    client.create_event_bus(Name="paylatch")
    entries: list[dict[str, Any]] = []
    client.meta.events.register(
        "provide-client-params.events.PutEvents", lambda params, **_: entries.extend(params["Entries"])
    )
    yield entries
    event_bus._client.cache_clear()


@pytest.fixture
def pay_page_settings(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack's addresses and gateways, as the payment page has them."""
    monkeypatch.setenv("PAYLATCH_PUBLIC_URL", API_URL)
    monkeypatch.setenv("PAYLATCH_GATEWAYS", "sandbox")
    monkeypatch.setenv("PAYLATCH_SANDBOX_URL", GATEWAY_URL)


@pytest.fixture
def order_id(shop: Shop) -> str:
    """An order that waits for its payment."""
    return shop.create()


@pytest.fixture
def path(shop: Shop, order_id: str) -> str:
    """The path of that order's payment page."""
    return pay_link(shop, order_id)
