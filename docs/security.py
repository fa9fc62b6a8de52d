"""Prints who may call what into `docs/security.md`, from the matrix of the tests: `python -m docs.security`."""

from pathlib import Path

from tests.integration.test_authorisation import CALLERS, MATRIX, NO, NOT_FOUND, YES

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- authorisation -->\n", "<!-- /authorisation -->"
# What stands in a cell for each answer to a caller.
ANSWERS = {YES: "yes", NO: "403", NOT_FOUND: "404"}


def page(text: str) -> str:
    """The page with its matrix printed anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{matrix()}{END}{after}"


def matrix() -> str:
    """One row for each route that needs a token, one column for each kind of caller."""
    head = [_row("route", list(CALLERS)), f"|---|{':-:|' * len(CALLERS)}"]
    rows = [_row(f"`{route}`", [ANSWERS[answer] for answer in answers]) for route, answers in MATRIX.items()]
    return "\n".join([*head, *rows]) + "\n"


def _row(first: str, cells: list[str]) -> str:
    return f"| {' | '.join([first, *cells])} |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
