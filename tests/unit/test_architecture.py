"""Imports point inward, names say what they mean, files stay small."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pynamodb.connection import Connection
from pynamodb.expressions.operand import Path as DocumentPath

from paylatch.store.connection import _Connection
from paylatch.store.expressions import Attribute
from tests.orders_table import ROOT

PACKAGE = ROOT / "layers" / "common" / "paylatch"
MODULES = sorted(PACKAGE.rglob("*.py"))
APPS = sorted((ROOT / "functions").glob("*/*.py"))
OUR_APPS = [path for path in APPS if path.parent.name != "sandbox_gateway"]
BESIDE = [*sorted((ROOT / "local").glob("*.py")), *sorted((ROOT / "openapi").glob("*.py"))]
SOURCES = [*MODULES, *APPS, *sorted((ROOT / "tests").rglob("*.py")), *BESIDE]
LONGEST = 250
# A suite of one subject stays in one file.
LONGER = {"tests": 400}

# What each part may import of the package, as prefixes; parts not named here may import nothing of it.
MAY_IMPORT = {
    "domain": ("domain",),
    "ports": ("domain", "ports"),
    "use_cases": ("domain", "ports", "use_cases"),
    "store": ("domain", "ports", "store", "botocore_session"),
    "gateways": ("domain", "ports", "gateways", "version"),
    "webhooks": ("domain", "webhooks", "version"),
    "runtime": ("domain", "ports", "use_cases", "runtime", "botocore_session", "version"),
    # It makes what the adapters are handed, and keeps to the form that they ask for.
    "runtime.gateway_secrets": ("domain", "ports", "runtime", "gateways.credentials", "botocore_session"),
    # It adds up what each of them may take.
    "runtime.time_budget": ("ports", "runtime", "gateways.gateway_http", "store.connection"),
    "runtime.webhook_wiring": ("ports", "runtime", "webhooks"),
    "runtime.wiring": ("domain", "ports", "use_cases.circuit_breaker", "runtime", "store", "gateways"),
}
# A stream record is the store's own form; the functions that read it are the ones that ask the store to.
FUNCTION_MAY_IMPORT = ("domain", "ports", "use_cases", "runtime")
STREAM_READERS = {("order_events", "paylatch.store.stream"), ("due_events", "paylatch.store.stream")}

# Libraries and the only parts that may name them.
ONLY_IN = {
    "pynamodb": ("store",),
    "boto3": (),
    "botocore": ("store", "runtime", "botocore_session"),
    "pydantic": (
        *("runtime.pay_link_models", "runtime.replay_models"),
        *("runtime.request_fields", "runtime.request_models", "runtime.term_fields"),
    ),
    "stripe": ("gateways",),
    "cryptography": ("gateways",),
    "aws_lambda_powertools": ("runtime",),
    "urllib": ("gateways", "domain.return_address", "webhooks.destinations"),
    "http.client": ("gateways",),
    "socket": ("webhooks.connections", "webhooks.destinations"),
    "random": (),
    "time": ("gateways", "runtime.replay_calls"),
}
VAGUE = {"utils", "helpers", "manager", "base", "misc", "common", "util", "helper", "managers", "core", "stuff", "lib"}


def part_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def imports_of(path: Path) -> Iterator[str]:
    """Every module that the file names in an import, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(name: str) -> str | None:
    return name.removeprefix("paylatch.") if name.startswith("paylatch.") else None


def within(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def rule_for(part: str) -> tuple[str, ...]:
    fitting = [prefix for prefix in MAY_IMPORT if within(part, (prefix,))]
    return MAY_IMPORT[max(fitting, key=len)] if fitting else ()


@pytest.mark.parametrize("path", MODULES, ids=part_of)
def test_imports_point_inward(path: Path) -> None:
    allowed = rule_for(part_of(path))
    outward = [name for name in map(ours, imports_of(path)) if name is not None and not within(name, allowed)]
    assert outward == []


@pytest.mark.parametrize("path", OUR_APPS, ids=lambda path: path.parent.name)
def test_a_function_imports_neither_store_nor_gateways(path: Path) -> None:
    for name in imports_of(path):
        if (path.parent.name, name.rpartition(".")[0]) not in STREAM_READERS and ours(name):
            assert within(ours(name) or "", FUNCTION_MAY_IMPORT), name


@pytest.mark.parametrize("path", MODULES, ids=part_of)
def test_libraries_are_named_only_where_they_belong(path: Path) -> None:
    for name in imports_of(path):
        for library, parts in ONLY_IN.items():
            assert not within(name, (library,)) or within(part_of(path), parts), f"{name} in {part_of(path)}"


@pytest.mark.parametrize("path", [path for path in MODULES if part_of(path).startswith("domain")], ids=part_of)
def test_the_domain_needs_the_standard_library_alone(path: Path) -> None:
    others = {name.partition(".")[0] for name in imports_of(path)} - {"paylatch"}
    assert others <= sys.stdlib_module_names


@pytest.mark.parametrize("path", MODULES, ids=part_of)
def test_no_module_reads_the_system_clock(path: Path) -> None:
    asked = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert not {"utcnow", "today"} & asked
    assert ("datetime.now(" in path.read_text()) == (part_of(path) == "runtime.wiring"), "it comes through the Clock"


def test_no_module_has_a_vague_name() -> None:
    names = {path: path.stem for path in SOURCES} | {path.parent: path.parent.name for path in MODULES}
    # layers/common is the layer's name in the template, not a package.
    assert [str(path) for path, name in names.items() if name.strip("_") in VAGUE] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_short_enough_to_read(path: Path) -> None:
    limit = LONGER.get(path.name, LONGER["tests"] if path.is_relative_to(ROOT / "tests") else LONGEST)
    assert len(path.read_text().splitlines()) <= limit


@pytest.mark.parametrize("path", MODULES, ids=part_of)
def test_every_module_and_every_public_class_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "a module starts by saying what it is"
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


SPEAKING = ("use_cases", "runtime", "ports", "store.dynamodb")


@pytest.mark.parametrize("path", [path for path in MODULES if within(part_of(path), SPEAKING)], ids=part_of)
def test_every_public_function_of_the_inside_says_what_it_does(path: Path) -> None:
    for node in ast.parse(path.read_text()).body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        for member in members:
            if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
                assert ast.get_docstring(member), member.name


@pytest.mark.parametrize("function", sorted({path.parent.name for path in OUR_APPS}))
def test_one_name_a_concept(function: str) -> None:
    logical_id = "".join(word.capitalize() for word in function.split("_")) + "Function"
    assert f"  {logical_id}:\n" in (ROOT / "template.yaml").read_text()
    assert f"CodeUri: functions/{function}\n" in (ROOT / "template.yaml").read_text()
    assert (ROOT / "tests" / "integration" / f"test_{function}.py").is_file()


@pytest.mark.parametrize(("ours", "theirs"), [(_Connection, Connection), (Attribute, DocumentPath)])
def test_the_store_replaces_only_public_names_of_pynamodb(ours: type, theirs: type) -> None:
    """A name with an underscore may change in any version."""
    replaced = {name for name in vars(ours) if hasattr(theirs, name) and not name.startswith("__")}
    assert replaced
    assert [name for name in replaced if name.startswith("_")] == []
