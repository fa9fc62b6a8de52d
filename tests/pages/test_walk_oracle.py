"""The walk finds a page that contradicts the API: each kind of false page, served to a browser, is reported."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pay_page.order_view import Visit, view_of
from pay_page.page_view import OrderPage, PageState
from playwright.sync_api import Browser, Page

from paylatch.domain.order import Order
from paylatch.domain.payment import AttemptStatus
from paylatch.runtime.response_models import order_response
from paylatch.use_cases.read_order import WholeOrder
from tests.pages import sample_orders as samples
from tests.pages.page_server import PageServer
from tests.pages.sample_pages import ADDRESSES
from tests.pages.served_pages import serve
from tests.walk.audit import double_effects
from tests.walk.desk_steps import desk_contradictions
from tests.walk.oracle import OrderReading, always_wrong, contradictions
from tests.walk.shown_desk import ShownDesk
from tests.walk.shown_page import ShownPage, read_page

LOCKED_FOR = timedelta(minutes=12)


def reading_of(order: Order) -> OrderReading:
    now = datetime.now(UTC)
    return OrderReading(order_response(WholeOrder(order, samples.CONTENT), now), order.version, time.time())


def locked() -> Order:
    end = datetime.now(UTC) + LOCKED_FOR
    return samples.in_payment(AttemptStatus.OPEN, attempt=samples.attempt(AttemptStatus.OPEN, deadline=end), due_at=end)


@pytest.fixture(scope="module")
def page(browser: Browser, server: PageServer) -> Iterator[Page]:
    with browser.new_context(locale="en-GB", base_url=server.origin) as context:
        yield context.new_page()


@pytest.fixture
def show(server: PageServer, page: Page) -> Callable[[OrderPage], ShownPage]:
    def shown(view: OrderPage) -> ShownPage:
        serve(server, view)
        page.goto(ADDRESSES.page)
        return read_page(page)

    return shown


def view(order: Order) -> OrderPage:
    return view_of(order, samples.CONTENT, Visit(now=datetime.now(UTC), addresses=ADDRESSES))


@pytest.mark.parametrize("order", [samples.order(), locked(), samples.paid(at=datetime.now(UTC)), samples.in_review()])
def test_a_true_page_contradicts_nothing(order: Order, show: Callable[[OrderPage], ShownPage]) -> None:
    shown = show(view(order))
    assert [*contradictions(reading_of(order), shown), *always_wrong(shown)] == []


VISIT = Visit(now=samples.NOW, addresses=ADDRESSES)
# What is false, and how it is reported.
FALSE_PAGES: dict[str, tuple[Callable[[Any], OrderPage], str]] = {
    "another state": (lambda view: replace(view, state=PageState.JUST_PAID), "it shows just_paid"),
    "no way to stop": (lambda view: with_payment(view, may_stop=False), "it offers []"),
    "an offer to pay": (
        lambda view: replace(view, offer=view_of(samples.order(), samples.CONTENT, VISIT).offer),
        "it offers ['pay', 'stop']",
    ),
    "another total": (lambda view: replace(view, summary=replace(view.summary, total=1)), "it shows the total 1"),
    "another payment": (
        lambda view: with_payment(view, attempt_id=f"{samples.ORDER_ID}_0DDDDDDD"),
        "it offers to stop",
    ),
    "another payment's page": (
        lambda view: with_payment(view, continue_url="https://gateway.example/pay/cs_2"),
        "it does not lead to the payment's page",
    ),
    "a later end of the lock": (
        lambda view: with_payment(view, until=view.payment.until + timedelta(seconds=30)),
        "it counts",
    ),
    "a wrong time of the server": (lambda view: replace(view, now=view.now - timedelta(minutes=1)), "it counts"),
}


def with_payment(view: Any, **changes: Any) -> OrderPage:
    false: OrderPage = replace(view, payment=replace(view.payment, **changes))
    return false


@pytest.mark.parametrize("name", FALSE_PAGES)
def test_a_false_page_is_reported(name: str, show: Callable[[OrderPage], ShownPage]) -> None:
    order, (falsified, report) = locked(), FALSE_PAGES[name]
    found = list(contradictions(reading_of(order), show(falsified(view(order)))))
    assert [finding.startswith(report) for finding in found] == [True]


def test_an_offer_for_an_earlier_revision_is_reported(show: Callable[[OrderPage], ShownPage]) -> None:
    found = contradictions(reading_of(samples.order(revision=2)), show(view(samples.order())))
    assert list(found) == ["its offer is for revision 1, the order is at 2"]


def test_a_dead_end_and_a_page_wider_than_its_screen_are_reported() -> None:
    assert list(always_wrong(ShownPage("/", state="paid", overflow=3))) == [
        "it is 3 pixels wider than its screen",
        "it is a dead end: nothing on it leads on",
    ]


def test_a_second_payment_and_a_second_success_are_reported() -> None:
    events = [
        {"type": kind, "attempt_id": attempt_id, "payment_status": status}
        for kind, attempt_id, status in (
            ("OrderLocked", "A", "in_payment"),
            ("OrderLocked", "B", "in_payment"),
            ("OrderPaid", "A", "paid"),
            ("OrderPaid", "B", "paid"),
        )
    ]
    assert list(double_effects(events[1:3])) == []
    assert list(double_effects(events)) == ["B locked the order, which A held", "it was paid more than once"]


def desk(**changes: Any) -> ShownDesk:
    """What the desk truly shows its seller of an order that is being paid, but for these changes."""
    shown = ShownDesk(
        title="Order 2026-1001",
        badges=("Being paid",),
        actions=("stop", "stop_and_change", "recheck", "pay_link"),
        left=int(LOCKED_FOR.total_seconds()),
        problem="",
        asking=False,
        total=locked().total,
        links=5,
        overflow=0,
        read_at=time.time(),
    )
    return replace(shown, **changes)


def test_a_true_desk_contradicts_nothing() -> None:
    assert list(desk_contradictions(reading_of(locked()), desk())) == []


FALSE_DESKS: dict[str, tuple[dict[str, Any], str]] = {
    "another status": ({"badges": ("Paid",)}, "the desk shows ['Paid']"),
    "another total": ({"total": 1}, "the desk shows the total 1"),
    "an action too few": ({"actions": ("stop", "recheck", "pay_link")}, "the desk offers"),
    "an action too many": ({"actions": (*desk().actions, "edit")}, "the desk offers"),
    "a later end of the lock": ({"left": int(LOCKED_FOR.total_seconds()) + 30}, "the desk counts"),
    "no countdown": ({"left": None}, "the desk does not count"),
}


@pytest.mark.parametrize("name", FALSE_DESKS)
def test_a_false_desk_is_reported(name: str) -> None:
    changes, report = FALSE_DESKS[name]
    found = list(desk_contradictions(reading_of(locked()), desk(**changes)))
    assert [finding.startswith(report) for finding in found] == [True]
