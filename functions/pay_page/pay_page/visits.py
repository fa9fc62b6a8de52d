"""The page of an order that a payment link shows."""

from collections.abc import Mapping
from typing import Any

from pay_page.link_requests import path_of
from pay_page.locales import locale_for
from pay_page.order_view import Visit, view_of
from pay_page.page_view import ChangedFrom, Notice, PageAddresses
from pay_page.rendering import rendered
from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.order import Order
from paylatch.domain.payment import IN_FLIGHT
from paylatch.domain.return_address import with_ids
from paylatch.ports import Ports
from paylatch.runtime.requests import header
from paylatch.use_cases.pay_by_link import PayLink
from paylatch.use_cases.read_order import WholeOrder, with_content


def order_page(
    link: PayLink,
    order: Order | WholeOrder,
    event: Mapping[str, Any],
    ports: Ports,
    notice: Notice | None = None,
    seen: int | None = None,
) -> str:
    """The HTML of the order's page. `seen` is the revision that the reader's form was for."""
    whole = order if isinstance(order, WholeOrder) else with_content(order, ports)
    visit = Visit(
        now=ports.clock.now(),
        addresses=addresses_of(link, whole.order, path_of(event)),
        notice=notice,
        changed_from=_changed_from(whole.order, seen, ports),
    )
    locale = locale_for(whole.content.locale, header(event, "accept-language"))
    return rendered(view_of(whole.order, whole.content, visit), locale)


def addresses_of(link: PayLink, order: Order, path: str) -> PageAddresses:
    """Relative ones, which work behind any proxy. They name a payment in flight, whose gateway is asked then."""
    attempt = order.attempt
    asked = f"?attempt_id={attempt.attempt_id}" if attempt is not None and attempt.status in IN_FLIGHT else ""
    return PageAddresses(
        page=f"{link.link_id}{asked}",
        state=f"{link.link_id}/state{asked}",
        assets=assets_from(path),
        shop=_shop_of(order),
    )


def assets_from(path: str) -> str:
    """The folder of the assets, as seen from that path."""
    return f"{'../' * (path.count('/') - 1)}assets"


def _shop_of(order: Order) -> str | None:
    if order.link_return_url is None or order.attempt is None:
        return order.link_return_url
    return with_ids(order.link_return_url, order.order_id, order.attempt.attempt_id)


def _changed_from(order: Order, seen: int | None, ports: Ports) -> ChangedFrom | None:
    if seen is None or seen == order.revision:
        return None
    if seen + 1 != order.revision or order.previous_content_id is None:
        return ChangedFrom()
    try:
        before = ports.store.read_content(order.order_id, order.previous_content_id)
    except (LookupError, OrderUnreadable):
        # Replaced content expires.
        return ChangedFrom()
    return ChangedFrom(before.total, before.lines)
