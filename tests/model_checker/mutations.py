"""Mutants by rule: every place of the product's source that a rule matches gives one mutant; none is chosen by hand."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.model_checker.rules import changes_at

PRODUCT = Path(__file__).parents[2] / "layers" / "common"
_TRANSITIONS = sorted(
    f"paylatch.domain.transitions.{path.stem}"
    for path in (PRODUCT / "paylatch" / "domain" / "transitions").glob("*.py")
    if path.stem != "__init__"
)
MODULES = (
    "paylatch.domain.caller",
    "paylatch.domain.clauses",
    "paylatch.domain.editing",
    "paylatch.domain.guards",
    "paylatch.domain.release_reasons",
    "paylatch.domain.late_money",
    *_TRANSITIONS,
    "paylatch.store.memory",
    "paylatch.use_cases.cancel_payment",
    "paylatch.use_cases.create_order",
    "paylatch.use_cases.edit_order",
    "paylatch.use_cases.force_release",
    "paylatch.use_cases.read_order",
    "paylatch.use_cases.receive_callback",
    "paylatch.use_cases.record_dispute",
    "paylatch.use_cases.record_event",
    "paylatch.use_cases.record_return",
    "paylatch.use_cases.refund_payment",
    "paylatch.use_cases.access",
    "paylatch.use_cases.release_payment",
    "paylatch.use_cases.request_payment",
    "paylatch.use_cases.review_payment",
    "paylatch.use_cases.settle_payment",
    "paylatch.use_cases.stop_and_change",
    "paylatch.use_cases.sweep_timeouts",
    "paylatch.use_cases.write_off_refund",
    "paylatch.use_cases.write_planned",
)
# Output and metrics for people, and the sharding of due entries.
_NOT_OURS = frozenset({"due", "needing_attention", "shard_of", "count", "fail", "_count_transition", "_first"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module. `name` stays the same while the place does; `source` is the whole module."""

    name: str
    module: str
    source: str


def mutants_of(module: str) -> list[Mutant]:
    """All the mutants of a module, in the order of their places."""
    tree = ast.parse(path_of(module).read_text())
    found: list[Mutant] = []
    seen: dict[str, int] = {}
    for place, scope in _places(tree):
        for number in range(_count(place)):
            mutated = copy.deepcopy(tree)
            copied = _same_place(tree, mutated, place)
            name, apply = list(changes_at(copied))[number]
            apply()
            label = f"{module.removeprefix('paylatch.')}:{scope}: {name}"
            seen[label] = seen.get(label, 0) + 1
            label += f" ({seen[label]})" if seen[label] > 1 else ""
            found.append(Mutant(label, module, ast.unparse(ast.fix_missing_locations(mutated))))
    return found


def path_of(module: str) -> Path:
    """Where the source of a module is."""
    return PRODUCT.joinpath(*module.split(".")).with_suffix(".py")


def _places(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every node worth a look, with the function or name that it is in."""

    def within(node: ast.AST, scope: str) -> Iterator[tuple[ast.AST, str]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                if child.name not in _NOT_OURS:
                    inner = child.name if scope == "" else f"{scope}.{child.name}"
                    yield child, inner
                    yield from within(child, inner)
                continue
            yield child, scope or _named(child)
            yield from within(child, scope or _named(child))

    yield from within(tree, "")


def _named(node: ast.AST) -> str:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    return ast.unparse(node.target) if isinstance(node, ast.AnnAssign) else ""


def _same_place(tree: ast.AST, mutated: ast.AST, place: ast.AST) -> ast.AST:
    pairs = zip(ast.walk(tree), ast.walk(mutated), strict=True)
    return next(copied for original, copied in pairs if original is place)


def _count(place: ast.AST) -> int:
    return sum(1 for _ in changes_at(place))
