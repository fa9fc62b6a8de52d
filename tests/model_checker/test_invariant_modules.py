"""Each module of invariants says in its docstring which promises it checks, and no others."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

MODULES = (
    "actions",
    "duplicates",
    "error_responses",
    "evidence",
    "history_promises",
    "liveness",
    "money_invariants",
    "reading_answers",
    "release_reasons",
    "responses",
    "state_invariants",
    "transition_invariants",
)
# Their invariants have words of their own: these modules say which promises those serve.
OTHERS = ("convergence", "guard_completeness", "unauthorised_callers", "unrelated_callbacks")
_NAMED = re.compile(r"\bI(?:[1-9]|10)\b")
_USED = re.compile(r"I(?:[1-9]|10)(?= [a-z])")


def promises_used_in(name: str) -> set[str]:
    """The promises that the strings of this module begin with, and those that it imports as constants."""
    module = import_module(f"tests.model_checker.{name}")
    nodes = ast.walk(ast.parse(Path(str(module.__file__)).read_text()))
    constants = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    constants += [value for value in vars(module).values() if isinstance(value, str) and value != module.__doc__]
    return {found.group() for text in constants if text != module.__doc__ and (found := _USED.match(text))}


def promises_named_by(name: str) -> set[str]:
    return set(_NAMED.findall(import_module(f"tests.model_checker.{name}").__doc__ or ""))


@pytest.mark.parametrize("name", MODULES)
def test_a_module_names_the_promises_that_it_checks(name: str) -> None:
    assert promises_named_by(name) == promises_used_in(name)


@pytest.mark.parametrize("name", OTHERS)
def test_a_module_with_invariants_of_its_own_names_the_promises_they_serve(name: str) -> None:
    assert promises_named_by(name)
