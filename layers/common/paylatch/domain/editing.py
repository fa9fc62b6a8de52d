"""Edit rights: a seller and a service edit everything; a buyer edits what the order's `buyer_may` lets them.

Without `buyer_may` a buyer may do everything that a right names where each line is a priced item, and else write the
note alone: the price of shipping may depend on the address, and a gift or discount on the quantities.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from paylatch.domain.errors import EditNotAllowed
from paylatch.domain.line_matches import kept_places, stored_places
from paylatch.domain.order import BuyerRight, Content, Line, LineKind

Part = Mapping[str, Any] | None
_ADDRESSES = ("shipping_address", "billing_address")
# The parts of a content that are maps.
PARTS = (*_ADDRESSES, "metadata")
_RIGHTS_BY_FIELD = {**dict.fromkeys(_ADDRESSES, BuyerRight.ADDRESS), "note": BuyerRight.NOTE}
# Lines have rules of their own. What this release does not know cannot be sent.
_OTHER_FIELDS = tuple(field.name for field in fields(Content) if field.name not in ("lines", "unknown"))


def with_unknown_of(
    before: Content, after: Content, patch: Mapping[str, Any], address_fields: Collection[str]
) -> Content:
    """The new content with what a later release stored in the old one: in lines and parts that stay.

    Parts are the addresses and the metadata. One that the patch does not name is the old one. `address_fields` are the
    fields of an address that this release knows. What it knows in a part is text.
    """
    places = kept_places(before.lines, after.lines)
    lines = tuple(
        replace(line, unknown=before.lines[places[place]].unknown) if place in places else line
        for place, line in enumerate(after.lines)
    )
    parts = {name: _kept_part(name, before, after, patch, address_fields) for name in PARTS}
    return replace(after, lines=lines, unknown=before.unknown, **parts)


def with_omitted_of(before: Content, after: Content, omitted: Sequence[Collection[str]]) -> Content:
    """The new content, whose lines take from the stored ones the fields that the request left out.

    `omitted` are the names of the fields that each line of it was sent without: a client that does not know them does
    not change them.
    """
    places = kept_places(before.lines, after.lines)
    lines = tuple(
        replace(line, **{name: getattr(before.lines[places[place]], name) for name in omitted[place]})
        if place in places
        else line
        for place, line in enumerate(after.lines)
    )
    return replace(after, lines=lines)


def _kept_part(
    name: str, before: Content, after: Content, patch: Mapping[str, Any], address_fields: Collection[str]
) -> Any:
    old, new, sent = getattr(before, name), getattr(after, name), patch.get(name)
    if name not in patch:
        return old
    if sent is None:
        return None
    known = address_fields if name in _ADDRESSES else old or {}
    unknown = {
        key: value
        for key, value in (old or {}).items()
        if key not in sent and not (key in known and isinstance(value, str))
    }
    return {**unknown, **(new or {})} or None


def as_edited_by_buyer(before: Content, after: Content) -> Content:
    """The new content, whose lines are the stored ones in their order, with the quantities that a buyer sent.

    Lines that the order does not have follow; `refuse_changes_beyond_rights` refuses them.
    """
    by_stored = {stored: sent for sent, stored in stored_places(before.lines, after.lines).items()}
    kept = [
        replace(line, quantity=after.lines[by_stored[place]].quantity)
        for place, line in enumerate(before.lines)
        if place in by_stored
    ]
    known = set(by_stored.values())
    return replace(after, lines=(*kept, *(line for place, line in enumerate(after.lines) if place not in known)))


def refuse_changes_beyond_rights(before: Content, after: Content) -> None:
    """Raise `EditNotAllowed`, which names the fields, where a buyer changed what the old content does not let them.

    `after` is what `as_edited_by_buyer` gives.
    """
    rights = buyer_rights(before)
    faults = _refused_fields(before, after, rights) | _refused_lines(before, after, rights)
    if faults:
        raise EditNotAllowed(faults)


def buyer_rights(content: Content) -> frozenset[BuyerRight]:
    """What the order's buyer may edit."""
    if content.buyer_may is not None:
        return frozenset(content.buyer_may)
    plain = all(_is_priced_item(line) for line in content.lines)
    return frozenset(BuyerRight) if plain else frozenset({BuyerRight.NOTE})


def _is_priced_item(line: Line) -> bool:
    return line.kind is LineKind.ITEM and line.unit_price > 0


def _refused_fields(before: Content, after: Content, rights: Collection[BuyerRight]) -> dict[str, str]:
    changed = [name for name in _OTHER_FIELDS if getattr(before, name) != getattr(after, name)]
    faults = {
        name: "may not be edited by the buyer of this order"
        for name in changed
        if _RIGHTS_BY_FIELD.get(name) not in rights
    }
    for name in _ADDRESSES:
        if name not in faults:
            faults |= _country_fault(name, getattr(before, name), getattr(after, name))
    return faults


def _country_fault(name: str, before: Part, after: Part) -> dict[str, str]:
    if before is None:
        return {}
    if after is None:
        # Otherwise a second edit could add an address in another country.
        return {name: "may not be removed by a buyer, who may change it only within its country"}
    same = before.get("country") == after.get("country")
    return {} if same else {f"{name}.country": f"must stay {before.get('country')} in a buyer's edit"}


def _refused_lines(before: Content, after: Content, rights: Collection[BuyerRight]) -> dict[str, str]:
    places = stored_places(before.lines, after.lines)
    if len(places) < len(after.lines):
        return {"lines": "a buyer may not add a line, or change a sku, name or unit_price"}
    quantities = {stored: after.lines[sent].quantity for sent, stored in places.items()}
    refused = (_refused_line(line, quantities.get(place), rights) for place, line in enumerate(before.lines))
    fault = next(filter(None, refused), "")
    if not fault and after.total == 0 < before.total:
        # A discount, or a gift beside a line that goes, would be all that is left.
        fault = "a buyer's edit may not make the total 0"
    return {"lines": fault} if fault else {}


def _refused_line(line: Line, quantity: int | None, rights: Collection[BuyerRight]) -> str:
    """Why a buyer may not give the line this quantity, None for taking it out; empty where they may."""
    if quantity == line.quantity:
        return ""
    right = BuyerRight.REMOVE_LINES if quantity is None else BuyerRight.QUANTITIES
    if right not in rights:
        return f"{line.sku}: {_DENIED[right]}"
    if line.fixed or not _is_priced_item(line):
        return f"{line.sku}: a buyer may not change a line that is fixed, costs nothing, or is not an item"
    if quantity is not None and line.max_quantity is not None and quantity > line.max_quantity:
        return f"{line.sku}: a buyer may have at most {line.max_quantity}"
    return ""


_DENIED = {
    BuyerRight.REMOVE_LINES: "the buyer of this order may not remove a line",
    BuyerRight.QUANTITIES: "the buyer of this order may not change a quantity",
}
