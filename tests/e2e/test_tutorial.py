"""The tutorial's calls do on a deployed stack what the page says, one after the other."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from local.stack import Stack
from tests.code_blocks import CodeBlock, blocks_of
from tests.orders_table import ROOT

PAGE = ROOT / "docs" / "tutorial.md"
STEP = re.compile(r"<!-- in the browser: (\w+) -->")


def script(stack: Stack, stack_file: Path) -> str:
    """The page's blocks in their order, and the payer's steps between them."""
    parts = sorted(
        [*map(_calls, blocks()), *((_line(found.start()), _step(found[1])) for found in STEP.finditer(text()))]
    )
    shell = "\n".join(part for _, part in parts)
    return shell.replace("http://127.0.0.1:3000", stack.api_url).replace(".local/stack.json", str(stack_file))


def text() -> str:
    return PAGE.read_text()


def blocks() -> list[CodeBlock]:
    return [block for block in blocks_of(PAGE) if block.language == "bash" and not block.not_run]


def _calls(block: CodeBlock) -> tuple[int, str]:
    return block.line, block.text


def _line(position: int) -> int:
    return text().count("\n", 0, position) + 1


def _step(what: str) -> str:
    link = """$(as service $API/orders/$ORDER/pay-link -d '{}' | get "['url']")"""
    return f'{shlex.quote(sys.executable)} -m tests.e2e.payer "{link}" {what}'


def test_the_tutorial_works(stack: Stack, tmp_path: Path) -> None:
    stack_file = tmp_path / "stack.json"
    stack.write(stack_file)

    done = subprocess.run(
        ["bash", "-euc", script(stack, stack_file)], capture_output=True, text=True, check=False, timeout=180, cwd=ROOT
    )

    assert done.returncode == 0, done.stdout + done.stderr
    seen = iter(done.stdout.splitlines())
    for promised in (
        '"revision":1,"payment_status":"pending_payment"',
        "/pay/",
        "in_payment",
        "order-locked",
        '"revision":2,"payment_status":"pending_payment"',
        "paid",
        '"status":"due"',
        "'refunded': 500",
        "RefundIssued",
    ):
        assert any(promised in line for line in seen), promised + done.stdout + done.stderr


def test_the_page_has_both_steps_in_the_browser() -> None:
    assert STEP.findall(text()) == ["begin", "pay"]
