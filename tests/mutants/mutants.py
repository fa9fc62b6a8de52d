"""Mutants by rule: every place of the product's source that a rule matches gives one mutant; none is chosen by hand.

A mutant is data: where it changes the product, and what. Its source is made only when it runs, so that the lists of two
trees can be printed and compared.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.rules import Kind, changes_at

ROOT = Path(__file__).parents[2]
PRODUCT = ROOT / "layers" / "common"
TRANSITIONS = sorted(
    f"paylatch.domain.transitions.{path.stem}"
    for path in (PRODUCT / "paylatch" / "domain" / "transitions").glob("*.py")
    if path.stem != "__init__"
)
# What the model checker runs. It does not run what retention, reconciliation, replays, lists, webhooks and operators'
# attention do: nothing of them moves an order, and their own tests hold them to their promises.
EXPLORED = (
    "paylatch.domain.caller",
    "paylatch.domain.clauses",
    "paylatch.domain.editing",
    "paylatch.domain.erasure",
    "paylatch.domain.guards",
    "paylatch.domain.line_matches",
    "paylatch.domain.line_rules",
    "paylatch.domain.release_reasons",
    "paylatch.domain.late_money",
    "paylatch.domain.ledger",
    *TRANSITIONS,
    "paylatch.use_cases.cancel_payment",
    "paylatch.use_cases.check_links",
    "paylatch.use_cases.create_order",
    "paylatch.use_cases.edit_order",
    "paylatch.use_cases.erase_personal_data",
    "paylatch.use_cases.expire_order",
    "paylatch.use_cases.finish_erasure",
    "paylatch.use_cases.force_release",
    "paylatch.use_cases.hand_over_order",
    "paylatch.use_cases.issue_pay_link",
    "paylatch.use_cases.payment_request",
    "paylatch.use_cases.read_order",
    "paylatch.use_cases.receive_callback",
    "paylatch.use_cases.record_dispute",
    "paylatch.use_cases.record_events",
    "paylatch.use_cases.record_return",
    "paylatch.use_cases.refund_payment",
    "paylatch.use_cases.request_refund",
    "paylatch.use_cases.access",
    "paylatch.use_cases.follow_payment",
    "paylatch.use_cases.mark_payment",
    "paylatch.use_cases.recheck_payment",
    "paylatch.use_cases.release_payment",
    "paylatch.use_cases.request_payment",
    "paylatch.use_cases.review_payment",
    "paylatch.use_cases.settle_order_manually",
    "paylatch.use_cases.settle_free_order",
    "paylatch.use_cases.settle_payment",
    "paylatch.use_cases.stop_and_change",
    "paylatch.use_cases.sweep_timeouts",
    "paylatch.use_cases.write_off_refund",
    "paylatch.use_cases.write_planned",
    # The interpreter of the transitions that the checker runs.
    "tests.fakes.memory_order_store",
)
# Of the others, those whose own tests alone judge their mutants.
TESTED = (
    "paylatch.domain.endings",
    "paylatch.domain.retention",
    "paylatch.domain.tombstone",
    "paylatch.use_cases.check_page",
    "paylatch.use_cases.list_findings",
    "paylatch.use_cases.replay_events",
    "paylatch.use_cases.retire_orders",
)
MODULES = (*EXPLORED, *TESTED)
# Output and metrics for people, and the sharding of due entries.
_NOT_OURS = frozenset({"due", "needing_attention", "shard_of", "count", "fail", "_count_transition", "_first"})


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """One change of the product.

    `module` and `scope` (a function, class or name in it) say where, `kind` and `part` what. `number` counts, from 1,
    equal parts of one scope. A transition has a module of its own, so `module` names the transition too.
    """

    module: str
    scope: str
    kind: Kind
    part: str
    number: int = 1

    @property
    def name(self) -> str:
        """The name in `survivors.toml` and in reports: it stays the same while the place does."""
        repeated = f" ({self.number})" if self.number > 1 else ""
        return f"{self.module.removeprefix('paylatch.')}:{self.scope}: {self.part}{repeated}"

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


def all_mutants() -> list[Mutant]:
    """The mutants of all modules; the order within a module does not depend on the order of its code."""
    return [mutant for module in MODULES for mutant in mutants_of(module)]


def mutants_of(module: str) -> list[Mutant]:
    """All the mutants of a module, sorted by place and part."""
    return sorted(mutant for mutant, _ in _changes_of(module, _tree_of(module)))


def source_of(mutant: Mutant) -> str:
    """The source of the mutant's module, changed. Raises `LookupError` where no such mutant is possible."""
    tree = _tree_of(mutant.module)
    for known, apply in _changes_of(mutant.module, tree):
        if known == mutant:
            apply()
            return ast.unparse(ast.fix_missing_locations(tree))
    raise LookupError(f"there is no mutant {mutant}")


def unchanged_source_of(module: str) -> str:
    """The source of a module without a change, in the form that mutants have."""
    return ast.unparse(_tree_of(module))


def path_of(module: str) -> Path:
    """Where the source of a module is."""
    folder = ROOT if module.startswith("tests.") else PRODUCT
    return folder.joinpath(*module.split(".")).with_suffix(".py")


def _tree_of(module: str) -> ast.Module:
    return ast.parse(path_of(module).read_text())


def _changes_of(module: str, tree: ast.Module) -> Iterator[tuple[Mutant, Callable[[], object]]]:
    seen: Counter[tuple[str, str]] = Counter()
    for place, scope in _places(tree):
        for kind, part, apply in changes_at(place):
            seen[scope, part] += 1
            yield Mutant(module, scope, kind, part, seen[scope, part]), apply


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
