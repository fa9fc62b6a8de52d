"""How long functions take to start: the measurement, the promised ratios, and the libraries that functions without
people's requests never load.
"""

import ast
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from bench import init
from bench.built_layer import BuiltLayer
from bench.init import BUDGETS, MACHINES_BUDGET, Figure, judged
from tests.orders_table import ROOT

MACHINES = [function for function, budget in BUDGETS.items() if budget == MACHINES_BUDGET]
LOADED = "import sys, app; print(*sys.modules)"
COMPLETE = (
    "import app; from paylatch.runtime.request_models import Body;"
    " print(*(model.__name__ for model in Body.__subclasses__() if model.__pydantic_complete__))"
)
LAYER = BuiltLayer(ROOT / "layers" / "common", sys.executable, "the layer's sources")
# For routing and validating what people send.
HEAVY = ("aws_lambda_powertools.event_handler", "pydantic", "asyncio")


class Measurement(NamedTuple):
    """What was measured, and by how many pairs."""

    function: str
    pairs: int


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> tuple[list[float], list[Measurement]]:
    """The ratios that will be measured, one after the other, and what was asked for."""
    ratios: list[float] = []
    asked: list[Measurement] = []

    def measure(function: str, pairs: int, layer: BuiltLayer) -> Figure:
        asked.append(Measurement(function, pairs))
        return Figure(function, 200, ratios[len(asked) - 1], BUDGETS[function])

    monkeypatch.setattr(init, "measure", measure)
    monkeypatch.setattr(init, "built_layer", lambda: LAYER)
    return ratios, asked


def test_every_function_of_ours_has_a_budget() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}

    assert set(BUDGETS) == folders - {"sandbox_gateway"}


@pytest.mark.parametrize(
    ("ratios", "pairs", "holds"),
    [([1.1], [9], True), ([1.15], [9], True), ([1.3, 1.1], [9, 27], True), ([1.3, 1.2], [9, 27], False)],
)
def test_a_budget_is_exceeded_only_where_a_longer_measurement_confirms_it(
    measured: tuple[list[float], list[Measurement]], ratios: list[float], pairs: list[int], holds: bool
) -> None:
    planned, asked = measured
    planned += ratios

    assert judged("timeout_sweeps", 9, LAYER).holds is holds
    assert asked == [Measurement("timeout_sweeps", each) for each in pairs]


@pytest.mark.parametrize(("ratio", "strict", "status"), [(1.1, True, 0), (9.9, True, 1), (9.9, False, 0)])
def test_strict_ends_with_1_where_a_budget_is_broken(
    measured: tuple[list[float], list[Measurement]],
    monkeypatch: pytest.MonkeyPatch,
    ratio: float,
    strict: bool,
    status: int,
) -> None:
    planned, _ = measured
    planned += [ratio] * 2 * len(BUDGETS)
    monkeypatch.setattr(sys, "argv", ["bench", *(["--strict"] if strict else [])])

    assert init.main() == status


@pytest.mark.parametrize("broken", range(len(BUDGETS)))
def test_strict_ends_with_1_where_one_function_alone_breaks_its_budget(
    measured: tuple[list[float], list[Measurement]], monkeypatch: pytest.MonkeyPatch, broken: int
) -> None:
    planned, _ = measured
    for number in range(len(BUDGETS)):
        planned += [9.9, 9.9] if number == broken else [1.1]
    monkeypatch.setattr(sys, "argv", ["bench", "--strict"])

    assert init.main() == 1


@pytest.mark.parametrize("function", BUDGETS)
def test_a_function_imports_paylatch_before_any_library(function: str) -> None:
    # Until it does, Python collects garbage every 700 objects.
    imports = [
        node
        for node in ast.parse((ROOT / "functions" / function / "app.py").read_text()).body
        if isinstance(node, ast.ImportFrom)
    ]
    packages = [str(node.module).partition(".")[0] for node in imports]

    assert next(name for name in packages if name not in sys.stdlib_module_names) == "paylatch"


def test_a_start_ends_before_the_first_collection_of_garbage() -> None:
    code = "import paylatch, gc; before = gc.get_stats(); import app; print(before == gc.get_stats())"

    assert started("orders", code) == ["True"]


@pytest.mark.parametrize("function", ["orders", "payment_requests", "payment_cancellations", "operations"])
def test_a_start_builds_no_validator_of_a_request(function: str) -> None:
    assert started(function, COMPLETE) == []


@pytest.mark.parametrize("path", sorted((LAYER.packages / "paylatch").rglob("*.py")), ids=lambda path: path.stem)
def test_a_module_compiles_no_pattern_and_no_frozen_dataclass_when_it_is_loaded(path: Path) -> None:
    module = ast.parse(path.read_text())
    calls = [ast.unparse(node.func) for node in ast.walk(module) if isinstance(node, ast.Call)]
    decorators = [
        ast.unparse(each) for node in ast.walk(module) if isinstance(node, ast.ClassDef) for each in node.decorator_list
    ]
    sources = [
        node.module
        for node in module.body
        if isinstance(node, ast.ImportFrom) and any(name.name == "dataclass" for name in node.names)
    ]

    assert "re.compile" not in calls
    assert not any(each.startswith("dataclasses.") and "frozen=True" in each for each in decorators)
    if any(each.startswith("dataclass(frozen=True") for each in decorators):
        assert sources == ["paylatch.domain.frozen_dataclass"]


def test_what_lands_keeps_to_the_budgets() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    # One that runs beside others fails the check where its end is awaited.
    assert lines.index('begin bench-init ARGS="--strict"') < lines.index("await bench-init")


@pytest.mark.parametrize("function", MACHINES)
def test_what_answers_machines_loads_nothing_that_is_for_people(function: str) -> None:
    loaded = started(function, LOADED)

    assert [name for name in HEAVY if name in loaded] == []


def started(function: str, code: str) -> list[str]:
    """The words that this code prints in the function's folder."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=init.environment([ROOT / "functions" / function, LAYER.packages]),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
