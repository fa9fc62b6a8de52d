"""The mutation rules: each names a change and applies it wherever the source matches."""

import ast
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import partial

_CHANGES = frozenset(
    (
        "Set",
        "Copy",
        "Increment",
        "Remove",
        "attention",
        "attempt_leaves",
        "changed_refund",
        "follow_up",
        "no_longer_due",
        "past_status",
        "placed",
        "recorded_refund",
    )
)
_NEGATED_OPERATORS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
}


class Kind(StrEnum):
    """What a mutant changes."""

    CLAUSE = "clause"
    CHANGE = "change"
    ROW = "row"
    TABLE_ENTRY = "table entry"
    CONDITION = "condition"
    VALUE = "value"
    STATEMENT = "statement"
    CASE = "case"
    ERROR = "error"


Change = tuple[str, Callable[[], object]]
Rule = Callable[[ast.AST], Iterator[Change]]


def _source_of(node: ast.AST, length: int = 90) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= length else text[: length - 1] + "…"


def _called(node: ast.AST) -> str:
    inner = node.value if isinstance(node, ast.Starred) else node
    if not isinstance(inner, ast.Call):
        return ""
    return inner.func.attr if isinstance(inner.func, ast.Attribute) else getattr(inner.func, "id", "")


def _is_clause(node: ast.AST) -> bool:
    template = node.func if isinstance(node, ast.Call) else node
    return isinstance(template, ast.Attribute) and getattr(template.value, "id", "") == "clauses"


def _clauses(node: ast.AST) -> Iterator[Change]:
    """A clause is dropped or turned into its opposite."""
    if not isinstance(node, (ast.Tuple, ast.List)):
        return
    for index, element in enumerate(node.elts):
        if _is_clause(element):
            yield f"without the clause {_source_of(element)}", partial(node.elts.pop, index)
            negated = ast.Call(ast.Name("_negated_clause", ast.Load()), [element], [])
            yield f"with the opposite of {_source_of(element)}", partial(node.elts.__setitem__, index, negated)


def _changes(node: ast.AST) -> Iterator[Change]:
    """A change is dropped."""
    if not isinstance(node, (ast.Tuple, ast.List)):
        return
    for index, element in enumerate(node.elts):
        if _called(element) in _CHANGES and not _is_clause(element):
            yield f"without {_source_of(element)}", partial(node.elts.pop, index)


def _comparisons(node: ast.AST) -> Iterator[Change]:
    """A comparison is negated."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _NEGATED_OPERATORS:
        negated = _NEGATED_OPERATORS[type(node.ops[0])]()
        yield f"the opposite of {_source_of(node)}", lambda: node.ops.__setitem__(0, negated)


def _connections(node: ast.AST) -> Iterator[Change]:
    """A part of `and` or `or` is left out."""
    if isinstance(node, ast.BoolOp):
        for index, part in enumerate(node.values):
            yield f"without {_source_of(part)} in {_source_of(node)}", partial(node.values.pop, index)


def _conditions(node: ast.AST) -> Iterator[Change]:
    """A condition always holds, or never."""
    if isinstance(node, (ast.If, ast.IfExp)):
        for value in (True, False):
            yield (
                f"{'always' if value else 'never'}: {_source_of(node.test)}",
                partial(setattr, node, "test", ast.Constant(value)),
            )


def _negations(node: ast.AST) -> Iterator[Change]:
    """A `not` is left out."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield f"without not in {_source_of(node)}", lambda: setattr(node, "op", ast.UAdd())


def _sums(node: ast.AST) -> Iterator[Change]:
    """A sum is its first part only."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and not isinstance(node.left, ast.List):
        zero = ast.BinOp(node.right, ast.Sub(), node.right)
        yield f"without + {_source_of(node.right)} in {_source_of(node)}", lambda: setattr(node, "right", zero)


def _extremes(node: ast.AST) -> Iterator[Change]:
    """`max` is `min`, and the other way round."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("max", "min") and len(node.args) > 1:
        other = "min" if node.func.id == "max" else "max"  # type: ignore[attr-defined]
        yield f"{other} instead of {_source_of(node)}", lambda: setattr(node.func, "id", other)


def _statements(node: ast.AST) -> Iterator[Change]:
    """A statement that acts, refuses or returns early is left out; `void` comes after what it was to come before."""
    for body in (getattr(node, name, None) for name in ("body", "orelse")):
        if not isinstance(body, list):
            continue
        for index, statement in enumerate(body):
            if _acts(statement) and not _is_result(statement, node, index):
                yield f"without {_source_of(statement)}", partial(body.__setitem__, index, ast.Pass())
            if _is_void(statement) and "apply" in "".join(map(ast.unparse, body)):
                yield "unlocks before it voids", partial(_void_last, body, index)


def _acts(statement: ast.AST) -> bool:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return _called(statement.value) not in ("count", "_count_transition", "append")
    return isinstance(statement, (ast.Raise, ast.Return, ast.Continue))


def _is_result(statement: ast.AST, node: ast.AST, index: int) -> bool:
    # A function without its result is killed at once, which would only inflate the count.
    last = isinstance(node, ast.FunctionDef) and index == len(node.body) - 1
    return last and isinstance(statement, ast.Return)


def _is_void(statement: ast.AST) -> bool:
    return isinstance(statement, ast.Assign) and _called(statement.value) == "void"


def _void_last(body: list[ast.stmt], index: int) -> None:
    (void,) = (body[index],)
    at = next(i for i, statement in enumerate(body) if "ports.store.apply" in ast.unparse(statement))
    believed = ast.parse("answer = VoidAnswer(VoidKind.VOIDED)").body[0]
    body.insert(at + 1, void)
    body[index] = believed


def _table_rows(node: ast.AST) -> Iterator[Change]:
    """A row of the state table comes from any state, or leads elsewhere."""
    if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "Rule":
        return
    for other in ("PENDING", "PAYING", "REVIEW", "ANY"):
        if other != _source_of(node.args[1]) and "frozenset()" not in ast.unparse(node.args[1]):
            value = _imported("paylatch.domain.transitions.rule", other)
            yield f"from {other} in {_source_of(node, 160)}", partial(node.args.__setitem__, 1, value)
    for target in ("PENDING_PAYMENT", "IN_PAYMENT", "RELEASING", "PAID", "CANCELLED", "REVIEW"):
        if not ast.unparse(node.args[2]).endswith(target):
            value = _imported("paylatch.domain.order", f"PaymentStatus.{target}")
            yield f"to {target} in {_source_of(node, 160)}", partial(node.args.__setitem__, 2, value)


def _imported(module: str, name: str) -> ast.expr:
    """A name that the mutated module need not have imported."""
    return ast.parse(f"__import__({module!r}, fromlist=['_']).{name}", mode="eval").body


def _decisions(node: ast.AST) -> Iterator[Change]:
    """A cell of the late-money table holds another decision."""
    if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "_row":
        return
    for index, cell in enumerate(node.args):
        for other in ("NOTHING", "ASK", "SETTLE", "QUARANTINE", "RELEASE", "ACCEPT_LATE", "OWE_REFUND"):
            if not ast.unparse(cell).endswith(f".{other}"):
                decision = ast.parse(f"_D.{other}", mode="eval").body
                yield f"{other} at {index} of {_source_of(node)}", partial(node.args.__setitem__, index, decision)


def _cases(node: ast.AST) -> Iterator[Change]:
    """A case is decided like the next one, or a part of its pattern is; its guard holds always."""
    if isinstance(node, ast.Match):
        for index, case in enumerate(node.cases):
            if len(node.cases) > 1 and not _takes_all(case):
                yield f"without {_source_of(case.pattern)}", partial(node.cases.pop, index)
            if case.guard is not None:
                yield (
                    f"without {_source_of(case.guard)} beside {_source_of(case.pattern)}",
                    partial(setattr, case, "guard", None),
                )
            if isinstance(case.pattern, ast.MatchOr):
                for part, pattern in enumerate(case.pattern.patterns):
                    yield f"without {_source_of(pattern)} among others", partial(_narrow, case, part)


def _takes_all(case: ast.match_case) -> bool:
    return isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None


def _patterns(node: ast.AST) -> Iterator[Change]:
    """A value that a pattern asks for may be any, or one of several is left out."""
    if not isinstance(node, ast.MatchClass):
        return
    for index, (name, pattern) in enumerate(zip(node.kwd_attrs, node.kwd_patterns, strict=True)):
        if isinstance(pattern, (ast.MatchValue, ast.MatchOr)):
            yield f"any {name} in {_source_of(node)}", partial(node.kwd_patterns.__setitem__, index, ast.MatchAs())
        if isinstance(pattern, ast.MatchOr):
            for part, alternative in enumerate(pattern.patterns):
                yield f"without {_source_of(alternative)} in {_source_of(node)}", partial(pattern.patterns.pop, part)


def _narrow(case: ast.match_case, part: int) -> None:
    patterns = case.pattern.patterns  # type: ignore[attr-defined]
    patterns.pop(part)
    if len(patterns) == 1:
        case.pattern = patterns[0]


def _handlers(node: ast.AST) -> Iterator[Change]:
    """An error is not handled."""
    if isinstance(node, ast.Try):
        for handler in node.handlers:
            if handler.type is not None and not (len(handler.body) == 1 and isinstance(handler.body[0], ast.Raise)):
                yield (
                    f"{_source_of(handler.type)} is not handled",
                    partial(setattr, handler, "body", [ast.Raise()]),
                )


RULES: Mapping[Rule, Kind] = {
    _clauses: Kind.CLAUSE,
    _changes: Kind.CHANGE,
    _table_rows: Kind.ROW,
    _decisions: Kind.TABLE_ENTRY,
    _comparisons: Kind.CONDITION,
    _connections: Kind.CONDITION,
    _conditions: Kind.CONDITION,
    _negations: Kind.CONDITION,
    _sums: Kind.VALUE,
    _extremes: Kind.VALUE,
    _statements: Kind.STATEMENT,
    _cases: Kind.CASE,
    _patterns: Kind.CASE,
    _handlers: Kind.ERROR,
}


def changes_at(node: ast.AST) -> Iterator[tuple[Kind, str, Callable[[], object]]]:
    """Every change that a rule makes of this node: its kind, what it is, and how to make it."""
    for rule, kind in RULES.items():
        for part, apply in rule(node):
            yield kind, part, apply
