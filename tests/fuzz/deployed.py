"""`make fuzz-api-deployed`: the fuzzing of the HTTP API, on its own deployed local stack."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from local import tools
from local.stack import temporary

# As tests/fuzz/conftest.py calls it, which runs elsewhere: the fuzzer has an environment of its own.
STACK_FILE = "FUZZ_STACK_FILE"


def main(attack: list[str]) -> int:
    """Run this command while the stack is up; its exit code."""
    tools.require()
    with temporary() as stack, tempfile.TemporaryDirectory() as folder:
        stack_file = Path(folder) / "stack.json"
        stack.write(stack_file)
        return subprocess.run(attack, env={**os.environ, STACK_FILE: str(stack_file)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
