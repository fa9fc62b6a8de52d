"""What may be planned of an erasure: a content without personal data is named, and a second erasure names none."""

from collections.abc import Iterator
from contextlib import suppress

from paylatch.domain import transitions
from paylatch.domain.erasure import needs_erasure, refuse_erasure
from paylatch.domain.errors import PaylatchError
from paylatch.domain.order import Order
from tests.closure.configuration import Configuration
from tests.closure.plan import WRITE_CONTEXT, Plan

ERASED_CONTENT = "content-erased"


def erasures(order: Order, configuration: Configuration) -> Iterator[Plan]:
    """As a service has the personal data erased of an order that is over."""
    if configuration.erased and needs_erasure(order) and _is_over(order):
        content_id = ERASED_CONTENT if order.erased_at is None else None
        yield Plan("erase", transitions.erase(order, content_id, WRITE_CONTEXT))


def _is_over(order: Order) -> bool:
    with suppress(PaylatchError):
        refuse_erasure(order)
        return True
    return False
