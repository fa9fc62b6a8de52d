"""Edit rights: a seller changes prices and lines; a buyer changes quantities, address and note."""

from paylatch.domain.errors import InvalidRequest
from paylatch.domain.order import Content, Line


def refuse_changes_beyond(edits_prices: bool, before: Content, after: Content) -> None:
    """Raise `InvalidRequest` where a caller without the right to edit prices changed more than quantities."""
    if edits_prices:
        return
    if [_offer(line) for line in before.lines] != [_offer(line) for line in after.lines]:
        raise InvalidRequest({"lines": "a buyer changes quantities only; sku, name and unit_price stay as they were"})


def _offer(line: Line) -> tuple[str, str, int]:
    return (line.sku, line.name, line.unit_price)
