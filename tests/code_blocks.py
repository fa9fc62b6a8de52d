"""The fenced code blocks of the docs, and the commands in those that are shell.

`python -m tests.code_blocks` says how many are run, checked or left out.
"""

import re
import shlex
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.orders_table import ROOT

EXAMPLES = [ROOT / "examples" / name / "README.md" for name in ("stock", "storefront")]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), *EXAMPLES]
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
# The line before a block that nothing runs or checks.
REASON = re.compile(r"<!-- not run: (.+) -->\n *\Z")
# Pages whose blocks in bash a test runs on a deployed stack: test_deployed_stack.py and test_tutorial.py in tests/e2e.
RUN = ("README.md", "docs/tutorial.md")
# A test prints them anew and compares: the diagrams of states, and the matrix of lost responses.
PRINTED = ("README.md", "docs/states.md", "docs/lost-responses.md")
_COMMENT = re.compile(r"(?:^|(?<= ))#.*$", re.MULTILINE)
_END_OF_COMMAND = set(";|&()\n")


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A block: its page, the line of its fence, its language, its text, and why nothing checks it, or ""."""

    page: Path
    line: int
    language: str
    text: str
    not_run: str

    @property
    def name(self) -> str:
        """`docs/page.md:12`."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def every_block() -> list[CodeBlock]:
    """All blocks of all pages."""
    return [block for page in PAGES for block in blocks_of(page)]


def blocks_of(page: Path) -> list[CodeBlock]:
    """The page's blocks, in its order."""
    text = page.read_text()
    return [_block(page, text[: found.start()], found) for found in FENCE.finditer(text)]


def _block(page: Path, before: str, found: re.Match[str]) -> CodeBlock:
    reason = REASON.search(before)
    lines = found["text"].splitlines(keepends=True)
    text = "".join(line.removeprefix(found["indent"]) for line in lines)
    return CodeBlock(page, before.count("\n") + 1, found["language"], text, reason[1] if reason else "")


def commands_of(text: str) -> list[list[str]]:
    """The words of each simple command in a shell text. Raises `ValueError` for a quotation that does not end."""
    commands: list[list[str]] = [[]]
    for word in _lexer(_COMMENT.sub("", text).replace("\\\n", " ")):
        if set(word) <= _END_OF_COMMAND:
            commands.append([])
        else:
            commands[-1].append(word)
    return [command for command in commands if command]


def _lexer(text: str) -> shlex.shlex:
    lexer = shlex.shlex(text, posix=True, punctuation_chars="".join(_END_OF_COMMAND))
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t", True, ""
    return lexer


def way(block: CodeBlock) -> str:
    """How the block is held to what it describes."""
    page = str(block.page.relative_to(ROOT))
    if block.not_run:
        return "not run"
    if block.language == "bash" and page in RUN:
        return "run"
    if block.language in ("mermaid", "") and page in PRINTED and not block.text.startswith("make"):
        return "printed"
    return {"json": "json", "python": "run"}.get(block.language, "commands")


def numbers() -> Counter[str]:
    """How many blocks are held to what they describe in which way."""
    return Counter(map(way, every_block()))


if __name__ == "__main__":
    sys.stdout.writelines(f"{count:4} {name}\n" for name, count in numbers().most_common())
