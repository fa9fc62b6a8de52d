"""Our frozen dataclass does what the standard library's does."""

import copy
import dataclasses
import pickle
from dataclasses import field
from typing import Any

import pytest

from paylatch.domain.frozen_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Ours:
    """A class by our decorator."""

    name: str
    price: int = 5
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A name is needed."""
        if not self.name:
            raise ValueError("no name")


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """The same class by the standard library's decorator."""

    name: str
    price: int = 5
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A name is needed."""
        if not self.name:
            raise ValueError("no name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A class whose arguments are given by name."""

    name: str
    price: int | None = None


@dataclass(frozen=True, slots=True)
class Empty:
    """A class without fields."""


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("a",), {}),
    (("a", 7), {}),
    (("a", 7, {"b": "c"}), {}),
    (("a",), {"price": 7}),
    ((), {"name": "a", "tags": {}}),
    ((), {}),
    (("a", 7, {}, 1), {}),
    (("a",), {"name": "b"}),
    (("a",), {"colour": "b"}),
    (("",), {}),
]


def outcome(cls: type, call: tuple[tuple[Any, ...], dict[str, Any]]) -> object:
    """The made object's values, or the error's class."""
    try:
        made = cls(*call[0], **call[1])
    except Exception as error:
        return type(error)
    return dataclasses.asdict(made), repr(made).partition("(")[2]


@pytest.mark.parametrize("call", CALLS)
def test_arguments_are_taken_and_refused_as_by_the_standard_library(
    call: tuple[tuple[Any, ...], dict[str, Any]],
) -> None:
    assert outcome(Ours, call) == outcome(Theirs, call)


def test_arguments_given_by_name_only_have_no_position() -> None:
    assert Named(name="a") == Named(name="a", price=None)
    with pytest.raises(TypeError):
        Named("a")  # type: ignore[call-arg]


def test_equal_fields_make_equal_objects_of_one_class_only() -> None:
    assert Named(name="a", price=1) == Named(name="a", price=1) != Named(name="a", price=2)
    assert len({Named(name="a", price=1), Named(name="a", price=1), Named(name="a", price=2)}) == 2
    other: object = Theirs("a")
    assert Ours("a") != other
    assert Empty() == Empty()
    assert hash(Empty()) == hash(Empty())


def test_a_default_made_for_each_object_is_not_shared() -> None:
    assert Ours("a").tags is not Ours("b").tags


def test_no_field_can_be_set_deleted_or_added() -> None:
    made = Ours("a")
    for name in ("price", "colour"):
        with pytest.raises(dataclasses.FrozenInstanceError, match=name):
            setattr(made, name, 7)
        with pytest.raises(dataclasses.FrozenInstanceError, match=name):
            delattr(made, name)
    assert not hasattr(made, "__dict__")


def test_objects_can_be_replaced_copied_and_pickled() -> None:
    made = Named(name="a", price=1)

    assert dataclasses.replace(made, price=2) == Named(name="a", price=2)
    assert copy.copy(made) == copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made


def test_a_class_keeps_the_methods_that_it_writes_itself() -> None:
    @dataclass(frozen=True, slots=True)
    class Secret:
        """A value that is not shown."""

        value: str

        def __repr__(self) -> str:
            return "***"

    assert repr(Secret("a")) == "***"


def test_a_frozen_dataclass_of_the_standard_library_may_inherit() -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Dated(Ours):
        """A class with one field more."""

        day: int = 1

    made = Dated("a", 7, day=2)
    assert dataclasses.astuple(made) == ("a", 7, {}, 2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.price = 8  # type: ignore[misc]


def test_patterns_match_fields_by_position() -> None:
    match Ours("a", 7):
        case Ours(name, price):
            assert (name, price) == ("a", 7)


@pytest.mark.parametrize("option", [{"repr": False}, {"compare": False}, {"init": False}, {"kw_only": True}])
def test_a_field_with_an_option_that_would_be_ignored_is_refused(option: dict[str, bool]) -> None:
    class Given:
        secret: str = dataclasses.field(default="", **option)  # type: ignore[call-overload]

    with pytest.raises(TypeError, match="Given: a field has an option"):
        dataclass(frozen=True, slots=True)(Given)
