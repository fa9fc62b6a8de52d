"""Every operation of the API, as the functions' handlers declare them."""

from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from paylatch.runtime.operation import Operation

FUNCTIONS = Path(__file__).parents[1] / "functions"
# In the document's sequence, with their descriptions.
TAGS = {
    "Orders": "Place, read, list and edit orders, and cancel them",
    "Payments": "Pay for an order, which locks it; stop a payment, which unlocks it",
    "Refunds": "Give money of a paid order back",
    "Operations": "What operators look at and decide",
}


def declared() -> Iterator[tuple[str, Operation]]:
    """Each operation with the folder of the function that serves it, in the order of the files."""
    for path in sorted(FUNCTIONS.glob("*/app.py")):
        for operation in _operations_of(path):
            yield path.parent.name, operation


def _operations_of(path: Path) -> Iterator[Operation]:
    spec = spec_from_file_location(f"declared_{path.parent.name}", path)
    if spec is None or spec.loader is None:
        raise LookupError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    for value in vars(module).values():
        operation = getattr(value, "operation", None)
        if isinstance(operation, Operation):
            yield operation


def _place(operation: Operation) -> tuple[int, bool, int]:
    """In the document: by tag, what needs no token last, shorter paths first."""
    return [*TAGS].index(operation.tag), operation.public, operation.route.count("/")


OPERATIONS = tuple(sorted((operation for _, operation in declared()), key=_place))
