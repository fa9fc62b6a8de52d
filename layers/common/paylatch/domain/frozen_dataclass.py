"""`dataclass(frozen=True, slots=True)` whose methods are not compiled for each class.

The standard library writes the source of each class's methods and compiles it, which took an eighth of a cold start.
Here the methods are closures over the fields. Type checkers see the standard library's decorator; `fields`, `replace`,
`copy` and `pickle` work as with it. Only the standard library's frozen dataclasses may inherit from such a class.
"""

import dataclasses
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, NoReturn

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen: Literal[True], slots: Literal[True], kw_only: bool = False) -> Callable[[type], type]:  # noqa: ARG001
        """A decorator that makes a class a frozen dataclass with slots."""

        def complete(cls: type) -> type:
            made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
            if any(not (f.init and f.repr and f.compare) or f.kw_only != kw_only for f in dataclasses.fields(made)):
                raise TypeError(f"{cls.__name__}: a field has an option that is not supported here")
            made.__dataclass_params__.frozen = True
            for name, method in _methods(made, dataclasses.fields(made), kw_only).items():
                # A method that the class writes itself stays.
                if name not in made.__dict__:
                    setattr(made, name, method)
            return made

        return complete


_Fields = tuple[dataclasses.Field[Any], ...]
_Methods = Mapping[str, Callable[..., Any]]


def _methods(cls: Any, fields: _Fields, kw_only: bool) -> _Methods:
    return {
        "__init__": _init(cls, fields, 0 if kw_only else len(fields)),
        **_comparison(fields),
        **_copying(cls, fields),
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
    }


def _init(cls: Any, fields: _Fields, positional: int) -> Callable[..., None]:
    # The class refuses to set an attribute; the descriptor of its slot does not.
    slots = tuple((field.name, getattr(cls, field.name).__set__, _default(cls, field)) for field in fields)
    after = getattr(cls, "__post_init__", None)

    def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807
        if len(values) > positional:
            raise TypeError(f"{cls.__name__}() takes {positional} positional arguments, {len(values)} were given")
        for (_, set_slot, _), value in zip(slots, values, strict=False):
            set_slot(self, value)
        for name, set_slot, default in slots[len(values) :]:
            set_slot(self, named.pop(name) if name in named else default())
        if named:
            raise TypeError(f"{cls.__name__}() got unexpected arguments: {', '.join(named)}")
        if after:
            after(self)

    return __init__


def _default(cls: Any, field: dataclasses.Field[Any]) -> Callable[[], Any]:
    def missing() -> NoReturn:
        raise TypeError(f"{cls.__name__}() misses the argument {field.name}")

    if field.default is not dataclasses.MISSING:
        return lambda: field.default
    return missing if field.default_factory is dataclasses.MISSING else field.default_factory


def _comparison(fields: _Fields) -> _Methods:
    names = tuple(field.name for field in fields)
    values: Callable[[Any], Any] = attrgetter(*names) if names else lambda self: ()  # noqa: ARG005

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(values(self))

    def __repr__(self: Any) -> str:  # noqa: N807
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return {"__eq__": __eq__, "__hash__": __hash__, "__repr__": __repr__}


def _copying(cls: Any, fields: _Fields) -> _Methods:
    slots = tuple((field.name, getattr(cls, field.name).__set__) for field in fields)

    def __getstate__(self: Any) -> list[Any]:  # noqa: N807
        return [getattr(self, name) for name, _ in slots]

    def __setstate__(self: Any, state: list[Any]) -> None:  # noqa: N807
        for (_, set_slot), value in zip(slots, state, strict=True):
            set_slot(self, value)

    return {"__getstate__": __getstate__, "__setstate__": __setstate__}


def _refuse_to_set(self: Any, name: str, value: object) -> NoReturn:  # noqa: ARG001
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: Any, name: str) -> NoReturn:  # noqa: ARG001
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
