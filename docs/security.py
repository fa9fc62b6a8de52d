"""Prints into `docs/security.md` who may call what, from the matrix of the tests, and what an auditor counts.

`python -m docs.security`
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.code_blocks import numbers
from tests.integration.test_authorisation import CALLERS, MATRIX, NO, NOT_FOUND, YES

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "security.md"
MATRIX_MARK, FIGURES_MARK = "authorisation", "figures"
# What stands in a cell for each answer to a caller.
ANSWERS = {YES: "yes", NO: "403", NOT_FOUND: "404"}


def page(text: str) -> str:
    """The page with its matrix and its figures printed anew."""
    return _printed(_printed(text, MATRIX_MARK, matrix()), FIGURES_MARK, figures())


def _printed(text: str, mark: str, table: str) -> str:
    begin, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}{table}{end}{after}"


def matrix() -> str:
    """One row for each route that needs a token, one column for each kind of caller."""
    head = [_row("route", list(CALLERS)), f"|---|{':-:|' * len(CALLERS)}"]
    rows = [_row(f"`{route}`", [ANSWERS[answer] for answer in answers]) for route, answers in MATRIX.items()]
    return "\n".join([*head, *rows]) + "\n"


def figures() -> str:
    """One row for each thing that is counted, with where it is."""
    rows = [_row(what, [f"{count}", where]) for what, count, where in _counted()]
    return "\n".join([_row("what", ["number", "where"]), "|---|--:|---|", *rows]) + "\n"


def _counted() -> Iterator[tuple[str, int, str]]:
    files = [*sorted((ROOT / "requirements").glob("*.txt")), *sorted((ROOT / "layers").glob("*/requirements.txt"))]
    pins = sum(len(re.findall(r"^\S+==", file.read_text(), re.MULTILINE)) for file in files)
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text())
    blocks = numbers()
    left_out = re.findall(r"^  - CKV\w+$", (ROOT / ".checkov.yaml").read_text(), re.MULTILINE)
    yield "pins of Python packages by version and SHA-256", pins, f"{len(files)} files of `requirements/` and `layers/`"
    yield "packages of the order desk locked by SHA-512", len(lock["packages"]) - 1, "`web/package-lock.json`"
    yield "checkov's checks that are left out, each with its reason", len(left_out), "`.checkov.yaml`"
    yield f"routes that need a token, each tried by {len(CALLERS)} kinds of caller", len(MATRIX), "the matrix above"
    yield "kinds of event with a schema", _files("docs/event-schemas/*.json"), "`docs/event-schemas`"
    yield (
        "clients generated from the contract, each of which buys something",
        _files("examples/clients/*/"),
        "`examples/clients`",
    )
    yield "code blocks of the docs that a test runs", blocks["run"], "`tests/code_blocks.py`"
    yield "those held to what they describe", blocks["json"] + blocks["commands"] + blocks["printed"], "the same"
    yield "those that say why nothing checks them", blocks["not run"], "the same"
    yield "architecture decisions", _files("docs/adr/0*.md"), "`docs/adr`"


def _files(pattern: str) -> int:
    return len([*ROOT.glob(pattern)])


def _row(first: str, cells: list[str]) -> str:
    return f"| {' | '.join([first, *cells])} |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
