"""What an edit changed: lines and sums with their values; every other field by its name only, as it may be personal."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from paylatch.domain.line_matches import kept_places
from paylatch.domain.order import Content, Line, LineKind

# In bytes of JSON. The bus takes ten events of 256 KB together.
LARGEST_CHANGES = 16 * 1024
Changes = Mapping[str, Any]
_LINE_FIELDS = ("name", "quantity", "unit_price", "kind", "fixed", "max_quantity")
_NAMED_FIELDS = tuple(field.name for field in fields(Content) if field.name not in ("lines", "unknown"))


def changes_between(before: Content, after: Content) -> Changes:
    """The changes from one content to the next; `fields` names the lines too where their changes would be too large.

    An edit that changes only the order of the lines names them as well.
    """
    lines = _line_changes(before.lines, after.lines)
    whole = _changes(before, after, lines, names_lines=not lines and _known(before) != _known(after))
    return whole if len(json.dumps(whole)) <= LARGEST_CHANGES else _changes(before, after, {}, names_lines=True)


def _changes(before: Content, after: Content, lines: Changes, *, names_lines: bool) -> Changes:
    total = {"from": before.total, "to": after.total}
    names = [name for name in _NAMED_FIELDS if getattr(before, name) != getattr(after, name)]
    parts = {
        "lines": lines,
        "total": total if before.total != after.total else {},
        "fields": [*(["lines"] if names_lines else []), *names],
    }
    return {name: part for name, part in parts.items() if part}


def _line_changes(before: Sequence[Line], after: Sequence[Line]) -> Changes:
    kept = kept_places(before, after)
    stayed = frozenset(kept.values())
    parts = {
        "added": [_shown(line) for place, line in enumerate(after) if place not in kept],
        "removed": [_shown(line) for place, line in enumerate(before) if place not in stayed],
        "changed": [_change(before[kept[place]], line) for place, line in enumerate(after) if place in kept],
    }
    parts["changed"] = [change for change in parts["changed"] if len(change) > 1]
    return {name: part for name, part in parts.items() if part}


def _change(before: Line, after: Line) -> Changes:
    pairs = {name: (_plain(before, name), _plain(after, name)) for name in _LINE_FIELDS}
    return {"sku": after.sku, **{name: {"from": old, "to": new} for name, (old, new) in pairs.items() if old != new}}


def _shown(line: Line) -> Changes:
    shown = {"sku": line.sku, "name": line.name, "quantity": line.quantity, "unit_price": line.unit_price}
    return shown if line.kind is LineKind.ITEM else {**shown, "kind": line.kind.value}


def _known(content: Content) -> list[tuple[Any, ...]]:
    return [(line.sku, *(_plain(line, name) for name in _LINE_FIELDS)) for line in content.lines]


def _plain(line: Line, name: str) -> Any:
    value = getattr(line, name)
    return value.value if isinstance(value, LineKind) else value
