"""The fields of a request body, found by its model: "lines.0.sku" is one."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

MISSING = object()


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Every field of the model and of the models in it, by its path; of a list, those of its first element."""
    return dict(_fields(model, ""))


def _fields(model: type[BaseModel], above: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        path = f"{above}{name}"
        yield path, field
        for inner, in_a_list in _models_in(field.annotation):
            yield from _fields(inner, f"{path}.0." if in_a_list else f"{path}.")


def _models_in(annotation: Any, in_a_list: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, in_a_list
    for part in get_args(annotation):
        yield from _models_in(part, in_a_list or getattr(annotation, "__origin__", None) is list)


def value_at(body: Any, path: str) -> Any:
    """What stands there; `MISSING` where nothing does."""
    for step in path.split("."):
        if isinstance(body, list):
            body = body[int(step)]
        elif step in body:
            body = body[step]
        else:
            return MISSING
    return body


def with_value(body: Any, path: str, value: Any) -> Any:
    """The body with that value there; without the field for `MISSING`."""
    changed = deepcopy(body)
    *above, last = path.split(".")
    place = value_at(changed, ".".join(above)) if above else changed
    if value is MISSING:
        del place[last]
    else:
        place[last] = value
    return changed
