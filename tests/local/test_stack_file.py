"""What describes a running stack holds its users' tokens."""

from pathlib import Path

from local.stack import Stack


def test_only_its_owner_reads_the_tokens_of_a_stack(tmp_path: Path) -> None:
    stack = Stack("", "", {"buyer": "token"}, "", "", "", "", "", {}, "")
    path = tmp_path / "stack.json"
    stack.write(path)
    assert path.stat().st_mode & 0o077 == 0
    assert Stack.read(path) == stack
