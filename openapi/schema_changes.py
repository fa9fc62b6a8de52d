"""What a changed schema breaks for those who send by the old one, and for those who read by it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openapi.schemas import Schema

_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
# Whether one of them takes less than another cannot be computed.
_OPAQUE = ("pattern", "format", "multipleOf", "uniqueItems")


@dataclass(frozen=True, slots=True)
class SchemaComparison:
    """Compares schemas of two documents, in which `$ref` is looked up."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]

    def for_senders(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        """What the old schema takes and the new one does not."""
        news = _branches(new, self.new)
        for branch in _branches(old, self.old):
            fitting = [list(self._narrowed(branch, other, where)) for other in news if _alike(branch, other)]
            yield from min(fitting, key=len) if fitting else [f"{where}: {_kind(branch)} is no longer taken"]

    def for_readers(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        """What readers of the old schema miss in the new one, or meet unprepared.

        Readers must be prepared for new properties and for further values of an enumeration.
        """
        olds = _branches(old, self.old)
        for branch in _branches(new, self.new):
            fitting = [list(self._widened(other, branch, where)) for other in olds if _alike(other, branch)]
            yield from min(fitting, key=len) if fitting else [f"{where}: may now be {_kind(branch)}"]

    def _narrowed(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        yield from _fewer_values(old, new, where)
        yield from _tighter_bounds(old, new, where)
        yield from self._narrowed_object(old, new, where)
        if "items" in new:
            yield from self.for_senders(old.get("items", {}), new["items"], f"{where}[]")

    def _narrowed_object(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        mine, theirs = old.get("properties", {}), new.get("properties", {})
        for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            yield f"{where}.{name}: is now required"
        if new.get("additionalProperties", True) is False:
            for name in sorted(mine.keys() - theirs.keys()):
                yield f"{where}.{name}: is no longer taken"
            if old.get("additionalProperties", True) is not False:
                yield f"{where}: other properties are no longer taken"
        for name in sorted(mine.keys() & theirs.keys()):
            yield from self.for_senders(mine[name], theirs[name], f"{where}.{name}")

    def _widened(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        mine, theirs = old.get("properties", {}), new.get("properties", {})
        if "const" in old and "const" in new and old["const"] != new["const"]:
            yield f"{where}: is now always {new['const']!r}"
        for name in sorted(mine.keys() - theirs.keys()):
            yield f"{where}.{name}: is gone"
        for name in sorted((set(old.get("required", ())) - set(new.get("required", ()))) & theirs.keys()):
            yield f"{where}.{name}: may now be missing"
        for name in sorted(mine.keys() & theirs.keys()):
            yield from self.for_readers(mine[name], theirs[name], f"{where}.{name}")
        if "items" in old:
            yield from self.for_readers(old["items"], new.get("items", {}), f"{where}[]")


def resolved(node: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference stands for; anything else as it is."""
    while "$ref" in node:
        found: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def _branches(schema: Mapping[str, Any], document: Mapping[str, Any]) -> list[Schema]:
    found = resolved(schema, document)
    alternatives = found.get("anyOf") or found.get("oneOf")
    if alternatives is None:
        return [dict(found)]
    return [branch for alternative in alternatives for branch in _branches(alternative, document)]


def _alike(old: Schema, new: Schema) -> bool:
    return _kind(old) == _kind(new)


def _kind(schema: Schema) -> str:
    """The type; where only values are given, that of the first value."""
    value = next(iter(_values(schema) or ()), None)
    names = {str: "string", int: "integer", bool: "boolean"}
    return str(schema.get("type") or names.get(type(value), "anything"))


def _values(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _fewer_values(old: Schema, new: Schema, where: str) -> Iterator[str]:
    before, after = _values(old), _values(new)
    if after is None:
        return
    if before is None:
        yield f"{where}: takes only certain values now"
        return
    for value in before:
        if value not in after:
            yield f"{where}: {value!r} is no longer taken"


def _tighter_bounds(old: Schema, new: Schema, where: str) -> Iterator[str]:
    for name in _LOWER_BOUNDS:
        if name in new and (name not in old or new[name] > old[name]):
            yield f"{where}: {name} is now {new[name]}"
    for name in _UPPER_BOUNDS:
        if name in new and (name not in old or new[name] < old[name]):
            yield f"{where}: {name} is now {new[name]}"
    for name in _OPAQUE:
        if name in new and new[name] != old.get(name):
            yield f"{where}: {name} is now {new[name]}"
