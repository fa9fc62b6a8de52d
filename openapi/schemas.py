"""JSON schemas, made from types or put together by hand."""

from collections.abc import Iterable
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from paylatch.runtime.response_fields import Keyword

Schema = dict[str, Any]
_TYPES = {str: "string", int: "integer", bool: "boolean"}


def schema_of(form: Any, components: Iterable[type] = ()) -> Schema:
    """The schema of values of a type; it refers to a typed dictionary that is one of the components.

    An annotation is a keyword of the schema or, as a text, its description; later ones replace earlier ones. Raises
    `TypeError` for a type that no response has.
    """
    if is_typeddict(form):
        return component(form.__name__) if form in components else object_schema(form, components)
    if isinstance(form, type) and issubclass(form, StrEnum):
        return component(form.__name__) if form in components else enumeration(form)
    if form in _TYPES:
        return {"type": _TYPES[form]}
    return _composed(get_origin(form), get_args(form), components)


def object_schema(form: type, components: Iterable[type] = ()) -> Schema:
    """The schema of a typed dictionary; its docstring is the description."""
    hints = get_type_hints(form, include_extras=True)
    properties = {name: schema_of(hint, components) for name, hint in hints.items()}
    return exactly(properties, getattr(form, "__optional_keys__", ()), form.__doc__ or "")


def enumeration(words: type[StrEnum]) -> Schema:
    """The schema of the words."""
    return {"type": "string", "enum": [word.value for word in words]}


def or_null(schema: Schema) -> Schema:
    """That value, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def exactly(properties: Schema, optional: Iterable[str] = (), description: str = "") -> Schema:
    """An object with these properties and no others; those that are not optional are always there."""
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in set(optional)],
        "additionalProperties": False,
    }
    return {"description": description, **schema} if description else schema


def component(name: str) -> Schema:
    """A reference to one of the document's schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def _composed(origin: Any, arguments: tuple[Any, ...], components: Iterable[type]) -> Schema:
    if origin is Annotated:
        own_words = any(isinstance(part, Keyword) and part.name == "enum" for part in arguments[1:])
        return _annotated(schema_of(arguments[0], () if own_words else components), arguments[1:])
    if origin is list:
        return {"type": "array", "items": schema_of(arguments[0], components)}
    if origin is Literal:
        return {"const": arguments[0]}
    if origin is NotRequired:
        return schema_of(arguments[0], components)
    if origin in (Union, UnionType):
        return _either(arguments, components)
    raise TypeError(f"no schema for {origin}")


def _annotated(schema: Schema, parts: Iterable[Keyword | str]) -> Schema:
    for part in parts:
        name, value = part if isinstance(part, Keyword) else Keyword("description", part)
        if name == "$ref":
            return {name: value}
        schema = {**schema, name: list(value) if isinstance(value, tuple) else value}
    return schema


def _either(arguments: tuple[Any, ...], components: Iterable[type]) -> Schema:
    some = [argument for argument in arguments if argument is not NoneType]
    first, *others = (schema_of(argument, components if len(some) == 1 else ()) for argument in some)
    for other in others:
        first = {**first, "enum": [*first["enum"], *other["enum"]]}
    return or_null(first) if NoneType in arguments else first
