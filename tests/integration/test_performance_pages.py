"""The pages about cost and limits are printed by the benchmarks, from counted requests and named sources."""

import re
from datetime import date

import pytest

from bench import cost, idle
from bench.one_order import OneOrder, counted
from bench.printed_pages import with_table
from tests.orders_table import ROOT, template

# A sweep's queries are counted and priced.
pytestmark = pytest.mark.all_shards
DOCS = ROOT / "docs"
LOCKS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (DOCS / "performance.md").read_text().splitlines()
    if re.search(r"\d / \d / ", line)
]


@pytest.fixture(scope="module")
def order() -> OneOrder:
    return counted()


def test_the_pages_have_what_the_benchmark_prints(order: OneOrder) -> None:
    for page, name, table in cost.printed(order):
        assert with_table(page.read_text(), table, name) == page.read_text(), "run: make bench-cost"


def test_the_bill_has_a_line_for_everything_priced(order: OneOrder) -> None:
    assert {line.name for line in cost.bill(order)} == set(cost.PRICES["prices"])


def test_the_idle_bill_has_a_line_for_each_standing_price() -> None:
    assert set(idle.PRICES["standing prices"]) <= set(idle.used())


def test_readme_has_the_two_totals() -> None:
    page, readme = (DOCS / "performance.md").read_text(), (ROOT / "README.md").read_text()
    orders, month = (round(float(total)) for total in re.findall(r"\| \*\*total\*\* \| \| \*\*([\d.]+)\*\*", page))
    assert f"{orders} USD for a million paid orders, and {month} USD a month without any" in " ".join(readme.split())


def test_every_price_has_its_page_and_its_date() -> None:
    for name, price in (cost.PRICES["prices"] | cost.PRICES["standing prices"]).items():
        assert price["page"].startswith("https://"), name
        year, _, rest = price["date"].partition("-")
        assert price["date"] == "no date" or 2020 <= int(year) <= 2026, name
        assert not rest or date.fromisoformat(price["date"]), name


def test_every_quota_has_its_page_or_is_a_parameter_of_the_template() -> None:
    for row in cost.QUOTAS:
        assert row["page"].startswith("https://") or row["quota"] in template()["Parameters"], row["name"]


def test_the_limits_are_sorted_by_what_breaks_first(order: OneOrder) -> None:
    rates = [limit.orders_a_second for limit in cost.limits(order)]

    assert rates == sorted(rates)


def test_twice_the_throttle_takes_twice_the_orders(order: OneOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = [row for row in cost.QUOTAS if row["quota"] == "ThrottleRate"]
    monkeypatch.setattr(
        cost, "QUOTAS", [row, row | {"quota": 2 * int(template()["Parameters"]["ThrottleRate"]["Default"])}]
    )
    one, two = cost.limits(order)

    assert two.orders_a_second == 2 * one.orders_a_second


def test_of_all_locks_that_are_compared_paylatch_and_transactions_alone_are_true() -> None:
    true = {name for name, *cells in LOCKS if all(cell.endswith(" true") for cell in cells)}

    assert len(LOCKS) == 5
    assert true == {"Paylatch", "TransactWriteItems"}


def test_the_plots_show_the_numbers_of_the_tables(order: OneOrder) -> None:
    shown = {name: (DOCS / "plots" / f"{name}.svg").read_text() for name in ("cost", "limits")}

    assert [line.name for line in cost.bill(order) if f">{line.usd:.2f}<" not in shown["cost"]] == []
    assert [
        limit.name for limit in cost.limits(order) if f">{limit.orders_a_second:,.0f}<" not in shown["limits"]
    ] == []


@pytest.mark.parametrize("plot", sorted(path.name for path in (DOCS / "plots").iterdir()))
def test_every_plot_is_on_a_page(plot: str) -> None:
    assert any(f"(plots/{plot})" in page.read_text() for page in DOCS.glob("*.md"))
