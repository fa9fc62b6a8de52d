"""How a run of the reconciliation goes on: pages, time, rates, failures, crashes, and two runs at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bench.simulated_statement import SimulatedStatement, night_after
from paylatch.domain.errors import CallPostponed, Misconfigured, OutcomeUnknown, StoreUnavailable, Transient
from paylatch.domain.statement import (
    Discrepancy,
    StatementKind,
)
from paylatch.ports import Gateway, Heads, Metric, Ports
from paylatch.use_cases.reconcile import MOST_TRIES, days_due, reconcile_days
from tests.conftest import NOON
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.memory_reconciliation_store import MemoryReconciliationStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.integration.reconciliation_night import ListingGateway, Night, page


@pytest.fixture
def night() -> Night:
    return Night()


def test_a_day_is_listed_with_two_hours_around_it(night: Night) -> None:
    night.gateway.pages = [page()]
    night.run()
    (window,) = night.gateway.windows
    assert (window.since.isoformat(), window.until.isoformat()) == (
        "2026-11-23T22:00:00+00:00",
        "2026-11-25T02:00:00+00:00",
    )


def test_the_last_quarter_of_an_hour_is_left_to_callbacks(night: Night) -> None:
    night.gateway.pages = [page()]
    night.clock.advance(NOON - night.clock.now())
    assert night.run().done is True
    assert night.gateway.windows[0].until == NOON - timedelta(minutes=15)


def test_a_run_whose_time_ends_is_gone_on_with_at_the_same_page(night: Night) -> None:
    night.gateway.pages = [page(cursor="1"), page(night.order(), cursor="2"), page()]
    times = iter([True, False])

    assert night.run(has_time=lambda: next(times)).done is False
    (state,) = night.kept.progress.values()
    assert (state.cursor, state.pages) == ("1", 1)
    assert night.run().done is True
    assert len(night.gateway.windows) == 3
    assert night.status() == "paid"


def test_a_page_that_was_not_finished_is_begun_again_and_nothing_is_counted_twice(night: Night) -> None:
    first, second = night.order(), night.order(order_id="1" * 16)
    night.gateway.pages = [page(first, second)]
    times = iter([True, True, False])

    assert night.run(has_time=lambda: next(times)).done is False
    assert (night.status(), night.status("1" * 16)) == ("paid", "in_payment")
    assert night.run().done is True
    assert night.status("1" * 16) == "paid"
    assert night.metrics.times(Metric.STATEMENT_DIFFERS) == 2


def test_two_runs_at_once_do_every_payment_once(night: Night) -> None:
    entry = night.order()
    night.gateway.pages = [page(entry)]
    night.gateway.during("query_payment", night.run)

    assert night.run().done is False
    assert night.run().done is True
    assert night.status() == "paid"
    assert night.metrics.times(Metric.ORDER_PAID) == night.metrics.times(Metric.STATEMENT_DIFFERS) == 1


class CrashingStore(MemoryOrderStore):
    """Its next write is lost together with the function that made it."""

    crashes = False

    def apply(self, order_id: str, transition: Any) -> Any:
        if self.crashes:
            self.crashes = False
            raise KeyboardInterrupt
        return super().apply(order_id, transition)


def test_a_crash_after_a_difference_was_written_down_is_made_good_by_the_next_run() -> None:
    night = Night(orders=CrashingStore())
    night.gateway.pages = [page(night.order())]
    cast("CrashingStore", night.orders).crashes = True

    with pytest.raises(KeyboardInterrupt):
        night.run()
    assert (night.found(), night.status()) == ([Discrepancy.MISSING_WEBHOOK], "in_payment")

    assert night.run().done is True
    assert night.status() == "paid"
    assert len(night.kept.found) == 1


@pytest.mark.parametrize(
    "error", [Transient("sandbox", "busy"), OutcomeUnknown("sandbox", "silent"), Misconfigured("sandbox", "no key")]
)
def test_a_list_that_is_not_given_is_asked_for_again_and_delays_no_other_gateway(
    night: Night, error: Exception
) -> None:
    other = ListingGateway(night.clock, [page()])
    night.gateways.made["another"] = other
    night.gateway.pages = [error]

    assert night.run("sandbox", "another").done is False
    assert len(other.windows) == 1
    assert len(night.metrics.failed) == 1
    night.gateway.pages = [page(night.order())]
    assert night.run("sandbox", "another").done is True
    assert night.status() == "paid"


def test_a_gateway_that_the_stack_does_not_have_is_a_misconfiguration_of_its_own(night: Night) -> None:
    night.gateway.pages = [page(night.order())]
    assert night.run("nowhere", "sandbox").done is False
    assert night.status() == "paid"
    assert night.metrics.times(Metric.GATEWAY_MISCONFIGURED) == 1


def test_a_gateway_that_lists_the_same_page_again_does_not_hold_the_run(night: Night) -> None:
    night.gateway.pages = [page(cursor="1"), page(cursor="1")]
    assert night.run().done is False
    assert len(night.gateway.windows) == 2


def test_an_entry_that_fails_delays_no_other_and_is_left_after_three_runs(night: Night) -> None:
    failing, other = night.order(), night.order(order_id="1" * 16)
    night.gateway.pages = [page(failing, other, cursor="1"), page()]
    night.gateway.answer_with("query_payment", *[Transient("sandbox", "busy")] * 2 * MOST_TRIES)

    assert [night.run().done for _ in range(MOST_TRIES)] == [False] * (MOST_TRIES - 1) + [True]
    assert (night.status(), night.status("1" * 16)) == ("in_payment", "in_payment")
    assert night.metrics.times(Metric.RECONCILIATION_FAILED) == 2 * MOST_TRIES


def test_an_entry_that_cannot_be_read_is_counted_by_its_id_and_hides_no_other(night: Night) -> None:
    night.gateway.pages = [replace(page(night.order()), unreadable=("ch_1", "ch_2"))]

    assert night.run().done is True
    assert night.status() == "paid"
    ((_, _, details),) = [each for each in night.metrics.counted if each[0] is Metric.RECONCILIATION_FAILED]
    assert details["unreadable"] == "ch_1 ch_2"


@pytest.mark.parametrize(("failing", "late"), [(0, 0), (1, 1)])
def test_a_day_that_is_not_done_after_the_next_one_is_counted_as_late(night: Night, failing: int, late: int) -> None:
    night.gateway.pages = [Transient("sandbox", "busy") if failing else page()]
    ports = Ports(night.orders, night.gateways, night.clock, SequentialIdGenerator(), night.metrics)

    reconcile_days(days_due(night.clock.now()), ["sandbox"], lambda: True, night.kept, ports)

    counted = [details for metric, _, details in night.metrics.counted if metric is Metric.RECONCILIATION_LATE]
    assert counted == [{"days": "2026-11-23 2026-11-22"}] * late


def test_a_rate_that_is_used_up_ends_the_run_without_a_failure(night: Night) -> None:
    night.gateway.pages = [page(night.order())]
    night.gateway.answer_with("query_payment", CallPostponed("sandbox", 7.0))

    assert night.run().done is False
    assert night.metrics.failed == []
    assert night.run().done is True
    assert night.status() == "paid"


class CountingGateways(FixedGateways):
    """Counts how often an adapter is asked for: each is a piece of work of its own for a rate."""

    named_times = 0

    def named(self, name: str) -> Gateway:
        self.named_times += 1
        return super().named(name)


def test_all_calls_of_a_run_are_one_piece_of_work_for_the_gateways_rate(night: Night) -> None:
    night.gateway.pages = [page(night.order(), cursor="1"), page(night.order(order_id="1" * 16))]
    night.gateways = counting = CountingGateways({"sandbox": night.gateway})

    assert night.run().done is True
    assert counting.named_times == 1


class SlowTable(MemoryOrderStore):
    """Gives one head of a batch at a time."""

    def read_heads(self, order_ids: Sequence[str]) -> Heads:
        return Heads(super().read_heads(order_ids[:1]).found, tuple(order_ids[1:]))


@pytest.mark.parametrize(("orders", "done"), [(3, True), (9, False)])
def test_heads_that_the_database_did_not_get_to_are_read_again(orders: int, done: bool) -> None:
    night = Night(orders=SlowTable())
    night.gateway.pages = [page(*(night.order(order_id=f"{number:016d}") for number in range(orders)))]

    assert night.run().done is done
    assert {night.status(f"{number:016d}") for number in range(orders)} == {"paid" if done else "in_payment"}
    assert [fields["error"] for _, fields in night.metrics.failed] == ([] if done else ["StoreUnavailable"])


def test_a_list_of_many_pages_is_gone_through_in_many_short_runs() -> None:
    statement = SimulatedStatement(450)
    kept, metrics, clock = MemoryReconciliationStore(), RecordedMetrics(), SettableClock(night_after())
    gateways = FixedGateways({"sandbox": cast("Any", statement)})
    ports = Ports(statement.orders, gateways, clock, SequentialIdGenerator(), metrics)
    done, pages, runs = False, 0, 0
    while not done and runs < 20:
        begun = sum(statement.calls[kind.value] for kind in StatementKind)

        def one_page(begun: int = begun) -> bool:
            return sum(statement.calls[kind.value] for kind in StatementKind) - begun < 2

        (report,) = reconcile_days([NOON.date()], ["sandbox"], one_page, kept, ports)
        done, pages, runs = report.done, sum(state.pages for state in report.progress), runs + 1
    assert (done, pages) == (True, 7)
    assert 1 < runs < 20
    assert {(found.discrepancy, found.subject) for found in kept.found.values()} == set(statement.planted())


def test_a_database_that_does_not_answer_ends_the_list_and_not_the_others(night: Night) -> None:
    class Silent(MemoryReconciliationStore):
        def read_progress(self, gateway: str, day: str) -> Any:
            if gateway == "another":
                raise StoreUnavailable("no answer")
            return super().read_progress(gateway, day)

    night.kept = Silent()
    night.gateways.made["another"] = ListingGateway(night.clock, [page()])
    night.gateway.pages = [page(night.order())]

    assert night.run("another", "sandbox").done is False
    assert night.status() == "paid"
