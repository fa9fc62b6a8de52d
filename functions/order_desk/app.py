"""The order desk: the browser application for sellers and operators, as files and its configuration."""

from datetime import UTC, datetime

from paylatch.runtime.handler_entry import HandlerEntry
from paylatch.runtime.observability import EmfMetrics  # isort: split

from order_desk.handling import answered, failed

# Not the other functions' entry, whose ports are a table and gateways.
entry = HandlerEntry(metrics=EmfMetrics, now=lambda: datetime.now(UTC))
handler = entry.pages(answered, failed)
