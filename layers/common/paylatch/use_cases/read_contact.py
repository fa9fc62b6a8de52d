"""The payer's contact, which a gateway is given with a payment."""

from paylatch.domain.errors import OrderUnreadable
from paylatch.domain.order import Order
from paylatch.ports import Ports


def read_contact(order: Order, ports: Ports) -> dict[str, str | None]:
    """`email` and `locale` of a locked order's content, which does not change: each try gives the same request.

    Empty where it has neither, where the order is over and erased by now, and where this release cannot read the
    content; that is reported.
    """
    if not order.has_contact:
        return {}
    try:
        content = ports.store.read_content(order.order_id, order.content_id)
    except OrderUnreadable as error:
        # Nothing else of a payment needs the content.
        ports.metrics.fail(error, order_id=order.order_id)
        return {}
    except LookupError:
        return {}
    return {"email": content.email, "locale": content.locale}
